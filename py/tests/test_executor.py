"""An executor of the application (H7)."""

from __future__ import annotations

import queue
import threading
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor

import backstay
import pytest
from backstay import CancelReason, Outcome


def test_a_pool_runs_the_entry_points() -> None:
    names: list[str] = []
    with ThreadPoolExecutor(1, thread_name_prefix="mine") as pool, backstay.Host(executor=pool) as host:
        task = host.register("t", lambda instance: names.append(threading.current_thread().name))
        task.fire().wait(10).check()
    assert names == ["mine_0"]


def test_a_function_takes_jobs_and_a_loop_of_its_own_runs_them() -> None:
    jobs: queue.Queue[backstay.Job] = queue.Queue()
    threads: list[int] = []
    host = backstay.Host(executor=jobs.put)
    instance = host.register("t", lambda instance: threads.append(threading.get_ident())).fire()
    job = jobs.get(timeout=10)
    assert repr(job) == "<backstay.Job(to do)>"
    job()
    job()
    assert repr(job) == "<backstay.Job(done)>"
    assert threads == [threading.get_ident()]
    assert instance.wait(0).outcome is Outcome.SUCCEEDED
    host.shutdown()


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_job_that_is_run_inside_of_the_submission_is_refused_and_told() -> None:
    refused: list[str] = []

    def at_once(job: backstay.Job) -> None:
        try:
            job()
        except backstay.WouldDeadlock as error:
            refused.append(str(error))

    with backstay.Host(executor=at_once) as host:
        done = host.register("t", lambda instance: None).fire().wait(10)
    assert done.canceled is CancelReason.RESOURCE_REVOCATION
    assert len(refused) == 1 and "submits" in refused[0]


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_job_that_is_dropped_cancels_what_waits() -> None:
    with backstay.Host(executor=lambda job: None) as host:
        done = host.register("t", lambda instance: None).fire().wait(10)
    assert (done.outcome, done.canceled) == (Outcome.CANCELED, CancelReason.RESOURCE_REVOCATION)


def test_what_is_no_executor_is_refused() -> None:
    with pytest.raises(TypeError, match="callable"):
        backstay.Host(executor=5)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="loop: expected an event loop"):
        backstay.Host(loop=5)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="ThreadPoolExecutor"):
        backstay.Host(executor=ProcessPoolExecutor())
