"""Has the plots drawn, in an environment of their own that is made when it is first needed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from .checkout import Broken, Checkout


def draw(checkout: Checkout, results: Path, folder: Path) -> None:
    """Draw what the results have into the folder."""
    python = _environment(checkout)
    _step([str(python), str(Path(__file__).with_name("plots.py")), str(results), str(folder)], checkout)


def _environment(checkout: Checkout) -> Path:
    venv = checkout.bench / "plots-venv"
    requirements = checkout.root / "benches" / "requirements.txt"
    stamp = venv / ".made"
    python = venv / "bin" / "python"
    if not stamp.exists() or stamp.stat().st_mtime < requirements.stat().st_mtime:
        print("backstay: installing what draws the plots ...", file=sys.stderr, flush=True)
        _step([sys.executable, "-m", "venv", "--clear", str(venv)], checkout)
        pip = [str(python), "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
        _step([*pip, "-r", str(requirements)], checkout)
        stamp.touch()
    return python


def _step(command: list[str], checkout: Checkout) -> None:
    done = subprocess.run(command, cwd=checkout.root, check=False, capture_output=True, text=True)
    if done.returncode != 0:
        raise Broken(f"drawing the plots failed\n{done.stdout}{done.stderr}")
