"""Background tasks that outlive the call that began them, in every language of one process.

A host runs tasks. Each execution of a task is an instance. A deferral keeps an instance alive after its entry point
returned, until the asynchronous work is completed. A cancellation carries a reason and a grace.

>>> import backstay
>>> with backstay.Host() as host:
...     @host.task()
...     def greet(instance):
...         print("hello,", instance.details)
...     done = greet.fire("sea").wait(timeout=10)
...     done.check()
hello, sea

Everything may be called from any thread. Durations are seconds, as numbers or as timedelta. The letters and numbers in
the docs, such as L4, name the rules of the model.
"""

from __future__ import annotations

import os as _os

from ._errors import (
    BackstayError,
    Closed,
    CurrentlyRunning,
    InvalidArgument,
    InvalidTask,
    NameTaken,
    NotManualClock,
    NotRunning,
    OutOfMemory,
    TaskAbandoned,
    TaskCanceled,
    TaskFailed,
    TimedOut,
    Unregistered,
    WouldDeadlock,
)
from ._host import Host
from ._lib import _C_API, Deferral, Instance, Subscription, Task, __version__
from ._results import Completion, DrainReport, HeldInstance, Holder, Progress
from ._words import CancelReason, HolderKind, HostState, Opaque, Outcome, State, Status, Trigger, manual

__all__ = [
    "_C_API",
    "BackstayError",
    "CancelReason",
    "Closed",
    "Completion",
    "CurrentlyRunning",
    "Deferral",
    "DrainReport",
    "HeldInstance",
    "Holder",
    "HolderKind",
    "Host",
    "HostState",
    "Instance",
    "InvalidArgument",
    "InvalidTask",
    "NameTaken",
    "NotManualClock",
    "NotRunning",
    "Opaque",
    "OutOfMemory",
    "Outcome",
    "Progress",
    "State",
    "Status",
    "Subscription",
    "Task",
    "TaskAbandoned",
    "TaskCanceled",
    "TaskFailed",
    "TimedOut",
    "Trigger",
    "Unregistered",
    "WouldDeadlock",
    "__version__",
    "get_include",
    "manual",
]


def get_include() -> str:
    """The folder of ``backstay.h`` and ``backstay_python.h``, for C and C++ extensions.

    Such an extension shares this process's hosts and instances through the table in ``backstay._C_API`` and links to
    nothing.
    """
    return _os.path.join(_os.path.dirname(_os.path.abspath(__file__)), "include")
