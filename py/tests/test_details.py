"""F7: what a firing carries."""

from __future__ import annotations

import datetime
from typing import Any

import backstay
import pytest


def nothing(instance: backstay.Instance) -> None:
    """An entry point."""


@pytest.mark.parametrize(
    "value",
    [
        None,
        "text",
        "",
        b"bytes",
        b"",
        True,
        5,
        -1.5,
        [],
        [1, [None, "é"]],
        {"a": {"b": [1]}},
        ["\udcff name"],
    ],
    ids=repr,
)
def test_plain_values_come_back_equal(host: backstay.Host, value: Any) -> None:
    seen = host.register("t", nothing).fire(value).details
    assert seen == value
    assert type(seen) is type(value)


@pytest.mark.parametrize(
    "value",
    [(1, 2), {1: "a"}, [(1,)], float("nan"), float("inf"), datetime.date(2026, 1, 2), {"a": {1}}, object()],
    ids=lambda value: type(value).__name__,
)
def test_what_would_not_come_back_equal_is_the_very_object(host: backstay.Host, value: Any) -> None:
    assert host.register("t", nothing).fire(value).details is value


def test_json_is_a_new_value_and_opaque_is_not(host: backstay.Host) -> None:
    task = host.register("t", nothing)
    value = [1, 2]
    assert task.fire(value).details is not value
    assert task.fire(backstay.Opaque(value)).details is value


def test_a_text_that_is_not_unicode_is_a_text_in_python_only(host: backstay.Host) -> None:
    # The name of a file may be one.
    instance = host.register("t", lambda instance: instance.get_deferral("\udcff").complete() and None).fire(
        "\udcff"
    )
    assert instance.details == "\udcff"
    instance.wait(10).check()


def test_ctrl_c_while_details_are_made_is_not_swallowed(host: backstay.Host) -> None:
    class Interrupting(dict[str, int]):
        def __eq__(self, other: object) -> bool:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        host.register("t", nothing).fire([Interrupting()])
