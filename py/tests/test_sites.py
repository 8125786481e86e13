"""Every deferral says which line took it, and with which label, however often and from however many lines (H4)."""

from __future__ import annotations

import contextlib
import queue
from collections.abc import Callable, Iterator
from typing import Any

import backstay
import pytest

#: More lines than are kept in mind.
MANY = 3000


@pytest.fixture
def running(host: backstay.Host) -> Iterator[backstay.Instance]:
    """An instance that is Running until the end of the test."""
    held: queue.SimpleQueue[backstay.Deferral] = queue.SimpleQueue()
    host.register("run", lambda instance: held.put(instance.get_deferral("the test"))).fire()
    with held.get(timeout=10) as deferral:
        yield deferral.instance


def said(deferral: backstay.Deferral) -> tuple[str, str, int]:
    """The label, the file and the line that a deferral is reported with; completes it."""
    with deferral:
        holder = deferral.holder()
    assert holder is not None and holder.site_language == "Python"
    return holder.label, holder.file, holder.line


def taker(source: str, file: str) -> Callable[..., backstay.Deferral]:
    """The function `take` of some source, with a code object that is nobody else's."""
    space: dict[str, Any] = {}
    exec(compile(source, file, "exec"), space)  # noqa: S102
    return space["take"]  # type: ignore[no-any-return]


def test_a_line_says_the_same_each_time(running: backstay.Instance) -> None:
    seen = {said(running.get_deferral("a literal")) for _ in range(3)}
    [(label, file, line)] = seen
    assert (label, file) == ("a literal", __file__)
    others = {said(running.get_deferral("a literal")), said(running.get_deferral("a literal"))}
    assert others == {("a literal", __file__, line + 3)}


def test_a_line_that_takes_many_says_each_label(running: backstay.Instance) -> None:
    class Text(str):
        pass

    labels: list[str | None] = [f"part {n}" for n in range(100)]
    labels += ["", None, "part 0", Text("part 1"), "\N{SNOWMAN}", "half \udc80", "long " * 100, None]
    wanted = ["" if label is None else label.replace("\udc80", "\ufffd" * 3) for label in labels]
    for order in (1, -1):
        got = [said(running.get_deferral(label))[0] for label in labels[::order]]
        assert got == wanted[::order]


def test_functions_that_are_made_anew_are_told_apart(running: backstay.Instance) -> None:
    # The first die before the next are made, which may then be where those were.
    for n in range(MANY):
        source = "\n" * (n % 50) + f"def take(instance): return instance.get_deferral('{n % 70}')"
        take = taker(source, f"file {n % 90}")
        for _ in range(2):
            assert said(take(running)) == (str(n % 70), f"file {n % 90}", n % 50 + 1)


def test_lines_that_live_are_told_apart(running: backstay.Instance) -> None:
    source = "\n".join(f" {n}: lambda instance: instance.get_deferral('{n}')," for n in range(MANY))
    space: dict[str, Any] = {}
    exec(compile(f"takers = {{\n{source}\n}}", "a long file", "exec"), space)  # noqa: S102
    for _ in range(2):
        for n, take in space["takers"].items():
            assert said(take(running)) == (str(n), "a long file", n + 2)


def test_several_calls_of_one_line_may_have_different_labels(running: backstay.Instance) -> None:
    for _ in range(2):
        one, other = running.get_deferral("one"), running.get_deferral("other")
        assert [said(deferral)[0] for deferral in (one, other)] == ["one", "other"]


def test_a_file_without_a_name_in_unicode_is_no_problem(running: backstay.Instance) -> None:
    take = taker("def take(instance): return instance.get_deferral('x')", "caf\udce9.py")
    for _ in range(3):
        assert said(take(running)) == ("x", "", 0)


def test_a_block_names_the_line_that_took_it(running: backstay.Instance) -> None:
    for _ in range(2):
        with contextlib.ExitStack() as stack:
            deferral = stack.enter_context(running.get_deferral("a block"))
            holder = deferral.holder()
            assert holder is not None and (holder.label, holder.file) == ("a block", __file__)
