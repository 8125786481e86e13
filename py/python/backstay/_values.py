"""Plain values: what fires a task, what is wrong with one, and details that only Python can read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from datetime import timedelta


@dataclass(frozen=True)
class Trigger:
    """What fires a task; made by :func:`manual`, :func:`after`, :func:`every` and :func:`event`.

    Any task can be fired by hand as well.
    """

    #: "manual", "after", "every" or "event".
    kind: str
    #: The delay or the period, in seconds.
    seconds: float | None = None
    #: The name of the event.
    event: str | None = None


def manual() -> Trigger:
    """The task is fired by hand and by nothing else."""
    return Trigger("manual")


def after(
    seconds: float | timedelta = 0, *, minutes: float = 0, hours: float = 0, days: float = 0
) -> Trigger:
    """The task is fired once, so long after its registration, and then unregisters itself (F5).

    >>> after(minutes=1, seconds=30)
    Trigger(kind='after', seconds=90.0, event=None)
    """
    return Trigger("after", _sum(seconds, minutes, hours, days))


def every(
    seconds: float | timedelta = 0, *, minutes: float = 0, hours: float = 0, days: float = 0
) -> Trigger:
    """The task is fired again and again: first one period after its registration, then so far apart (F5).

    Periods are counted from the scheduled moments, so a late firing shifts none; one that is late by more than a period
    is merged with those it overran.

    >>> every(minutes=15).seconds
    900.0
    """
    return Trigger("every", _sum(seconds, minutes, hours, days))


def event(name: str) -> Trigger:
    """The task is fired whenever ``Host.raise_event`` raises this event (F6)."""
    return Trigger("event", event=name)


def _sum(seconds: float | timedelta, minutes: float, hours: float, days: float) -> float:
    if not isinstance(seconds, (int, float)) and not hasattr(seconds, "total_seconds"):
        raise TypeError(f"expected seconds or a timedelta, not {type(seconds).__name__}")
    plain = seconds if isinstance(seconds, (int, float)) else seconds.total_seconds()
    return float(plain + 60 * minutes + 3600 * hours + 86400 * days)


@dataclass(frozen=True)
class Opaque:
    """Details that only Python can read: ``fire(Opaque(x))`` hands over ``x`` itself, whatever its type (F7).

    Details that are an object of another language read as ``Opaque(None)``.
    """

    value: Any


class Fault(NamedTuple):
    """One thing that is wrong with the description of a task."""

    #: The option.
    field: str
    #: What is wrong with it, and what would be right.
    problem: str
