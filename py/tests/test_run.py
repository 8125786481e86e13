"""``python -m backstay run``: a host as the whole purpose of a process, found by name and ended by a signal."""

from __future__ import annotations

import signal
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest

Start = Callable[..., "subprocess.Popen[str]"]

WORK = """
    import threading
    import backstay

    host = backstay.Host()
    held, leave = [], threading.Event()

    @host.task
    def work(instance):
        print("working", flush=True)
        reason = instance.cancellation().wait()
        print(reason.name, flush=True)

    @host.task
    def hold(instance):
        held.append(instance.get_deferral("forgotten"))
        print("holding", flush=True)
"""


@pytest.fixture
def start(tmp_path: Path) -> Start:
    """Starts the command in a folder with a module ``app``, ended by a signal that pytest would not survive."""

    def start(code: str, *arguments: str) -> subprocess.Popen[str]:
        (tmp_path / "app.py").write_text(textwrap.dedent(WORK) + textwrap.dedent(code), encoding="utf-8")
        return subprocess.Popen(
            [sys.executable, "-W", "error", "-m", "backstay", *arguments],
            cwd=tmp_path,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    return start


def first_line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline()


def until_running(process: subprocess.Popen[str], name: str) -> None:
    assert process.stderr is not None
    assert process.stderr.readline() == f"backstay: running {name}; SIGINT or SIGTERM ends it\n"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_that_comes_while_the_module_is_imported_waits_for_its_host(
    start: Start, number: signal.Signals
) -> None:
    process = start(f"import signal\nsignal.raise_signal({number:d})\nprint('up', flush=True)", "run", "app")
    out, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    assert out.startswith("up\nhost closed") and err.count(f"{number.name}: work may finish within 10 s") == 1


def test_a_second_signal_ends_an_import_that_hangs(start: Start) -> None:
    process = start("print('up', flush=True)\ninput()", "run", "app")
    assert first_line(process) == "up\n"
    process.send_signal(signal.SIGTERM)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)
    assert process.returncode in (-signal.SIGINT, -signal.SIGTERM)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_an_idle_host_with_status_0(start: Start, number: signal.Signals) -> None:
    process = start("host.register('t', lambda instance: print('up', flush=True)).fire()", "run", "app:host")
    assert first_line(process) == "up\n"
    process.send_signal(number)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    assert out.startswith("host closed") and f"{number.name}: work may finish within 10 s" in err


def test_work_may_finish_while_the_host_drains(start: Start) -> None:
    code = """
    import signal
    @host.task
    def finish(instance):
        print("up", flush=True)
        while host.state is backstay.HostState.OPEN:
            pass
    finish.fire()
    """
    process = start(code, "run", "app")
    assert first_line(process) == "up\n"
    process.send_signal(signal.SIGTERM)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    assert "1 succeeded" in out


def test_a_second_signal_cancels_the_work(start: Start) -> None:
    process = start("work.fire()", "run", "app:host", "--grace", "30")
    until_running(process, "app:host")
    assert first_line(process) == "working\n"
    process.send_signal(signal.SIGTERM)
    assert process.stderr is not None
    assert "a second signal cancels it" in process.stderr.readline()
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    assert out.startswith("TERMINATING\n") and "1 canceled" in out and "SIGINT: shutting down" in err


def test_what_is_abandoned_is_named_and_gives_status_1(start: Start) -> None:
    process = start("hold.fire()", "run", "app:host", "--drain", "0", "--grace", "0")
    assert first_line(process) == "holding\n"
    process.send_signal(signal.SIGTERM)
    out, _ = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "forgotten" in out and "app.py" in out


def test_the_host_may_end_itself_and_may_be_made_by_a_function(start: Start) -> None:
    process = start("def make():\n    host.begin_shutdown()\n    return host", "run", "app:make")
    out, err = process.communicate(timeout=60)
    assert (process.returncode, err.count("\n")) == (0, 1), err
    assert out.startswith("host closed")


@pytest.mark.parametrize(
    ("target", "says"),
    [
        ("nowhere:host", "no module 'nowhere'"),
        ("app:nothing", "'app' has no 'nothing'"),
        ("app:leave", "is Event, not a backstay.Host"),
        (":host", "names no module"),
    ],
)
def test_a_target_that_is_no_host_gives_status_2(start: Start, target: str, says: str) -> None:
    process = start("", "run", target)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (2, "")
    assert says in err and "Traceback" not in err


def test_a_module_that_misses_another_is_shown_with_its_traceback(start: Start) -> None:
    process = start("import nowhere", "run", "app:host")
    _, err = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "Traceback" in err and "No module named 'nowhere'" in err


@pytest.mark.parametrize(
    "arguments", [[], ["run"], ["run", "app", "--drain", "-1"], ["run", "app", "--grace", "x"]]
)
def test_a_wrong_command_line_gives_status_2(start: Start, arguments: list[str]) -> None:
    process = start("", *arguments)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 2 and "usage: python -m backstay" in err


def test_the_version_is_told(start: Start) -> None:
    import backstay

    process = start("", "--version")
    out, _ = process.communicate(timeout=60)
    assert out == f"backstay {backstay.__version__}\n"


def test_a_failure_that_nobody_asks_about_is_logged(start: Start) -> None:
    code = """
    @host.task
    def fail(instance):
        input()
        try:
            raise OSError("the disk is full")
        finally:
            host.begin_shutdown()
    fail.fire()
    """
    process = start(code, "run", "app")
    until_running(process, "app")
    out, err = process.communicate("\n", timeout=60)
    assert process.returncode == 0 and "1 failed" in out
    assert "Completed fail" in err and "Traceback" in err and "OSError: the disk is full" in err
