"""Fork: a child gets clear errors from what is its parent's, hangs nowhere, and may have a host of its own (H6)."""

from __future__ import annotations

from pathlib import Path

import pytest
from processes import run

# A host with all its locks in use, and what the main thread has of it.
BUSY = """
import os
from members import members
host = backstay.Host(workers=3, grace=30)
held, taken, over = [], threading.Event(), threading.Event()
def churns(instance):
    while not over.is_set():
        with instance.get_deferral("churn") as deferral:
            deferral.holder()
            instance.progress += 1
            short.fire({"n": 1}).wait(30)
            host.get_task("short"), repr(host), instance.holders()
def run(instance):
    held.append(instance.get_deferral("held"))
    taken.set()
short = host.register("short", lambda instance: None)
subscription = short.on_completed(lambda done: None)
churning = [host.register(f"churns {n}", churns).fire() for n in range(2)]
task = host.register("held", run)
instance = task.fire()
taken.wait()
things = {
    "Host": host, "Task": task, "Instance": instance, "Deferral": held[0], "Subscription": subscription,
}
things["Group"] = host.group("grouped")
things["Cancellation"] = instance.cancellation()
def child_of(body):
    # The child must not hang; what hangs is ended by the alarm, which the status tells.
    child = os.fork()
    if child == 0:
        signal.alarm(20)
        body()
        sys.exit(0)
    return os.waitpid(child, 0)[1]
def end():
    over.set()
    held.pop().complete()
    assert instance.wait(30).outcome.name == "SUCCEEDED"
    assert all(one.wait(30).outcome.name == "SUCCEEDED" for one in churning)
"""


@pytest.mark.parametrize(
    "kind", ["Host", "Task", "Instance", "Deferral", "Subscription", "Group", "Cancellation"]
)
def test_every_member_of_a_parent_s_object_gives_a_clear_error_or_a_harmless_answer(kind: str) -> None:
    status, out, err = run(
        f"""{BUSY}
def uses():
    for name, use in members(things[{kind!r}]):
        try:
            use()
        except backstay.Forked as error:
            assert "fork" in str(error), (name, error)
assert child_of(uses) == 0
end()
print("the parent goes on")
"""
    )
    assert (status, out, err) == (0, "the parent goes on\n", "")


def test_the_threads_of_a_host_import_nothing() -> None:
    # A child that is made while a thread imports something can never import that: the lock is held by nobody.
    status, out, err = run(
        """
        import warnings
        warnings.simplefilter("ignore", ResourceWarning)
        sys.unraisablehook = lambda raised: None
        host = backstay.Host(grace=30)
        known = set(sys.modules)
        def fails(instance):
            instance.get_deferral("dropped")
            instance.holders(), instance.details, instance.state, host.snapshot()
            instance.progress = 1
            instance.cancel()
            raise ValueError("told")
        for run in fails, lambda instance: None:
            task = host.register(repr(run), run)
            for on in task.on_completed, task.on_progress, host.on_event:
                on(lambda seen: 1 / 0)
            task.fire({"a": 1}).wait(30)
        host.flush(30)
        print(sorted(set(sys.modules) - known))
        """
    )
    assert (status, out, err) == (0, "[]\n", "")


REFUSED = [
    "host.register('new', print)",
    "host.flush()",
    "host.drain(1)",
    "host.shutdown()",
    "task.fire()",
    "task.unregister()",
    "task.on_completed(print)",
    "instance.wait()",
    "instance.cancel()",
    "instance.get_deferral()",
    "instance.on_canceled(print)",
    "held[0].complete()",
    "held[0].fail('told')",
]


@pytest.mark.parametrize("call", REFUSED)
def test_what_would_change_something_of_the_parent_s_is_refused(call: str) -> None:
    status, out, err = run(
        f"""{BUSY}
def refused():
    try:
        {call}
    except backstay.Forked:
        return
    sys.exit(5)
assert child_of(refused) == 0
end()
"""
    )
    assert (status, out, err) == (0, "", "")


def test_a_child_that_uses_nothing_exits_at_once() -> None:
    status, out, err = run(f"{BUSY}\nassert child_of(lambda: None) == 0\nend()")
    assert (status, out, err) == (0, "", "")


def test_a_child_that_drops_everything_leaves_it_to_its_parent() -> None:
    status, out, err = run(
        f"""{BUSY}
import gc
def drops():
    for name in "host", "task", "instance", "held", "subscription", "short", "churning", "things", "run", "churns":
        globals().pop(name)
    gc.collect()
assert child_of(drops) == 0
end()
"""
    )
    assert (status, out, err) == (0, "", "")


def test_a_child_may_have_a_host_of_its_own() -> None:
    status, out, err = run(
        f"""{BUSY}
def own():
    with backstay.Host() as mine:
        seen = []
        done = mine.register("t", lambda instance: seen.append(instance.details)).fire("sea").wait(15)
        assert done.outcome.name == "SUCCEEDED" and seen == ["sea"], done
assert child_of(own) == 0
end()
"""
    )
    assert (status, out, err) == (0, "", "")


def test_a_child_s_own_host_is_shut_down_at_its_exit() -> None:
    status, out, err = run(
        f"""{BUSY}
def own():
    global mine
    mine, entered = backstay.Host(grace=15), threading.Event()
    def until_exit(instance):
        asked = threading.Event()
        instance.on_canceled(lambda reason: asked.set())
        entered.set()
        asked.wait()
        print("asked", flush=True)
    mine.register("t", until_exit).fire()
    entered.wait()
assert child_of(own) == 0
end()
"""
    )
    assert (status, out, err) == (0, "asked\n", "")


def test_a_child_of_a_child_is_no_different() -> None:
    status, out, err = run(
        f"""{BUSY}
def grandchild():
    for call in (instance.wait, mine_instance.wait):
        try:
            call()
        except backstay.Forked:
            continue
        sys.exit(5)
    with backstay.Host() as own:
        assert own.register("t", lambda instance: None).fire().wait(15).outcome.name == "SUCCEEDED"
def child():
    global mine_instance
    mine = backstay.Host()
    mine_instance = mine.register("t", lambda instance: None).fire()
    assert child_of(grandchild) == 0
    assert mine_instance.wait(15).outcome.name == "SUCCEEDED"
assert child_of(child) == 0
end()
"""
    )
    assert (status, out, err) == (0, "", "")


@pytest.mark.parametrize("block", ["backstay.Host()", "instance.get_deferral()"])
def test_a_child_may_leave_a_block_of_its_parent_s(block: str) -> None:
    # Its own sys.exit() goes through the block, and must come out as it went in.
    status, out, err = run(
        f"{BUSY}\nwith {block}:\n    assert child_of(lambda: sys.exit(7)) >> 8 == 7\nend()"
    )
    assert (status, out, err) == (0, "", "")


INSIDE = """
import os
host = backstay.Host(workers=2, grace=30)
def forks(body):
    def run(instance):
        child = os.fork()
        if child:
            print(os.waitpid(child, 0)[1] >> 8)
        else:
            signal.alarm(20)
            body(instance)
    return run
def done(body):
    return host.register("forks", forks(body)).fire().wait(30).outcome.name
"""


def test_a_child_made_in_an_entry_point_may_end_itself() -> None:
    assert run(f"{INSIDE}\nprint(done(lambda instance: os._exit(7)))") == (0, "7\nSUCCEEDED\n", "")


@pytest.mark.parametrize(
    "way", ["lambda instance: None", "lambda instance: sys.exit(0)", "lambda instance: 1 / 0"]
)
def test_a_child_that_comes_back_from_an_entry_point_is_ended(way: str) -> None:
    status, out, err = run(f"{INSIDE}\nprint(done({way}))")
    assert (status, out) == (0, "1\nSUCCEEDED\n")
    assert err.count("made by fork inside an entry point or handler came back from it") == 1
    assert err.count("\n") == 1


def test_a_child_that_comes_back_from_a_handler_is_ended() -> None:
    status, out, err = run(
        f"""{INSIDE}
task = host.register("t", lambda instance: None)
task.on_completed(forks(lambda done: None))
task.fire().wait(30)
host.flush(30)
print("the parent goes on")
"""
    )
    assert (status, out) == (0, "1\nthe parent goes on\n")
    assert err.count("made by fork inside an entry point or handler came back from it") == 1


def test_a_child_made_in_an_entry_point_may_have_a_host_of_its_own() -> None:
    status, out, err = run(
        f"""{INSIDE}
def own(instance):
    with backstay.Host() as mine:
        print(mine.register("t", lambda instance: None).fire().wait(15).outcome.name, flush=True)
    os._exit(0)
print(done(own))
"""
    )
    assert (status, out, err) == (0, "SUCCEEDED\n0\nSUCCEEDED\n", "")


def test_a_child_made_in_an_entry_point_is_refused_what_is_its_parent_s() -> None:
    status, out, err = run(
        f"""{INSIDE}
def refused(instance):
    for call in (instance.wait, instance.get_deferral, host.shutdown, lambda: host.register("new", print)):
        try:
            call()
        except backstay.Forked:
            continue
        os._exit(5)
    os._exit(0)
print(done(refused))
"""
    )
    assert (status, out, err) == (0, "0\nSUCCEEDED\n", "")


# Children that are spawned or served import the module that their work is in.
MULTIPROCESSING = """
import multiprocessing, os, sys, threading
import backstay
def job(number):
    with backstay.Host() as own:
        done = own.register("t", lambda instance: None).fire().wait(30)
        return number if done.outcome.name == "SUCCEEDED" else -1
def process():
    assert job(1) == 1
def uses(method):
    context = multiprocessing.get_context(method)
    one = context.Process(target=process)
    one.start()
    one.join(50)
    with context.Pool(2) as pool:
        answers = pool.map(job, range(4), chunksize=1)
        pool.close()
        pool.join()
    return one.exitcode, answers
def main(method, inside):
    host = backstay.Host(workers=2, grace=30)
    seen = []
    if inside:
        instance = host.register("t", lambda instance: seen.append(uses(method))).fire()
        done = instance.wait(100)
        assert done.outcome.name == "SUCCEEDED", done
    else:
        busy, leave = threading.Event(), threading.Event()
        def run(instance):
            busy.set()
            leave.wait()
        instance = host.register("t", run).fire()
        busy.wait()
        seen.append(uses(method))
        leave.set()
        assert instance.wait(30).outcome.name == "SUCCEEDED"
    print(seen[0])
"""


@pytest.mark.parametrize("where", ["outside", "inside"])
@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_multiprocessing_works(method: str, where: str, tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text(MULTIPROCESSING)
    inside = where == "inside"
    main = f"import sys; sys.path.insert(0, {str(tmp_path)!r}); import program; program.main({method!r}, {inside})"
    status, out, err = run(main, prelude="")
    assert (status, out) == (0, "(0, [0, 1, 2, 3])\n"), err


def test_a_process_pool_works_in_an_entry_point() -> None:
    status, out, err = run(
        f"""{INSIDE}
import concurrent.futures, multiprocessing
def pool(instance):
    context = multiprocessing.get_context("fork")
    with concurrent.futures.ProcessPoolExecutor(2, mp_context=context) as pool:
        print(list(pool.map(abs, [-1, -2])))
print(host.register("pool", pool).fire().wait(50).outcome.name)
"""
    )
    assert (status, out) == (0, "[1, 2]\nSUCCEEDED\n"), err
