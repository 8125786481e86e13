"""Garbage: circles through callbacks are found, and what a dropped object meant still happens (L5, H8)."""

from __future__ import annotations

import gc
import threading
import weakref
from functools import partial
from typing import Any

import backstay
import pytest


def listen(marker: object, done: backstay.Completion) -> None:
    """A handler."""


class Marker:
    """Something that can be seen to go."""


@pytest.mark.parametrize("where", ["entry point", "completed", "event", "progress", "executor", "condition"])
def test_a_circle_through_a_callback_is_collected(where: str) -> None:
    marker = Marker()
    gone = weakref.ref(marker)

    def make(marker: Marker) -> None:
        def callback(*arguments: Any) -> None:
            assert marker and host

        host = backstay.Host(executor=callback if where == "executor" else None)
        run = callback if where == "entry point" else lambda instance: None
        task = host.register("t", run)
        if where == "completed":
            task.on_completed(callback)
        elif where == "progress":
            task.on_progress(callback)
        elif where == "event":
            host.on_event(callback)
        elif where == "condition":
            waits = host.register("waits", lambda instance: None, conditions=["never"]).fire()
            waits.on_canceled(callback)

    make(marker)
    del marker
    limit = threading.Event()
    for _ in range(1000):
        gc.collect()
        if gone() is None:
            return
        limit.wait(0.01)
    raise AssertionError("the circle is still there")


def test_a_host_that_somebody_has_is_left_alone() -> None:
    told = threading.Event()

    def run(instance: backstay.Instance) -> None:
        assert host.state is backstay.HostState.OPEN
        told.set()

    host = backstay.Host()
    task = host.register("t", run)
    gc.collect()
    task.fire().wait(10).check()
    assert told.is_set()
    host.shutdown()


class Forgetful(backstay.Host):
    """Its finalizer calls nobody."""

    def __del__(self) -> None: ...


@pytest.mark.parametrize("kind", [backstay.Host, Forgetful])
def test_a_collected_host_ends_as_a_dropped_one_does(kind: type[backstay.Host]) -> None:
    told: list[backstay.Outcome] = []

    def make() -> backstay.Instance:
        host = kind()
        circle = [host]
        task = host.register("t", lambda instance: None, conditions=["never"])
        task.on_completed(lambda done: told.append(done.outcome) if circle else None)
        return task.fire()

    instance = make()
    gc.collect()
    assert instance.wait(10).canceled is backstay.CancelReason.TERMINATING
    limit = threading.Event()
    while not told and not limit.wait(0.01):
        pass
    assert told == [backstay.Outcome.CANCELED]


def test_callbacks_go_with_what_they_listen_to() -> None:
    marker = Marker()
    gone = weakref.ref(marker)
    with backstay.Host() as host:
        task = host.register("t", lambda instance: None)
        task.on_completed(partial(listen, marker))
        del marker
        task.fire().wait(10)
        task.unregister()
        limit = threading.Event()
        while gone() is not None and not limit.wait(0.01):
            gc.collect()
