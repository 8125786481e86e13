"""The results as a file: every sample, and the machine that it was taken on."""

from __future__ import annotations

import json
import os
import platform
import subprocess
from collections.abc import Mapping
from pathlib import Path


def write(path: Path, root: Path, **found: object) -> None:
    """Write what was found as JSON."""
    path.parent.mkdir(parents=True, exist_ok=True)
    results: Mapping[str, object] = {"machine": _machine(), "revision": _revision(root), **found}
    path.write_text(json.dumps(results, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def _machine() -> dict[str, object]:
    # Nothing that names the machine itself.
    return {
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "cpu": _cpu(),
        "kernel": f"{platform.system()} {platform.release()}",
        "rustc": _output(["rustc", "--version"]),
        "python": platform.python_version(),
    }


def _cpu() -> str | None:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or None
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or None


def _revision(root: Path) -> dict[str, object] | None:
    commit = _output(["git", "rev-parse", "HEAD"], root)
    if commit is None:
        return None
    return {"commit": commit, "is_changed": bool(_output(["git", "status", "--porcelain"], root))}


def _output(command: list[str], folder: Path | None = None) -> str | None:
    try:
        done = subprocess.run(command, cwd=folder, check=False, capture_output=True, text=True)
    except OSError:
        return None
    return done.stdout.strip() if done.returncode == 0 else None
