"""What others do for the same: an executor, a scheduler, event loops.

Each work has the end of its sample where that of backstay's counterpart is: all have run, and whoever asked knows.
"""

from __future__ import annotations

import asyncio
import datetime
from concurrent.futures import ThreadPoolExecutor
from time import perf_counter_ns
from typing import Any

from _sample import Countdown, Unplayable, Work, noop, noop_async

#: As many threads as the host has.
WORKERS = 2


def executor(size: int) -> float:
    """Submit so many at once and take the result of each."""
    with ThreadPoolExecutor(WORKERS) as pool:
        begin = perf_counter_ns()
        futures = [pool.submit(noop) for _ in range(size)]
        for future in futures:
            future.result()
        return (perf_counter_ns() - begin) / size


def executor_round_trip(size: int) -> float:
    """Submit one and take its result, again and again."""
    with ThreadPoolExecutor(WORKERS) as pool:
        # A thread begins with the first job.
        pool.submit(noop).result()
        begin = perf_counter_ns()
        for _ in range(size):
            pool.submit(noop).result()
        return (perf_counter_ns() - begin) / size


def _scheduler(size: int) -> Any:
    # APScheduler has no types.
    try:
        from apscheduler.executors.pool import (  # type: ignore[import-not-found,import-untyped,unused-ignore]
            ThreadPoolExecutor as Pool,
        )
        from apscheduler.schedulers.background import (  # type: ignore[import-not-found,import-untyped,unused-ignore]
            BackgroundScheduler,
        )
    except ImportError as error:
        raise Unplayable("APScheduler 3 is not installed; benches/python/build does it") from error
    # By default it leaves out what is late by a second, as the last of many at once are.
    defaults = {"misfire_grace_time": None, "max_instances": size}
    return BackgroundScheduler(
        executors={"default": Pool(WORKERS)}, job_defaults=defaults, timezone=datetime.timezone.utc
    )


def apscheduler(size: int) -> float:
    """Add so many jobs that run at once, until it was told that the last one has run."""
    scheduler = _scheduler(size)
    from apscheduler.events import (  # type: ignore[import-not-found,import-untyped,unused-ignore]
        EVENT_JOB_EXECUTED,
    )

    executed = Countdown(size)
    scheduler.add_listener(executed.step, EVENT_JOB_EXECUTED)
    scheduler.start()
    try:
        begin = perf_counter_ns()
        for _ in range(size):
            scheduler.add_job(noop)
        executed.wait()
        return (perf_counter_ns() - begin) / size
    finally:
        scheduler.shutdown()


def apscheduler_add(size: int) -> float:
    """Add so many jobs that run in a day, to a scheduler that is paused: the cost of keeping them alone."""
    scheduler = _scheduler(size)
    tomorrow = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=1)
    scheduler.start(paused=True)
    try:
        begin = perf_counter_ns()
        for _ in range(size):
            scheduler.add_job(noop, "date", run_date=tomorrow)
        return (perf_counter_ns() - begin) / size
    finally:
        scheduler.shutdown()


def asyncio_tasks(size: int) -> float:
    """Create so many tasks of asyncio and gather them."""

    async def main() -> float:
        begin = perf_counter_ns()
        await asyncio.gather(*[asyncio.create_task(noop_async()) for _ in range(size)])
        return (perf_counter_ns() - begin) / size

    return asyncio.run(main())


def anyio_tasks(size: int) -> float:
    """Start so many tasks in a task group of anyio, on asyncio, and leave it."""
    try:
        import anyio
    except ImportError as error:
        raise Unplayable("anyio is not installed; benches/python/build does it") from error

    async def main() -> float:
        begin = perf_counter_ns()
        async with anyio.create_task_group() as group:
            for _ in range(size):
                group.start_soon(noop_async)
        return (perf_counter_ns() - begin) / size

    return anyio.run(main)


WORKS: dict[str, Work] = {
    "executor": executor,
    "executor_round_trip": executor_round_trip,
    "apscheduler": apscheduler,
    "apscheduler_add": apscheduler_add,
    "asyncio_tasks": asyncio_tasks,
    "anyio_tasks": anyio_tasks,
}
