# A child that was made in an entry point comes back from it, and is ended; the parent goes on.
# status: 0
# stderr: backstay: a child process that was made by fork inside an entry point or handler came back from it[^\n]*
import os
import signal

import backstay


def run(instance):
    child = os.fork()
    if child == 0:
        signal.alarm(20)
        return
    assert os.waitpid(child, 0)[1] >> 8 == 1


with backstay.Host(workers=2) as host:
    deferral_of_the_parent = []
    task = host.register("forks", run)
    task.on_completed(deferral_of_the_parent.append)
    task.fire().wait(50).check()
