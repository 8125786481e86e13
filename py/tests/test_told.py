"""What handlers are told makes its fields when somebody looks: nobody can see that it does."""

from __future__ import annotations

import copy
import dataclasses
import pickle
import sys
import uuid
from collections.abc import Callable
from typing import Any

import backstay
import pytest
from backstay import Completion, InstanceEvent, Progress
from processes import run

COPIES: list[Callable[[Any], Any]] = [copy.copy, copy.deepcopy, lambda told: pickle.loads(pickle.dumps(told))]


def told(host: backstay.Host) -> tuple[Completion, Completion, list[InstanceEvent], list[Progress]]:
    """What `wait` gave and what handlers were told of one instance."""
    completed: list[Completion] = []
    events: list[InstanceEvent] = []
    progress: list[Progress] = []

    def work(instance: backstay.Instance) -> None:
        instance.progress = 7

    task = host.register("work", work, group="g")
    task.on_completed(completed.append)
    task.on_progress(progress.append)
    host.on_event(events.append)
    done = task.fire().wait(10)
    host.flush(10)
    return done, completed[0], events, progress


def test_they_are_equal_and_have_every_field_when_nobody_has_looked(host: backstay.Host) -> None:
    done, heard, events, progress = told(host)
    assert done == heard and hash(done) == hash(heard) and done is not heard
    assert dataclasses.asdict(done) == {
        field.name: getattr(heard, field.name) for field in dataclasses.fields(heard)
    }
    assert [field.name for field in dataclasses.fields(Progress)] == ["instance", "progress"]
    assert (progress[0].instance.id, progress[0].instance_id, progress[0].progress) == (
        done.instance_id,
    ) * 2 + (7,)
    last = events[-1]
    assert repr(last).startswith(
        "InstanceEvent(kind=<EventKind.COMPLETED: 8>, instance=<backstay.Instance(g/work "
    )
    assert (last.outcome, last.progress, last.group, last.label) == (backstay.Outcome.SUCCEEDED, 7, "g", None)
    assert str(last) == last.text and "work" in last.text


def test_a_field_is_one_object(host: backstay.Host) -> None:
    done, _, events, progress = told(host)
    assert done.instance_id is done.instance_id and done.holders is done.holders
    assert events[0].instance is events[0].instance and events[0].text is events[0].text
    assert progress[0].instance is progress[0].instance


def test_python_can_make_them(host: backstay.Host) -> None:
    done, _, events, _ = told(host)
    fields = {field.name: getattr(done, field.name) for field in dataclasses.fields(done)}
    assert Completion(**fields) == done == Completion(*fields.values())
    assert dataclasses.replace(done, progress=8) == Completion(**{**fields, "progress": 8}) != done
    assert dataclasses.replace(events[0], label="x").label == "x"
    with pytest.raises(TypeError, match="instance_id"):
        Completion()  # type: ignore[call-arg]

    @dataclasses.dataclass(frozen=True)
    class More(Completion):
        more: int = 0

    assert More(**fields).task == "work" and More(**fields, more=3).more == 3


@pytest.mark.parametrize("copied", COPIES)
def test_copies_are_equal(host: backstay.Host, copied: Callable[[Any], Any]) -> None:
    done, heard, _, _ = told(host)
    again = copied(done)
    assert again == heard and type(again) is Completion
    again.check()


def test_nothing_else_is_there(host: backstay.Host) -> None:
    done, *_ = told(host)
    with pytest.raises(AttributeError, match="nothing"):
        done.nothing  # type: ignore[attr-defined]  # noqa: B018
    with pytest.raises(AttributeError, match="task"):
        Completion.task  # type: ignore[misc]  # noqa: B018
    with pytest.raises(dataclasses.FrozenInstanceError):
        del done.task
    assert not hasattr(Completion, "progress")


def test_an_exception_of_python_is_there_from_the_beginning(host: backstay.Host) -> None:
    def fails(instance: backstay.Instance) -> None:
        raise ValueError("on purpose")

    done = host.register("fails", fails).fire().wait(10)
    assert isinstance(done.exception, ValueError) and done.exception is done.exception
    assert (done.error, done.error_type) == ("on purpose", "ValueError")
    assert isinstance(done.instance_id, uuid.UUID)


@pytest.mark.skipif(sys.platform == "win32", reason="fork")
def test_a_child_made_by_fork_can_look() -> None:
    status, out, err = run(
        """
        import os
        seen = []
        host = backstay.Host()
        task = host.register("t", lambda instance: None)
        host.on_event(seen.append)
        done = task.fire().wait(30)
        host.flush(30)
        child = os.fork()
        if child == 0:
            signal.alarm(20)
            assert done.outcome.name == "SUCCEEDED" and str(done.instance_id) in seen[-1].text
            assert repr(seen[0].instance) == "<a backstay object of the parent process>"
            try:
                seen[0].instance.cancel()
            except backstay.Forked:
                print("refused", flush=True)
            os._exit(0)
        print(os.waitpid(child, 0)[1], host.shutdown().is_clean)
        """
    )
    assert (status, out, err) == (0, "refused\n0 True\n", "")
