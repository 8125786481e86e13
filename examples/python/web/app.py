"""A web application whose requests begin work that outlives them.

    POST   /reports    {"file": "access.log"}           counts words, on a thread of the host
    POST   /checksums  {"files": ["a.iso", "b.iso"]}    runs cksum(1), on the event loop of the server
    GET    /jobs/ID                                     how far it is, who holds it, what came of it
    DELETE /jobs/ID                                     asks it to stop
    GET    /health                                      whether work is taken, and how much there is

Both POST answer 202 with a Location; 429 when too much waits; 503 when the server is about to end.
"""

from __future__ import annotations

import contextlib
import dataclasses
import logging
import os
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import cast

import backstay
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from .jobs import Jobs, describe
from .work import Job, checksums, report

log = logging.getLogger("web")


@dataclasses.dataclass(frozen=True)
class Settings:
    """What differs from one place to the next."""

    #: Where the files are.
    folder: Path = Path()
    #: How long, in seconds, work may take to end when the server ends.
    grace: float = 5.0
    #: How many jobs that have ended are remembered.
    keep: int = 1000


def create_app() -> Starlette:
    """For ``uvicorn --factory web.app:create_app``: the files of the current folder."""
    return Service(Settings()).app


class Service:
    """One application with a host of its own. Several may be in one process."""

    #: Owned by the lifespan: there from the start of the server on.
    host: backstay.Host
    #: What became of everything, once the server has ended.
    drained: backstay.DrainReport

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.app = Starlette(
            routes=[
                Route("/reports", self.post_report, methods=["POST"]),
                Route("/checksums", self.post_checksums, methods=["POST"]),
                Route("/jobs/{id:uuid}", self.get_job, methods=["GET"]),
                Route("/jobs/{id:uuid}", self.delete_job, methods=["DELETE"]),
                Route("/health", self.get_health, methods=["GET"]),
            ],
            exception_handlers={
                HTTPException: refuse,
                backstay.CurrentlyRunning: refuse_busy,
                backstay.Closed: refuse_closed,
            },
            lifespan=self.lifespan,
        )

    @contextlib.asynccontextmanager
    async def lifespan(self, app: Starlette) -> AsyncGenerator[None, None]:
        """Open the host before the first request, and shut it down after the last one."""
        async with backstay.Host(grace=self.settings.grace) as self.host:
            self.jobs = Jobs(self.settings.keep)
            # A report is short, and is finished also when the server ends.
            self.reports = self.host.register(
                "report", report, max_running=2, max_pending=8, on_shutdown=backstay.OnShutdown.FINISH
            )
            self.checksums = self.host.register(
                "checksums", checksums, max_running=4, when_busy=backstay.WhenBusy.REJECT
            )
            for task in self.host.tasks():
                self.jobs.watch(task)
            yield
            self.drained = await self.host.shutdown_async()
            for line in str(self.drained).splitlines():
                log.info("%s", line)

    async def post_report(self, request: Request) -> Response:
        body = await read(request)
        return self.fire(request, self.reports, [body.get("file")])

    async def post_checksums(self, request: Request) -> Response:
        body = await read(request)
        return self.fire(request, self.checksums, body.get("files"))

    async def get_job(self, request: Request) -> Response:
        return JSONResponse(describe(self.jobs.get(request.path_params["id"])))

    async def delete_job(self, request: Request) -> Response:
        """Ask, and do not wait: GET tells when it has ended. A job that has ended stays as it is."""
        instance = self.jobs.get(request.path_params["id"])
        instance.cancel()
        return JSONResponse(describe(instance), 202)

    async def get_health(self, request: Request) -> Response:
        snapshot = self.host.snapshot()
        is_open = snapshot.state is backstay.HostState.OPEN
        totals = dataclasses.asdict(snapshot.totals)
        return JSONResponse({"host": snapshot.state.name, **totals}, 200 if is_open else 503)

    def fire(self, request: Request, task: backstay.Task, names: object) -> Response:
        instance = self.jobs.fire(task, Job(self.paths(names)))
        location = request.app.url_path_for("get_job", id=instance.id)
        return JSONResponse(describe(instance), 202, {"Location": str(location)})

    def paths(self, names: object) -> list[Path]:
        """The files that a request names, none of them outside of the folder."""
        if not isinstance(names, list) or not names:
            raise HTTPException(400, "name the files")
        paths: list[Path] = []
        for name in cast("list[object]", names):
            # One plain name: no way up, no way out, nothing hidden.
            if not isinstance(name, str) or name.startswith(".") or Path(name).name != name:
                raise HTTPException(400, f"not the name of a file: {name!r}")
            path = self.settings.folder / name
            if not os.path.exists(path):
                raise HTTPException(404, f"no such file: {name!r}")
            paths.append(path)
        return paths


async def read(request: Request) -> dict[str, object]:
    """The JSON object in the body of a request."""
    try:
        body: object = await request.json()
    except ValueError:
        raise HTTPException(400, "the body is not JSON") from None
    if not isinstance(body, dict):
        raise HTTPException(400, "the body is not an object")
    return cast("dict[str, object]", body)


def refuse(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return JSONResponse({"error": error.detail}, error.status_code, error.headers)


def refuse_busy(request: Request, error: Exception) -> Response:
    return JSONResponse({"error": "too much waits already"}, 429, {"Retry-After": "1"})


def refuse_closed(request: Request, error: Exception) -> Response:
    return JSONResponse({"error": "the server is about to end"}, 503, {"Retry-After": "10"})
