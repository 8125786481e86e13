"""What ``import backstay`` costs a fresh interpreter, and what comes along with it (P12)."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
from typing import NamedTuple

from _sample import PATIENCE, Work

# Only what the interpreter has loaded anyway is imported before. Python counts its own threads; those of a library, and
# all others, are counted by the system.
_CHILD = """
from time import perf_counter_ns
begin = perf_counter_ns()
import backstay
end = perf_counter_ns()
import os, sys, threading
has_asyncio = "asyncio" in sys.modules
tasks = "/proc/self/task"
threads = max(threading.active_count(), len(os.listdir(tasks)) if os.path.isdir(tasks) else 1)
print(end - begin, int(has_asyncio), threads)
"""


class _Import(NamedTuple):
    nanoseconds: int
    has_asyncio: bool
    threads: int


def _import() -> _Import:
    # In the folder of the player, so that no other folder named backstay is in the way.
    child = subprocess.run(
        [sys.executable, "-c", _CHILD],
        check=True,
        cwd=os.path.dirname(os.path.abspath(__file__)),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
        timeout=PATIENCE,
    )
    nanoseconds, has_asyncio, threads = map(int, child.stdout.split())
    return _Import(nanoseconds, bool(has_asyncio), threads)


def import_time(size: int) -> float:
    """Milliseconds of an import: the median of so many interpreters."""
    return statistics.median(_import().nanoseconds for _ in range(size)) / 1e6


def import_asyncio(size: int) -> float:
    """How many of two things an import does that it should not: load asyncio, begin a thread."""
    imports = [_import() for _ in range(size)]
    return any(each.has_asyncio for each in imports) + any(each.threads > 1 for each in imports)


WORKS: dict[str, Work] = {
    "import_time": import_time,
    "import_asyncio": import_asyncio,
}
