"""Plays scenario files through the Python package.

Prints one line for each, ``ok python NAME`` or ``FAILED python NAME line 7: expected …, saw …``, then how many
passed and failed. Exits with 1 when one failed, with 2 when there is no file to play.

The order to read the runner in:

- ``step``, ``act``: what a file and a run can say, as plain types
- ``words``, ``names``, ``options``, ``parse``: from text to steps
- ``play``: from steps to an answer, with one thread, one watchdog, one host
- ``perform``: what each step calls; ``player``: what it works with; ``opening`` for hosts and tasks, ``closing`` for
  reports
- ``expect``: what each expectation looks at
- ``stage``: what the steps and the running tasks share: ``traces``, ``gates``, ``deferrals``, ``complaints``
- ``entry``: the entry point of every task
"""

from __future__ import annotations

import logging
import sys
from pathlib import Path

from play import play
from trouble import Failure


def main(files: list[str]) -> int:
    if not files or any(file.startswith("-") for file in files):
        print("usage: tests/runners/python/run FILE.scn …", file=sys.stderr)
        return 2
    # What a host reports of itself, such as a handler that outlasts a shutdown without a grace, no file looks at.
    logging.getLogger("backstay").addHandler(logging.NullHandler())
    passed = sum(passes(Path(file)) for file in files)
    failed = len(files) - passed
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


def passes(path: Path) -> bool:
    try:
        play(read(path))
    except Failure as failure:
        print(f"FAILED python {path.stem} {failure}", flush=True)
        return False
    print(f"ok python {path.stem}", flush=True)
    return True


def read(path: Path) -> str:
    try:
        return path.read_bytes().decode()
    except (OSError, UnicodeError) as error:
        raise Failure(0, f"the file cannot be read: {error}") from None


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
