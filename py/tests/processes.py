"""Programs in processes of their own, for what a test's own process would not survive."""

from __future__ import annotations

import os
import pathlib
import signal
import subprocess
import sys
import textwrap

#: Nothing here takes so long, on the slowest of machines.
TOO_LONG = 60

# Who runs the tests in the background may have Ctrl-C ignored, which a child inherits.
PRELUDE = """
import signal, sys, threading, time
signal.signal(signal.SIGINT, signal.default_int_handler)
import backstay
"""


def start(code: str, *, prelude: str = PRELUDE) -> subprocess.Popen[str]:
    """Begins a program; warnings are errors in it."""
    here = str(pathlib.Path(__file__).parent)
    paths = [here, *filter(None, [os.environ.get("PYTHONPATH")])]
    return subprocess.Popen(
        [sys.executable, "-W", "error", "-c", prelude + textwrap.dedent(code)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
        # A program that hangs is ended with its children, which would keep its pipes open.
        start_new_session=True,
    )


def finish(process: subprocess.Popen[str]) -> tuple[int, str, str]:
    """What became of it: the status and what it said."""
    try:
        out, err = process.communicate(timeout=TOO_LONG)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        out, err = process.communicate()
        raise AssertionError(f"the program hangs; stdout {out!r}, stderr {err!r}") from None
    return process.returncode, out, err


def run(code: str, *, prelude: str = PRELUDE) -> tuple[int, str, str]:
    """Runs a program to its end: the status and what it said."""
    return finish(start(code, prelude=prelude))


def interrupt(process: subprocess.Popen[str], number: signal.Signals = signal.SIGINT) -> tuple[int, str, str]:
    """Sends a signal to a program that has said "waiting", and runs it to its end."""
    assert process.stdout is not None
    said = process.stdout.readline()
    assert said == "waiting\n", (said, finish(process))
    process.send_signal(number)
    return finish(process)
