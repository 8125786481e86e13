"""The words of the model as enumerations. Names and numbers are the same in every language."""

from __future__ import annotations

import enum


class _Word(enum.IntEnum):
    """A number with a name, which is what is printed: what Python itself prints differs from version to version."""

    def __str__(self) -> str:
        return self.name

    def __format__(self, spec: str) -> str:
        return format(self.name, spec)


class Status(_Word):
    """How a call was answered."""

    OK = 0
    INVALID_ARGUMENT = -1
    INVALID_HANDLE = -2
    STALE_HANDLE = -3
    WRONG_HANDLE_TYPE = -4
    FOREIGN_HANDLE = -5
    NOT_RUNNING = -6
    ALREADY_COMPLETED = -7
    NAME_TAKEN = -8
    UNREGISTERED = -9
    NOT_FOUND = -10
    CURRENTLY_RUNNING = -11
    DISABLED = -12
    CLOSED = -13
    TIMED_OUT = -14
    WOULD_DEADLOCK = -15
    NOT_MANUAL_CLOCK = -16
    INVALID_TASK = -17
    CANCELED = -18
    FAILED = -19
    PANIC = -20
    FORKED = -21
    OUT_OF_MEMORY = -22
    INTERNAL = -23


class CancelReason(_Word):
    """Why an instance was asked to stop (C1). Numbers from 64 on are free for reasons of your own."""

    ABORT = 0
    TERMINATING = 1
    LOGGING_OFF = 2
    SERVICING_UPDATE = 3
    IDLE_TASK = 4
    UNINSTALL = 5
    CONDITION_LOSS = 6
    SYSTEM_POLICY = 7
    QUIET_HOURS_ENTERED = 8
    EXECUTION_TIME_EXCEEDED = 9
    RESOURCE_REVOCATION = 10
    ENERGY_SAVER = 11


def reason_from_number(number: int) -> int:
    """A member of CancelReason, or the plain number of a reason of the application's own."""
    return CancelReason(number) if number < 64 else number


class State(_Word):
    """Where an instance is in its life."""

    PENDING = 0
    RUNNING = 1
    FINISHED = 2


class Outcome(_Word):
    """How an instance ended. When several apply, the last of them is told (L6)."""

    SUCCEEDED = 0
    CANCELED = 1
    FAILED = 2
    ABANDONED = 3


class HostState(_Word):
    """Where a host is in its life."""

    OPEN = 0
    DRAINING = 1
    CLOSED = 2


class HolderKind(_Word):
    """What kind of hold a holder has."""

    DEFERRAL = 0
    ENTRY_POINT = 1


class WhenBusy(_Word):
    """What happens to a firing when the task is busy (F4)."""

    #: Instances run beside each other; those beyond ``max_running`` wait. The default of manual tasks.
    PARALLEL = 1
    #: They run one after the other, in the order of firing.
    QUEUE = 2
    #: At most one waits, and the latest details win. The default of tasks with a time or event trigger.
    COALESCE = 3
    #: The firing is refused with CurrentlyRunning.
    REJECT = 4
    #: What is there is cancelled with ABORT; the new instance is Pending until it has finished.
    REPLACE = 5


class IfExists(_Word):
    """What happens when the name of a new task is taken (G1)."""

    #: The registration is refused with NameTaken.
    FAIL = 0
    #: The new task takes the old one's place; what runs of the old one finishes.
    REPLACE = 1
    #: The old task stays as it is, and is what the registration gives back.
    KEEP = 2
    #: As REPLACE, and what runs of the old one is cancelled with ABORT.
    REPLACE_AND_CANCEL = 3


class OnShutdown(_Word):
    """What a shutdown does with the instances of a task (H2)."""

    #: They are cancelled and waited for.
    CANCEL = 0
    #: They are not cancelled, and waited for.
    FINISH = 1
    #: They are cancelled, and not waited for.
    LEAVE = 2


class Cause(_Word):
    """Why something is suspended, when that is a resource that ran short (S2)."""

    CPU = 1
    NETWORK = 2


class Counter(_Word):
    """Which suspensions ``Instance.throttle_count`` counts: those in which this cause took part (S2)."""

    #: Those in which any named cause took part.
    ALL = 0
    CPU = 1
    NETWORK = 2


class EventKind(_Word):
    """What happened to an instance."""

    #: A firing made it. A firing that was merged has no event (F4).
    FIRED = 0
    #: Directly after FIRED: conditions were not met then (F2).
    WAITS = 1
    #: A worker is about to enter its entry point.
    STARTED = 2
    #: Its progress changed; values that come faster than they are told are left out (E3).
    PROGRESS = 3
    SUSPENDED = 4
    RESUMED = 5
    #: It was asked to stop (C2).
    CANCELED = 6
    #: One of its deferrals is older than it should be (H4).
    OVERDUE = 7
    #: It ended; nothing comes after this (L2).
    COMPLETED = 8


class Firing(_Word):
    """What became of a firing that was accepted (F1)."""

    #: A worker that is free has been handed the instance.
    STARTED = 0
    #: The instance is Pending.
    WAITING = 1
    #: The task had a Pending instance already, which carries the new details now.
    MERGED = 2


class WaitingFor(_Word):
    """What a Pending instance waits for; when it is several things, the first of this list (F1)."""

    #: It does not wait.
    NOTHING = 0
    CONDITIONS = 1
    #: For the end of a suspension of the task or the host.
    SUSPENDED = 2
    #: For instances of the same task to finish.
    BUSY = 3
    #: For a worker of the host.
    WORKER = 4
