# A program that ends by an exception while its host is busy has the status and the words of any other.
# status: 1
# stderr: Traceback.*ZeroDivisionError: division by zero
import threading

import backstay

host = backstay.Host(grace=5)
entered = threading.Event()


def run(instance):
    asked = threading.Event()
    instance.on_canceled(lambda reason: asked.set())
    entered.set()
    asked.wait()


host.register("until asked", run).fire()
entered.wait()
1 / 0  # noqa: B018
