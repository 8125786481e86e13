"""The work: what a request begins and what outlives it. Knows nothing of HTTP."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import backstay


@dataclass
class Job:
    """What a firing carries to the work, and what the work leaves behind."""

    files: list[Path]
    #: Whatever JSON can say; complete when the instance has succeeded.
    result: dict[str, object] = field(default_factory=dict[str, object])


def report(instance: backstay.Instance) -> None:
    """Count what is in a text; the progress is the number of lines. Runs on a thread of the host, and may block."""
    job: Job = instance.details
    (path,) = job.files
    words: Counter[str] = Counter()
    # The instance is alive without a deferral; this one says what is being done.
    with instance.get_deferral("count words") as deferral:
        deferral.set_note(path.name)
        with path.open(encoding="utf-8") as file:
            for number, line in enumerate(file, 1):
                instance.raise_if_canceled()
                words.update(line.split())
                instance.progress = number
    job.result.update(lines=instance.progress, words=sum(words.values()), often=dict(words.most_common(3)))


async def checksums(instance: backstay.Instance) -> None:
    """Take the checksum of each file; the progress is the number of files. Runs on the server's loop: it only waits."""
    job: Job = instance.details
    async with instance.get_deferral("cksum") as deferral:
        for number, path in enumerate(job.files, 1):
            deferral.set_note(f"{number} of {len(job.files)}: {path.name}")
            job.result[path.name] = await checksum(path)
            instance.progress = number


async def checksum(path: Path) -> str:
    """What cksum(1) says. To be cancelled ends the process."""
    process = await asyncio.create_subprocess_exec(
        "cksum",
        "--",
        path.name,
        cwd=path.parent,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        # Ctrl-C is for the server, which cancels its work itself.
        start_new_session=True,
    )
    try:
        out, problem = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode != 0:
        raise RuntimeError(problem.decode(errors="replace").strip())
    return out.split()[0].decode()
