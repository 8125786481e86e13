"""What stands behind a step as ``key=value``: in any order, each at most once, ``condition`` excepted."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Optional

import backstay
from names import (
    BUSY,
    CAUSE,
    HOST_STATE,
    IF_EXISTS,
    OUTCOME,
    STATE,
    YES_NO,
    duration,
    number,
    reason,
    small_number,
    value,
)
from words import Fault, Words

#: The fields of a step that its options fill.
Fields = dict[str, Any]
#: Takes the fields so far, the key of an option and its word.
Fill = Callable[[Fields, str, Optional[str]], None]


def read_options(rest: Words, options: Mapping[str, Fill]) -> Fields:
    """Read all that is left as options of these keys, and give the fields that they fill."""
    fields: Fields = {}
    while rest.are_left():
        key, word = rest.option()
        if key not in options:
            raise unknown(key)
        options[key](fields, key, word)
    return fields


def unknown(option: str) -> Fault:
    return Fault(f'unknown option "{option}"')


def once(read: Callable[[str], object]) -> Fill:
    """An option that stands once and has a value."""

    def fill(fields: Fields, key: str, word: str | None) -> None:
        field = key.replace("-", "_")
        if field in fields:
            raise Fault(f"`{key}` stands twice")
        said = _needed(key, word)
        try:
            fields[field] = read(said)
        except Fault as fault:
            raise Fault(f"`{key}`: {fault}") from None

    return fill


def one_of(table: Mapping[str, object]) -> Fill:
    """An option whose value is one of the words of a table."""
    return once(lambda word: value(table, word))


def labels(word: str) -> tuple[str, ...]:
    """Labels with commas between them; no label at all where nothing stands."""
    return tuple(label for label in word.split(",") if label)


def trigger(word: str) -> backstay.Trigger:
    kind, colon, what = word.partition(":")
    if word == "manual":
        return backstay.manual()
    if colon and kind == "after":
        return backstay.after(duration(what))
    if colon and kind == "every":
        return backstay.every(duration(what))
    if colon and kind == "event":
        return backstay.event(what)
    raise Fault(f'"{word}" is none of manual, after:DUR, every:DUR, event:EVENT')


def _needed(key: str, word: str | None) -> str:
    if word is None:
        raise Fault(f"`{key}` needs a value: {key}=…")
    return word


def _add_condition(fields: Fields, key: str, word: str | None) -> None:
    fields["conditions"] = (*fields.get("conditions", ()), _needed(key, word))


def _set_flag(fields: Fields, key: str, word: str | None) -> None:
    if word is not None:
        raise unknown(key)
    fields[key.replace("-", "_")] = True


HOST: Mapping[str, Fill] = {
    "workers": once(small_number),
    "grace": once(duration),
    "overdue-after": once(duration),
}
TASK: Mapping[str, Fill] = {
    "trigger": once(trigger),
    "condition": _add_condition,
    "cancel-on-loss": _set_flag,
    "deadline": once(duration),
    "grace": once(duration),
    "busy": one_of(BUSY),
    "max-running": once(small_number),
    "max-failures": once(small_number),
    "group": once(str),
    "if-exists": one_of(IF_EXISTS),
}
DETAILS: Mapping[str, Fill] = {"details": once(str)}
SUSPEND: Mapping[str, Fill] = {"cause": one_of(CAUSE)}
JOINED: Mapping[str, Fill] = {
    "finished": once(number),
    "abandoned": once(number),
    "holders": once(labels),
}
EXPECT_INSTANCE: Mapping[str, Fill] = {
    "state": one_of(STATE),
    "outcome": one_of(OUTCOME),
    "reason": once(reason),
    "error": once(str),
    "deferrals": once(number),
    "progress": once(number),
    "suspended": once(number),
    "throttled": once(number),
    "details": once(str),
    "dropped": once(labels),
    "remaining": once(duration),
}
EXPECT_TASK: Mapping[str, Fill] = {
    "running": once(number),
    "pending": once(number),
    "registered": one_of(YES_NO),
    "disabled": one_of(YES_NO),
}
EXPECT_HOST: Mapping[str, Fill] = {
    "stragglers": once(number),
    "holders": once(number),
    "state": one_of(HOST_STATE),
}
