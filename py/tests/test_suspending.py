"""Suspending: S1 to S3 as Python sees them."""

from __future__ import annotations

import threading

import backstay
import pytest
from backstay import Cause, Counter, State


def until_running(host: backstay.Host, instance: backstay.Instance) -> None:
    while instance.state is not State.RUNNING:
        host.flush(10)


def test_a_checkpoint_stays_while_suspended_and_tells_of_a_cancellation(clock: backstay.Host) -> None:
    seen: list[object] = []
    at_work, go_on = threading.Event(), threading.Event()

    def run(instance: backstay.Instance) -> None:
        seen.append(instance.checkpoint())
        at_work.set()
        assert go_on.wait(10)
        seen.append(instance.checkpoint())

    instance = clock.register("t", run).fire()
    assert at_work.wait(10)
    instance.suspend()
    assert instance.suspended
    with pytest.raises(backstay.TimedOut):
        instance.checkpoint(timeout=0)
    go_on.set()
    instance.cancel()
    assert instance.wait(10).outcome is backstay.Outcome.CANCELED
    assert seen == [False, True]


def test_suspensions_are_counted_by_cause(clock: backstay.Host) -> None:
    go = threading.Event()
    task = clock.register("t", lambda instance: go.wait(10) and None)
    instance = task.fire()
    until_running(clock, instance)
    task.suspend(Cause.CPU)
    clock.suspend(Cause.NETWORK)
    assert (task.suspended, clock.suspended) == (True, True)
    task.resume()
    clock.resume()
    instance.suspend()
    instance.resume()
    instance.resume()
    assert not (task.suspended or clock.suspended or instance.suspended)
    assert instance.suspended_count == 2
    assert [instance.throttle_count(counter) for counter in Counter] == [1, 1, 1]
    assert instance.throttle_count() == 1
    go.set()
    assert instance.wait(10).suspended_count == 2


def test_a_suspended_task_starts_nothing(clock: backstay.Host) -> None:
    task = clock.register("t", lambda instance: None)
    task.suspend()
    instance, answer = task.fire_with_answer()
    assert answer.waiting_for is backstay.WaitingFor.SUSPENDED
    clock.advance(1)
    assert instance.state is State.PENDING
    task.resume()
    instance.wait(10).check()


def test_the_deadline_stands_still_while_suspended(clock: backstay.Host) -> None:
    go = threading.Event()
    instance = clock.register("t", lambda instance: go.wait(10) and None, deadline=10).fire()
    until_running(clock, instance)
    instance.suspend()
    clock.advance(60)
    assert (instance.remaining, instance.canceled) == (10.0, None)
    instance.resume()
    go.set()
    instance.wait(10).check()


def test_a_cause_that_is_none_is_refused(clock: backstay.Host) -> None:
    with pytest.raises(backstay.InvalidArgument, match=r"3 is no member of backstay\.Cause"):
        clock.suspend(3)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match=r"backstay\.Cause, not str"):
        clock.suspend("cpu")  # type: ignore[arg-type]
    assert not clock.suspended
