"""What one piece of waiting work takes in resident memory, in bytes.

Each sample is a process of its own, this file as a program: memory that was used once is rarely given back, so in one
that has played before there would be nothing left to see.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time

from _sample import PATIENCE, Unplayable, Work

#: So many begin at once. What waits for its beginning takes memory of its own, which is not what is asked for.
_WAVE = 1000

_STATM = "/proc/self/statm"


def memory_instance(size: int) -> float:
    """An instance that is Running since Python has a named deferral of it."""
    return _in_a_process("instances", size)


def memory_asyncio(size: int) -> float:
    """A task of asyncio that waits for a future of its own."""
    return _in_a_process("tasks", size)


def _in_a_process(what: str, size: int) -> float:
    if not os.path.exists(_STATM):
        raise Unplayable(f"there is no {_STATM} to read the resident memory from")
    child = subprocess.run(
        [sys.executable, os.path.abspath(__file__), what, str(size)],
        check=True,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
        timeout=PATIENCE,
    )
    return float(child.stdout)


def _resident() -> int:
    with open(_STATM) as statm:
        return int(statm.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def _instances(size: int) -> float:
    import backstay

    held: list[backstay.Deferral] = []

    def park(instance: backstay.Instance) -> None:
        held.append(instance.get_deferral("parked"))

    with backstay.Host(workers=2) as host:
        task = host.register("park", park)

        def grow(to: int) -> None:
            while len(held) < to:
                wave = min(len(held) + _WAVE, to)
                for _ in range(wave - len(held)):
                    task.fire()
                until = time.monotonic() + PATIENCE
                while len(held) < wave:
                    if time.monotonic() > until:
                        raise TimeoutError(f"only {len(held)} of {wave} instances are Running")
                    time.sleep(0.001)
            host.flush(timeout=PATIENCE)

        # The first wave brings along what is there once: modules, threads, queues.
        grow(_WAVE)
        before = _resident()
        grow(_WAVE + size)
        after = _resident()
        for deferral in held:
            deferral.complete()
    return (after - before) / size


async def _tasks(size: int) -> float:
    loop = asyncio.get_running_loop()
    # A future knows the task that waits for it.
    parked: list[asyncio.Future[None]] = []

    async def park() -> None:
        future = loop.create_future()
        parked.append(future)
        await future

    async def grow(to: int) -> None:
        while len(parked) < to:
            tasks = [asyncio.create_task(park()) for _ in range(min(_WAVE, to - len(parked)))]
            await asyncio.sleep(0)
            del tasks

    await grow(_WAVE)
    before = _resident()
    await grow(_WAVE + size)
    after = _resident()
    for future in parked:
        future.set_result(None)
    return (after - before) / size


def main() -> None:
    """Play the child: what, and how many."""
    what, size = sys.argv[1], int(sys.argv[2])
    print(_instances(size) if what == "instances" else asyncio.run(_tasks(size)))


WORKS: dict[str, Work] = {
    "memory_instance": memory_instance,
    "memory_asyncio": memory_asyncio,
}

if __name__ == "__main__":
    main()
