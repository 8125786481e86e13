"""anyio on top: its cancel scopes and task groups inside an entry point, and a host inside its run()."""

from __future__ import annotations

import threading

import backstay
import pytest
from backstay import CancelReason, Outcome

anyio = pytest.importorskip("anyio")

pytestmark = pytest.mark.usefixtures("quiet")


def test_a_scope_that_is_canceled_inside_is_no_cancellation_of_the_instance(placed: backstay.Host) -> None:
    async def run(instance: backstay.Instance) -> None:
        with anyio.move_on_after(0.001) as scope:
            await anyio.sleep(1000)
        assert scope.cancel_called and instance.canceled is None

    placed.register("t", run).fire().wait(10).check()


def test_a_cancellation_reaches_the_tasks_of_a_group(placed: backstay.Host) -> None:
    started = threading.Semaphore(0)
    ended: list[int] = []

    async def part(number: int) -> None:
        started.release()
        try:
            await anyio.sleep(1000)
        finally:
            ended.append(number)

    async def run(instance: backstay.Instance) -> None:
        async with anyio.create_task_group() as group:
            for number in range(3):
                group.start_soon(part, number)

    instance = placed.register("t", run).fire()
    for _ in range(3):
        assert started.acquire(timeout=10)
    instance.cancel(CancelReason.IDLE_TASK)
    done = instance.wait(10)
    assert (done.outcome, done.canceled) == (Outcome.CANCELED, CancelReason.IDLE_TASK)
    assert sorted(ended) == [0, 1, 2]


def test_the_last_things_can_be_shielded(placed: backstay.Host) -> None:
    entered = threading.Event()

    async def run(instance: backstay.Instance) -> None:
        try:
            entered.set()
            await anyio.sleep(1000)
        finally:
            with anyio.CancelScope(shield=True):
                await anyio.sleep(0.001)
                instance.progress = 1

    instance = placed.register("t", run).fire()
    assert entered.wait(10)
    instance.cancel()
    done = instance.wait(10)
    assert (done.outcome, done.progress) == (Outcome.CANCELED, 1)


def test_instances_are_awaited_under_anyio_run() -> None:
    async def main() -> None:
        async with backstay.Host() as host:

            async def run(instance: backstay.Instance) -> None:
                await anyio.sleep(0)

            task = host.register("t", run)
            async with anyio.create_task_group() as group:
                for _ in range(10):
                    group.start_soon(awaits, task.fire())
            with anyio.move_on_after(0.01) as scope:
                await host.register("stands", lambda instance: instance.cancellation().wait(10)).fire()
            assert scope.cancelled_caught

    async def awaits(instance: backstay.Instance) -> None:
        (await instance).check()

    anyio.run(main)


def test_under_another_event_loop_awaiting_is_refused_in_words(host: backstay.Host) -> None:
    trio = pytest.importorskip("trio")

    async def main() -> None:
        instance = host.register("t", lambda instance: None).fire()
        with pytest.raises(RuntimeError, match="event loop of asyncio"):
            await instance
        async with instance_deferral(host) as deferral:
            assert deferral.canceled is None

    def instance_deferral(host: backstay.Host) -> backstay.Deferral:
        taken: list[backstay.Deferral] = []
        entered = threading.Event()

        def run(instance: backstay.Instance) -> None:
            taken.append(instance.get_deferral())
            entered.set()

        host.register("held", run).fire()
        assert entered.wait(10)
        return taken.pop()

    trio.run(main)
