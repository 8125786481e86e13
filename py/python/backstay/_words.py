"""The words of the model as enumerations. Names and numbers are the same in every language."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import Any


class Status(enum.IntEnum):
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


class CancelReason(enum.IntEnum):
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


class State(enum.IntEnum):
    """Where an instance is in its life."""

    PENDING = 0
    RUNNING = 1
    FINISHED = 2


class Outcome(enum.IntEnum):
    """How an instance ended. When several apply, the last of them is told (L6)."""

    SUCCEEDED = 0
    CANCELED = 1
    FAILED = 2
    ABANDONED = 3


class HostState(enum.IntEnum):
    """Where a host is in its life."""

    OPEN = 0
    DRAINING = 1
    CLOSED = 2


class HolderKind(enum.IntEnum):
    """What kind of hold a holder has."""

    DEFERRAL = 0
    ENTRY_POINT = 1


@dataclass(frozen=True)
class Trigger:
    """What fires a task; made by :func:`manual`."""

    kind: str


def manual() -> Trigger:
    """The task is fired by hand."""
    return Trigger("manual")


@dataclass(frozen=True)
class Opaque:
    """Details that only Python can read: ``fire(Opaque(x))`` hands over ``x`` itself, whatever its type (F7).

    Details that are an object of another language read as ``Opaque(None)``.
    """

    value: Any
