# Entry points that compute for ever and never give the interpreter away of themselves.
# status: 0
# stderr: .*at interpreter exit, .*abandoned.*2 calls of entry points or handlers had not come back.*
import threading

import backstay

host = backstay.Host(workers=2, grace=0)
entered = threading.Semaphore(0)


def busy(instance):
    entered.release()
    while True:
        pass


def asking(instance):
    entered.release()
    while True:
        instance.progress += 1
        _ = instance.state


host.register("busy", busy).fire()
host.register("asking", asking).fire()
entered.acquire()
entered.acquire()
