"""Exceptions: all under BackstayError, each also the builtin that a user expects."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import ClassVar

    from ._results import Completion, Holder
    from ._values import Fault


class BackstayError(Exception):
    """The root of all exceptions of this package. Nothing has changed when one is raised."""

    #: The name in the table of statuses that all languages share.
    status: ClassVar[str] = "INTERNAL"


class InvalidArgument(BackstayError, ValueError):
    """A setting is outside of what it accepts."""

    status = "INVALID_ARGUMENT"


class InvalidHandle(BackstayError, ValueError):
    """The number was never a handle of this library, or the deferral was given away."""

    status = "INVALID_HANDLE"


class StaleHandle(BackstayError, ValueError):
    """The handle has ended: it was released, completed, taken over, or lent for a call that is over."""

    status = "STALE_HANDLE"


class WrongHandleType(BackstayError, TypeError):
    """The handle is that of an object of another type."""

    status = "WRONG_HANDLE_TYPE"


class ForeignHandle(BackstayError, ValueError):
    """The handle was made by another copy of the library in this process; docs/embedding.md says which one is to be used."""

    status = "FOREIGN_HANDLE"


class NotRunning(BackstayError, RuntimeError):
    """A deferral was asked of an instance that is Pending or Finished (L3)."""

    status = "NOT_RUNNING"


class NameTaken(BackstayError, ValueError):
    """Another task of the host has this name (G1)."""

    status = "NAME_TAKEN"


class Unregistered(BackstayError, LookupError):
    """The task is no longer registered."""

    status = "UNREGISTERED"


class CurrentlyRunning(BackstayError, RuntimeError):
    """The task is busy, and its policy refuses more (F4)."""

    status = "CURRENTLY_RUNNING"


class Disabled(BackstayError, RuntimeError):
    """The task failed too often in a row; ``Task.enable`` lets it go on (G6)."""

    status = "DISABLED"


class Closed(BackstayError, RuntimeError):
    """The host drains or is closed: it refuses to register and to fire (H2)."""

    status = "CLOSED"


class TimedOut(BackstayError, TimeoutError):
    """The time given was over first; the work goes on."""

    status = "TIMED_OUT"


class WouldDeadlock(BackstayError, RuntimeError):
    """The call would wait for the very thread that makes it (E8)."""

    status = "WOULD_DEADLOCK"


class NotManualClock(BackstayError, RuntimeError):
    """Only a host with a manual clock can be advanced (H5)."""

    status = "NOT_MANUAL_CLOCK"


class InvalidTask(BackstayError, ValueError):
    """The description of the task has faults (G2)."""

    status = "INVALID_TASK"

    #: Every fault, all at once.
    faults: tuple[Fault, ...] = ()


class Forked(BackstayError, RuntimeError):
    """This process was made by fork, and the object is its parent's; open a host of its own (H6)."""

    status = "FORKED"


class OutOfMemory(BackstayError, MemoryError):
    """Threads, handles or memory ran out."""

    status = "OUT_OF_MEMORY"


class TaskCanceled(BackstayError):
    """Raised in an entry point to leave it because the instance was asked to stop (C8)."""

    status = "CANCELED"

    def __init__(self, message: str = "the instance was asked to stop", reason: int | None = None) -> None:
        super().__init__(message, reason)
        self.message = message
        #: Why, when the library knows.
        self.reason = reason

    def __str__(self) -> str:
        return self.message


class _TaskEnded(BackstayError):
    def __init__(self, completion: Completion) -> None:
        super().__init__(completion)
        #: How the instance ended.
        self.completion = completion


class TaskFailed(_TaskEnded, RuntimeError):
    """The instance ended as Failed (L9). ``__cause__`` is the original exception when Python raised it."""

    status = "FAILED"

    def __str__(self) -> str:
        return f"task {self.completion.task!r} failed: {self.completion.error}"


class TaskAbandoned(_TaskEnded, RuntimeError):
    """The instance ended as Abandoned: its grace was over and somebody still held it (L9, C6)."""

    status = "FAILED"

    @property
    def holders(self) -> tuple[Holder, ...]:
        """Who still held it."""
        return self.completion.holders

    def __str__(self) -> str:
        names = "; ".join(str(holder) for holder in self.holders) or "nobody by name"
        return f"task {self.completion.task!r} was abandoned; it was still held by {names}"


_CLASSES: dict[str, type[BackstayError]] = {
    kind.status: kind
    for kind in (
        InvalidArgument,
        InvalidHandle,
        StaleHandle,
        WrongHandleType,
        ForeignHandle,
        NotRunning,
        NameTaken,
        Unregistered,
        CurrentlyRunning,
        Disabled,
        Closed,
        TimedOut,
        WouldDeadlock,
        NotManualClock,
        InvalidTask,
        Forked,
        OutOfMemory,
    )
}


def error_for(status: str, message: str, faults: Sequence[Fault]) -> BackstayError:
    """The exception for an answer of the library."""
    if status == NotManualClock.status:
        message = "only a host with a manual clock can be advanced; open it with Host(manual_clock=True)"
    error = _CLASSES.get(status, BackstayError)(message)
    if isinstance(error, InvalidTask):
        error.faults = tuple(faults)
    return error
