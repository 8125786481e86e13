"""Hosts, firing and registering as Python sees them."""

from __future__ import annotations

import threading

import backstay
import pytest
from backstay import HostState, Outcome


def nothing(instance: backstay.Instance) -> None:
    """An entry point."""


def test_leaving_the_block_shuts_down() -> None:
    entered = threading.Event()

    def run(instance: backstay.Instance) -> None:
        asked = threading.Event()
        instance.on_canceled(lambda reason: asked.set())
        entered.set()
        assert asked.wait(10)

    with backstay.Host() as host:
        instance = host.register("t", run).fire()
        assert entered.wait(10)
    assert host.state is HostState.CLOSED
    assert instance.wait(0).canceled is backstay.CancelReason.TERMINATING


def test_the_drain_report_says_who_held_what_from_which_line(clock: backstay.Host) -> None:
    held: list[backstay.Deferral] = []
    task = clock.register("copy", lambda instance: held.append(instance.get_deferral("upload")))
    completed: list[backstay.Completion] = []
    task.on_completed(completed.append)
    instance = task.fire()
    while not held:
        clock.flush(10)
    report_of: list[backstay.DrainReport] = []
    ending = threading.Thread(target=lambda: report_of.append(clock.shutdown(3)))
    ending.start()
    while clock.state is HostState.OPEN:
        clock.flush(10)
    while ending.is_alive():
        clock.advance(3)
        ending.join(0.01)
    (report,) = report_of
    assert report.state is HostState.CLOSED
    (abandoned,) = report.abandoned
    assert abandoned.instance_id == instance.id
    assert abandoned.task == "copy"
    (holder,) = abandoned.holders
    assert (holder.label, holder.language, holder.file) == ("upload", "Python", __file__)
    assert "upload" in str(report) and __file__ in str(report)
    assert not report.is_clean and report.finished == 1
    assert [done.outcome for done in completed] == [Outcome.ABANDONED], "the events came before the report"
    held[0].complete()


def test_a_drain_cancels_nothing_and_names_who_is_left(host: backstay.Host) -> None:
    held: list[backstay.Deferral] = []
    entered = threading.Event()

    def run(instance: backstay.Instance) -> None:
        held.append(instance.get_deferral("slow"))
        entered.set()

    instance = host.register("t", run).fire()
    assert entered.wait(10)
    report = host.drain(0)
    assert report.state is HostState.DRAINING
    holders = [holder for one in report.remaining for holder in one.holders]
    assert "slow" in [holder.label for holder in holders], "the entry point may be on its way out, too"
    assert instance.canceled is None
    held[0].complete()
    assert host.drain(10).state is HostState.CLOSED


def test_a_closed_host_refuses_what_is_new(host: backstay.Host) -> None:
    task = host.register("t", nothing)
    assert host.shutdown().is_clean
    with pytest.raises(backstay.Closed):
        host.register("other", nothing)
    with pytest.raises(backstay.Closed) as refused:
        task.fire()
    assert "closed" in str(refused.value).lower()


def test_names_are_unique_and_free_after_unregistering(host: backstay.Host) -> None:
    task = host.register("t", nothing)
    with pytest.raises(backstay.NameTaken, match=r'"t"'):
        host.register("t", nothing)
    assert host.get_task("t") == task
    task.unregister()
    assert host.get_task("t") is None
    assert host.register("t", nothing) != task
    with pytest.raises(backstay.Unregistered):
        task.fire()
    with pytest.raises(LookupError):
        task.unregister()


def test_all_faults_are_told_at_once(host: backstay.Host) -> None:
    with pytest.raises(backstay.InvalidTask) as refused:
        host.register("", nothing, max_pending=0)
    assert [field for field, _ in refused.value.faults] == ["name", "max_pending"]


def test_bad_arguments_are_refused_where_they_are_given(host: backstay.Host) -> None:
    with pytest.raises(TypeError, match="callable"):
        host.register("t", 5)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match=r"manual\(\)"):
        host.register("t", nothing, trigger="manual")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="not negative"):
        host.flush(-1)
    with pytest.raises(TypeError, match="timedelta"):
        host.flush("soon")  # type: ignore[arg-type]
    with pytest.raises(backstay.InvalidArgument, match="workers"):
        backstay.Host(workers=0)
    with pytest.raises(backstay.NotManualClock):
        host.advance(1)


def test_the_limit_of_waiting_instances_is_kept() -> None:
    entered, go = threading.Event(), threading.Event()

    def run(instance: backstay.Instance) -> None:
        entered.set()
        assert go.wait(10)

    with backstay.Host(workers=1) as host:
        task = host.register("t", run, trigger=backstay.manual(), max_pending=1)
        task.fire()
        assert entered.wait(10)
        task.fire()
        assert (task.running, task.pending) == (1, 1)
        with pytest.raises(backstay.CurrentlyRunning):
            task.fire()
        go.set()


def test_a_dropped_host_ends_of_itself() -> None:
    host = backstay.Host()
    instance = host.register("t", nothing).fire()
    del host
    instance.wait(10)
    with pytest.raises(backstay.Closed):
        instance.task.fire()


def test_a_host_can_be_subclassed() -> None:
    class Mine(backstay.Host):
        def __init__(self, *, workers: int) -> None:
            super().__init__(workers=workers)
            self.named = "mine"

    with Mine(workers=1) as host:
        assert host.named == "mine"
        host.register("t", nothing).fire().wait(10).check()


def test_a_subclass_that_forgets_to_open_the_host_is_told(host: backstay.Host) -> None:
    class Forgetful(backstay.Host):
        def __init__(self) -> None: ...

    with pytest.raises(RuntimeError, match=r"super\(\)\.__init__"):
        Forgetful().register("t", nothing)
    with pytest.raises(RuntimeError, match="open already"):
        host.__init__()  # type: ignore[misc]


def test_wait_gives_the_report_of_whoever_ends_the_host() -> None:
    host = backstay.Host()
    host.register("t", nothing).fire()
    with pytest.raises(backstay.TimedOut):
        host.wait(0)
    threading.Timer(0, host.begin_shutdown).start()
    assert host.wait(10).state is HostState.CLOSED


def test_begin_drain_lets_everything_finish(host: backstay.Host) -> None:
    go = threading.Event()
    instance = host.register("t", lambda instance: go.wait(10)).fire()
    host.begin_drain(10)
    assert host.state is HostState.DRAINING
    go.set()
    assert host.wait(10).succeeded == 1
    assert instance.completion is not None and instance.completion.outcome is Outcome.SUCCEEDED


def test_an_instance_knows_its_host_without_keeping_it(host: backstay.Host) -> None:
    seen: list[object] = []
    instance = host.register("t", lambda instance: seen.append(instance.host)).fire()
    instance.wait(10).check()
    assert seen == [host] and instance.host is host
    other = backstay.Host()
    orphan = other.register("t", nothing).fire()
    orphan.wait(10)
    del other
    assert orphan.host is None
