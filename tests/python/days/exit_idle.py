# Workers are idle when the program ends, and those of hosts that were dropped just now are about to end. All have
# something of their own, which calls the package when it goes.
# status: 0
import threading

import backstay

here = threading.local()


class Left:
    def __init__(self, *left):
        self.left = left

    def __del__(self):
        for one in self.left:
            repr(one)


def leave(what):
    here.left = Left(what, hosts[-1], threading.current_thread())


hosts = []
for n in range(24):
    hosts.append(backstay.Host(workers=2, grace=5))
    task = hosts[-1].register("t", leave)
    task.on_completed(leave)
    for instance in [task.fire() for _ in range(2)]:
        instance.wait(30).check()
    if n % 3 == 0:
        hosts[-1].begin_shutdown(0)
    elif n % 3 == 1:
        hosts[-1].shutdown(1)
del hosts[4:]
