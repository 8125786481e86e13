"""What becomes of a picture: the part of the application that its users write."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable

import backstay

#: Gives work to the application's codec, with the hold: handle, source, target, how many times smaller.
Shrink = Callable[[int, str, str, int], None]


def start(handle: int, shrink: Shrink) -> None:
    """Register what this plug-in does in the application's host; called once."""
    host = backstay.Host.from_handle(handle)

    @host.task
    async def arrive(instance: backstay.Instance) -> None:
        """Wait until a picture is there. However many are waited for, coroutines cost no threads."""
        path = instance.details
        async with instance.get_deferral(f"{path} is not there yet"):
            while not os.path.exists(path):
                await asyncio.sleep(0.05)  # when Python is to leave, the cancellation arrives here
        reduce.fire(path)

    @host.task
    def reduce(instance: backstay.Instance) -> None:
        """Say how small a picture is to be, and let the codec do it: from here on it holds this instance."""
        path = instance.details
        target = os.path.splitext(path)[0] + ".small"
        shrink(instance.get_deferral(path).detach(), path, target, 4)

    @host.task
    def catalogue(instance: backstay.Instance) -> None:
        """Note a picture that the codec has made. It gave its hold away with it: this is where the work ends."""
        number, target = instance.details.split(" ", 1)
        with backstay.Deferral.from_handle(int(number)):
            folder, name = os.path.split(target)
            with open(os.path.join(folder, "catalogue"), "a", encoding="utf-8") as file:
                file.write(f"{name} {os.path.getsize(target)}\n")
