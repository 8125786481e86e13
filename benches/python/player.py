"""Plays the works of the benches that are written in Python: the package, and its peers.

Reads lines ``WORK SIZE`` and answers each by one line: what one of SIZE pieces of the work cost, in nanoseconds unless
the work says otherwise, or ``- REASON`` when it could not be played. The line ``works`` is answered by all names. Ends
with the input. Everything that anybody else has to say goes to standard error.
"""

from __future__ import annotations

import gc
import sys
import traceback
from typing import TextIO

import _crossing
import _firing
import _importing
import _memory
import _peers
from _sample import Unplayable, Work

WORKS: dict[str, Work] = {
    **_crossing.WORKS,
    **_firing.WORKS,
    **_peers.WORKS,
    **_importing.WORKS,
    **_memory.WORKS,
}


def answer(line: str) -> str:
    """Play what the line asks for."""
    words = line.split()
    if words == ["works"]:
        return " ".join(WORKS)
    if len(words) != 2 or not words[1].isdecimal() or int(words[1]) == 0:
        return "- expected WORK SIZE, with a size of 1 or more"
    name, size = words[0], int(words[1])
    if name not in WORKS:
        return f"- there is no work {name}"
    # What other works have left behind for the collector is not for this one to pay.
    gc.collect()
    try:
        return f"{WORKS[name](size):.3f}"
    except Unplayable as reason:
        return f"- {reason}"
    except Exception as error:  # noqa: BLE001
        # One work that fails takes no other along; the harness names it, and the details stand on standard error.
        traceback.print_exc()
        return f"- it failed: {type(error).__name__}: {' '.join(str(error).split())}"


def play(requests: TextIO, answers: TextIO) -> None:
    """Answer every line."""
    for line in requests:
        if line.strip():
            print(answer(line), file=answers, flush=True)


def main() -> None:
    """Play what standard input asks for."""
    answers = sys.stdout
    # What a library prints must not be taken for an answer.
    sys.stdout = sys.stderr
    play(sys.stdin, answers)


if __name__ == "__main__":
    main()
