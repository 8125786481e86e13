# A program that exits with a status of its own while its host is busy keeps the status.
# status: 3
import sys
import threading

import backstay

host = backstay.Host(grace=5)
entered = threading.Event()


def run(instance):
    asked = threading.Event()
    instance.on_canceled(lambda reason: asked.set())
    entered.set()
    asked.wait()
    sys.exit(4)


host.register("until asked", run).fire()
entered.wait()
sys.exit(3)
