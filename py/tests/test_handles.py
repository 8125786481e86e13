"""Instances and deferrals go to C as numbers and come back; each mistake is an exception, and loses nothing."""

from __future__ import annotations

import gc
import threading
from collections.abc import Callable

import backstay
import pytest
from backstay import Status
from processes import run


class Held:
    """An instance that one deferral holds, and nothing else."""

    def __init__(self, host: backstay.Host) -> None:
        self.taken = threading.Event()
        self.task = host.register("held", self._run)
        self.instance = self.task.fire()
        assert self.taken.wait(10)

    def _run(self, instance: backstay.Instance) -> None:
        self.deferral = instance.get_deferral("here")
        self.taken.set()

    @property
    def holder(self) -> backstay.Holder:
        (holder,) = self.instance.holders()
        return holder


def test_an_instance_comes_back_as_another_object_for_the_same(host: backstay.Host) -> None:
    held = Held(host)
    handle = held.instance.handle()
    assert held.instance.handle() == handle
    same = backstay.Instance.from_handle(handle)
    assert same == held.instance and same is not held.instance and same.handle() != handle
    # The handle is not theirs: it ends with the object that lent it, and takes nothing with it.
    assert same.host is held.instance.host and same.task == held.task
    other = held.deferral.instance
    lent = other.handle()
    del other
    with pytest.raises(backstay.StaleHandle):
        backstay.Instance.from_handle(lent)
    held.deferral.complete()
    assert same.wait(10).outcome is backstay.Outcome.SUCCEEDED


def test_a_deferral_is_given_away_and_taken_over(host: backstay.Host) -> None:
    held = Held(host)
    before = held.holder
    handle = held.deferral.detach()
    given = held.holder
    assert (given.language, given.site_language) == ("C", "Python")
    assert (given.file, given.line) == (before.file, before.line) and "handed to C" in str(given)
    back = backstay.Deferral.from_handle(handle)
    assert held.holder.language == "Python" and "handed" not in str(held.holder)
    assert (held.holder.file, held.holder.line) == (before.file, before.line)
    assert back.complete() is Status.OK
    assert held.instance.wait(10).dropped == ()


def test_one_that_was_given_away_is_empty(host: backstay.Host) -> None:
    held = Held(host)
    deferral = held.deferral
    calls: list[Callable[[], object]] = [
        deferral.complete,
        deferral.detach,
        deferral.holder,
        lambda: deferral.fail("late"),
        lambda: deferral.instance,
        lambda: deferral.canceled,
        lambda: deferral.wait_canceled(0),
        lambda: deferral.set_note("late"),
        lambda: deferral.set_overdue_after(1),
        lambda: deferral.set_stack("late"),
    ]
    with deferral:
        handle = deferral.detach()
    # Leaving the block left the hold alone.
    assert held.holder.label == "here" and repr(deferral) == "<backstay.Deferral(given away)>"
    for call in calls:
        with pytest.raises(backstay.InvalidHandle, match="given away"):
            call()
    backstay.Deferral.from_handle(handle).complete()


def test_one_that_was_given_away_is_dropped_without_a_word(host: backstay.Host) -> None:
    # No ResourceWarning either, which the suite would turn into a failure.
    held = Held(host)
    handle = held.deferral.detach()
    del held.deferral
    gc.collect()
    assert held.holder.label == "here"
    backstay.Deferral.from_handle(handle).complete()


def test_a_block_of_a_taken_one_completes(host: backstay.Host) -> None:
    held = Held(host)
    with backstay.Deferral.from_handle(held.deferral.detach()):
        assert held.holder.language == "Python"
    assert held.instance.wait(10).outcome is backstay.Outcome.SUCCEEDED


def test_a_taken_one_that_is_dropped_is_told(host: backstay.Host) -> None:
    held = Held(host)
    taken = backstay.Deferral.from_handle(held.deferral.detach())
    with pytest.warns(ResourceWarning, match="was dropped without complete"):
        del taken
    (dropped,) = held.instance.wait(10).dropped
    assert dropped.language == "Python"


def test_one_whose_instance_has_ended_is_handed_over_all_the_same(clock: backstay.Host) -> None:
    # L4: who completes too late is told so, wherever that is.
    held = Held(clock)
    instance = held.instance
    instance.cancel()
    clock.advance(60)
    assert instance.completion is not None and instance.completion.outcome is backstay.Outcome.ABANDONED
    taken = backstay.Deferral.from_handle(held.deferral.detach())
    assert taken.complete() is Status.NOT_RUNNING
    assert taken.complete() is Status.ALREADY_COMPLETED


def test_a_handle_is_taken_once(host: backstay.Host) -> None:
    held = Held(host)
    handle = held.deferral.detach()
    taken = backstay.Deferral.from_handle(handle)
    with pytest.raises(backstay.StaleHandle):
        backstay.Deferral.from_handle(handle)
    taken.complete()
    # One that was completed cannot be given: its handle would name nothing that is held. It answers as ever.
    again = backstay.Deferral.from_handle(taken.detach())
    assert again.complete() is Status.ALREADY_COMPLETED


def test_threads_that_use_what_was_given_away_do_not_keep_each_other() -> None:
    # In a process of its own: threads that do stand still for good.
    status, out, err = run(
        """
        sys.setswitchinterval(1e-6)
        with backstay.Host() as host:
            taken, done = [], threading.Event()
            def hold(instance):
                taken.append(instance.get_deferral("given"))
                done.set()
            host.register("held", hold).fire()
            done.wait()
            handle = taken[0].detach()
            def use():
                for _ in range(2000):
                    for call in (taken[0].complete, taken[0].detach, taken[0].holder):
                        try:
                            call()
                        except backstay.InvalidHandle:
                            pass
            threads = [threading.Thread(target=use) for _ in range(4)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            print(backstay.Deferral.from_handle(handle).complete().name)
        """
    )
    assert (status, out, err) == (0, "OK\n", "")


FOREIGN = 0xFF << 48


def test_mistakes_are_exceptions_that_say_what_is_wrong() -> None:
    with backstay.Host() as host:
        refuse_mistakes(host, Held(host))


def refuse_mistakes(host: backstay.Host, held: Held) -> None:
    instance, deferral = held.instance.handle(), held.deferral.detach()
    for wrong in (0, 1, -1, 1 << 64, -(1 << 70), 2**63):
        for take in (backstay.Instance.from_handle, backstay.Deferral.from_handle, backstay.Host.from_handle):
            with pytest.raises(backstay.InvalidHandle):
                take(wrong)
    for take, handle in (
        (backstay.Instance.from_handle, deferral),
        (backstay.Deferral.from_handle, instance),
        (backstay.Host.from_handle, instance),
        (backstay.Instance.from_handle, host.handle()),
    ):
        with pytest.raises(backstay.WrongHandleType) as caught:
            take(handle)
        assert isinstance(caught.value, TypeError) and caught.value.status == "WRONG_HANDLE_TYPE"
    for take, handle in (
        (backstay.Instance.from_handle, instance),
        (backstay.Deferral.from_handle, deferral),
    ):
        with pytest.raises(backstay.ForeignHandle, match="another copy"):
            take(handle ^ FOREIGN)
    for no_integer in ("1", 1.0, None, True, b"\x01"):
        with pytest.raises(TypeError, match="a handle is an integer"):
            backstay.Deferral.from_handle(no_integer)  # type: ignore[arg-type]
    # Nothing was lost by any of them.
    assert held.holder.label == "here"
    backstay.Deferral.from_handle(deferral).complete()


def test_a_host_of_pythons_own_comes_back_as_itself() -> None:
    with backstay.Host() as host:
        assert backstay.Host.from_handle(host.handle()) is host
        assert host.handle() == host.handle()


def test_many_threads_pass_one_deferral_around(host: backstay.Host) -> None:
    """Each time exactly one thread has it, whoever tries."""
    held = Held(host)
    handles = [held.deferral.detach()]
    passes = 0
    lock = threading.Lock()

    def run() -> None:
        nonlocal passes
        for _ in range(500):
            try:
                taken = backstay.Deferral.from_handle(handles[0])
            except backstay.StaleHandle:
                continue
            with lock:
                passes += 1
            handles[0] = taken.detach()

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert passes >= 500
    assert backstay.Deferral.from_handle(handles[0]).complete() is Status.OK
