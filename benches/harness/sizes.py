"""A player without a process: the sizes of the files that are shipped (P12)."""

from __future__ import annotations

import subprocess
from pathlib import Path

from .checkout import Broken, Checkout


class FilePlayer:
    """Plays `library` and `wheel`; what they cost are bytes."""

    def __init__(self, checkout: Checkout) -> None:
        self._checkout = checkout

    def play(self, name: str, size: int) -> float:
        """Give the size of a file."""
        find = {"library": self._library, "wheel": self._wheel}[name]
        return float(find().stat().st_size)

    def close(self) -> None:
        """Do nothing: there is nothing to let go."""

    def _library(self) -> Path:
        # Stripped, as packages ship it; the one that was built keeps what a debugger needs.
        stripped = self._checkout.bench / "libbackstay-stripped.so"
        built = self._checkout.target / "lib" / "libbackstay.so"
        try:
            done = subprocess.run(
                ["strip", "-o", stripped, built], check=False, capture_output=True, text=True
            )
        except FileNotFoundError as error:
            raise Broken("strip is missing; it comes with the C compiler (Debian: binutils)") from error
        if done.returncode != 0:
            raise Broken(f"strip: {done.stderr.strip()}")
        return stripped

    def _wheel(self) -> Path:
        wheels = list((self._checkout.bench / "wheel").glob("backstay-*.whl"))
        if not wheels:
            raise Broken("no wheel was built")
        return max(wheels, key=lambda wheel: wheel.stat().st_mtime)
