"""C1 to C8 as Python sees them."""

from __future__ import annotations

import threading
from datetime import timedelta

import backstay
import pytest
from backstay import CancelReason, Outcome, State


def until_canceled(host: backstay.Host, leave: type[BaseException] | None = None) -> backstay.Instance:
    """A running instance whose entry point stands until it is cancelled."""
    entered = threading.Event()

    def run(instance: backstay.Instance) -> None:
        asked = threading.Event()
        instance.on_canceled(lambda reason: asked.set())
        entered.set()
        assert asked.wait(10)
        if leave is not None:
            raise leave()

    instance = host.register(f"stands {leave}", run).fire()
    assert entered.wait(10)
    return instance


def test_the_first_reason_stays(host: backstay.Host) -> None:
    instance = until_canceled(host)
    assert instance.canceled is None
    instance.cancel(CancelReason.ENERGY_SAVER)
    instance.cancel(CancelReason.ABORT)
    assert instance.canceled is CancelReason.ENERGY_SAVER
    done = instance.wait(10)
    assert (done.outcome, done.canceled) == (Outcome.CANCELED, CancelReason.ENERGY_SAVER)
    done.check()


def test_numbers_from_64_on_are_reasons_of_the_application(host: backstay.Host) -> None:
    instance = until_canceled(host)
    with pytest.raises(ValueError, match="63 is no reason"):
        instance.cancel(63)
    instance.cancel(4711)
    assert instance.wait(10).canceled == 4711


def test_the_cancellation_error_is_a_return_after_a_cancellation_only(host: backstay.Host) -> None:
    instance = until_canceled(host, leave=backstay.TaskCanceled)
    instance.cancel()
    assert instance.wait(10).outcome is Outcome.CANCELED

    def leaves(instance: backstay.Instance) -> None:
        raise backstay.TaskCanceled

    done = host.register("leaves", leaves).fire().wait(10)
    assert (done.outcome, done.error_type) == (Outcome.FAILED, "TaskCanceled")


def test_asyncio_s_own_error_is_known_when_asyncio_is(host: backstay.Host) -> None:
    import asyncio

    instance = until_canceled(host, leave=asyncio.CancelledError)
    instance.cancel()
    assert instance.wait(10).outcome is Outcome.CANCELED


def test_raise_if_canceled_leaves_with_the_reason(host: backstay.Host) -> None:
    instance = until_canceled(host)
    instance.raise_if_canceled()
    instance.cancel(CancelReason.IDLE_TASK)
    with pytest.raises(backstay.TaskCanceled) as left:
        instance.raise_if_canceled()
    assert left.value.reason is CancelReason.IDLE_TASK
    assert left.value.status == "CANCELED"


def test_a_pending_instance_never_starts_when_it_is_canceled() -> None:
    with backstay.Host(workers=1) as host:
        running = until_canceled(host)
        ran: list[object] = []
        pending = host.register("pending", ran.append).fire()
        assert pending.state is State.PENDING
        pending.cancel()
        assert pending.wait(10).outcome is Outcome.CANCELED
        running.cancel()
        running.wait(10)
    assert ran == []


def test_a_handler_attached_after_the_cancellation_is_still_called(host: backstay.Host) -> None:
    called: list[int] = []
    entered, go = threading.Event(), threading.Event()

    def run(instance: backstay.Instance) -> None:
        entered.set()
        assert go.wait(10)

    instance = host.register("run", run).fire()
    assert entered.wait(10)
    instance.cancel(CancelReason.UNINSTALL)
    instance.on_canceled(called.append)
    host.flush(10)
    assert called == [CancelReason.UNINSTALL]
    go.set()


def test_the_grace_of_a_task_goes_before_that_of_its_host(clock: backstay.Host) -> None:
    entered, go = threading.Event(), threading.Event()

    def run(instance: backstay.Instance) -> None:
        entered.set()
        assert go.wait(10)

    instance = clock.register("run", run, grace=timedelta(seconds=2)).fire()
    assert entered.wait(10)
    instance.cancel()
    clock.advance(1.9)
    assert instance.state is State.RUNNING
    clock.advance(0.1)
    done = instance.wait(10)
    assert done.outcome is Outcome.ABANDONED
    assert [holder.kind for holder in done.holders] == [backstay.HolderKind.ENTRY_POINT]
    assert clock.stragglers == 1
    go.set()
