"""The carriers of Python."""

from __future__ import annotations

import threading

import backstay
import relay_office as office
from plan import AGAIN, CANCEL, CHECKPOINT, COMPLETE, DROP, ENDINGS, FAIL, LANGUAGES, NOTE

NONE, TAKE = 0, 1
PYTHON = LANGUAGES.index("Python")


def register(host: backstay.Host) -> None:
    """One task whose instances are never given up, and one whose instances may be: their grace is short."""
    host.register("patient Python", run, grace=float("inf"))
    host.register("hasty Python", run, grace=1e-9)


def run(instance: backstay.Instance) -> None:
    guard = instance.get_deferral("guard")
    # The details are the number of the instance.
    office.open(int(instance.details), instance.handle(), guard.detach())


def begin(count: int) -> list[threading.Thread]:
    threads = [threading.Thread(target=work) for _ in range(count)]
    for thread in threads:
        thread.start()
    return threads


def work() -> None:
    while True:
        kind, number, acts, taker, handle = office.receive()
        if kind == NONE:
            return
        try:
            if kind == TAKE:
                take(number, handle)
            else:
                carry(number, acts, taker, handle)
        except BaseException as error:
            office.wrong(number, repr(error))
            raise


def take(number: int, handle: int) -> None:
    instance = backstay.Instance.from_handle(handle)
    office.release(handle)
    try:
        deferral = instance.get_deferral(str(number))
    except backstay.NotRunning:
        office.taken(number, backstay.Status.NOT_RUNNING, 0)
    else:
        office.taken(number, backstay.Status.OK, deferral.detach())


def look(deferral: backstay.Deferral, number: int, taker: int) -> None:
    """Reports say that Python has it, and who took it; of an instance that was abandoned meanwhile, who had it then."""
    holder = deferral.holder()
    assert holder is not None
    is_ours = holder.language == "Python" or deferral.instance.state is backstay.State.FINISHED
    if not is_ours or (holder.label, holder.site_language) != (str(number), LANGUAGES[taker]):
        office.wrong(number, f"the holder is another: {holder}")


def carry(number: int, acts: int, taker: int, handle: int) -> None:
    deferral = backstay.Deferral.from_handle(handle)
    look(deferral, number, taker)
    if acts & NOTE:
        deferral.set_note("in Python")
    if acts & CANCEL:
        deferral.instance.cancel()
    if acts & CHECKPOINT:
        deferral.instance.checkpoint()
    if not acts & ENDINGS:
        office.pass_on(number, deferral.detach())
        return
    status, again = backstay.Status.OK, backstay.Status.ALREADY_COMPLETED
    if acts & COMPLETE:
        status = deferral.complete()
    elif acts & FAIL:
        status = deferral.fail("on purpose")
    elif acts & DROP:
        # Dropped without a word, which Python would warn of; the relay drops on purpose.
        del deferral
    if acts & AGAIN:
        again = deferral.complete()
    office.ended(number, status, again)
