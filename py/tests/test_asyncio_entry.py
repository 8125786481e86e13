"""L8: a coroutine function is an entry point, wherever its loop comes from."""

from __future__ import annotations

import asyncio
import functools
import threading
from collections.abc import Callable

import backstay
import pytest
from asyncio_hosts import Flag, LoopFactory, on_adopted_loop, on_given_loop
from backstay import Outcome, State

pytestmark = pytest.mark.usefixtures("quiet")


def test_the_instance_is_alive_until_the_coroutine_is_done(placed: backstay.Host) -> None:
    entered, go = threading.Event(), Flag()

    async def run(instance: backstay.Instance) -> None:
        entered.set()
        await go.wait()

    instance = placed.register("t", run).fire()
    assert entered.wait(10)
    assert instance.state is State.RUNNING
    assert instance.holders() == (), "nobody had to take a deferral for it"
    go.set()
    assert instance.wait(10).outcome is Outcome.SUCCEEDED


def test_it_runs_on_the_loop_that_was_given(factory: LoopFactory) -> None:
    seen: list[object] = []

    async def run(instance: backstay.Instance) -> None:
        seen.append(asyncio.get_running_loop())

    with on_given_loop(factory) as host:
        host.register("t", run).fire().wait(10).check()
        host.register("u", run).fire().wait(10).check()
    assert seen[0] is seen[1]


def test_it_runs_on_the_loop_of_async_with(factory: LoopFactory) -> None:
    seen: list[threading.Thread] = []

    async def run(instance: backstay.Instance) -> None:
        seen.append(threading.current_thread())

    with on_adopted_loop(factory) as host:
        host.register("t", run).fire().wait(10).check()
    assert seen[0].name != "backstay-loop"


def test_else_it_runs_on_a_loop_of_the_host_s_own(host: backstay.Host) -> None:
    seen: list[threading.Thread] = []

    async def run(instance: backstay.Instance) -> None:
        seen.append(threading.current_thread())

    host.register("t", run).fire().wait(10).check()
    host.register("u", run).fire().wait(10).check()
    assert seen[0] is seen[1]
    assert (seen[0].name, seen[0].daemon) == ("backstay-loop", True)


def test_a_given_loop_is_not_exchanged_for_an_adopted_one() -> None:
    seen: list[object] = []

    async def run(instance: backstay.Instance) -> None:
        seen.append(asyncio.get_running_loop())

    async def main(given: backstay.Host) -> None:
        async with given as host:
            (await host.register("t", run).fire()).check()
        assert seen != [asyncio.get_running_loop()]

    with on_given_loop() as given:
        asyncio.run(main(given))


def test_what_leaves_the_coroutine_is_the_instance_s_error(placed: backstay.Host) -> None:
    async def run(instance: backstay.Instance) -> None:
        await asyncio.sleep(0)
        raise LookupError("it is not there")

    done = placed.register("t", run).fire().wait(10)
    assert (done.outcome, done.error, done.error_type) == (Outcome.FAILED, "it is not there", "LookupError")
    with pytest.raises(backstay.TaskFailed) as failed:
        done.check()
    cause = failed.value.__cause__
    assert isinstance(cause, LookupError) and cause.__traceback__ is not None
    first = cause.__traceback__.tb_frame.f_code
    assert (first.co_name, first.co_filename) == ("run", __file__), "nothing of ours stands before it"


@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit, GeneratorExit])
def test_what_would_end_a_loop_ends_the_instance_only(
    placed: backstay.Host, error: type[BaseException]
) -> None:
    async def run(instance: backstay.Instance) -> None:
        raise error("now")

    async def fine(instance: backstay.Instance) -> None: ...

    done = placed.register("t", run).fire().wait(10)
    assert (done.outcome, done.error, done.error_type) == (Outcome.FAILED, "now", error.__name__)
    placed.register("fine", fine).fire().wait(10).check()


def test_a_call_that_fails_before_there_is_a_coroutine_is_told(placed: backstay.Host) -> None:
    async def run() -> None: ...

    done = placed.register("t", run).fire().wait(10)  # type: ignore[arg-type]
    assert done.error is not None and "positional argument" in done.error


def test_the_task_of_asyncio_is_named_after_task_and_instance(placed: backstay.Host) -> None:
    names: list[str] = []

    async def run(instance: backstay.Instance) -> None:
        task = asyncio.current_task()
        assert task is not None
        names.append(task.get_name())

    instance = placed.register("copy", run).fire()
    instance.wait(10).check()
    assert names == [f"copy {instance.id}"]


def test_everything_whose_call_gives_a_coroutine_is_run_as_one(placed: backstay.Host) -> None:
    ran: list[str] = []

    async def with_more(name: str, instance: backstay.Instance) -> None:
        ran.append(name)

    class Object:
        async def __call__(self, instance: backstay.Instance) -> None:
            ran.append("object")

        async def method(self, instance: backstay.Instance) -> None:
            ran.append("method")

    runs: list[Callable[[backstay.Instance], object]] = [
        functools.partial(with_more, "partial"),
        Object(),
        Object().method,
    ]
    for number, run in enumerate(runs):
        placed.register(f"t{number}", run).fire().wait(10).check()
    assert ran == ["partial", "object", "method"]


def test_a_thousand_coroutines_wait_at_once_on_one_thread(placed: backstay.Host) -> None:
    go, all_here, here = Flag(), threading.Event(), 0

    async def run(instance: backstay.Instance) -> None:
        nonlocal here
        here += 1
        if here == 1000:
            all_here.set()
        await go.wait()

    task = placed.register("t", run)
    instances = [task.fire() for _ in range(1000)]
    assert all_here.wait(60)
    assert task.running == 1000
    go.set()
    assert all(instance.wait(60).outcome is Outcome.SUCCEEDED for instance in instances)


def test_a_coroutine_ends_although_all_workers_are_occupied() -> None:
    entered, go = threading.Event(), Flag()

    async def run(instance: backstay.Instance) -> None:
        entered.set()
        await go.wait()

    with backstay.Host(workers=1) as host:
        instance = host.register("t", run).fire()
        assert entered.wait(10)

        def occupies(_: backstay.Instance) -> None:
            go.set()
            instance.wait(10).check()

        host.register("occupies", occupies).fire().wait(20).check()
