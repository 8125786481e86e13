"""What the library tells, as frozen dataclasses. Times are seconds by the host's clock.

Of what handlers are told, which is much, a field is made when somebody looks at it (`_Told`, `_made_later`).
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field

from ._errors import TaskAbandoned, TaskFailed
from ._lib import Instance, _made_later, _Told
from ._words import EventKind, Firing, HolderKind, HostState, Outcome, WaitingFor


@dataclass(frozen=True)
class Holder:
    """Who holds an instance, since when and from which line (H4)."""

    #: A deferral, or the entry point itself.
    kind: HolderKind
    #: The label that the deferral was taken with; empty without one.
    label: str
    #: The language of the code that has it now: "Python", "C", "C++", "Rust".
    language: str
    #: The language of the code that took it: another once it was handed across.
    site_language: str
    #: Where it was taken; empty and 0 when unknown. For an entry point: where that is defined.
    file: str
    line: int
    #: How long it has held.
    age: float
    #: What the holder said last that it is doing.
    note: str | None
    #: How long ago the instance was asked to stop, if it was.
    asked: float | None
    #: How long after that this holder first looked, if it did (C9).
    noticed_after: float | None
    #: Whether it was reported as older than it should be.
    overdue: bool
    #: The calls that led to the taking, when the host captures them.
    stack: str | None = field(repr=False)
    text: str = field(repr=False, compare=False)

    def __str__(self) -> str:
        return self.text


@_made_later
@dataclass(frozen=True)
class Completion(_Told):
    """How an instance ended: final, the same for everybody who asks (L2)."""

    instance_id: uuid.UUID
    #: The name of its task.
    task: str
    #: The group of its task.
    group: str | None
    outcome: Outcome
    #: Why it was asked to stop, if it was: a CancelReason, or a number of your own. Whatever the outcome (L6).
    canceled: int | None
    #: The first error among entry point and deferrals, exactly as it says of itself; also of an abandoned one (L6).
    error: str | None
    #: The name of the error's type in its own language.
    error_type: str | None
    #: The exception itself when it left an entry point of Python, with the lines of its traceback. Of one that a
    #: deferral failed with, only the text and the type are kept.
    exception: BaseException | None
    #: The deferrals that were dropped instead of completed (L5).
    dropped: tuple[Holder, ...]
    #: Who still held the instance when it was abandoned, the entry point first (C6).
    holders: tuple[Holder, ...]
    #: The last progress that was set (E6).
    progress: int
    #: How many suspensions of it began (S2).
    suspended_count: int
    #: How long after it was asked to stop its code first noticed that, if it did (C9).
    noticed_after: float | None
    #: How long it was Pending.
    pending_for: float
    #: How long it was Running; 0 when it never started.
    ran_for: float

    def check(self) -> None:
        """Raise TaskFailed or TaskAbandoned; Succeeded and Canceled raise nothing (L9)."""
        if self.outcome is Outcome.FAILED:
            raise TaskFailed(self) from self.exception
        if self.outcome is Outcome.ABANDONED:
            raise TaskAbandoned(self) from self.exception


@_made_later
@dataclass(frozen=True)
class Progress(_Told):
    """What a progress handler is told."""

    instance: Instance
    #: The latest value; values between two calls may be left out (E3).
    progress: int

    @property
    def instance_id(self) -> uuid.UUID:
        """The instance's id."""
        return self.instance.id


@_made_later
@dataclass(frozen=True)
class InstanceEvent(_Told):
    """Something that happened to an instance, as ``Host.on_event`` tells it (E3)."""

    kind: EventKind
    instance: Instance
    instance_id: uuid.UUID
    #: The name of its task.
    task: str
    #: The group of its task.
    group: str | None
    #: With WAITS: the unmet conditions, in the order in which the task names them.
    conditions: tuple[str, ...]
    #: With CANCELED, and with the COMPLETED of an instance that was cancelled.
    reason: int | None
    #: With COMPLETED.
    outcome: Outcome | None
    #: With PROGRESS the latest value, with COMPLETED the last one.
    progress: int | None
    #: With OVERDUE: the label of the deferral.
    label: str | None
    text: str = field(repr=False, compare=False)

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True)
class FireAnswer:
    """What became of a firing (F1)."""

    became: Firing
    #: With WAITING: what the instance waits for.
    waiting_for: WaitingFor
    #: With CONDITIONS: those that are unmet, in the order in which the task names them.
    conditions: tuple[str, ...]
    text: str = field(repr=False)

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True)
class HeldInstance:
    """An instance and who holds it."""

    instance_id: uuid.UUID
    task: str
    group: str | None
    #: Why it was asked to stop, if it was.
    canceled: int | None
    #: The entry point first if it still executes, then the deferrals in the order of taking.
    holders: tuple[Holder, ...]


@dataclass(frozen=True)
class DrainReport:
    """What became of everything that was alive when a host began to end (H2). ``str()`` of it is for the log."""

    #: Closed when nothing is left; Draining when a drain's time was over first.
    state: HostState
    #: How many instances ended each way.
    succeeded: int
    canceled: int
    failed: int
    #: Each instance that was abandoned, with those who still held it.
    abandoned: tuple[HeldInstance, ...]
    #: Each instance that is still alive; empty unless the host is still Draining.
    remaining: tuple[HeldInstance, ...]
    #: How many threads your code still occupies although their instances were abandoned (C6).
    stragglers: int
    text: str = field(repr=False)

    def __str__(self) -> str:
        return self.text

    @property
    def finished(self) -> int:
        """How many instances ended, whichever way."""
        return self.succeeded + self.canceled + self.failed + len(self.abandoned)

    @property
    def is_clean(self) -> bool:
        """Whether everything ended of itself: nothing abandoned, nothing left, no thread occupied."""
        return not (self.abandoned or self.remaining or self.stragglers)
