"""``python -m backstay run module:host``: runs a host until it is asked to stop."""

from __future__ import annotations

import argparse
import sys

from . import __version__, _run


def main(arguments: list[str] | None = None) -> int:
    """Read the command line and do what it says; the answer is the exit status."""
    parser = argparse.ArgumentParser(prog="python -m backstay", description=__doc__)
    parser.add_argument("--version", action="version", version=f"backstay {__version__}")
    commands = parser.add_subparsers(dest="command", required=True)
    run = commands.add_parser(
        "run",
        help="run a host until SIGINT or SIGTERM, then drain it, shut it down and print the report",
        description="Runs a host until SIGINT or SIGTERM, or until its own code ends it. Then new firings are refused, "
        "what is alive may finish within DRAIN, what is left is cancelled and may take GRACE, and the report is "
        "printed. A second signal skips the drain. The exit status is 0 when everything ended of itself, 1 when "
        "something was abandoned, and 2 when there is no such host.",
    )
    run.add_argument(
        "target",
        metavar="MODULE:HOST",
        help="where the host is: a module, and the name of a host in it or of a function that makes one (default: host)",
    )
    run.add_argument(
        "--drain",
        type=_seconds,
        default=10.0,
        metavar="SECONDS",
        help="how long work may finish (default: 10)",
    )
    run.add_argument(
        "--grace", type=_seconds, default=None, metavar="SECONDS", help="how long cancelled work may take"
    )
    options = parser.parse_args(arguments)
    stopper = _run.Stopper(options.drain, options.grace)
    try:
        return stopper.run(_run.find(options.target), options.target)
    except _run.NoSuchHost as error:
        parser.exit(2, f"{parser.prog}: {error}\n")
    finally:
        stopper.end()


def _seconds(text: str) -> float:
    seconds = float(text)
    if not seconds >= 0:
        raise argparse.ArgumentTypeError(f"{text} is no duration; it is a number of seconds, 0 or more")
    return seconds


if __name__ == "__main__":
    sys.exit(main())
