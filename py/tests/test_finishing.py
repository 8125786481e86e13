"""L1 to L7 and L9 as Python sees them."""

from __future__ import annotations

import dataclasses
import gc
import threading
import traceback
import warnings
import weakref
from collections.abc import AsyncIterator, Iterator

import backstay
import pytest
from backstay import Outcome, State, Status


def hold(host: backstay.Host) -> tuple[backstay.Instance, backstay.Deferral]:
    """An instance whose entry point has returned and which a deferral keeps alive."""
    taken: list[backstay.Deferral] = []
    returned = threading.Event()

    def run(instance: backstay.Instance) -> None:
        taken.append(instance.get_deferral("first"))
        returned.set()

    instance = host.register("hold", run).fire()
    assert returned.wait(10)
    return instance, taken[0]


def test_an_instance_ends_with_its_last_deferral(host: backstay.Host) -> None:
    instance, first = hold(host)
    second = instance.get_deferral("second")
    assert first.complete() is Status.OK
    assert instance.state is State.RUNNING
    assert second.complete() is Status.OK
    assert instance.wait(10).outcome is Outcome.SUCCEEDED


def test_a_second_and_a_late_completion_are_answered_not_raised(host: backstay.Host) -> None:
    instance, deferral = hold(host)
    assert deferral.complete() is Status.OK
    instance.wait(10)
    assert deferral.complete() is Status.ALREADY_COMPLETED
    assert deferral.fail("late") is Status.ALREADY_COMPLETED


def test_a_deferral_of_a_finished_instance_is_refused(host: backstay.Host) -> None:
    instance, deferral = hold(host)
    deferral.complete()
    instance.wait(10)
    with pytest.raises(backstay.NotRunning) as refused:
        instance.get_deferral("too late")
    assert refused.value.status == "NOT_RUNNING"
    assert isinstance(refused.value, RuntimeError)


def test_a_dropped_deferral_completes_with_a_warning_and_is_told(host: backstay.Host) -> None:
    instance, first = hold(host)
    told = r"\"forgotten\" from .*test_finishing\.py.* without complete\(\)"
    with pytest.warns(ResourceWarning, match=told):
        instance.get_deferral("forgotten")
    first.complete()
    done = instance.wait(10)
    assert done.outcome is Outcome.SUCCEEDED
    assert [holder.label for holder in done.dropped] == ["forgotten"]


def test_the_block_of_a_with_statement_completes_or_fails(host: backstay.Host) -> None:
    instance, first = hold(host)
    with instance.get_deferral("good"):
        pass
    with pytest.raises(ValueError, match="of the block"), instance.get_deferral("bad"):
        raise ValueError("of the block")
    first.complete()
    done = instance.wait(10)
    assert (done.outcome, done.error, done.error_type) == (Outcome.FAILED, "of the block", "ValueError")


def test_the_first_error_counts_and_the_rest_is_waited_for(host: backstay.Host) -> None:
    instance, first = hold(host)
    second = instance.get_deferral("second")
    first.fail("one")
    assert instance.state is State.RUNNING
    second.fail(RuntimeError("two"))
    assert instance.wait(10).error == "one"


def test_an_exception_fails_the_instance_and_keeps_its_traceback(host: backstay.Host) -> None:
    @host.task()
    def broken(instance: backstay.Instance) -> None:
        raise KeyError("lost")

    done = broken.fire().wait(10)
    assert (done.error, done.error_type) == ("'lost'", "KeyError")
    with pytest.raises(backstay.TaskFailed) as failed:
        done.check()
    cause = failed.value.__cause__
    assert isinstance(cause, KeyError)
    assert cause.__traceback__ is not None
    assert cause.__traceback__.tb_frame.f_code.co_name == "broken"


def test_what_was_abandoned_raises_and_names_its_holders(clock: backstay.Host) -> None:
    instance, deferral = hold(clock)
    instance.cancel()
    clock.advance(5)
    done = instance.wait(10)
    assert done.outcome is Outcome.ABANDONED
    with pytest.raises(
        backstay.TaskAbandoned, match=r"deferral \"first\" from .*test_finishing\.py:\d+ \(Python\)"
    ):
        done.check()
    assert deferral.complete() is Status.NOT_RUNNING
    assert deferral.complete() is Status.ALREADY_COMPLETED


def test_an_exception_does_not_keep_the_deferrals_of_its_frames(host: backstay.Host) -> None:
    def run(instance: backstay.Instance) -> None:
        deferral = instance.get_deferral("kept by the frame")
        try:
            raise ValueError("inner")
        except ValueError as error:
            raise RuntimeError(f"outer, {deferral is not None}") from error

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        done = host.register("t", run).fire().wait(10)
    assert (done.outcome, done.error) == (Outcome.FAILED, "outer, True")
    assert [holder.label for holder in done.dropped] == ["kept by the frame"]
    assert isinstance(done.exception, RuntimeError)
    assert isinstance(done.exception.__cause__, ValueError)


def test_a_failed_deferral_does_not_keep_the_others(host: backstay.Host) -> None:
    def run(instance: backstay.Instance) -> None:
        first = instance.get_deferral("first")
        second = instance.get_deferral("second")
        try:
            raise ValueError(f"with {second is not None}")
        except ValueError as error:
            first.fail(error)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        done = host.register("t", run).fire().wait(10)
    assert (done.outcome, done.error, done.error_type) == (Outcome.FAILED, "with True", "ValueError")


def test_what_a_deferral_can_fail_with(host: backstay.Host) -> None:
    instance, deferral = hold(host)
    with pytest.raises(TypeError, match="a text or an exception, not int"):
        deferral.fail(5)  # type: ignore[arg-type]
    assert deferral.complete() is Status.OK
    instance.wait(10)


def test_work_that_nobody_would_do_is_a_failure(host: backstay.Host) -> None:
    def generator(instance: backstay.Instance) -> Iterator[None]:
        yield

    async def agenerator(instance: backstay.Instance) -> AsyncIterator[None]:
        yield

    async def coroutine(instance: backstay.Instance) -> None: ...

    for name, run in {
        "generator": generator,
        "async_generator": agenerator,
        "coroutine": lambda instance: coroutine(instance),
    }.items():
        done = host.register(name, run).fire().wait(10)
        assert done.error_type == "TypeError" and done.error is not None
        assert f"gave back a {name}, which nobody would run" in done.error


def test_an_exception_keeps_its_lines_and_nothing_else_alive(host: backstay.Host) -> None:
    class Application:
        """What an application has, its failed instances among it."""

        failed: backstay.Instance

    def fail() -> weakref.ref[Application]:
        application = Application()

        def inner() -> None:
            raise ValueError("first")

        def run(instance: backstay.Instance) -> None:
            application.failed = instance
            try:
                inner()
            except ValueError as error:
                raise OSError("second") from error

        with pytest.raises(backstay.TaskFailed) as failed:
            host.register("t", run).fire().wait(10).check()
        text = "".join(traceback.format_exception(None, failed.value, failed.value.__traceback__))
        assert 'raise OSError("second") from error' in text and 'raise ValueError("first")' in text
        assert f'File "{__file__}"' in text and "in inner" in text and "in run" in text
        host.register("t", run, if_exists=backstay.IfExists.REPLACE)
        return weakref.ref(application)

    gone = fail()
    limit = threading.Event()
    host.shutdown()
    while gone() is not None and not limit.wait(0.01):
        gc.collect()


@dataclasses.dataclass(frozen=True)
class Frozen(Exception):
    """Refuses to have its attributes set, and has one that a group of exceptions would have."""

    code: int
    exceptions: None = None


def test_an_exception_that_refuses_attributes_is_told_as_it_is(host: backstay.Host) -> None:
    def run(instance: backstay.Instance) -> None:
        raise Frozen(7)

    async def coroutine(instance: backstay.Instance) -> None:
        raise Frozen(7)

    for number, fails in enumerate((run, coroutine)):
        done = host.register(f"t{number}", fails).fire().wait(10)
        assert (done.error_type, done.exception) == ("Frozen", Frozen(7))


@pytest.mark.parametrize("number", [-1, 2**32, 10**30])
def test_a_number_that_is_none_is_named(host: backstay.Host, number: int) -> None:
    instance = host.register("t", lambda instance: None).fire()
    with pytest.raises(backstay.InvalidArgument, match=r"at most|not negative"):
        instance.progress = number
    with pytest.raises(backstay.InvalidArgument, match=r"not negative|is no reason"):
        instance.cancel(number)
