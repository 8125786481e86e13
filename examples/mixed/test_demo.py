"""The demo against trees with known answers, and against signals at several moments."""

from __future__ import annotations

import array
import contextlib
import fcntl
import hashlib
import json
import os
import re
import signal
import socket
import subprocess
import sys
import termios
import time
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

HERE = Path(__file__).resolve().parent
#: Bounds nothing that is measured: a machine may be slow, a hang is longer.
TIMEOUT = 60

SIGNALS = [(signal.SIGINT, 130), (signal.SIGTERM, 143)]


@pytest.fixture(scope="session", autouse=True)
def compare() -> ModuleType:
    """The C extension, built for this Python."""
    folder = subprocess.run(
        [HERE / "build", sys.executable], check=True, stdout=subprocess.PIPE, text=True
    ).stdout
    sys.path.insert(0, folder.strip())
    import compare

    return compare


@pytest.fixture(scope="session")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Everything that a directory may hold."""
    root = tmp_path_factory.mktemp("tree")
    (root / "a/b/c").mkdir(parents=True)
    for name in ("empty", "a/empty", "a/b/empty"):
        (root / name).touch()
    for name, content in {
        "x": b"same",
        "a/x": b"same",
        "a/b/c/x": b"same",
        "y": b"else",
        "a/z": b"none",
    }.items():
        (root / name).write_bytes(content)
    os.link(root / "x", root / "a/hard link")
    (root / "odd").write_bytes(b"longer")

    # Ends and length equal, middles not: equal fingerprints, three classes, one of them of a single file.
    end = bytes(range(256)) * 400
    for number, middle in enumerate(b"11223", start=1):
        (root / f"middle {number}").write_bytes(end + bytes([middle]) * 70000 + end)
    # Exactly at the limits of the ways of reading; two are equal, one differs where only a comparison looks.
    for size in (1, 32 * 1024, 32 * 1024 + 1, 64 * 1024, 64 * 1024 + 1):
        for name in "pqr":
            half = bytes(size // 2)
            (root / f"{size} {name}").write_bytes((half + (b"r" if name == "r" else b"p") + half)[:size])
    # More than one piece of work.
    (root / "many").mkdir()
    for number in range(300):
        (root / "many" / str(number)).write_bytes(b"%05d" % (number % 7))

    for raw in (b"not utf-8 \xff\xfe", b"not utf-8 either \xff"):
        (root / os.fsdecode(raw)).write_bytes(b"names are bytes")
    (root / "line\nbreak [bold]").write_bytes(b"names are bytes")
    (root / "link").symlink_to("x")
    (root / "dangling").symlink_to("nowhere")
    (root / "loop").symlink_to(root, target_is_directory=True)
    os.mkfifo(root / "fifo")
    with socket.socket(socket.AF_UNIX) as server:
        # By a relative name: those of sockets must be short.
        before = os.getcwd()
        os.chdir(root)
        server.bind("socket")
        os.chdir(before)
        yield root


def plain(root: Path) -> list[dict[str, object]]:
    """What a plain program finds that hashes everything."""
    found: dict[bytes, list[str]] = defaultdict(list)
    sizes: dict[bytes, int] = {}
    for folder, _, names in os.walk(root):
        for name in names:
            path = os.path.join(folder, name)
            if os.path.islink(path) or not os.path.isfile(path):
                continue
            with open(path, "rb") as file:
                content = file.read()
            digest = hashlib.sha256(content).digest()
            found[digest].append(path)
            sizes[digest] = len(content)
    groups = [{"size": sizes[key], "paths": sorted(paths)} for key, paths in found.items() if len(paths) > 1]
    return sorted(groups, key=lambda group: (-int(str(group["size"])), group["paths"]))


def command(*arguments: object) -> list[str]:
    return [sys.executable, str(HERE / "demo.py"), *map(str, arguments)]


def run(*arguments: object, status: int = 0) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(command(*arguments), capture_output=True, text=True, timeout=TIMEOUT, check=False)
    assert done.returncode == status, done
    assert "Traceback" not in done.stderr
    return done


class Running:
    """A demo that has printed its first line."""

    def __init__(self, *arguments: object) -> None:
        self.process = subprocess.Popen(
            command(*arguments), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        assert self.process.stdout is not None
        assert self.process.stdout.readline().startswith("Looking for")

    def end(self) -> tuple[int, str]:
        output, errors = self.process.communicate(timeout=TIMEOUT)
        assert "Traceback" not in errors
        return self.process.returncode, output


@pytest.mark.parametrize("threads", [1, 2, 7])
def test_finds_what_a_plain_program_finds(tree: Path, tmp_path: Path, threads: int) -> None:
    done = run(tree, "--json", tmp_path / "groups.json", "--threads", threads)
    found = json.loads((tmp_path / "groups.json").read_text("ascii"))
    assert found == {"groups": plain(tree)}
    assert [path.name for path in tmp_path.iterdir()] == ["groups.json"]

    freeable = sum(
        group["size"] * (len({os.stat(path).st_ino for path in group["paths"]}) - 1)
        for group in found["groups"]
    )
    assert f"bytes that could be freed: {freeable} " in done.stdout
    assert f"groups of equal files: {len(found['groups'])}, " in done.stdout
    assert "skipped: 5\n  symbolic link: 3\n  fifo: 1\n  socket: 1\n" in done.stdout
    assert r"not utf-8 \udcff\udcfe" in done.stdout
    assert r"line\nbreak [bold]" in done.stdout


def test_hard_links_to_one_file_free_nothing(tmp_path: Path) -> None:
    (tmp_path / "one").write_bytes(b"x" * 100_000)
    os.link(tmp_path / "one", tmp_path / "two")
    output = run(tmp_path).stdout
    assert "groups of equal files: 1, with 2 files" in output
    assert "could be freed: 0 " in output


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_tells_what_could_not_be_read(tmp_path: Path) -> None:
    for name in ("one", "two", "three"):
        (tmp_path / name).write_bytes(b"same")
    (tmp_path / "two").chmod(0)
    (tmp_path / "folder").mkdir(mode=0)
    output = run(tmp_path, "--json", tmp_path / "json").stdout
    assert "could not be read: 2\n  Permission denied: 2\n" in output
    assert [
        Path(path).name for path in json.loads((tmp_path / "json").read_text())["groups"][0]["paths"]
    ] == [
        "one",
        "three",
    ]


def test_files_that_are_not_what_the_walk_saw(tree: Path, compare: ModuleType, tmp_path: Path) -> None:
    import backstay

    (tmp_path / "long").write_bytes(b"longer than it was")
    names = [
        tree / "x",
        "/no/such/file",
        tree / "link",
        tree / "fifo",
        tree / "socket",
        tree,
        tmp_path / "long",
    ]
    paths = [os.fsencode(str(name)) for name in [*names, tree / "a/x"]]
    taken = []
    with backstay.Host() as host:
        task = host.register("files", lambda instance: compare.start(instance.handle(), paths, 4))
        task.on_completed(lambda done: taken.append(compare.take(done.instance_id.bytes)))
        done = task.fire().wait(TIMEOUT)
        done.check()
        host.flush(TIMEOUT)
        assert compare.take(done.instance_id.bytes) is None, "results are taken once"
    ((groups, errors, bytes_read),) = taken
    assert [[index for index, _, _ in group] for group in groups] == [[0, 7]]
    assert [reason for _, reason in errors] == [2, *[compare.NOT_REGULAR] * 4, compare.LENGTH]
    assert bytes_read == 4 * 4, "two files, each once for its fingerprint and once to be compared"


@pytest.mark.skipif(not os.path.exists("/proc/self/status"), reason="needs /proc")
def test_files_without_a_length_are_not_empty() -> None:
    output = run("/proc/self/net").stdout
    assert "not as long as its directory says" in output
    assert "could be freed: 0 " in output


@pytest.mark.parametrize("name", ["missing", "x"])
def test_refuses_what_is_no_directory(tree: Path, name: str) -> None:
    done = run(tree / name, status=2)
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize(("number", "status"), SIGNALS)
@pytest.mark.parametrize("delay", [0, 0.02, 0.05, 0.1, 0.2, 0.3])
def test_a_signal_at_any_moment(
    tree: Path, tmp_path: Path, number: signal.Signals, status: int, delay: float
) -> None:
    running = Running(tree, "--json", tmp_path / "json")
    time.sleep(delay)
    running.process.send_signal(number)
    ended, _ = running.end()
    # It may have been done before the signal came; then the file is whole.
    assert ended in (status, 0)
    names = [path.name for path in tmp_path.iterdir()]
    assert names == ["json"] or (ended == status and names == [])
    if names:
        json.loads((tmp_path / "json").read_text("ascii"))


@pytest.mark.parametrize(("number", "status"), SIGNALS)
def test_the_report_names_who_stalled(tree: Path, number: signal.Signals, status: int) -> None:
    running = Running(tree, "--stall", "--grace", 0.3)
    time.sleep(1)
    running.process.send_signal(number)
    ended, output = running.end()
    assert ended == status
    assert "1 abandoned" in output
    assert "stall: never looks at the cancellation" in output
    assert re.search(r"\bcompare\.c:\d+", output)
    assert "found until then:" in output


@pytest.mark.parametrize(("number", "status"), SIGNALS)
def test_a_second_signal_leaves_at_once(tree: Path, number: signal.Signals, status: int) -> None:
    running = Running(tree, "--stall", "--grace", 10 * TIMEOUT)
    running.process.send_signal(number)
    assert running.process.stdout is not None
    assert "waiting at most" in running.process.stdout.readline()
    running.process.send_signal(number)
    ended, output = running.end()
    assert ended == status
    assert "abandoned" not in output


def test_nobody_reads_the_output(tree: Path, tmp_path: Path) -> None:
    running = Running(tree, "--json", tmp_path / "json")
    assert running.process.stdout is not None
    running.process.stdout.close()
    _, errors = running.process.communicate(timeout=TIMEOUT)
    assert (running.process.returncode, errors) == (0, "")
    assert json.loads((tmp_path / "json").read_text("ascii")) == {"groups": plain(tree)}


def test_a_signal_while_writing_leaves_the_file_as_it_was(compare: ModuleType, tmp_path: Path) -> None:
    from tally import EqualFiles
    from write import write_groups

    class Interrupted:
        number = signal.SIGINT
        temporary = None

    (tmp_path / "json").write_text("before")
    groups = [EqualFiles(1, ["a", "b"], 2)]
    assert not write_groups(str(tmp_path / "json"), groups, Interrupted())  # type: ignore[arg-type]
    assert [path.read_text() for path in tmp_path.iterdir()] == ["before"]


def test_a_full_pipe_that_nobody_reads_does_not_keep_it(tmp_path: Path) -> None:
    for number in range(50):
        (tmp_path / f"{'long name ' * 15} {number}").write_bytes(bytes(number // 5))
    # Room for the first line, not for the report.
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    with contextlib.suppress(BlockingIOError):
        while True:
            os.write(writer, b"x")
    os.set_blocking(writer, True)
    os.read(reader, 4096)
    before = waiting(reader)
    process = subprocess.Popen(command(tmp_path, "--grace", 0), stdout=writer)
    os.close(writer)
    try:
        while waiting(reader) == before:
            time.sleep(0.05)
        time.sleep(1)
        assert process.poll() is None
        process.send_signal(signal.SIGINT)
        assert process.wait(TIMEOUT) == 130
    finally:
        process.kill()
        process.wait()
        os.close(reader)


def waiting(reader: int) -> int:
    """How many bytes a pipe holds."""
    (count,) = array.array("i", fcntl.ioctl(reader, termios.FIONREAD, bytes(4)))
    return count
