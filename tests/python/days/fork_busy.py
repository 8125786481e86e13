# The main thread forks while its host is busy. In the child every property and method of every object answers or raises
# Forked, and the child exits as any program; the parent goes on.
# status: 0
import faulthandler
import os
import pathlib
import sys
import threading

sys.path.insert(0, str(pathlib.Path(__file__).parents[3] / "py" / "tests"))

import backstay
from members import members

host = backstay.Host(workers=3, grace=5)
held, taken, over = [], threading.Event(), threading.Event()


def churns(instance):
    while not over.is_set():
        with instance.get_deferral("churn") as deferral:
            deferral.holder()
            instance.progress += 1
            short.fire({"n": 1}).wait(30)
            _ = host.get_task("short"), repr(host), instance.holders()


def hold(instance):
    held.append(instance.get_deferral("held"))
    taken.set()


short = host.register("short", lambda instance: None)
subscription = short.on_completed(lambda done: None)
churning = host.register("churns", churns).fire()
instance = host.register("hold", hold).fire()
taken.wait()
things = [host, short, instance, held[0], subscription, host.group("grouped"), instance.cancellation()]

child = os.fork()
if child == 0:
    faulthandler.dump_traceback_later(10, exit=True)
    for thing in things:
        for name, use in members(thing):
            try:
                use()
            except backstay.Forked as error:
                assert "fork" in str(error), (name, error)
    sys.exit(0)
assert os.waitpid(child, 0)[1] == 0, "the child"
over.set()
held[0].complete()
assert instance.wait(30).outcome.name == churning.wait(30).outcome.name == "SUCCEEDED"
