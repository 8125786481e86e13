"""The exit of the interpreter, where it waits for pools of threads before it calls its exit hooks.

What runs in such a pool, as the executor of a host or below ``asyncio.to_thread`` in one of its coroutines, is asked to
stop before it is waited for: its host begins to shut down first. All other hosts are ended by the exit hook, since
threads of the application may use them until then.
"""

from __future__ import annotations

# Registers the hook that waits, when it is imported. Hooks run in reverse order, so that of this module is registered
# after it.
import concurrent.futures.thread  # noqa: F401  # pyright: ignore[reportUnusedImport]
import threading
import weakref
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ._host import Host

_HOSTS: weakref.WeakSet[Host] = weakref.WeakSet()


def end_before_pools(host: Host) -> None:
    """From now on, let this host begin its shutdown before pools are waited for."""
    _HOSTS.add(host)


def _begin() -> None:
    for host in list(_HOSTS):
        with suppress(Exception):
            host._begin_exit()


# A name with an underscore, but the one by which concurrent.futures does the same; and once the exit has begun, nothing
# can be registered any more.
_register = getattr(threading, "_register_atexit", None)
if _register is not None:
    with suppress(RuntimeError):
        _register(_begin)
