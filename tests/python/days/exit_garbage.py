# Everything is alive at the end: in the module, in circles, in objects whose end runs code; deferrals die in the last
# collection.
# status: 0
import threading

import backstay


class Owner:
    def __init__(self, *owned):
        self.owned = owned
        self.itself = self

    def __del__(self):
        repr(self.owned)


host = backstay.Host(grace=5)
taken = threading.Event()
keep = []


def hold(instance):
    deferral = instance.get_deferral("in a circle")
    keep.append(Owner(deferral, instance))
    keep[0].keep = keep
    taken.set()
    instance.on_canceled(lambda reason: deferral.complete())


task = host.register("hold", hold)
instance = task.fire(Owner())
taken.wait()
owner = Owner(host, task, instance, hold)
subscription = task.on_completed(lambda done: owner)
other = backstay.Host(grace=5)
dropped = other.register("dropped", lambda instance: None).fire(Owner(host))
del other
