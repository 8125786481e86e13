"""What all tests share: a host with a manual clock, and the proof that nothing of C is left."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import backstay
import pytest

# Fixtures for the tests of asyncio.
from asyncio_hosts import factory, placed, quiet
from backstay import _lib

__all__ = ["clock", "factory", "host", "no_handles_left", "placed", "quiet"]


@pytest.fixture
def host() -> Iterator[backstay.Host]:
    """A host on the machine's clock, shut down at the end."""
    with backstay.Host(workers=2) as host:
        yield host


@pytest.fixture
def clock() -> Iterator[backstay.Host]:
    """A host on a manual clock; what is left at the end is abandoned at once."""
    host = backstay.Host(workers=2, manual_clock=True)
    yield host
    host.shutdown(0)


@pytest.fixture(autouse=True)
def no_handles_left() -> Iterator[None]:
    """Every handle of C has ended when a test is over."""
    yield
    gc.collect()
    assert _lib._live_handles() == 0
