# An entry point forks; the child ends itself, by os._exit or as multiprocessing does, with a host of its own or without.
# status: 0
import multiprocessing
import os
import signal

import backstay


def own():
    signal.alarm(20)
    with backstay.Host() as mine:
        assert mine.register("t", lambda instance: None).fire().wait(15).outcome.name == "SUCCEEDED"


def run(instance):
    child = os.fork()
    if child == 0:
        signal.alarm(20)
        os._exit(7)
    assert os.waitpid(child, 0)[1] >> 8 == 7
    process = multiprocessing.get_context("fork").Process(target=own)
    process.start()
    process.join()
    assert process.exitcode == 0, process.exitcode


with backstay.Host(workers=2) as host:
    instances = [host.register(f"forks {n}", run).fire() for n in range(2)]
    for instance in instances:
        instance.wait(50).check()
