"""The words of the language that stand for values, read and written."""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import Enum
from typing import TypeVar

from backstay import CancelReason, Cause, HostState, IfExists, Outcome, State, Status, WhenBusy
from words import Fault

Value = TypeVar("Value")

UINT32_MAX = 2**32 - 1
UINT64_MAX = 2**64 - 1


def camel(member: Enum) -> str:
    """The name of a member as the language writes it: ``ExecutionTimeExceeded``."""
    return "".join(part.capitalize() for part in member.name.split("_"))


BUSY = {policy.name.lower(): policy for policy in WhenBusy}
#: The language has no word for the fourth policy, which cancels what the replaced task runs.
IF_EXISTS = {"fail": IfExists.FAIL, "replace": IfExists.REPLACE, "keep": IfExists.KEEP}
CAUSE = {cause.name.lower(): cause for cause in Cause}
STATE = {camel(state): state for state in State}
OUTCOME = {camel(outcome): outcome for outcome in Outcome}
HOST_STATE = {camel(state): state for state in HostState}
YES_NO = {"yes": True, "no": False}
ON_OFF = {"on": True, "off": False}

_REASON = {camel(reason): reason for reason in CancelReason}
_OWN = re.compile(r"Own\(([0-9]+)\)")
#: Numbers from here on are reasons of the application's own (C1).
_FIRST_OWN = 64

_DURATION = re.compile(r"([0-9]+)(h|m|s|ms)")
#: In nanoseconds, the longest first, so that a duration is written in the largest one that divides it. What is finer
#: than the language can say appears in what was seen only.
_UNITS = {"h": 3_600_000_000_000, "m": 60_000_000_000, "s": 1_000_000_000, "ms": 1_000_000, "ns": 1}
_SECOND = _UNITS["s"]


def value(table: Mapping[str, Value], word: str) -> Value:
    """The value that the word stands for."""
    if word not in table:
        raise Fault(f'"{word}" is none of {", ".join(table)}')
    return table[word]


def number(word: str, largest: int = UINT64_MAX) -> int:
    if not (word.isascii() and word.isdigit() and int(word) <= largest):
        raise Fault(f'"{word}" is not a number that fits')
    return int(word)


def small_number(word: str) -> int:
    """A number that the library takes as 32 bits."""
    return number(word, UINT32_MAX)


def reason(word: str) -> int:
    own = _OWN.fullmatch(word)
    if own and _FIRST_OWN <= int(own[1]) <= UINT32_MAX:
        return int(own[1])
    if word not in _REASON:
        raise Fault(f'"{word}" is not the name of a reason')
    return _REASON[word]


def status(word: str) -> str:
    """The name of a status, which is what an exception of the package carries."""
    if word not in Status.__members__:
        raise Fault(f'"{word}" is not the name of a status')
    return word


def duration(word: str) -> float:
    """Seconds, from a word such as ``250ms``, ``5s``, ``2m`` or ``1h``."""
    found = _DURATION.fullmatch(word)
    if not found or int(found[1]) > UINT64_MAX:
        raise Fault(f'"{word}" is not a duration such as 250ms, 5s, 2m or 1h')
    return int(found[1]) * _UNITS[found[2]] / _SECOND


def written(value: object) -> str:
    """A value as the language writes it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Enum):
        return camel(value)
    if isinstance(value, tuple):
        return ",".join(value)
    return str(value)


def written_reason(reason: int) -> str:
    return f"Own({reason})" if reason >= _FIRST_OWN else camel(CancelReason(reason))


def written_duration(seconds: float) -> str:
    length = round(seconds * _SECOND)
    if length == 0:
        return "0s"
    unit = next(unit for unit, nanoseconds in _UNITS.items() if length % nanoseconds == 0)
    return f"{length // _UNITS[unit]}{unit}"
