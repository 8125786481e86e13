# Entry points and handlers are in flight, with and without the interpreter, when the program ends.
# status: 0
import threading
import time

import backstay

host = backstay.Host(workers=4, grace=5)
entered = threading.Semaphore(0)


def sleeping(instance):
    entered.release()
    for seen in range(5):
        instance.progress = seen
        time.sleep(0.002)


def computing(instance):
    entered.release()
    until = time.monotonic() + 0.01
    while time.monotonic() < until:
        instance.progress += 1


for run in sleeping, computing:
    task = host.register(run.__name__, run)
    task.on_progress(lambda seen: time.sleep(0.001))
    task.on_completed(lambda done: time.sleep(0.001))
    for _ in range(3):
        task.fire()
entered.acquire()
