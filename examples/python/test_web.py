"""The web application as a process, by real requests: each promise one test.

The files that the work reads are pipes, so the test decides how far it comes: nothing here depends on a duration.
"""

from __future__ import annotations

import asyncio
import http.client
import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from io import FileIO
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).resolve().parent
#: Bounds nothing that is measured: a machine may be slow, a hang is longer.
TIMEOUT = 60

Serve = Callable[..., "Server"]
Pipe = Callable[[str], Path]


class Server:
    """A process that serves, on a port that the system has chosen."""

    def __init__(self, *command: object, folder: Path, **environment: str) -> None:
        package = os.pathsep.join([str(HERE), os.environ.get("PYTHONPATH", "")])
        self.process = subprocess.Popen(
            [sys.executable, "-W", "error", *map(str, command), "--port", "0"],
            cwd=folder,
            env={**os.environ, "PYTHONPATH": package, **environment},
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        assert self.process.stderr is not None
        self.log: list[str] = []
        for line in self.process.stderr:
            self.log.append(line)
            found = re.search(r"running on http://127\.0\.0\.1:(\d+)", line)
            if found is not None:
                self.port = int(found[1])
                break
        else:
            self.process.communicate(timeout=TIMEOUT)
            raise AssertionError(f"it never said its port but {self.log}")
        # Reads on, so that the server never waits for somebody to read its log.
        self._reader = threading.Thread(target=self.log.extend, args=(self.process.stderr,))
        self._reader.start()

    def request(self, method: str, path: str, body: object = None) -> Answer:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=TIMEOUT)
        try:
            connection.request(method, path, body if isinstance(body, str) else json.dumps(body))
            response = connection.getresponse()
            return Answer(response.status, dict(response.headers), json.load(response))
        finally:
            connection.close()

    def post(self, path: str, body: object) -> str:
        """Begin work that is accepted; where its job is."""
        answer = self.request("POST", path, body)
        assert answer.status == 202, answer.body
        return answer.headers["location"]

    def get(self, path: str) -> Any:
        return self.request("GET", path).body

    def poll(self, path: str, **expected: object) -> Any:
        """Ask until the answer has these members, and give it."""
        until = time.monotonic() + TIMEOUT
        while True:
            body = self.get(path)
            if expected.items() <= {key: body.get(key) for key in expected}.items():
                return body
            assert time.monotonic() < until, body

    def signal(self, number: signal.Signals) -> None:
        self.process.send_signal(number)

    def end(self) -> int:
        """The exit status; the log is complete then."""
        status = self.process.wait(TIMEOUT)
        self._reader.join(TIMEOUT)
        assert self.process.stderr is not None
        self.process.stderr.close()
        return status

    def check_log(self) -> None:
        """It has said nothing but its log, and nothing bad; ends it if that was not done."""
        self.process.kill()
        self.end()
        for line in self.log:
            assert re.match(r"INFO (web|uvicorn\.\w+): ", line), self.said()

    def said(self) -> str:
        return "".join(self.log)


class Answer:
    """What came back."""

    def __init__(self, status: int, headers: dict[str, str], body: Any) -> None:
        self.status = status
        self.headers = {name.lower(): value for name, value in headers.items()}
        self.body = body


@pytest.fixture
def pipe(tmp_path: Path) -> Iterator[Pipe]:
    """Makes files whose content comes when the test writes it."""
    made: list[Path] = []

    def make(name: str) -> Path:
        os.mkfifo(tmp_path / name)
        made.append(tmp_path / name)
        return made[-1]

    yield make
    for path in made:
        # Whoever still waits for a writer has one and reads the end; whoever has not come so far finds no file.
        descriptor = os.open(path, os.O_RDWR)
        path.unlink()
        os.close(descriptor)


@pytest.fixture
def serve(tmp_path: Path, pipe: Pipe) -> Iterator[Serve]:
    """Starts servers of the files in ``tmp_path``; at the end they have logged and done nothing else."""
    begun: list[Server] = []

    def serve(*options: object, **environment: str) -> Server:
        begun.append(Server("-m", "web", *options, folder=tmp_path, **environment))
        return begun[-1]

    yield serve
    for server in begun:
        server.check_log()


@pytest.fixture
def server(serve: Serve) -> Server:
    return serve()


@pytest.fixture(scope="module")
def idle(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One server for all requests that begin nothing."""
    server = Server("-m", "web", folder=tmp_path_factory.mktemp("idle"))
    yield server
    server.check_log()


def write(pipe: Path) -> FileIO:
    """Open the writing end; returns when the work has opened the other one."""
    return pipe.open("wb", buffering=0)


def test_a_report_is_accepted_at_once_and_ends_later(server: Server, pipe: Pipe) -> None:
    text = pipe("text")
    answer = server.request("POST", "/reports", {"file": "text"})
    assert answer.status == 202
    assert answer.headers["location"] == f"/jobs/{answer.body['id']}"
    job = answer.headers["location"]
    assert server.poll(job, state="RUNNING")["outcome"] is None
    with write(text) as file:
        file.write(b"the sea the\nship\n")
    done = server.poll(job, state="FINISHED")
    assert (done["outcome"], done["error"], done["canceled"]) == ("SUCCEEDED", None, None)
    assert done["result"] == {"lines": 2, "words": 4, "often": {"the": 2, "sea": 1, "ship": 1}}
    assert (done["task"], done["progress"], done["holders"]) == ("report", 2, [])


def test_progress_is_seen_to_move_and_the_holder_says_what_it_does(server: Server, pipe: Pipe) -> None:
    text = pipe("text")
    job = server.post("/reports", {"file": "text"})
    with write(text) as file:
        for number in (1, 2, 3):
            file.write(b"one more\n")
            body = server.poll(job, progress=number)
            assert (body["state"], body["result"]) == ("RUNNING", None)
            (holder,) = body["holders"]
            assert (holder["label"], holder["note"]) == ("count words", "text")
            assert holder["seconds"] >= 0
    assert server.poll(job, state="FINISHED")["result"]["lines"] == 3


def test_checksums_run_on_the_loop_which_goes_on_answering(
    server: Server, pipe: Pipe, tmp_path: Path
) -> None:
    first, second = pipe("first"), pipe("second")
    (tmp_path / "plain").write_text("second")
    job = server.post("/checksums", {"files": ["first", "second"]})
    with write(first):
        body = server.poll(job, state="RUNNING")
        assert [holder["note"] for holder in body["holders"]] == ["1 of 2: first"]
    with write(second) as file:
        (holder,) = server.poll(job, progress=1)["holders"]
        assert holder["label"] == "cksum"
        file.write(b"second")
    done = server.poll(job, state="FINISHED")
    assert done["outcome"] == "SUCCEEDED"
    # That of nothing, and that of the text.
    told = subprocess.run(["cksum", tmp_path / "plain"], check=True, capture_output=True, text=True).stdout
    assert done["result"] == {"first": "4294967295", "second": told.split()[0]}


def test_a_report_that_fails_says_why(server: Server, tmp_path: Path) -> None:
    (tmp_path / "binary").write_bytes(b"\xff\xfe")
    done = server.poll(server.post("/reports", {"file": "binary"}), state="FINISHED")
    assert (done["outcome"], done["result"]) == ("FAILED", None)
    assert "codec can't decode" in done["error"]


def test_a_checksum_that_fails_says_what_the_program_said(server: Server, pipe: Pipe, tmp_path: Path) -> None:
    first = pipe("first")
    (tmp_path / "second").touch()
    job = server.post("/checksums", {"files": ["first", "second"]})
    with write(first):
        (tmp_path / "second").unlink()
    done = server.poll(job, state="FINISHED")
    assert (done["outcome"], done["progress"], done["result"]) == ("FAILED", 1, None)
    assert done["error"].startswith("cksum: ") and "second" in done["error"]


def test_delete_ends_a_checksum_and_its_process(server: Server, pipe: Pipe) -> None:
    endless = pipe("endless")
    job = server.post("/checksums", {"files": ["endless"]})
    with write(endless) as file:
        answer = server.request("DELETE", job)
        assert (answer.status, answer.body["canceled"]) == (202, "ABORT")
        done = server.poll(job, state="FINISHED")
        assert (done["outcome"], done["canceled"], done["error"]) == ("CANCELED", "ABORT", None)
        with pytest.raises(BrokenPipeError):
            file.write(b"nobody reads this")


def test_delete_ends_a_report_at_its_next_line(server: Server, pipe: Pipe) -> None:
    text = pipe("text")
    job = server.post("/reports", {"file": "text"})
    with write(text) as file:
        file.write(b"one\n")
        server.poll(job, progress=1)
        server.request("DELETE", job)
        asked = server.get(job)
        assert (asked["state"], asked["canceled"]) == ("RUNNING", "ABORT")
        file.write(b"two\n")
        done = server.poll(job, state="FINISHED")
    assert (done["outcome"], done["progress"], done["result"]) == ("CANCELED", 1, None)


def test_delete_ends_what_still_waits_and_leaves_alone_what_has_ended(server: Server, pipe: Pipe) -> None:
    texts = [pipe("first"), pipe("second"), pipe("third")]
    *running, waiting = [server.post("/reports", {"file": text.name}) for text in texts]
    server.request("DELETE", waiting)
    done = server.poll(waiting, state="FINISHED")
    assert (done["outcome"], done["progress"]) == ("CANCELED", 0)
    for job, text in zip(running, texts):
        assert server.poll(job, state="RUNNING")["canceled"] is None
        with write(text):
            pass
        ended = server.poll(job, state="FINISHED")
        assert server.request("DELETE", job).body == ended
        assert ended["outcome"] == "SUCCEEDED"


@pytest.mark.parametrize("method", ["GET", "DELETE"])
@pytest.mark.parametrize("job", [str(uuid.uuid4()), "1", ""])
def test_an_unknown_job_is_not_found(idle: Server, method: str, job: str) -> None:
    answer = idle.request(method, f"/jobs/{job}")
    assert answer.status == 404 and answer.body["error"]


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/reports", "{", 400),
        ("/reports", [], 400),
        ("/reports", {}, 400),
        ("/reports", {"file": 1}, 400),
        ("/reports", {"file": "../secret"}, 400),
        ("/reports", {"file": ".hidden"}, 400),
        ("/reports", {"file": "missing"}, 404),
        ("/reports", {"file": "x" * 1000}, 404),
        ("/reports", {"file": "\0"}, 404),
        ("/checksums", {"files": "text"}, 400),
        ("/checksums", {"files": []}, 400),
        ("/checksums", {"files": ["..", "/etc/passwd"]}, 400),
    ],
)
def test_a_request_that_names_no_file_of_the_folder_begins_nothing(
    idle: Server, path: str, body: object, status: int
) -> None:
    answer = idle.request("POST", path, body)
    assert answer.status == status and answer.body["error"]
    assert idle.get("/health")["running"] == 0


@pytest.mark.parametrize(
    ("path", "body", "accepted"),
    [("/reports", {"file": "stuck"}, 2 + 8), ("/checksums", {"files": ["stuck"]}, 4)],
)
def test_overload_is_answered_with_429_until_something_ends(
    server: Server, pipe: Pipe, path: str, body: object, accepted: int
) -> None:
    pipe("stuck")
    jobs = [server.post(path, body) for _ in range(accepted)]
    refused = server.request("POST", path, body)
    assert (refused.status, refused.body) == (429, {"error": "too much waits already"})
    assert int(refused.headers["retry-after"]) > 0
    # The last one of the reports waits, and a checksum can be ended where it is.
    server.request("DELETE", jobs[-1])
    server.poll(jobs[-1], state="FINISHED")
    server.post(path, body)


def test_health_counts_what_is_alive(server: Server, pipe: Pipe) -> None:
    nothing = {"host": "OPEN", "tasks": 2, "pending": 0, "running": 0, "suspended": 0, "holders": 0}
    answer = server.request("GET", "/health")
    assert (answer.status, answer.body) == (200, {**nothing, "stragglers": 0})
    texts = [pipe("first"), pipe("second"), pipe("third")]
    for text in texts:
        server.post("/reports", {"file": text.name})
    # Each of the two that run is held by its entry point and by its deferral.
    server.poll("/health", running=2, pending=1, holders=4)
    for text in texts:
        with write(text):
            pass
    server.poll("/health", **nothing)


def test_jobs_that_have_ended_are_not_kept_for_ever(serve: Serve, pipe: Pipe, tmp_path: Path) -> None:
    server = serve("--keep", "2")
    pipe("stuck")
    alive = server.post("/reports", {"file": "stuck"})
    (tmp_path / "text").write_text("short")
    jobs: list[str] = []
    for _ in range(4):
        jobs.append(server.post("/reports", {"file": "text"}))
        server.poll(jobs[-1], state="FINISHED")
    server.poll(jobs[1], error="no such job")
    assert [server.request("GET", job).status for job in jobs] == [404, 404, 200, 200]
    assert server.get(alive)["state"] != "FINISHED"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_an_idle_server_with_a_report_and_status_0(
    server: Server, number: signal.Signals
) -> None:
    server.signal(number)
    assert server.end() == 0
    assert f"INFO web: {number.name}\n" in server.said()
    assert "INFO web: host closed: 0 succeeded, 0 canceled, 0 failed, 0 abandoned" in server.said()


def test_sigterm_finishes_reports_cancels_checksums_and_answers_until_the_end(
    server: Server, pipe: Pipe
) -> None:
    text = pipe("text")
    pipe("endless")
    report = server.post("/reports", {"file": "text"})
    waiting = server.post("/checksums", {"files": ["endless"]})
    with write(text) as file:
        server.poll(waiting, state="RUNNING")
        server.signal(signal.SIGTERM)
        server.poll("/health", host="DRAINING")
        assert server.request("GET", "/health").status == 503
        done = server.poll(waiting, state="FINISHED")
        assert (done["outcome"], done["canceled"]) == ("CANCELED", "TERMINATING")
        for path, body in (("/reports", {"file": "text"}), ("/checksums", {"files": ["endless"]})):
            refused = server.request("POST", path, body)
            assert (refused.status, refused.body) == (503, {"error": "the server is about to end"})
            assert int(refused.headers["retry-after"]) > 0
        file.write(b"last words\n")
        body = server.poll(report, progress=1)
        assert (body["state"], body["canceled"]) == ("RUNNING", None)
    assert server.end() == 0
    assert "INFO web: host closed: 1 succeeded, 1 canceled, 0 failed, 0 abandoned" in server.said()


def test_ctrl_c_reaches_the_server_and_not_the_programs_that_it_runs(serve: Serve, tmp_path: Path) -> None:
    (tmp_path / "text").touch()
    program = tmp_path / "programs" / "cksum"
    program.parent.mkdir()
    program.write_text(f"#!{sys.executable}\nimport os\nprint(os.getpgrp())\n")
    program.chmod(0o755)
    server = serve(PATH=f"{program.parent}{os.pathsep}{os.environ['PATH']}")
    done = server.poll(server.post("/checksums", {"files": ["text"]}), state="FINISHED")
    # A terminal interrupts the whole group of the server.
    assert os.getpgid(server.process.pid) == server.process.pid
    assert int(done["result"]["text"]) != server.process.pid


def test_a_second_signal_does_not_wait_and_what_is_given_up_is_named(serve: Serve, pipe: Pipe) -> None:
    server = serve("--grace", "3600")
    stuck = pipe("stuck")
    job = server.post("/reports", {"file": "stuck"})
    with write(stuck):
        server.poll(job, state="RUNNING")
        server.signal(signal.SIGTERM)
        server.poll("/health", host="DRAINING")
        server.signal(signal.SIGTERM)
        assert server.end() == 1
    assert " 1 abandoned" in server.said()
    assert 'deferral "count words" from' in server.said() and "work.py" in server.said()
    # The last words are of the package itself, about a thread that it could not end.
    assert "not come back" in server.log[-2] and "the entry point of report" in server.log[-1]
    del server.log[-2:]


def test_the_command_of_uvicorn_serves_it_too(tmp_path: Path, pipe: Pipe) -> None:
    endless = pipe("endless")
    server = Server("-m", "uvicorn", "--factory", "web.app:create_app", folder=tmp_path)
    try:
        job = server.post("/checksums", {"files": ["endless"]})
        with write(endless) as file:
            server.poll(job, state="RUNNING")
            server.signal(signal.SIGTERM)
            # It ends by the signal that it got, after the lifespan is over.
            assert server.end() == -signal.SIGTERM
            with pytest.raises(BrokenPipeError):
                file.write(b"nobody reads this")
        assert "Application shutdown complete" in server.said()
        assert "Traceback" not in server.said()
    finally:
        server.process.kill()
        server.end()


def test_coroutines_run_on_the_loop_of_the_server(tmp_path: Path) -> None:
    from web.app import Service, Settings

    async def main() -> None:
        service = Service(Settings(tmp_path))
        async with service.lifespan(service.app):
            loops: list[object] = []

            async def look(instance: object) -> None:
                loops.append(asyncio.get_running_loop())

            (await service.host.register("look", look).fire()).check()
            assert loops == [asyncio.get_running_loop()]

    asyncio.run(main())


def test_two_applications_of_a_process_share_nothing(tmp_path: Path) -> None:
    from starlette.exceptions import HTTPException
    from web.app import Service, Settings
    from web.work import Job

    (tmp_path / "text").write_text("short")

    async def both() -> None:
        one, other = Service(Settings(tmp_path)), Service(Settings(tmp_path))
        async with one.lifespan(one.app):
            async with other.lifespan(other.app):
                instance = one.jobs.fire(one.reports, Job([tmp_path / "text"]))
                (await instance).check()
                assert one.jobs.get(instance.id) is instance
                with pytest.raises(HTTPException):
                    other.jobs.get(instance.id)
            # The end of one is not that of the other.
            (await one.jobs.fire(one.reports, Job([tmp_path / "text"]))).check()

    asyncio.run(both())
