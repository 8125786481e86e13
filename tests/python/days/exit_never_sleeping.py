# Entry points and a handler that never come back: they sleep, wait for a lock, and stand in a completed handler.
# status: 0
# stderr: .*at interpreter exit, .*abandoned.*3 calls of entry points or handlers had not come back.*
import threading
import time

import backstay

host = backstay.Host(workers=4, grace=0)
entered = threading.Semaphore(0)
lock = threading.Lock()
lock.acquire()


def sleeping(instance):
    entered.release()
    while True:
        time.sleep(0.003)


def blocked(instance):
    entered.release()
    lock.acquire()


def standing(done):
    entered.release()
    while True:
        time.sleep(0.003)


host.register("sleeping", sleeping).fire()
host.register("blocked", blocked).fire()
short = host.register("short", lambda instance: None)
short.on_completed(standing)
short.fire()
for _ in range(3):
    entered.acquire()
