#!/usr/bin/env python3
"""Finds equal files. Python schedules, C compares on threads of its own, and Ctrl-C ends it all in an orderly way.

Build the C extension first: examples/mixed/build PYTHON
"""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
import time

# Where `build` puts the extension.
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "target", "mixed"))

import backstay
import compare
from show import Bar, Output, printable, report
from signals import Interrupt
from tally import EqualFiles, Tally
from walk import Found, walk, why
from write import write_groups

#: How many instances may be alive at a time: enough that no thread waits for work.
ALIVE = 1000


def main() -> int:
    options = parse()
    try:
        os.close(os.open(options.directory, os.O_RDONLY | os.O_DIRECTORY))
    except OSError as error:
        print(f"demo.py: {printable(options.directory)}: {why(error)}", file=sys.stderr)
        return 2

    interrupt = Interrupt(options.grace)
    out = Output()
    out.line(f"Looking for equal files below {printable(options.directory)}")
    found, tally = Found(), Tally()
    drained = search(options, interrupt, out, found, tally)
    compare.stop(200)

    groups = sorted(tally.groups, key=lambda group: (-group.size, group.paths))
    if drained is not None:
        out.line(str(drained))
        out.line("found until then:")
    report(out, found, tally, groups)
    fine = options.json is None or save(options.json, groups, tally, interrupt)
    if out.error is not None:
        complain(f"standard output: {why(out.error)}")
    return interrupt.status(0 if fine and not tally.failures and out.error is None else 1)


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="demo.py", description="Finds files that are equal byte for byte.")
    parser.add_argument("directory", metavar="DIR")
    parser.add_argument("--json", metavar="FILE", help="write all groups to this file")
    parser.add_argument(
        "--grace",
        metavar="SECONDS",
        type=seconds,
        default=5.0,
        help="how long Ctrl-C waits for the work to end (5)",
    )
    parser.add_argument(
        "--threads",
        metavar="N",
        type=thread_count,
        default=0,
        help="how many threads of C, at most 256 (one for each core)",
    )
    parser.add_argument(
        "--stall",
        action="store_true",
        help="a worker that never looks at the cancellation, to see a drain report",
    )
    return parser.parse_args()


def seconds(text: str) -> float:
    value = float(text)
    if not 0 <= value <= 86400:
        raise argparse.ArgumentTypeError("must be from 0 to 86400")
    return value


def thread_count(text: str) -> int:
    value = int(text)
    if not 1 <= value <= 256:
        raise argparse.ArgumentTypeError("must be from 1 to 256")
    return value


def search(
    options: argparse.Namespace, interrupt: Interrupt, out: Output, found: Found, tally: Tally
) -> backstay.DrainReport | None:
    """Walk, fire, wait. The drain report if a signal ended it."""
    compare.set_threads(options.threads)
    with backstay.Host(grace=options.grace) as host:
        task = host.register("compare", tally.run)
        task.on_progress(tally.progressed)
        task.on_completed(tally.completed)
        stalling = host.register("stall", lambda instance: compare.stall(instance.handle()))
        if options.stall:
            stalling.fire()
        # Only now may a signal close the host; one that came before is seen below.
        interrupt.host = host
        with Bar() as bar:
            for _ in walk(options.directory, found):
                bar.walking(found)
                if interrupt.number is not None:
                    break
            compare_all(task, interrupt, found, tally, bar)
            while options.stall and interrupt.number is None:
                time.sleep(0.05)
        if interrupt.number is not None:
            out.line(f"{interrupt.name}: waiting at most {options.grace:g} s; once more to leave at once")
        drained = host.shutdown(options.grace)
        with contextlib.suppress(backstay.TimedOut):
            host.flush(0.5)
        return drained if interrupt.number is not None else None


def compare_all(task: backstay.Task, interrupt: Interrupt, found: Found, tally: Tally, bar: Bar) -> None:
    """Fire an instance for each size that several files have, and wait until all have ended or a signal came."""
    groups = found.groups()
    files = sum(len(paths) for _, paths in groups)
    weight = sum(size * len(paths) for size, paths in groups)
    fired = 0
    while interrupt.number is None and tally.ended < len(groups):
        if fired == len(groups) or fired - tally.ended >= ALIVE:
            time.sleep(0.005)
        else:
            size, paths = groups[fired]
            # Closed: the signal handler was quicker than the look at `number` above.
            with contextlib.suppress(backstay.Closed):
                task.fire({"size": size, "paths": paths})
                fired += 1
        bar.comparing(tally, files, weight)


def save(path: str, groups: list[EqualFiles], tally: Tally, interrupt: Interrupt) -> bool:
    """Write the JSON file if everything was compared; whether it is there."""
    problem = "not written, since not everything was compared"
    try:
        if interrupt.number is None and not tally.failures and write_groups(path, groups, interrupt):
            return True
    except OSError as error:
        problem = why(error)
    complain(f"{printable(path)}: {problem}")
    return False


def complain(text: str) -> None:
    # Standard error may be gone, too, and then nobody is there to be told.
    with contextlib.suppress(OSError):
        print(f"demo.py: {text}", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
