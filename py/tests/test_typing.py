"""Every public name with the type that the stubs promise: checked by mypy and pyright, and by running it."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Union

import backstay
from backstay import Instance, Task, capi

if TYPE_CHECKING:
    from typing_extensions import assert_type
else:

    def assert_type(value: object, kind: Any) -> Any:
        """What the type checkers assert of the stubs, asserted of the library."""
        kinds = getattr(kind, "__args__", (kind,)) if getattr(kind, "__origin__", None) is Union else (kind,)
        classes = tuple(getattr(one, "__origin__", one) for one in kinds)
        assert isinstance(value, classes), f"{value!r} is no {kind}"
        return value


OptionalInt = Union[int, None]
OptionalFloat = Union[float, None]
OptionalText = Union[str, None]


def test_host(clock: backstay.Host) -> None:
    assert_type(clock.state, backstay.HostState)
    assert_type(clock.grace, float)
    assert_type(clock.stragglers, int)
    assert_type(clock.suspended, bool)
    assert_type(clock.register("plain", lambda instance: None), Task)
    assert_type(clock.get_task("plain"), Union[Task, None])
    for task in clock.tasks():
        assert_type(task, Task)
    group = assert_type(clock.group("g"), backstay.Group)
    assert_type(group.name, str)
    assert_type(group.get_task("plain"), Union[Task, None])
    assert_type(clock.condition("network"), bool)
    assert_type(clock.raise_event("saved"), int)
    assert_type(clock.on_event(lambda event: None), backstay.Subscription)
    assert_type(clock.snapshot(), backstay.Snapshot)
    assert_type(clock.shutdown(0), backstay.DrainReport)
    assert_type(clock.wait(10), backstay.DrainReport)


def test_the_decorator(clock: backstay.Host) -> None:
    @clock.task
    def plain(instance: Instance) -> None: ...

    @clock.task(name="named", max_running=2)
    async def named(instance: Instance) -> int:
        return 1

    assert_type(plain, Task)
    assert_type(named, Task)
    if TYPE_CHECKING:
        assert_type(clock.task(name="x"), Callable[[Callable[[Instance], object]], Task])
    options: backstay.TaskOptions = {"conditions": ["network"], "when_busy": backstay.WhenBusy.QUEUE}
    assert_type(clock.register("options", lambda instance: None, **options), Task)


def test_task_and_instance(clock: backstay.Host) -> None:
    entered, leave = threading.Event(), threading.Event()

    def run(instance: Instance) -> None:
        entered.set()
        leave.wait(10)

    task = clock.register("t", run, group="g", deadline=60)
    assert_type(task.name, str)
    assert_type(task.group, OptionalText)
    assert_type(task.registered, bool)
    assert_type(task.disabled, bool)
    assert_type(task.suspended, bool)
    assert_type(task.explain(), str)
    instance, answer = task.fire_with_answer("photo.jpg")
    assert_type(instance, Instance)
    assert_type(answer, backstay.FireAnswer)
    assert_type(answer.became, backstay.Firing)
    assert_type(answer.waiting_for, backstay.WaitingFor)
    assert_type(task.running, int)
    assert_type(task.pending, int)
    assert entered.wait(10)
    assert_type(instance.id, uuid.UUID)
    assert_type(instance.task, Task)
    assert_type(instance.host, Union[backstay.Host, None])
    assert_type(instance.state, backstay.State)
    assert_type(instance.completion, Union[backstay.Completion, None])
    assert_type(instance.progress, int)
    assert_type(instance.deadline, OptionalFloat)
    assert_type(instance.remaining, OptionalFloat)
    assert_type(instance.canceled, OptionalInt)
    assert_type(instance.suspended, bool)
    assert_type(instance.suspended_count, int)
    assert_type(instance.throttle_count(backstay.Counter.CPU), int)
    assert_type(bool(instance.checkpoint()), bool)
    assert_type(instance.on_canceled(lambda reason: None), backstay.Subscription)
    assert_type(instance.on_completed(lambda done: None), backstay.Subscription)
    assert_type(instance.handle(), int)
    cancellation = assert_type(instance.cancellation(), backstay.Cancellation)
    assert_type(cancellation.is_canceled, bool)
    assert_type(cancellation.reason, OptionalInt)
    deferral = assert_type(instance.get_deferral("upload"), backstay.Deferral)
    assert_type(deferral.instance, Instance)
    assert_type(deferral.canceled, OptionalInt)
    assert_type(deferral.set_note("half"), backstay.Status)
    assert_type(deferral.set_overdue_after(60), backstay.Status)
    holder = assert_type(deferral.holder(), Union[backstay.Holder, None])
    assert holder is not None
    assert_type(holder.kind, backstay.HolderKind)
    assert_type(holder.note, OptionalText)
    with deferral as entered_deferral:
        assert_type(entered_deferral, backstay.Deferral)
    assert_type(deferral.complete(), backstay.Status)
    leave.set()
    done = assert_type(instance.wait(10), backstay.Completion)
    assert_type(done.outcome, backstay.Outcome)
    assert_type(done.error, OptionalText)
    assert_type(done.ran_for, float)


def test_functions() -> None:
    for fault in backstay.validate(""):
        assert_type(fault, backstay.Fault)
        assert_type(fault.field, str)
    assert_type(backstay.every(minutes=15), backstay.Trigger)
    assert_type(backstay.get_include(), str)
    assert_type(capi.address(), int)
    assert_type(capi.functions(), dict[str, int])
    assert_type(capi.cdef(), str)


if TYPE_CHECKING:

    async def coroutines(host: backstay.Host, instance: Instance, deferral: backstay.Deferral) -> None:
        """What is awaited; test_asyncio* run it."""
        assert_type(await instance, backstay.Completion)
        assert_type(await instance.checkpoint(), bool)
        assert_type(await instance.cancellation(), OptionalInt)
        assert_type(await host.shutdown_async(), backstay.DrainReport)
        assert_type(await host.drain_async(1), backstay.DrainReport)
        async with host as entered:
            assert_type(entered, backstay.Host)
        async with deferral as held:
            assert_type(held, backstay.Deferral)
