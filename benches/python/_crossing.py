"""What one call from Python into the library costs, the call site included (P3)."""

from __future__ import annotations

import contextlib
import queue
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

import backstay
from _sample import PATIENCE, Unplayable, Work, per_call

if TYPE_CHECKING:
    from trivial import Trivial


def _trivial() -> Trivial:
    # Beside this file there is a folder of that name, which holds the source: imported, it is an empty package.
    try:
        from trivial import Trivial
    except ImportError as error:
        raise Unplayable("the extension trivial is not installed; benches/python/build does it") from error
    return Trivial()


@contextlib.contextmanager
def _running() -> Iterator[backstay.Instance]:
    """Give an instance that is Running since its entry point took a deferral, and is over after the block."""
    held: queue.SimpleQueue[backstay.Deferral] = queue.SimpleQueue()
    with backstay.Host(workers=1) as host:
        task = host.register("crossing", lambda instance: held.put(instance.get_deferral("the bench")))
        instance = task.fire()
        with held.get(timeout=PATIENCE):
            yield instance
        instance.wait(timeout=PATIENCE).check()


def trivial_call(size: int) -> float:
    """A method that does nothing."""
    return per_call(_call_trivial, _trivial(), size)


def _call_trivial(pieces: Iterable[int], t: Trivial) -> None:
    for _ in pieces:
        t.trivial()


def trivial_getter(size: int) -> float:
    """An attribute that is nothing."""
    return per_call(_get_nothing, _trivial(), size)


def _get_nothing(pieces: Iterable[int], t: Trivial) -> None:
    for _ in pieces:
        t.nothing  # noqa: B018


def deferral(size: int) -> float:
    """Take a deferral with a label, complete it, forget it."""
    with _running() as instance:
        return per_call(_take_and_complete, instance, size)


def _take_and_complete(pieces: Iterable[int], instance: backstay.Instance) -> None:
    for _ in pieces:
        instance.get_deferral("x").complete()


def with_deferral(size: int) -> float:
    """Do the same with a block."""
    with _running() as instance:
        return per_call(_enter_deferral, instance, size)


def _enter_deferral(pieces: Iterable[int], instance: backstay.Instance) -> None:
    for _ in pieces:
        with instance.get_deferral("x"):
            pass


def with_nullcontext(size: int) -> float:
    """The block of Python's own that does nothing."""
    return per_call(_enter_nothing, None, size)


def _enter_nothing(pieces: Iterable[int], _subject: None) -> None:
    for _ in pieces:
        with contextlib.nullcontext():
            pass


def canceled(size: int) -> float:
    """Look whether the instance was asked to stop."""
    with _running() as instance:
        return per_call(_look, instance, size)


def _look(pieces: Iterable[int], instance: backstay.Instance) -> None:
    for _ in pieces:
        instance.canceled  # noqa: B018


def set_progress(size: int) -> float:
    """Tell the progress while somebody listens.

    The host delivers meanwhile, whenever the interpreter lets its events thread have a turn: that is in the figure.
    """
    heard: list[int] = []
    with _running() as instance:
        instance.task.on_progress(lambda progress: heard.append(progress.progress))
        cost = per_call(_progress, instance, size)
    # The end of the host has delivered everything. A subscriber that heard nothing would have cost nothing.
    if not heard or heard[-1] != size - 1:
        raise RuntimeError(f"the last progress told was {heard[-1:]}, not {size - 1}")
    return cost


def set_progress_quiet(size: int) -> float:
    """Tell the progress while nobody listens."""
    with _running() as instance:
        return per_call(_progress, instance, size)


def _progress(pieces: Iterable[int], instance: backstay.Instance) -> None:
    for n in pieces:
        instance.progress = n


WORKS: dict[str, Work] = {
    "trivial_call": trivial_call,
    "trivial_getter": trivial_getter,
    "deferral": deferral,
    "with_deferral": with_deferral,
    "with_nullcontext": with_nullcontext,
    "canceled": canceled,
    "set_progress": set_progress,
    "set_progress_quiet": set_progress_quiet,
}
