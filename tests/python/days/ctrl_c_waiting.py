# Ctrl-C ends every kind of wait of the main thread, soon.
# status: 0
import os
import random
import signal
import threading
import time

import backstay

signal.signal(signal.SIGINT, signal.default_int_handler)


def measured(wait):
    """Sends Ctrl-C into the wait, and prints how long the answer took."""
    sent = []

    def send():
        time.sleep(random.uniform(0.005, 0.06))
        sent.append(time.monotonic())
        os.kill(os.getpid(), signal.SIGINT)

    try:
        # The signal may come as early as it likes.
        threading.Thread(target=send).start()
        wait()
    except KeyboardInterrupt:
        print(f"latency: {(time.monotonic() - sent[0]) * 1000:.1f}")
    else:
        raise AssertionError("the wait was not interrupted")


held, taken, entered, leave = [], threading.Event(), threading.Event(), threading.Event()


def run(instance):
    held.append(instance.get_deferral("held"))
    taken.set()


def stand(reason):
    entered.set()
    leave.wait()


host = backstay.Host(workers=2, grace=60)
instance = host.register("hold", run).fire()
instance.on_canceled(stand)
taken.wait()
measured(lambda: instance.wait())
measured(lambda: instance.wait(60))
instance.cancel()
entered.wait()
measured(lambda: host.flush())
measured(lambda: host.drain(60))
measured(lambda: host.shutdown(60))
leave.set()
held[0].complete()
