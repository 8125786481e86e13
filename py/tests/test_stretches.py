"""Threads of a host that stay in the interpreter while they have work in hand: nobody else is kept waiting by that."""

from __future__ import annotations

import collections
import sys
import threading
import time
from pathlib import Path

import backstay
import pytest
from extensions import build
from processes import run

#: So many that threads have work in hand for a while.
MANY = 20_000


def test_every_job_and_every_handler_is_called_once(host: backstay.Host) -> None:
    ran: collections.deque[int] = collections.deque()
    heard: collections.deque[backstay.Completion] = collections.deque()
    task = host.register("t", lambda instance: ran.append(threading.get_ident()))
    task.on_completed(heard.append)
    fired = [task.fire() for _ in range(MANY)]
    for instance in fired:
        instance.wait(60)
    host.flush(60)
    assert len(ran) == len(heard) == MANY
    assert {done.instance_id for done in heard} == {instance.id for instance in fired}


def test_handlers_of_c_let_others_have_their_turn(host: backstay.Host) -> None:
    # Such a function never lets the interpreter go by itself.
    heard: collections.deque[backstay.Completion] = collections.deque()
    may_go_on = threading.Event()
    first = host.register("first", lambda instance: None)
    first.on_completed(lambda done: may_go_on.wait(60))
    task = host.register("t", lambda instance: None)
    task.on_completed(heard.append)
    first.fire()
    fired = [task.fire() for _ in range(5 * MANY)]
    for instance in fired:
        instance.wait(60)
    # From here on there are handlers to call and nothing else.
    seen, longest = 0, 0
    before = sys.getswitchinterval()
    sys.setswitchinterval(0.0002)
    try:
        may_go_on.set()
        last = time.monotonic() + 60
        while seen < len(fired) and time.monotonic() < last:
            now = len(heard)
            seen, longest = now, max(longest, now - seen)
    finally:
        sys.setswitchinterval(before)
    assert seen == len(fired) and longest < seen / 2


@pytest.mark.parametrize("handler", ["time.sleep(0.0001)", "None", "instances.append(seen)"])
def test_an_exit_waits_for_the_call_and_not_for_the_stretch(handler: str) -> None:
    status, _, err = run(
        f"""
        host = backstay.Host(grace=0.2)
        instances = []
        begun = threading.Event()
        def work(instance):
            begun.set()
            {handler.replace("seen", "instance")}
        task = host.register("t", work)
        task.on_completed(lambda seen: {handler})
        for _ in range({MANY}):
            task.fire()
        begun.wait()
        """
    )
    # What did not run is cancelled, and what is told of it may be left out.
    assert status == 0 and all("abandoned" in line or "held by" in line for line in err.splitlines())


def test_a_child_made_by_fork_in_a_stretch_ends_with_its_call() -> None:
    status, out, err = run(
        """
        import os
        host = backstay.Host(workers=2, grace=30)
        children = []
        def work(instance):
            if instance.details == "fork":
                child = os.fork()
                if child:
                    children.append(child)
        task = host.register("t", work)
        for n in range(1000):
            task.fire("fork" if n % 400 == 399 else None)
        host.drain(30)
        print(sorted(os.waitpid(child, 0)[1] for child in children))
        """,
    )
    assert (status, out) == (0, "[256, 256]\n")
    assert err.count("came back from it") == 2


def test_no_code_of_other_languages_runs_on_a_thread_that_stays(tmp_path: Path) -> None:
    build(tmp_path, "detached", ["detached.c"])
    status, out, err = run(
        f"""
        sys.path.insert(0, {str(tmp_path)!r})
        import detached
        host = backstay.Host(workers=2, grace=30)
        task = host.register("t", lambda instance: None)
        task.on_completed(lambda done: None)
        for _ in range({MANY // 4}):
            task.fire()
        detached.watch(host.handle())
        others = host.get_task("of C")
        for _ in range({MANY // 4}):
            task.fire(), others.fire()
        host.drain(30)
        calls, attached = detached.seen()
        print(calls > {MANY // 4}, attached)
        """
    )
    assert (status, out, err) == (0, "True 0\n", "")
