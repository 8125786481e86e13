"""Copies the files of one folder that are new to another one, again and again, for as long as that one is there.

    python backup.py FROM TO [--every SECONDS]
    BACKUP_FROM=... BACKUP_TO=... python -m backstay run backup:host

SIGTERM or Ctrl-C ends it: the copying stops between two blocks and leaves no half of a file; a second signal does not
wait. The exit status is 0 when all work ended in time, and 1 when some was given up, which the last lines name.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import shutil
import signal
import sys
import threading
from pathlib import Path

import backstay

BLOCK = 1 << 18


class Backup:
    """Two tasks on one clock: one looks whether the target is there, the other one copies while it is."""

    def __init__(self, source: Path, target: Path) -> None:
        self.source = source
        self.target = target

    def look(self, instance: backstay.Instance) -> None:
        """Feed the condition. A disk that is taken out cancels the copying that runs."""
        # A task that kept the host itself would keep it open for ever.
        if instance.host is not None:
            instance.host.set_condition("target", self.target.is_dir())

    def begin(self, instance: backstay.Instance) -> None:
        """Begin to copy and return: the deferral keeps the instance alive, and no worker waits for a disk."""
        deferral = instance.get_deferral("copy")
        # A daemon, since the process may end while a dead disk still keeps this thread.
        threading.Thread(target=self.copy_new, args=(deferral,), daemon=True).start()

    def copy_new(self, deferral: backstay.Deferral) -> None:
        """Copy what the target does not have; the progress is the number of files."""
        with deferral:
            try:
                new = [path for path in sorted(self.source.iterdir()) if path.is_file() and self.is_new(path)]
                for number, path in enumerate(new, 1):
                    deferral.set_note(f"{number} of {len(new)}: {path.name}")
                    if not self.copy(path, deferral):
                        return
                    deferral.instance.progress = number
            except OSError as error:
                # What leaves the block would do so as well, and then be printed as the end of the thread.
                deferral.fail(error)

    def copy(self, path: Path, deferral: backstay.Deferral) -> bool:
        """Copy one file under another name and then give it its own; whether it was copied to the end."""
        part = self.target / f"{path.name}.part"
        try:
            with path.open("rb") as old, part.open("wb") as new:
                while block := old.read(BLOCK):
                    if deferral.canceled is not None:
                        return False
                    new.write(block)
            shutil.copystat(path, part)
            part.replace(self.target / path.name)
        finally:
            part.unlink(missing_ok=True)
        return True

    def is_new(self, path: Path) -> bool:
        """Whether the target has no such file, or an older one."""
        copy = self.target / path.name
        return not copy.exists() or copy.stat().st_mtime < path.stat().st_mtime


def begin(host: backstay.Host, source: Path, target: Path, every: float) -> None:
    """Have the host copy every so many seconds, until somebody ends it."""
    backup, clock = Backup(source, target), backstay.every(every)
    # Before the clock runs, so that nothing is missed.
    host.on_event(tell)
    host.set_condition("target", target.is_dir())
    host.register("look", backup.look, trigger=clock)
    host.register("backup", backup.begin, trigger=clock, conditions=["target"], cancel_on_condition_loss=True)


def host() -> backstay.Host:
    """What ``python -m backstay run backup:host`` runs."""
    host, every = backstay.Host(), float(os.environ.get("BACKUP_EVERY", "60"))
    begin(host, Path(os.environ["BACKUP_FROM"]), Path(os.environ["BACKUP_TO"]), every)
    return host


def tell(event: backstay.InstanceEvent) -> None:
    """Log what becomes of each run. Everything is told on one thread of the host, in order."""
    done = event.instance.completion
    if event.task == "look":
        return
    if event.kind is backstay.EventKind.WAITS:
        print(f"backup: waits for {', '.join(event.conditions)}", flush=True)
    elif event.kind is backstay.EventKind.CANCELED:
        print("backup: asked to stop", flush=True)
    elif event.kind is backstay.EventKind.COMPLETED and done is not None:
        why = "" if done.error is None else f": {done.error}"
        print(f"backup: {done.outcome.name.lower()}, {done.progress} copied{why}", flush=True)


def main() -> int:
    parser = argparse.ArgumentParser(description="Copies what is new in FROM to TO while TO is there.")
    parser.add_argument("source", metavar="FROM", type=Path)
    parser.add_argument("target", metavar="TO", type=Path)
    parser.add_argument("--every", metavar="SECONDS", type=float, default=60.0)
    options = parser.parse_args()
    host = backstay.Host()

    def stop(*_: object) -> None:
        # A second signal gives up at once what has not ended: of several ends the earliest counts.
        host.begin_shutdown(None if host.state is backstay.HostState.OPEN else 0)

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)
    # A signal may have come already.
    with contextlib.suppress(backstay.Closed):
        begin(host, options.source, options.target, options.every)
    report = host.wait()
    print(report)
    return 0 if report.is_clean else 1


if __name__ == "__main__":
    sys.exit(main())
