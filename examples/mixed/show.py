"""What a user sees: the bar while it runs, the report at the end."""

from __future__ import annotations

import os
import sys
import time
from collections import Counter
from types import TracebackType
from typing import final

from rich.console import Console
from rich.filesize import decimal
from rich.progress import BarColumn, Progress, TaskID, TextColumn
from tally import EqualFiles, Standing, Tally
from walk import Found

_LARGEST = 10
_NAMED = 5


def printable(text: str) -> str:
    """A name as one line, whatever bytes it consists of."""
    return "".join(
        letter
        if letter.isprintable()
        else letter.encode("unicode_escape", "backslashreplace").decode("ascii")
        for letter in text
    )


class Output:
    """Standard output that may end before we do, as in `demo.py DIR | head -1`: the rest is then said to nobody."""

    def __init__(self) -> None:
        #: What went wrong, unless the reader just left.
        self.error: OSError | None = None
        if sys.stdout is not None:
            sys.stdout.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]

    def line(self, text: str = "") -> None:
        """Print one line at once."""
        try:
            print(text, flush=True)
        except OSError as error:
            if not isinstance(error, BrokenPipeError):
                self.error = error
            # What is left in the buffer goes nowhere, also at the exit of the interpreter.
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, sys.stdout.fileno())
            os.close(nowhere)


@final
class Bar:
    """A live progress bar on standard error, if that is a terminal. Drawn by whoever calls; it has no thread."""

    def __init__(self) -> None:
        console = Console(stderr=True)
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.fields[text]}"),
            console=console,
            auto_refresh=False,
            transient=True,
            redirect_stdout=False,
            redirect_stderr=False,
            disable=sys.stderr is None or not sys.stderr.isatty(),
        )
        self._task: TaskID = self._progress.add_task("walking", total=None, text="")
        self._drawn = self._since = time.monotonic()

    def __enter__(self) -> Bar:
        self._progress.start()
        if not self._progress.disable:
            # A second Ctrl-C leaves without a word, and must not leave the terminal without its cursor.
            self._progress.console.show_cursor(True)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._progress.stop()

    def walking(self, found: Found) -> None:
        """Show how far the walk is."""
        if self._due():
            self._progress.update(self._task, text=f"{found.files} files")
            self._progress.refresh()

    def comparing(self, tally: Tally, files: int, weight: int) -> None:
        """Show how far the comparison is."""
        if self._due():
            now: Standing = tally.standing()
            rate = int(now.bytes_read / max(time.monotonic() - self._since, 0.001))
            text = f"{now.files}/{files} files, {decimal(now.bytes_read)} read, {decimal(rate)}/s"
            self._progress.update(
                self._task, description="comparing", total=max(weight, 1), completed=now.weight, text=text
            )
            self._progress.refresh()

    def _due(self) -> bool:
        now = time.monotonic()
        if now - self._drawn < 0.1:
            return False
        self._drawn = now
        return True


def report(out: Output, found: Found, tally: Tally, groups: list[EqualFiles]) -> None:
    """Print what was found. `groups` are the equal files, the largest first."""
    read = tally.standing().bytes_read
    freeable = sum(group.freeable for group in groups)
    out.line(f"files seen: {found.files}")
    out.line(f"bytes read: {read} ({decimal(read)})")
    out.line(f"groups of equal files: {len(groups)}, with {sum(len(group.paths) for group in groups)} files")
    out.line(f"bytes that could be freed: {freeable} ({decimal(freeable)})")
    if groups:
        out.line("largest groups:")
    for group in groups[:_LARGEST]:
        out.line(f"  {len(group.paths)} files of {group.size} bytes, {group.freeable} bytes could be freed")
        _name(out, group.paths, "    ")
    _problems(out, found.problems + tally.problems)
    if found.skipped:
        out.line(f"skipped: {sum(found.skipped.values())}")
    for kind, count in found.skipped.most_common():
        out.line(f"  {kind}: {count}")
    for failure in tally.failures:
        out.line(f"failed: {printable(failure)}")


def _problems(out: Output, problems: list[tuple[str, str]]) -> None:
    if not problems:
        return
    out.line(f"could not be read: {len(problems)}")
    for reason, count in Counter(reason for _, reason in problems).most_common():
        out.line(f"  {reason}: {count}")
        _name(out, sorted(path for path, why in problems if why == reason), "    ")


def _name(out: Output, paths: list[str], indent: str) -> None:
    for path in paths[:_NAMED]:
        out.line(indent + printable(path))
    if len(paths) > _NAMED:
        out.line(f"{indent}and {len(paths) - _NAMED} more")
