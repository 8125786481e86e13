"""``python -m web``: serves the application until SIGTERM or Ctrl-C.

Then no new work is taken, /health says so, what runs is finished or cancelled as its task says, and until that is over
requests are answered: everybody can ask what became of a job. A second signal does not wait. The exit status is 0 when
all work ended in time, and 1 when some was given up, which the last lines of the log name.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import logging
import signal
import sys
from collections.abc import Generator
from pathlib import Path

import uvicorn

from .app import Service, Settings

log = logging.getLogger("web")


class Server(uvicorn.Server):
    """Leaves the signals to ``serve``: by itself it would stop to answer first, and would end by the signal."""

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        yield


async def serve(service: Service, config: uvicorn.Config) -> int:
    server = Server(config)
    loop = asyncio.get_running_loop()
    ending: asyncio.Task[None] | None = None

    async def end() -> None:
        await service.host.shutdown_async()
        server.should_exit = True

    def stop(number: signal.Signals) -> None:
        nonlocal ending
        log.info("%s", number.name)
        if not server.started:
            server.should_exit = True
        elif ending is None:
            ending = loop.create_task(end())
        else:
            service.host.begin_shutdown(0)

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop, number)
    await server.serve()
    return 0 if service.drained.is_clean else 1


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m web")
    parser.add_argument("--folder", type=Path, default=Settings.folder, help="where the files are (here)")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument(
        "--port", type=int, default=8000, help="0: one that is free, which the log tells (8000)"
    )
    parser.add_argument("--grace", type=float, default=Settings.grace, metavar="SECONDS")
    parser.add_argument("--keep", type=int, default=Settings.keep, metavar="JOBS")
    options = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s")
    service = Service(Settings(options.folder, options.grace, options.keep))
    # Everything is logged in one format: that above.
    config = uvicorn.Config(service.app, host=options.host, port=options.port, log_config=None)
    return asyncio.run(serve(service, config))


if __name__ == "__main__":
    sys.exit(main())
