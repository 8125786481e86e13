# The main thread forks while its host is busy, and the child opens a host of its own, which is shut down at its exit.
# status: 0
import faulthandler
import os
import sys
import threading

import backstay


def until_asked(entered):
    def run(instance):
        asked = threading.Event()
        instance.on_canceled(lambda reason: asked.set())
        entered.set()
        asked.wait()

    return run


def busy():
    entered = threading.Event()
    host = backstay.Host(grace=5)
    instance = host.register("until asked", until_asked(entered)).fire()
    entered.wait()
    return host, instance


theirs = busy()
child = os.fork()
if child == 0:
    faulthandler.dump_traceback_later(10, exit=True)
    mine = busy()
    with backstay.Host() as another:
        assert another.register("t", lambda instance: None).fire().wait(15).outcome.name == "SUCCEEDED"
    sys.exit(0)
assert os.waitpid(child, 0)[1] == 0, "the child"
assert theirs[0].shutdown().canceled == 1
