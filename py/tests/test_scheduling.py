"""What starts a task, when, and what becomes of a firing: F1 to F6 and G1 to G6 as Python sees them."""

from __future__ import annotations

import threading
from datetime import timedelta
from functools import partial
from typing import Any

import backstay
import pytest
from backstay import CancelReason, Firing, IfExists, Outcome, State, WaitingFor, WhenBusy


def nothing(instance: backstay.Instance) -> None:
    """An entry point."""


def ended(task: backstay.Task) -> list[backstay.Completion]:
    told: list[backstay.Completion] = []
    task.on_completed(told.append)
    return told


@pytest.mark.parametrize(
    "trigger",
    [backstay.every(2), backstay.every(timedelta(seconds=2)), backstay.every(minutes=1 / 30)],
)
def test_every_fires_again_and_again(clock: backstay.Host, trigger: backstay.Trigger) -> None:
    task = clock.register("tick", nothing, trigger=trigger)
    told = ended(task)
    clock.advance(1.999)
    assert task.running + task.pending + len(told) == 0
    for number in range(1, 4):
        clock.advance(0.002 if number == 1 else 2)
        while len(told) < number:
            clock.flush(10)
    assert len(told) == 3


def test_after_fires_once_and_goes(clock: backstay.Host) -> None:
    task = clock.register("late", nothing, trigger=backstay.after(hours=1))
    told, gone = ended(task), threading.Event()
    task.on_completed(lambda done: gone.set())
    clock.advance(timedelta(hours=1))
    assert gone.wait(10)
    clock.flush(10)
    assert len(told) == 1 and not task.registered and clock.get_task("late") is None


def test_an_event_fires_what_is_bound_to_it(clock: backstay.Host) -> None:
    seen: list[object] = []
    for name in ("a", "b"):
        clock.register(name, lambda instance: seen.append(instance.details), trigger=backstay.event("saved"))
    assert clock.raise_event("saved", {"n": 1}) == 2
    assert clock.raise_event("unheard of") == 0
    clock.drain(0)
    clock.flush(10)
    for task in (clock.get_task("a"), clock.get_task("b")):
        while task is not None and task.running + task.pending:
            clock.flush(10)
    assert seen == [{"n": 1}, {"n": 1}]


def test_conditions_gate_a_start_and_fire_with_answer_names_the_unmet(clock: backstay.Host) -> None:
    task = clock.register("copy", nothing, conditions=["network", "power"])
    clock.set_condition("power", True)
    instance, answer = task.fire_with_answer("photo.jpg")
    assert (answer.became, answer.waiting_for) == (Firing.WAITING, WaitingFor.CONDITIONS)
    assert answer.conditions == ("network",)
    assert str(answer) == "waiting for the conditions network"
    assert instance.state is State.PENDING and "network" in task.explain()
    assert (clock.condition("network"), clock.condition("power")) == (False, True)
    clock.set_condition("network", True)
    assert instance.wait(10).outcome is Outcome.SUCCEEDED
    with pytest.raises(backstay.InvalidArgument):
        clock.set_condition("", True)


def test_losing_a_condition_cancels_what_wants_that(clock: backstay.Host) -> None:
    clock.set_condition("network", True)
    task = clock.register(
        "sync",
        lambda instance: instance.cancellation().wait(10) and None,
        conditions=("network",),
        cancel_on_condition_loss=True,
    )
    instance = task.fire()
    while instance.state is not State.RUNNING:
        clock.flush(10)
    clock.set_condition("network", False)
    assert instance.wait(10).canceled is CancelReason.CONDITION_LOSS


def test_the_policies_of_a_busy_task(clock: backstay.Host) -> None:
    clock.set_condition("never", False)

    def task(when_busy: WhenBusy) -> backstay.Task:
        options: backstay.TaskOptions = {"conditions": ["never"], "when_busy": when_busy, "max_running": 1}
        return clock.register(when_busy.name, nothing, **options)

    assert task(WhenBusy.QUEUE).fire() != clock.get_task("QUEUE").fire()  # type: ignore[union-attr]
    coalescing = task(WhenBusy.COALESCE)
    first = coalescing.fire("old")
    again, answer = coalescing.fire_with_answer("new")
    assert (again, answer.became, first.details) == (first, Firing.MERGED, "new")
    rejecting = task(WhenBusy.REJECT)
    rejecting.fire()
    with pytest.raises(backstay.CurrentlyRunning):
        rejecting.fire()
    replacing = task(WhenBusy.REPLACE)
    old = replacing.fire()
    new = replacing.fire()
    assert old.wait(10).canceled is CancelReason.ABORT and new.state is State.PENDING
    parallel = clock.register("PARALLEL", nothing, conditions=["never"], when_busy=WhenBusy.PARALLEL)
    assert [parallel.fire_with_answer()[1].became for _ in range(3)] == [Firing.WAITING] * 3


def test_a_deadline_cancels(clock: backstay.Host) -> None:
    task = clock.register("slow", lambda instance: instance.cancellation().wait(10) and None, deadline=30)
    instance = task.fire()
    while instance.state is not State.RUNNING:
        clock.flush(10)
    clock.advance(10)
    assert (instance.deadline, instance.remaining) == (30.0, 20.0)
    clock.advance(20)
    assert instance.wait(10).canceled is CancelReason.EXECUTION_TIME_EXCEEDED
    assert clock.register("quick", nothing).fire().deadline is None


def test_if_exists_decides_about_a_name_that_is_taken(clock: backstay.Host) -> None:
    old = clock.register("t", nothing, conditions=["never"])
    waits = old.fire()
    with pytest.raises(backstay.NameTaken):
        clock.register("t", nothing)
    assert clock.register("t", nothing, if_exists=IfExists.KEEP) == old
    new = clock.register("t", nothing, if_exists=IfExists.REPLACE)
    assert new != old and not old.registered and clock.get_task("t") == new
    assert waits.wait(10).canceled is CancelReason.ABORT
    with pytest.raises(backstay.Unregistered):
        old.enable()


def test_groups_keep_their_tasks_apart(clock: backstay.Host) -> None:
    plain, grouped = clock.register("t", nothing), clock.register("t", nothing, group="g")
    assert (grouped.group, plain.group) == ("g", None)
    assert clock.tasks() == (plain,) and clock.groups() == ("g",)
    group = clock.group("g")
    assert (group.name, group.tasks(), group.get_task("t")) == ("g", (grouped,), grouped)
    assert clock.group("empty").tasks() == () and clock.group("empty").get_task("t") is None
    assert repr(group) == '<backstay.Group("g")>'
    assert grouped.fire().wait(10).group == "g"


def test_failures_disable_a_task(clock: backstay.Host) -> None:
    def fail(instance: backstay.Instance) -> None:
        raise OSError("no")

    task = clock.register("fails", fail, max_failures=2)
    for _ in range(2):
        assert task.fire().wait(10).error == "no"
    assert task.disabled and "disabled" in task.explain()
    with pytest.raises(backstay.Disabled) as refused:
        task.fire()
    assert refused.value.status == "DISABLED"
    task.enable()
    assert not task.disabled and task.fire().wait(10).outcome is Outcome.FAILED


def test_on_shutdown_says_what_becomes_of_the_instances(clock: backstay.Host) -> None:
    go, entered = threading.Event(), threading.Semaphore(0)

    def work(instance: backstay.Instance) -> None:
        entered.release()
        go.wait(10)

    finish = clock.register("finish", work, on_shutdown=backstay.OnShutdown.FINISH).fire()
    cancel = clock.register("cancel", work).fire()
    assert entered.acquire(timeout=10) and entered.acquire(timeout=10)
    clock.begin_shutdown(60)
    assert (finish.canceled, cancel.canceled) == (None, CancelReason.TERMINATING)
    go.set()
    report = clock.wait(10)
    assert (report.succeeded, report.canceled, report.is_clean) == (1, 1, True)


def test_validate_tells_what_register_would_refuse(clock: backstay.Host) -> None:
    faults = backstay.validate("", trigger=backstay.every(0), conditions=["a", "a"], max_failures=0)
    assert [fault.field for fault in faults] == ["name", "trigger", "conditions", "max_failures", "run"]
    assert backstay.validate("t", nothing, deadline=1) == ()
    with pytest.raises(backstay.InvalidTask) as refused:
        clock.register("", nothing, trigger=backstay.every(0), conditions=["a", "a"], max_failures=0)
    assert refused.value.faults == faults[:-1]
    assert all(fault.problem in str(refused.value) for fault in faults[:-1])


@pytest.mark.parametrize(
    ("options", "kind", "says"),
    [
        ({"trigger": 5}, TypeError, r"trigger: .* every\(minutes=15\)"),
        ({"conditions": "network"}, TypeError, r"conditions: .*\[\"network\"\]"),
        ({"conditions": [5]}, TypeError, "conditions"),
        ({"deadline": -1}, backstay.InvalidArgument, "deadline: .* not negative; got -1"),
        ({"deadline": "soon"}, TypeError, "deadline: .* timedelta"),
        ({"grace": float("nan")}, backstay.InvalidArgument, "grace"),
        ({"when_busy": "queue"}, TypeError, r"when_busy: .*backstay\.WhenBusy, not str"),
        ({"when_busy": 0}, backstay.InvalidArgument, r"when_busy: 0 is no member of backstay\.WhenBusy"),
        ({"if_exists": 9}, backstay.InvalidArgument, "if_exists: 9"),
        ({"on_shutdown": -1}, backstay.InvalidArgument, "on_shutdown: -1"),
        ({"max_running": -1}, backstay.InvalidArgument, "max_running: .*got -1"),
        ({"max_running": 1.5}, TypeError, "max_running"),
        ({"group": 5}, TypeError, "group"),
        ({"timeout": 5}, TypeError, r"register\(\) got an unexpected keyword argument 'timeout'"),
    ],
)
def test_a_wrong_option_is_named(
    clock: backstay.Host, options: dict[str, Any], kind: type[Exception], says: str
) -> None:
    with pytest.raises(kind, match=says):
        clock.register("t", nothing, **options)
    assert clock.tasks() == ()


def test_an_option_that_is_none_is_its_default(clock: backstay.Host) -> None:
    names = backstay.TaskOptions.__annotations__
    assert clock.register("t", nothing, **dict.fromkeys(names)).fire().wait(10).outcome is Outcome.SUCCEEDED  # type: ignore[arg-type]


def test_the_decorator_works_with_and_without_options(clock: backstay.Host) -> None:
    @clock.task
    def plain(instance: backstay.Instance) -> None: ...

    @clock.task(name="other", group="g", max_running=1)
    def named(instance: backstay.Instance) -> None: ...

    assert (plain.name, named.name, named.group) == ("plain", "other", "g")
    with pytest.raises(TypeError, match="name=") as refused:
        clock.task(object())  # type: ignore[call-overload]
    assert "expected a function" in str(refused.value)
    with pytest.raises(TypeError, match="has no name of its own; give the task one"):
        clock.task(partial(nothing))
