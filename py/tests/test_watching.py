"""What a host shows of itself: events, holders, snapshots, log lines (E3, E5, H3, H4)."""

from __future__ import annotations

import dataclasses
import json
import logging
import threading

import backstay
import pytest
from backstay import EventKind, HolderKind, Outcome


def hold(host: backstay.Host, label: str = "upload") -> tuple[backstay.Instance, backstay.Deferral]:
    taken: list[backstay.Deferral] = []
    entered = threading.Event()

    def run(instance: backstay.Instance) -> None:
        taken.append(instance.get_deferral(label))
        entered.set()

    task = host.register("hold", run, if_exists=backstay.IfExists.REPLACE)
    instance = task.fire("photo.jpg")
    assert entered.wait(10)
    while any(holder.kind is HolderKind.ENTRY_POINT for holder in living(host, instance).holders):
        host.flush(10)
    return instance, taken[0]


def living(host: backstay.Host, instance: backstay.Instance) -> backstay.InstanceSnapshot:
    return next(one for task in host.snapshot().tasks for one in task.instances if one.id == instance.id)


def test_events_tell_the_life_of_an_instance_in_order(clock: backstay.Host) -> None:
    events: list[backstay.InstanceEvent] = []
    subscription = clock.on_event(events.append)
    task = clock.register("copy", lambda instance: None, conditions=["network"], group="g")
    instance = task.fire()
    clock.set_condition("network", True)
    instance.wait(10)
    clock.flush(10)
    kinds = [event.kind for event in events]
    assert kinds == [EventKind.FIRED, EventKind.WAITS, EventKind.STARTED, EventKind.COMPLETED]
    assert {(event.instance, event.instance_id, event.task, event.group) for event in events} == {
        (instance, instance.id, "copy", "g")
    }
    assert events[1].conditions == ("network",)
    assert events[-1].outcome is Outcome.SUCCEEDED and events[-1].progress == 0
    assert str(events[1]).startswith("Waits") and "network" in str(events[1])
    subscription.cancel(10)
    task.fire().wait(10)
    clock.flush(10)
    assert len(events) == 4


def test_holders_say_what_they_do(clock: backstay.Host) -> None:
    instance, deferral = hold(clock)
    assert deferral.set_note("part 3 of 7") is backstay.Status.OK
    clock.advance(2)
    (held,) = clock.holders()
    assert (held.instance_id, held.task, held.group) == (instance.id, "hold", None)
    (holder,) = held.holders
    assert (holder.label, holder.note, holder.age, holder.language) == (
        "upload",
        "part 3 of 7",
        2.0,
        "Python",
    )
    assert holder.file == __file__ and not holder.overdue and holder.stack is None
    assert "part 3 of 7" in str(holder)
    assert instance.holders() == (holder,)
    deferral.complete()
    assert deferral.set_note("late") is backstay.Status.ALREADY_COMPLETED
    assert clock.holders() == ()


def test_asked_and_noticed_are_two_facts(clock: backstay.Host) -> None:
    instance, deferral = hold(clock)
    instance.cancel(backstay.CancelReason.IDLE_TASK)
    clock.advance(1)
    (holder,) = instance.holders()
    assert (holder.asked, holder.noticed_after) == (1.0, None)
    assert deferral.canceled is backstay.CancelReason.IDLE_TASK
    assert deferral.wait_canceled(10) is backstay.CancelReason.IDLE_TASK
    (holder,) = instance.holders()
    assert holder.noticed_after == 1.0
    deferral.complete()
    assert instance.wait(10).noticed_after == 1.0


def test_an_old_deferral_is_told_once() -> None:
    host = backstay.Host(manual_clock=True, overdue_after=5)
    overdue: list[tuple[str | None, str]] = []
    host.on_event(
        lambda event: overdue.append((event.label, event.task)) if event.kind is EventKind.OVERDUE else None
    )
    _, deferral = hold(host, "slow")
    other_instance, other = hold(host, "slower")
    other.set_overdue_after(60)
    host.advance(30)
    assert overdue == [("slow", "hold")]
    host.advance(30)
    assert overdue[1:] == [("slower", "hold")]
    assert other_instance.holders()[0].overdue
    deferral.complete()
    other.complete()
    assert host.shutdown(0).is_clean


def test_stacks_are_captured_when_asked() -> None:
    with backstay.Host(capture_stacks=True) as host:
        instance, deferral = hold(host)
        (holder,) = instance.holders()
        assert holder.stack is not None
        assert 'File "' in holder.stack and "in run" in holder.stack and __file__ in holder.stack
        deferral.set_stack("my own")
        assert instance.holders()[0].stack == "my own"
        deferral.complete()


def test_a_snapshot_shows_everything_and_has_a_json_form(clock: backstay.Host) -> None:
    clock.set_condition("network", True)
    clock.register("tick", lambda instance: None, trigger=backstay.every(60), group="g")
    instance, deferral = hold(clock)
    instance.progress = 7
    clock.advance(3)
    snapshot = clock.snapshot()
    assert snapshot.conditions == {"network": True}
    assert [(task.name, task.group, task.fires_in) for task in snapshot.tasks] == [
        ("tick", "g", 57.0),
        ("hold", None, None),
    ]
    (one,) = snapshot.tasks[1].instances
    assert (one.id, one.progress, one.age, one.running_for) == (instance.id, 7, 3.0, 3.0)
    assert one.state is backstay.State.RUNNING and one.holders == instance.holders()
    assert (snapshot.totals.tasks, snapshot.totals.running, snapshot.totals.holders) == (2, 1, 1)
    assert snapshot.stragglers == () and snapshot.state is backstay.HostState.OPEN
    read = json.loads(snapshot.to_json())
    assert read["tasks"][1]["instances"][0]["holders"][0]["label"] == "upload"
    assert "hold" in str(snapshot)
    deferral.complete()


def test_a_thread_that_is_given_up_is_a_straggler() -> None:
    go, entered = threading.Event(), threading.Event()

    def run(instance: backstay.Instance) -> None:
        entered.set()
        go.wait(10)

    host = backstay.Host(grace=0)
    instance = host.register("t", run).fire()
    assert entered.wait(10)
    instance.cancel()
    assert instance.wait(10).outcome is Outcome.ABANDONED
    (straggler,) = host.snapshot().stragglers
    assert (straggler.instance_id, straggler.task, straggler.in_handler) == (instance.id, "t", False)
    assert host.stragglers == 1
    go.set()
    host.shutdown()


def test_results_are_frozen_dataclasses_with_a_good_repr(clock: backstay.Host) -> None:
    done = clock.register("t", lambda instance: None).fire().wait(10)
    snapshot = clock.snapshot()
    for result in (done, snapshot, snapshot.totals, clock.shutdown(0)):
        assert dataclasses.is_dataclass(result)
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(result, dataclasses.fields(result)[0].name, None)
        assert repr(result).startswith(type(result).__name__ + "(")
    assert "task='t'" in repr(done) and "outcome=<Outcome.SUCCEEDED: 0>" in repr(done)


def test_what_the_host_reports_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    stuck, go = threading.Event(), threading.Event()

    def handler(reason: int) -> None:
        stuck.set()
        go.wait(10)

    host = backstay.Host(grace=0)
    instance, deferral = hold(host)
    instance.on_canceled(handler)
    with caplog.at_level(logging.WARNING, logger="backstay"):
        instance.cancel()
        assert stuck.wait(10)
        assert instance.wait(10).outcome is Outcome.ABANDONED
        limit = threading.Event()
        while not caplog.records and not limit.wait(0.01):
            pass
        go.set()
    assert all(record.name == "backstay" for record in caplog.records)
    assert "handler" in caplog.text
    deferral.complete()
    host.shutdown(0)
