"""The options of a task, for type checkers: what ``Host.register``, ``Host.task`` and ``validate`` take by name."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import TypedDict, Union

from ._values import Trigger
from ._words import IfExists, OnShutdown, WhenBusy

#: A duration: seconds, or a timedelta. One that is too long to be represented is without end.
Seconds = Union[float, timedelta]


class TaskOptions(TypedDict, total=False):
    """Every option of a task; None is the default of all."""

    #: What fires it besides its own ``fire``: :func:`after`, :func:`every` or :func:`event`.
    trigger: Trigger | None
    #: A name is unique in its group; a task in a group is found through ``Host.group`` (G5).
    group: str | None
    #: Names of conditions; all of them hold when an instance starts (F2).
    conditions: Iterable[str]
    #: Losing a condition cancels what runs, with CONDITION_LOSS (F3).
    cancel_on_condition_loss: bool
    #: How long an instance may run before it is cancelled with EXECUTION_TIME_EXCEEDED (C7).
    deadline: Seconds | None
    #: How long a cancelled instance may take before it is abandoned (C6); the host's by default.
    grace: Seconds | None
    #: What happens to a firing when the task is busy (F4).
    when_busy: WhenBusy | None
    #: How many instances may run at once; 1, and with PARALLEL any number, by default.
    max_running: int | None
    #: How many may wait; 1,048,576 by default.
    max_pending: int | None
    #: After so many failures in a row the task is disabled (G6); never by default.
    max_failures: int | None
    #: What happens when the name is taken (G1).
    if_exists: IfExists | None
    #: What a shutdown does with its instances (H2).
    on_shutdown: OnShutdown | None
