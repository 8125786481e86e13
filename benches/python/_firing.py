"""What it costs to run an empty entry point: many at once (P4), one at a time (P5), and at a later time."""

from __future__ import annotations

from time import perf_counter_ns

import backstay
from _sample import PATIENCE, Countdown, Work

#: As many threads as the peers have.
WORKERS = 2


def _run(instance: backstay.Instance) -> None:
    pass


async def _run_async(instance: backstay.Instance) -> None:
    pass


def fire(size: int) -> float:
    """Fire so many at once, until Completed of the last one was delivered."""
    completed = Countdown(size)
    with backstay.Host(workers=WORKERS) as host:
        task = host.register("fire", _run)
        task.on_completed(completed.step)
        begin = perf_counter_ns()
        for _ in range(size):
            task.fire()
        completed.wait()
        return (perf_counter_ns() - begin) / size


def fire_unheard(size: int) -> float:
    """Fire so many at once with nobody listening, until all have finished."""
    with backstay.Host(workers=WORKERS) as host:
        return _until_drained(host, host.register("fire_unheard", _run), size)


def fire_async(size: int) -> float:
    """Fire so many coroutines at once, which run on the loop that the host has of its own, until all have finished."""
    with backstay.Host(workers=WORKERS) as host:
        task = host.register("fire_async", _run_async)
        # The loop has a thread that begins with the first coroutine.
        task.fire().wait(timeout=PATIENCE).check()
        return _until_drained(host, task, size)


def _until_drained(host: backstay.Host, task: backstay.Task, size: int) -> float:
    begin = perf_counter_ns()
    for _ in range(size):
        task.fire()
    # Ends when the last one has finished; there is no other way to wait for all that hears of no single one.
    report = host.drain(timeout=PATIENCE)
    end = perf_counter_ns()
    if report.remaining:
        raise TimeoutError(f"{len(report.remaining)} instances did not finish within {PATIENCE} seconds")
    return (end - begin) / size


def round_trip(size: int) -> float:
    """Fire one and wait for its end, again and again, on a host that is idle."""
    with backstay.Host(workers=WORKERS) as host:
        task = host.register("round_trip", _run)
        # A worker begins with the first job.
        task.fire().wait(timeout=PATIENCE)
        begin = perf_counter_ns()
        for _ in range(size):
            task.fire().wait()
        return (perf_counter_ns() - begin) / size


def register_after(size: int) -> float:
    """Register so many tasks that a clock fires in an hour, and unregister them again; the cost of such a pair."""
    trigger = backstay.after(3600)
    names = [f"after-{n}" for n in range(size)]
    with backstay.Host(workers=WORKERS) as host:
        begin = perf_counter_ns()
        tasks = [host.register(name, _run, trigger=trigger) for name in names]
        for task in tasks:
            task.unregister()
        return (perf_counter_ns() - begin) / size


WORKS: dict[str, Work] = {
    "fire": fire,
    "fire_unheard": fire_unheard,
    "fire_async": fire_async,
    "round_trip": round_trip,
    "register_after": register_after,
}
