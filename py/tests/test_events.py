"""Events and threads: E1 to E8 as Python sees them."""

from __future__ import annotations

import threading
from typing import Any

import backstay
import pytest


def nothing(instance: backstay.Instance) -> None:
    """An entry point."""


def test_completed_is_told_once_with_everything(host: backstay.Host) -> None:
    task = host.register("t", nothing)
    told: list[backstay.Completion] = []
    task.on_completed(told.append)
    instance = task.fire()
    instance.wait(10)
    host.flush(10)
    assert [done.instance_id for done in told] == [instance.id]
    assert told[0].task == "t"


def test_the_latest_progress_is_told_before_completed(host: backstay.Host) -> None:
    def run(instance: backstay.Instance) -> None:
        for n in range(100):
            instance.progress = n

    task = host.register("t", run)
    told: list[Any] = []
    task.on_progress(lambda seen: told.append((seen.instance_id, seen.progress)))
    task.on_completed(lambda done: told.append("completed"))
    instance = task.fire()
    instance.wait(10)
    host.flush(10)
    assert told[-2:] == [(instance.id, 99), "completed"]
    assert told[:-1] == sorted(told[:-1])
    instance.progress = 5
    assert instance.progress == 99


def test_handlers_run_on_another_thread(host: backstay.Host) -> None:
    task = host.register("t", nothing)
    threads: list[int] = []
    task.on_completed(lambda done: threads.append(threading.get_ident()))
    task.fire().wait(10)
    host.flush(10)
    assert threads and threading.get_ident() not in threads


def test_a_handler_that_raises_is_unraisable_and_harms_nobody(
    host: backstay.Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    unraisable: list[Any] = []
    monkeypatch.setattr(
        "sys.unraisablehook", lambda seen: unraisable.append((str(seen.exc_value), seen.object))
    )
    task = host.register("t", nothing)
    told: list[object] = []

    def broken(done: backstay.Completion) -> None:
        raise RuntimeError("on purpose")

    task.on_completed(broken)
    task.on_completed(told.append)
    task.fire().wait(10)
    host.flush(10)
    assert len(told) == 1
    assert unraisable == [("on purpose", broken)]


def test_a_cancelled_subscription_is_not_called_and_a_dropped_one_is(host: backstay.Host) -> None:
    task = host.register("t", nothing)
    kept: list[object] = []
    ended: list[object] = []
    task.on_completed(kept.append)
    subscription = task.on_completed(ended.append)
    subscription.cancel()
    subscription.cancel()
    task.fire().wait(10)
    host.flush(10)
    assert (len(kept), ended) == (1, [])


def test_what_would_wait_for_itself_is_refused(host: backstay.Host) -> None:
    refused: list[str] = []

    def attempt(call: Any, *arguments: Any) -> None:
        try:
            call(*arguments)
        except backstay.WouldDeadlock as error:
            refused.append(error.status)

    def run(instance: backstay.Instance) -> None:
        attempt(instance.wait, 10)
        attempt(host.shutdown, 10)
        attempt(host.drain, 10)
        attempt(host.flush, 10)

    host.register("t", run).fire().wait(10).check()
    assert refused == ["WOULD_DEADLOCK"] * 4
    assert host.state is backstay.HostState.OPEN, "a refused call changes nothing"


def test_many_threads_may_do_everything_at_once(host: backstay.Host) -> None:
    done: list[backstay.Completion] = []

    def run(instance: backstay.Instance) -> None:
        deferral = instance.get_deferral("work")
        threading.Thread(target=deferral.complete).start()

    task = host.register("t", run)
    task.on_completed(done.append)

    def fire() -> None:
        for _ in range(50):
            task.fire().wait(10)

    threads = [threading.Thread(target=fire) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    host.flush(10)
    assert len({one.instance_id for one in done}) == len(done) == 200


def test_a_handler_that_nobody_would_await_is_refused(host: backstay.Host) -> None:
    async def handler(what: object) -> None: ...

    task = host.register("t", nothing)
    instance = task.fire()
    for attach in (
        host.on_event,
        task.on_completed,
        task.on_progress,
        instance.on_canceled,
        instance.on_completed,
    ):
        with pytest.raises(TypeError, match="plain function"):
            attach(handler)
