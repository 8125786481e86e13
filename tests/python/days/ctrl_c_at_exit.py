# Ctrl-C ends the exit's wait for a long grace; what is left is named.
# status: 0
# stderr: backstay: at interpreter exit, .*1 abandoned.*"held".*
import atexit
import os
import signal
import threading
import time

sent = []


@atexit.register
def after():
    print(f"latency: {(time.monotonic() - sent[0]) * 1000:.1f}")


import backstay  # its hook runs before the one above, since it is registered later

signal.signal(signal.SIGINT, signal.default_int_handler)
host = backstay.Host(grace=60)
held, taken = [], threading.Event()


def run(instance):
    held.append(instance.get_deferral("held"))
    instance.on_canceled(send)
    taken.set()


def send(reason):
    time.sleep(0.02)
    sent.append(time.monotonic())
    os.kill(os.getpid(), signal.SIGINT)


host.register("hold", run).fire()
taken.wait()
