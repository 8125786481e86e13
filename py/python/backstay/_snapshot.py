"""What a host has and does at one moment, as frozen dataclasses (H3). Times are seconds by the host's clock."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field

from ._results import Holder
from ._words import HostState, State


@dataclass(frozen=True)
class InstanceSnapshot:
    """One living instance, consistent in itself."""

    id: uuid.UUID
    #: Pending or Running.
    state: State
    progress: int
    #: Why it was asked to stop, if it was: a CancelReason, or a number of your own.
    canceled: int | None
    #: How long ago that was.
    asked_for: float | None
    #: How long after that its code noticed, if it has (C9).
    noticed_after: float | None
    #: Whether it is suspended now.
    suspended: bool
    #: How many suspensions of it began (S2).
    suspended_count: int
    #: How long ago it was fired.
    age: float
    #: How long ago it was started, if it was.
    running_for: float | None
    #: How much of its deadline is left, if it has one (C7).
    remaining: float | None
    #: Everyone who holds it, the entry point first (H4).
    holders: tuple[Holder, ...]


@dataclass(frozen=True)
class TaskSnapshot:
    """One task and its living instances."""

    name: str
    group: str | None
    #: What fires it, in words.
    trigger: str
    #: Whether it can still be fired, as far as its registration goes.
    registered: bool
    #: Whether it failed too often (G6).
    disabled: bool
    #: Whether the task itself is suspended.
    suspended: bool
    #: How many times in a row it has failed.
    failures: int
    #: When its clock fires it next.
    fires_in: float | None
    #: Why nothing of it is starting now, in words (F1).
    explanation: str
    #: What is alive of it, in the order of firing.
    instances: tuple[InstanceSnapshot, ...]


@dataclass(frozen=True)
class Straggler:
    """A thread that your code still occupies although its instance was abandoned (C6)."""

    instance_id: uuid.UUID
    task: str
    group: str | None
    #: Whether it is in a handler of the instance; else in the entry point.
    in_handler: bool
    #: How long ago it was given up.
    given_up_for: float


@dataclass(frozen=True)
class Totals:
    """How many there are of each, counted from the listing of the same snapshot."""

    tasks: int
    pending: int
    running: int
    suspended: int
    #: Holders of all instances, entry points included.
    holders: int
    stragglers: int


@dataclass(frozen=True)
class Snapshot:
    """What a host has and does at one moment; ``str()`` of it is for a person, :meth:`to_json` for a program."""

    state: HostState
    #: Whether the host as a whole is suspended.
    suspended: bool
    #: Every condition that was ever set.
    conditions: dict[str, bool]
    #: Every task that is registered or has a living instance, in the order of registration.
    tasks: tuple[TaskSnapshot, ...]
    stragglers: tuple[Straggler, ...]
    totals: Totals
    text: str = field(repr=False, compare=False)
    json: str = field(repr=False, compare=False)

    def __str__(self) -> str:
        return self.text

    def to_json(self) -> str:
        """The snapshot as one JSON object, the same in every language; durations are whole nanoseconds in ``_ns``."""
        return self.json
