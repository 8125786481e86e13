"""Everything from many threads at once (E1).

What a free-threaded interpreter would do is done here as far as one with a lock can, which hands it on as often as it
may. Nothing in the package relies on that lock.
"""

from __future__ import annotations

import random
import sys
import threading
from collections.abc import Callable, Iterator

import backstay
import pytest
from backstay import CancelReason, Outcome, Status

THREADS = 8
ROUNDS = 60


@pytest.fixture(autouse=True)
def hand_on_often() -> Iterator[None]:
    """The interpreter's lock changes hands as often as it can."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


def from_many_threads(work: Callable[[int], None]) -> None:
    failures: list[Exception] = []
    together = threading.Barrier(THREADS)

    def run(number: int) -> None:
        together.wait(10)
        try:
            work(number)
        except Exception as error:  # noqa: BLE001 - told to the test
            failures.append(error)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not failures and not any(thread.is_alive() for thread in threads)


def test_one_deferral_is_completed_once(host: backstay.Host) -> None:
    taken: list[backstay.Deferral] = []
    task = host.register("t", lambda instance: taken.append(instance.get_deferral()))
    for _ in range(ROUNDS):
        instance = task.fire()
        while not taken:
            host.flush(10)
        deferral = taken.pop()
        answers: list[Status] = []

        def complete(number: int, deferral: backstay.Deferral = deferral, to: list[Status] = answers) -> None:
            to.append(deferral.complete())

        from_many_threads(complete)
        assert sorted(answers) == [Status.ALREADY_COMPLETED] * (THREADS - 1) + [Status.OK]
        assert instance.wait(10).outcome is Outcome.SUCCEEDED


def test_every_instance_ends_once_whatever_is_done_to_it(host: backstay.Host) -> None:
    lock, fired, told = threading.Lock(), [], []
    left: list[backstay.Deferral] = []

    def run(instance: backstay.Instance) -> None:
        deferral = instance.get_deferral(str(instance.details))
        deferral.set_note("under way")
        with lock:
            left.append(deferral)

    task = host.register("t", run)
    task.on_completed(lambda done: told.append(done.instance_id))
    host.on_event(lambda event: str(event))

    def work(number: int) -> None:
        chance = random.Random(number)
        for _ in range(ROUNDS):
            instance = task.fire({"n": number})
            with lock:
                fired.append(instance.id)
                deferral = left.pop() if left else None
            choice = chance.randrange(6)
            if choice == 0:
                instance.cancel(CancelReason.IDLE_TASK)
            elif choice == 1:
                instance.suspend(backstay.Cause.CPU)
                instance.resume()
            elif choice == 2:
                host.set_condition(f"c{number}", chance.random() < 0.5)
                assert host.snapshot().totals.tasks >= 1
            elif choice == 3:
                instance.progress = number
                instance.holders()
            if deferral is not None:
                if choice == 4:
                    deferral.fail("on purpose")
                else:
                    deferral.complete()

    from_many_threads(work)
    while task.running + task.pending:
        host.flush(10)
        with lock:
            rest, left[:] = list(left), []
        for deferral in rest:
            deferral.complete()
    host.flush(10)
    assert len(fired) == THREADS * ROUNDS
    assert sorted(told) == sorted(fired)


def test_names_are_unique_while_all_register_and_unregister(host: backstay.Host) -> None:
    def work(number: int) -> None:
        for _ in range(ROUNDS):
            try:
                task = host.register("one", lambda instance: None)
            except backstay.NameTaken:
                continue
            task.fire().wait(10).check()
            task.unregister()

    from_many_threads(work)
    assert host.tasks() == ()


def test_a_subscription_is_canceled_while_it_is_called(host: backstay.Host) -> None:
    task = host.register("t", lambda instance: None)

    def work(number: int) -> None:
        for _ in range(ROUNDS):
            over = threading.Event()
            late: list[object] = []

            def told(
                done: backstay.Completion, over: threading.Event = over, late: list[object] = late
            ) -> None:
                if over.is_set():
                    late.append(done)

            subscription = task.on_completed(told)
            task.fire()
            subscription.cancel(10)
            over.set()
            assert late == []

    from_many_threads(work)


def test_one_object_answers_all_threads_with_the_same_handle(host: backstay.Host) -> None:
    instance = host.register("t", lambda instance: None).fire()
    handles: list[int] = []
    from_many_threads(lambda number: handles.append(instance.handle()))
    assert len(set(handles)) == 1
