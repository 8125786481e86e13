"""The steps of a scenario as plain types.

The fields are the words of the language, which docs/scenarios.md explains; None is as the library has it, or is not
looked at. Durations are seconds. Names are those of the file: a task of a group is called ``GROUP/NAME``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Union

from act import Act
from backstay import Cause, HostState, IfExists, Outcome, State, Trigger, WhenBusy


@dataclass(frozen=True)
class OfHost:
    """The host is what a step is about."""


@dataclass(frozen=True)
class OfTask:
    task: str


@dataclass(frozen=True)
class OfInstance:
    instance: str


Target = Union[OfHost, OfTask, OfInstance]


@dataclass(frozen=True)
class Host:
    workers: int | None = None
    grace: float | None = None
    overdue_after: float | None = None


@dataclass(frozen=True)
class Condition:
    name: str
    on: bool


@dataclass(frozen=True)
class Task:
    name: str
    trigger: Trigger | None = None
    conditions: tuple[str, ...] = ()
    cancel_on_loss: bool = False
    deadline: float | None = None
    grace: float | None = None
    busy: WhenBusy | None = None
    max_running: int | None = None
    max_failures: int | None = None
    group: str | None = None
    if_exists: IfExists = IfExists.FAIL

    @property
    def called(self) -> str:
        """How later steps call it."""
        return self.name if self.group is None else f"{self.group}/{self.name}"


@dataclass(frozen=True)
class Run:
    """What every later run of a task of that name does."""

    task: str
    acts: tuple[Act, ...]


@dataclass(frozen=True)
class Fire:
    task: str
    name: str
    details: str | None = None


@dataclass(frozen=True)
class Raise:
    event: str
    details: str | None = None


@dataclass(frozen=True)
class New:
    """Names the oldest instance of the task that has no name yet."""

    task: str
    name: str


@dataclass(frozen=True)
class Go:
    """Lets the hold pass at which the run stands."""

    instance: str


@dataclass(frozen=True)
class Defer:
    label: str
    instance: str


@dataclass(frozen=True)
class Complete:
    label: str
    instance: str


@dataclass(frozen=True)
class Drop:
    label: str
    instance: str


@dataclass(frozen=True)
class Fail:
    label: str
    instance: str
    text: str


@dataclass(frozen=True)
class Progress:
    instance: str
    progress: int


@dataclass(frozen=True)
class Cancel:
    instance: str
    reason: int


@dataclass(frozen=True)
class Suspend:
    target: Target
    cause: Cause | None = None


@dataclass(frozen=True)
class Resume:
    target: Target


@dataclass(frozen=True)
class Unregister:
    task: str
    cancel: bool


@dataclass(frozen=True)
class Enable:
    task: str


@dataclass(frozen=True)
class Advance:
    by: float


@dataclass(frozen=True)
class Drain:
    timeout: float


@dataclass(frozen=True)
class Shutdown:
    grace: float


@dataclass(frozen=True)
class Joined:
    """What the report of the last drain or shutdown says."""

    finished: int | None = None
    abandoned: int | None = None
    holders: tuple[str, ...] | None = None


@dataclass(frozen=True)
class ExpectInstance:
    instance: str
    state: State | None = None
    outcome: Outcome | None = None
    reason: int | None = None
    error: str | None = None
    deferrals: int | None = None
    progress: int | None = None
    suspended: int | None = None
    throttled: int | None = None
    details: str | None = None
    dropped: tuple[str, ...] | None = None
    remaining: float | None = None


@dataclass(frozen=True)
class ExpectTask:
    task: str
    running: int | None = None
    pending: int | None = None
    registered: bool | None = None
    disabled: bool | None = None


@dataclass(frozen=True)
class ExpectHost:
    stragglers: int | None = None
    holders: int | None = None
    state: HostState | None = None


@dataclass(frozen=True)
class Trace:
    """The whole trace of an instance so far."""

    instance: str
    events: tuple[str, ...]


#: Steps that ask the library for something that it can refuse.
Refusable = Union[
    Host, Condition, Task, Fire, Raise, Defer, Complete, Drop, Fail, Progress, Cancel, Suspend, Resume,
    Unregister, Enable, Advance, Drain, Shutdown,
]  # fmt: skip
#: Those that only look, or concern the runner alone.
Other = Union[Run, New, Go, Joined, ExpectInstance, ExpectTask, ExpectHost, Trace]
Step = Union[Refusable, Other]


@dataclass(frozen=True)
class Line:
    """One line of a file: a step, which the library must refuse with ``refused`` when that is there."""

    number: int
    refused: str | None
    step: Step
