"""Background tasks that outlive the call that began them, in every language of one process.

A host runs tasks. Each execution of a task is an instance. A deferral keeps an instance alive after its entry point
returned, until the asynchronous work is completed. A cancellation carries a reason and a grace.

>>> import backstay
>>> with backstay.Host() as host:
...     @host.task
...     def greet(instance):
...         print("hello,", instance.details)
...     done = greet.fire("sea").wait(timeout=10)
...     done.check()
hello, sea

Everything may be called from any thread. Durations are seconds, as numbers or as timedelta. The letters and numbers in
the docs, such as L4, name the rules of the model.
"""

from __future__ import annotations

# Before everything else: in an interpreter that it refuses, nothing else is imported either.
from . import _lib as _lib  # isort: split

import os as _os

from ._errors import (
    BackstayError,
    Closed,
    CurrentlyRunning,
    Disabled,
    ForeignHandle,
    Forked,
    InvalidArgument,
    InvalidHandle,
    InvalidTask,
    NameTaken,
    NotManualClock,
    NotRunning,
    OutOfMemory,
    StaleHandle,
    TaskAbandoned,
    TaskCanceled,
    TaskFailed,
    TimedOut,
    Unregistered,
    WouldDeadlock,
    WrongHandleType,
)
from ._host import Host
from ._lib import (
    _C_API,
    Cancellation,
    Deferral,
    Group,
    Instance,
    Job,
    Subscription,
    Task,
    __version__,
    validate,
)

# True for type checkers, which see all names; `typing` itself would be an import.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from ._options import TaskOptions
    from ._results import Completion, DrainReport, FireAnswer, HeldInstance, Holder, InstanceEvent, Progress
    from ._snapshot import InstanceSnapshot, Snapshot, Straggler, TaskSnapshot, Totals
    from ._values import Fault, Opaque, Trigger, after, event, every, manual
    from ._words import (
        CancelReason,
        Cause,
        Counter,
        EventKind,
        Firing,
        HolderKind,
        HostState,
        IfExists,
        OnShutdown,
        Outcome,
        State,
        Status,
        WaitingFor,
        WhenBusy,
    )
else:
    # Dataclasses, enumerations and what these import are loaded when the first of them is needed: an `import backstay`
    # takes a few milliseconds.
    _LATER = {
        "_options": "TaskOptions",
        "_results": "Completion DrainReport FireAnswer HeldInstance Holder InstanceEvent Progress",
        "_snapshot": "InstanceSnapshot Snapshot Straggler TaskSnapshot Totals",
        "_values": "Fault Opaque Trigger after event every manual",
        "_words": "CancelReason Cause Counter EventKind Firing HolderKind HostState IfExists OnShutdown Outcome "
        "State Status WaitingFor WhenBusy",
    }

    def __getattr__(name: str) -> object:
        for module, names in _LATER.items():
            if name in names.split():
                value = getattr(__import__(f"{__name__}.{module}", fromlist=[name]), name)
                globals()[name] = value
                return value
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

    def __dir__() -> list[str]:
        return sorted({*globals(), *__all__})


__all__ = [
    "_C_API",
    "BackstayError",
    "CancelReason",
    "Cancellation",
    "Cause",
    "Closed",
    "Completion",
    "Counter",
    "CurrentlyRunning",
    "Deferral",
    "Disabled",
    "DrainReport",
    "EventKind",
    "Fault",
    "FireAnswer",
    "Firing",
    "ForeignHandle",
    "Forked",
    "Group",
    "HeldInstance",
    "Holder",
    "HolderKind",
    "Host",
    "HostState",
    "IfExists",
    "Instance",
    "InstanceEvent",
    "InstanceSnapshot",
    "InvalidArgument",
    "InvalidHandle",
    "InvalidTask",
    "Job",
    "NameTaken",
    "NotManualClock",
    "NotRunning",
    "OnShutdown",
    "Opaque",
    "OutOfMemory",
    "Outcome",
    "Progress",
    "Snapshot",
    "StaleHandle",
    "State",
    "Status",
    "Straggler",
    "Subscription",
    "Task",
    "TaskAbandoned",
    "TaskCanceled",
    "TaskFailed",
    "TaskOptions",
    "TaskSnapshot",
    "TimedOut",
    "Totals",
    "Trigger",
    "Unregistered",
    "WaitingFor",
    "WhenBusy",
    "WouldDeadlock",
    "WrongHandleType",
    "__version__",
    "after",
    "event",
    "every",
    "get_include",
    "manual",
    "validate",
]


def get_include() -> str:
    """The folder of ``backstay.h`` and ``backstay_python.h``, for C and C++ extensions.

    Such an extension shares this process's hosts and instances through the table in ``backstay._C_API`` and links to
    nothing.
    """
    return _os.path.join(_os.path.dirname(_os.path.abspath(__file__)), "include")
