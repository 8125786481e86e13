"""The backup as a process: what it copies, when, and how it ends."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
#: Bounds nothing that is measured: a machine may be slow, a hang is longer.
TIMEOUT = 60
#: Several blocks, of which each is more than a pipe holds: a copy into a pipe stands still within its first one, and
#: asks whether it is to stop only after somebody has read.
BIG = bytes(1 << 20)

Start = Callable[..., "Running"]


class Running:
    """A process whose lines are read as they come."""

    def __init__(self, *arguments: object, **environment: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-W", "error", *map(str, arguments)],
            cwd=HERE,
            env={**os.environ, **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def lines_until(self, line: str) -> list[str]:
        """Everything that it says until it says this."""
        assert self.process.stdout is not None
        lines: list[str] = []
        for said in self.process.stdout:
            lines.append(said.rstrip("\n"))
            if lines[-1] == line:
                return lines
        raise AssertionError(f"it never said {line!r} but {lines}")

    def end(self, *, status: int = 0) -> tuple[str, str]:
        """What it says until it ends, with this status."""
        out, err = self.process.communicate(timeout=TIMEOUT)
        assert self.process.returncode == status, (out, err)
        return out, err


@pytest.fixture
def folders(tmp_path: Path) -> tuple[Path, Path]:
    """Two files in one folder, and the other one, which is not there yet."""
    source = tmp_path / "source"
    source.mkdir()
    (source / "one").write_bytes(b"1")
    (source / "two").write_bytes(BIG)
    return source, tmp_path / "target"


@pytest.fixture
def start() -> Iterator[Start]:
    """Starts the script, and leaves nothing behind when a test fails."""
    begun: list[Running] = []

    def start(*arguments: object, **environment: str) -> Running:
        begun.append(Running(*arguments, **environment))
        return begun[-1]

    yield start
    for running in begun:
        running.process.kill()
        running.process.communicate(timeout=TIMEOUT)


@pytest.fixture
def stuck(folders: tuple[Path, Path]) -> Iterator[int]:
    """The reading end of a pipe that stands where the second file is written: nothing is read until the test does."""
    _, target = folders
    target.mkdir()
    os.mkfifo(target / "two.part")
    reader = os.open(target / "two.part", os.O_RDONLY | os.O_NONBLOCK)
    yield reader
    os.close(reader)


def drain(reader: int) -> None:
    """Let the copying go on: it sees at its next block that it is to stop."""
    os.set_blocking(reader, True)
    while os.read(reader, 1 << 16):
        pass


def content(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_copies_once_the_target_is_there(start: Start, folders: tuple[Path, Path]) -> None:
    source, target = folders
    running = start("backup.py", source, target, "--every", 0.05)
    assert running.lines_until("backup: waits for target") == ["backup: waits for target"]
    target.mkdir()
    running.lines_until("backup: succeeded, 2 copied")
    assert content(target) == content(source)


def test_copies_again_what_is_newer_and_nothing_else(start: Start, folders: tuple[Path, Path]) -> None:
    source, target = folders
    target.mkdir()
    running = start("backup.py", source, target, "--every", 0.05)
    running.lines_until("backup: succeeded, 2 copied")
    running.lines_until("backup: succeeded, 0 copied")
    newer = (source / "one").stat().st_mtime + 1
    (source / "one").write_bytes(b"changed")
    os.utime(source / "one", (newer, newer))
    running.lines_until("backup: succeeded, 1 copied")
    running.lines_until("backup: succeeded, 0 copied")
    assert content(target) == content(source)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_with_a_report_and_status_0(
    start: Start, folders: tuple[Path, Path], number: signal.Signals
) -> None:
    running = start("backup.py", *folders, "--every", 0.05)
    running.lines_until("backup: waits for target")
    running.process.send_signal(number)
    out, err = running.end()
    assert out.splitlines()[-1].startswith("host closed: ") and " 0 abandoned" in out
    assert err == ""


def test_a_copy_under_way_stops_and_leaves_no_half_of_a_file(
    start: Start, folders: tuple[Path, Path], stuck: int
) -> None:
    source, target = folders
    running = start("backup.py", source, target, "--every", 0.05)
    wait_until_readable(stuck)
    running.process.send_signal(signal.SIGTERM)
    running.lines_until("backup: asked to stop")
    drain(stuck)
    out, err = running.end()
    assert "backup: canceled, 1 copied" in out.splitlines()
    assert "0 failed, 0 abandoned" in out
    assert err == ""
    assert content(target) == {"one": b"1"}


def test_a_second_signal_does_not_wait_and_what_is_given_up_is_named(
    start: Start, folders: tuple[Path, Path], stuck: int
) -> None:
    running = start("backup.py", *folders, "--every", 0.05)
    wait_until_readable(stuck)
    running.process.send_signal(signal.SIGTERM)
    running.lines_until("backup: asked to stop")
    running.process.send_signal(signal.SIGINT)
    out, err = running.end(status=1)
    assert " 1 abandoned" in out
    assert 'deferral "copy" from' in out and "backup.py" in out and "2 of 2: two" in out
    assert err == ""


def test_a_target_that_goes_cancels_the_copy_and_one_that_comes_back_gets_the_rest(
    start: Start, folders: tuple[Path, Path], stuck: int
) -> None:
    source, target = folders
    running = start("backup.py", source, target, "--every", 0.05)
    wait_until_readable(stuck)
    gone = target.rename(target.with_name("gone"))
    running.lines_until("backup: asked to stop")
    drain(stuck)
    running.lines_until("backup: canceled, 1 copied")
    (gone / "two.part").unlink()
    gone.rename(target)
    running.lines_until("backup: succeeded, 1 copied")
    assert content(target) == content(source)


def test_a_failure_is_told_and_the_next_run_tries_again(start: Start, folders: tuple[Path, Path]) -> None:
    source, target = folders
    # A folder where the file should be, and an older one.
    (target / "one").mkdir(parents=True)
    os.utime(target / "one", (0, 0))
    running = start("backup.py", source, target, "--every", 0.05)
    assert running.process.stdout is not None
    said = running.process.stdout.readline()
    assert said.startswith("backup: failed, 0 copied: ") and "one" in said
    (target / "one").rmdir()
    running.lines_until("backup: succeeded, 2 copied")
    running.process.send_signal(signal.SIGTERM)
    _, err = running.end()
    assert err == ""


def test_the_command_of_the_package_runs_it_too(start: Start, folders: tuple[Path, Path]) -> None:
    source, target = folders
    target.mkdir()
    running = start(
        *("-m", "backstay", "run", "backup:host"),
        BACKUP_FROM=str(source),
        BACKUP_TO=str(target),
        BACKUP_EVERY="0.05",
    )
    running.lines_until("backup: succeeded, 2 copied")
    running.process.send_signal(signal.SIGTERM)
    out, _ = running.end()
    assert "host closed" in out
    assert content(target) == content(source)


def test_a_wrong_command_line_gives_status_2(start: Start) -> None:
    out, err = start("backup.py", "only one").end(status=2)
    assert out == "" and "usage: backup.py" in err


def wait_until_readable(reader: int) -> None:
    """Wait until the copying has begun its first block, which does not fit."""
    ready, _, _ = select.select([reader], [], [], TIMEOUT)
    assert ready
