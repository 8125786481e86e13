# Daemon threads of Python's own are inside our properties and methods when the interpreter goes down.
# status: 0
import threading
import time

import backstay

host = backstay.Host(workers=2, grace=5)
task = host.register("short", lambda instance: None)
asked = threading.Event()
held = []
taken = threading.Event()


def hold(instance):
    held.append(instance.get_deferral("held"))
    taken.set()


instance = host.register("hold", hold).fire()
instance.on_canceled(lambda reason: held[0].complete())
taken.wait()


def hammer(use):
    while True:
        asked.set()
        try:
            use()
        except backstay.BackstayError:
            pass


USES = [
    lambda: (host.state, host.stragglers, repr(host), host.get_task("short")),
    lambda: (task.running, task.pending, task.name, repr(task)),
    lambda: task.fire({"a": [1, 2]}).wait(0.01),
    lambda: (instance.state, instance.canceled, instance.holders(), instance.details, instance.progress),
    lambda: (held[0].holder(), held[0].instance.state, repr(held[0])),
    lambda: instance.raise_if_canceled(),
    lambda: instance.get_deferral("more").complete(),
    lambda: task.on_completed(print).cancel(),
]
for use in USES:
    threading.Thread(target=hammer, args=(use,), daemon=True).start()
asked.wait()
time.sleep(0.01)
