"""C1 to C9 for coroutines: cancelling an instance cancels its task, with the reason."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable
from typing import Any

import backstay
import pytest
from asyncio_hosts import Flag, LoopFactory, on_given_loop, running_loop
from backstay import CancelReason, Outcome, State

pytestmark = pytest.mark.usefixtures("quiet")

Run = Callable[[backstay.Instance], Awaitable[None]]


def started(host: backstay.Host, run: Run, **options: Any) -> backstay.Instance:
    """An instance whose coroutine has taken its first step."""
    entered = threading.Event()

    async def first(instance: backstay.Instance) -> None:
        entered.set()
        await run(instance)

    instance = host.register("t", first, **options).fire()
    assert entered.wait(10)
    return instance


async def forever(instance: backstay.Instance) -> None:
    """Wait for what never comes."""
    await asyncio.get_running_loop().create_future()


def test_the_reason_is_in_the_message_and_on_the_instance(factory: LoopFactory) -> None:
    seen: list[object] = []

    async def run(instance: backstay.Instance) -> None:
        try:
            await asyncio.sleep(1000)
        except asyncio.CancelledError as canceled:
            seen.extend([canceled.args, instance.canceled])
            raise

    with on_given_loop(factory) as host:
        instance = started(host, run)
        instance.cancel(CancelReason.ENERGY_SAVER)
        done = instance.wait(10)
    assert (done.outcome, done.canceled) == (Outcome.CANCELED, CancelReason.ENERGY_SAVER)
    assert seen == [("the instance was asked to stop: EnergySaver",), CancelReason.ENERGY_SAVER]


def test_a_task_that_waits_for_others_is_canceled_with_them(placed: backstay.Host) -> None:
    ended: list[str] = []

    async def part(name: str) -> None:
        try:
            await asyncio.sleep(1000)
        finally:
            ended.append(name)

    async def run(instance: backstay.Instance) -> None:
        await asyncio.gather(part("a"), asyncio.wait_for(part("b"), 1000))

    instance = started(placed, run)
    instance.cancel()
    assert instance.wait(10).outcome is Outcome.CANCELED
    assert sorted(ended) == ["a", "b"]


def test_one_that_catches_it_and_ends_in_its_grace_is_canceled(placed: backstay.Host) -> None:
    async def run(instance: backstay.Instance) -> None:
        try:
            await forever(instance)
        except asyncio.CancelledError:
            await asyncio.sleep(0)
            instance.progress = 7

    instance = started(placed, run)
    instance.cancel()
    done = instance.wait(10)
    assert (done.outcome, done.progress, done.error) == (Outcome.CANCELED, 7, None)
    assert done.noticed_after is not None


def test_one_that_ignores_it_is_abandoned_after_its_grace(placed: backstay.Host) -> None:
    go = Flag()

    async def run(instance: backstay.Instance) -> None:
        while True:
            try:
                return await go.wait()
            except asyncio.CancelledError:
                pass

    instance = started(placed, run, grace=0.05)
    instance.cancel()
    done = instance.wait(10)
    assert done.outcome is Outcome.ABANDONED
    assert [holder.kind for holder in done.holders] == [backstay.HolderKind.ENTRY_POINT]
    go.set()


def test_leaving_by_either_error_of_cancellation_is_a_return_after_one_only(placed: backstay.Host) -> None:
    for number, error in enumerate([asyncio.CancelledError, backstay.TaskCanceled]):
        go = Flag()

        async def run(instance: backstay.Instance, error: type[BaseException] = error, go: Flag = go) -> None:
            try:
                await go.wait()
            except asyncio.CancelledError:
                raise error("left") from None
            raise error("left")

        task = placed.register(f"t{number}", run)
        go.set()
        done = task.fire().wait(10)
        assert (done.outcome, done.error, done.error_type) == (Outcome.FAILED, "left", error.__name__)
        go.__init__()  # type: ignore[misc]
        instance = task.fire()
        instance.cancel()
        assert instance.wait(10).outcome is Outcome.CANCELED


def test_an_error_after_a_cancellation_is_an_error(placed: backstay.Host) -> None:
    async def run(instance: backstay.Instance) -> None:
        try:
            await forever(instance)
        finally:
            raise ValueError("on the way out")

    instance = started(placed, run)
    instance.cancel()
    assert instance.wait(10).error == "on the way out"


def test_a_task_that_others_cancel_without_a_cancellation_has_failed(placed: backstay.Host) -> None:
    async def run(instance: backstay.Instance) -> None:
        task = asyncio.current_task()
        assert task is not None
        task.cancel("by myself")
        await forever(instance)

    done = placed.register("t", run).fire().wait(10)
    assert (done.outcome, done.error, done.error_type) == (Outcome.FAILED, "by myself", "CancelledError")


def test_one_that_is_canceled_before_its_first_step_never_runs(factory: LoopFactory) -> None:
    ran: list[str] = []

    async def run(instance: backstay.Instance) -> None:
        ran.append("ran")

    with running_loop(factory) as loop, backstay.Host(loop=loop) as host:
        busy, go = threading.Event(), threading.Event()

        def occupy() -> None:
            busy.set()
            assert go.wait(10)

        loop.call_soon_threadsafe(occupy)
        assert busy.wait(10)
        instance = host.register("t", run).fire()
        while instance.state is State.PENDING:
            pass
        instance.cancel()
        go.set()
        assert instance.wait(10).outcome is Outcome.CANCELED
    assert ran == []


def test_one_that_is_abandoned_before_its_first_step_never_runs(factory: LoopFactory) -> None:
    ran: list[str] = []

    async def run(instance: backstay.Instance) -> None:
        ran.append("ran")

    with running_loop(factory) as loop, backstay.Host(loop=loop) as host:
        busy, go = threading.Event(), threading.Event()

        def occupy() -> None:
            busy.set()
            assert go.wait(10)

        loop.call_soon_threadsafe(occupy)
        assert busy.wait(10)
        instance = host.register("t", run, grace=0).fire()
        while instance.state is State.PENDING:
            pass
        instance.cancel()
        assert instance.wait(10).outcome is Outcome.ABANDONED
        go.set()
    assert ran == []


def test_a_cancellation_is_noticed_when_the_loop_comes_to_it() -> None:
    go = threading.Event()

    async def run(instance: backstay.Instance) -> None:
        assert go.wait(10)
        await forever(instance)

    with on_given_loop() as host:
        instance = started(host, run)
        instance.cancel()
        seen = host.snapshot()
        go.set()
        assert instance.wait(10).outcome is Outcome.CANCELED
    (alive,) = seen.tasks[0].instances
    assert alive.canceled is CancelReason.ABORT and alive.noticed_after is None


def test_a_shutdown_cancels_coroutines_with_terminating(placed: backstay.Host) -> None:
    instance = started(placed, forever)
    assert placed.shutdown().is_clean
    done = instance.wait(0)
    assert (done.outcome, done.canceled) == (Outcome.CANCELED, CancelReason.TERMINATING)


def test_a_deadline_cancels_a_coroutine(placed: backstay.Host) -> None:
    done = placed.register("t", forever, deadline=0.01).fire().wait(10)
    assert (done.outcome, done.canceled) == (Outcome.CANCELED, CancelReason.EXECUTION_TIME_EXCEEDED)
