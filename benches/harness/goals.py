"""What is promised: one line for each goal, what it is measured with, and the limit that it has to keep.

The numbers of the goals are those of docs/performance.md. A size is what one sample plays; the quick one is for daily
use. In a full run nothing is sampled less than eleven times, but for what cannot vary, for memory that is counted from
a clean slate, and for the ten seconds of an idle host.
"""

from __future__ import annotations

from dataclasses import dataclass

#: Rounds of a goal line that says nothing else, in a full run and in a quick one.
ROUNDS = 11
QUICK_ROUNDS = 5
#: For works that have a process of their own for each sample; they vary little.
FRESH_ROUNDS = 3


@dataclass(frozen=True)
class Work:
    """A named piece of work of one player, and how much of it makes a sample."""

    player: str
    name: str
    size: int
    quick_size: int | None = None
    #: Each sample gets a new process, since what an earlier one left behind would be counted along.
    fresh: bool = False

    def pieces(self, quick: bool) -> int:
        """How many pieces a sample has."""
        return self.quick_size if quick and self.quick_size is not None else self.size


@dataclass(frozen=True)
class Goal:
    """One line of the table."""

    id: str
    text: str
    ours: Work
    peer: Work | None = None
    #: For ours divided by the peer's or, without a peer, for ours itself. None is for what is only told, not judged.
    limit: float | None = None
    #: Of the values: ns, B, ms, or nothing for a count.
    unit: str = "ns"
    rounds: int = ROUNDS

    def rounds_of(self, quick: bool) -> int:
        """How many rounds count."""
        return min(self.rounds, QUICK_ROUNDS) if quick else self.rounds


def rust(name: str, size: int, quick_size: int | None = None) -> Work:
    """Give a work over the crate, or of its peers."""
    return Work("rust", name, size, quick_size)


def c(name: str, size: int, quick_size: int | None = None) -> Work:
    """Give a work over the C ABI, or of its peers."""
    return Work("c", name, size, quick_size)


def cpp(name: str, size: int) -> Work:
    """Give a work over the C++ header, or of its peers."""
    return Work("cpp", name, size)


def python(name: str, size: int, quick_size: int | None = None) -> Work:
    """Give a work over the package, or of its peers."""
    return Work("python", name, size, quick_size)


M = 1_000_000
K = 1_000


def _both(ours: str, peer: str, size: int, quick_size: int | None = None) -> tuple[Work, Work]:
    return rust(ours, size, quick_size), rust(peer, size, quick_size)


def _cancel(ours: str) -> tuple[Work, Work]:
    return _both(ours, "tokio_cancel_until_last_woken", M, 100 * K)


def _among(work: str, few: int) -> tuple[Work, Work]:
    return rust(work, M, 100 * K), rust(work, few)


def _memory(work: str) -> Work:
    return Work("rust", work, M, 100 * K, fresh=True)


def _absolute(id: str, text: str, limit: float, unit: str, rounds: int, ours: Work) -> Goal:
    return Goal(id, text, ours, None, limit, unit, rounds)


_deferral = rust("deferral", M, 200 * K)
_deferral_by_two = rust("deferral_of_two_threads", M, 200 * K)
_contended = _both("deferral_of_one_for_two_threads", "swansong_guard_of_two_threads", M, 200 * K)
_parked = _memory("parked_bytes"), _memory("tokio_parked_bytes")
_task_bytes = Work("rust", "task_bytes", 10 * K, fresh=True)
_trivial = python("trivial_call", M, 200 * K)
_with = python("with_deferral", 200 * K, 50 * K), python("with_nullcontext", 500 * K, 100 * K)
_progress = python("set_progress", 200 * K, 50 * K)
_python_fire = python("fire", 100 * K, 20 * K)
_python_round_trips = python("round_trip", 2 * K, 500), python("executor_round_trip", 2 * K, 500)

GOALS = (
    # A hold with label, line and time.
    Goal("P1", "hold / Arc clone + drop", _deferral, rust("arc_clone", 5 * M, M), 6),
    Goal("P1", "hold / swansong guard with report", *_both("deferral", "swansong_guard", M, 200 * K), 0.5),
    Goal("P1", "hold, two threads, an instance each / one thread", _deferral_by_two, _deferral, 1.3),
    Goal("P1", "hold, two threads, one instance / swansong, the same", *_contended, 1),
    Goal("P2", "hold from C / from Rust", c("deferral", M, 200 * K), _deferral, 2.5),
    # Calls from Python.
    Goal("P3", "Python: hold / trivial call", python("deferral", 200 * K, 50 * K), _trivial, 10),
    Goal("P3", "Python: with hold / with nullcontext()", *_with, 1.5),
    Goal("P3", "Python: canceled / trivial call", python("canceled", M, 200 * K), _trivial, 1.5),
    Goal("P3", "Python: progress, watched / trivial call", _progress, _trivial, 3),
    # Many at once, from the firing to Completed of the last.
    Goal("P4", "fire / tokio spawn + tracker + token", *_both("fire", "tokio_spawn", 100 * K, 50 * K), 0.5),
    Goal("P4", "fire / plain queue", *_both("fire", "plain_queue", 100 * K, 50 * K), 4),
    Goal("P4", "Python: fire / ThreadPoolExecutor", _python_fire, python("executor", 100 * K, 20 * K), 0.1),
    Goal("P4", "Python: fire / APScheduler", _python_fire, python("apscheduler", 2 * K, 500), 0.02),
    Goal("P4", "fire from C / from Rust", c("fire", 100 * K, 50 * K), rust("fire", 100 * K, 50 * K), 1.3),
    # One at a time, from a thread that is none of the host's.
    Goal("P5", "round trip / tokio", *_both("round_trip", "tokio_round_trip", 5 * K, K), 1.2),
    Goal("P5", "Python: round trip / ThreadPoolExecutor", *_python_round_trips, 0.5),
    # Everything is asked to stop at once.
    Goal("P6", "cancel all / tokio child tokens", *_both("cancel", "tokio_cancel", M, 100 * K), 0.5),
    Goal("P6", "cancel all, a handler each / tokio, last one woken", *_cancel("cancel_with_handlers"), 0.6),
    # The same goal, read harder: ours, too, until the last was called.
    Goal("P6", "the same, harder: until the last was called", *_cancel("cancel_until_last_handler"), 0.6),
    # Parked on one hold each.
    Goal("P7", "memory of an instance / tokio task + tokens", *_parked, 0.8, "B", FRESH_ROUNDS),
    _absolute("P7", "memory, the third time / the first", 1.05, "", FRESH_ROUNDS, _memory("parked_growth")),
    _absolute("P7", "threads of all of them", 3, "", FRESH_ROUNDS, _memory("parked_threads")),
    # What is due later.
    Goal("P8", "deadline, add + cancel / DelayQueue", *_both("alarm", "delay_queue", M, 100 * K), 1),
    Goal("P8", "lateness, 99th of 100 / tokio", *_both("lateness", "tokio_lateness", 10 * K), 0.3),
    # What a host costs by itself.
    Goal("P9", "host / tokio runtime", rust("host", 2 * K, K), rust("tokio_runtime", 200, 100), 0.1),
    Goal(
        "P9", "host with one / tokio, the same", *_both("host_with_one", "tokio_runtime_with_one", 200), 1.1
    ),
    _absolute("P10", "wake-ups of an idle host in 10 s", 0, "", 1, rust("idle_wakeups", 10 * K)),
    _absolute("P10", "memory of a task", 1024, "B", FRESH_ROUNDS, _task_bytes),
    # What the rest costs while a million are alive.
    Goal("P11", "hold among very many / among 10", *_among("deferral_among", 10), 1.5),
    Goal("P11", "batch among very many / among 10", *_among("batch_among", 10), 1.5),
    Goal("P11", "fire among very many / among 10", *_among("fire_among", 10), 1.5),
    # Linear: what one that is listed costs is the same in long lists. A list of ten would be all overhead.
    Goal("P11", "holders(), each of very many / of 1,000", *_among("holders_among", K), 1.5),
    Goal("P11", "snapshot(), each of very many / of 1,000", *_among("snapshot_among", K), 1.5),
    # What is shipped.
    _absolute("P12", "libbackstay.so, stripped", 1.5e6, "B", 1, Work("files", "library", 1)),
    _absolute("P12", "wheel", 1.5e6, "B", 1, Work("files", "wheel", 1)),
    _absolute("P12", "import backstay", 30, "ms", ROUNDS, python("import_time", 3, 1)),
    _absolute("P12", "asyncio or threads after import", 0, "", 1, python("import_asyncio", 1)),
)

#: What a reader may want to compare with, of which nothing is promised.
ASIDES = (
    # On a machine whose two processors are one core, two threads slow each other down that share nothing.
    Goal(
        "P1",
        "two threads, an Arc each / one thread",
        rust("arc_clone_of_two_threads", 5 * M),
        rust("arc_clone", 5 * M),
    ),
    Goal("P1", "swansong guard without report", rust("swansong_guard_without_report", M)),
    Goal("P1", "tokio TaskTracker token", rust("tokio_tracker_token", M)),
    Goal("P1", "async-shutdown token", rust("async_shutdown_token", M)),
    Goal("P1", "event-listener, listen + drop", rust("event_listener", M)),
    Goal(
        "P1",
        "is it canceled? / tokio is_cancelled",
        rust("is_canceled", 5 * M),
        rust("tokio_is_cancelled", 5 * M),
    ),
    Goal("P2", "C: a call into the library", c("call", 5 * M)),
    Goal("P2", "C: GCancellable", c("glib_cancellable", 100 * K)),
    Goal("P2", "C++: hold", cpp("deferral", M)),
    Goal("P2", "C++: std::stop_token", cpp("stop_token", M)),
    Goal("P4", "fire, nobody listens", rust("fire_unheard", 100 * K)),
    Goal("P4", "fire an async entry point", rust("fire_async", 100 * K)),
    Goal("P4", "tokio spawn alone", rust("tokio_spawn_bare", 100 * K)),
    Goal("P4", "rayon spawn", rust("rayon_spawn", 100 * K)),
    Goal("P4", "threadpool execute", rust("threadpool_execute", 100 * K)),
    Goal("P4", "C++: fire", cpp("fire", 100 * K)),
    Goal("P4", "C: GThreadPool", c("glib_pool", 100 * K)),
    Goal("P4", "C++: oneTBB task_group", cpp("tbb_task_group", 100 * K)),
    Goal("P4", "Python: fire an async entry point", python("fire_async", 10 * K)),
    Goal("P4", "Python: asyncio tasks", python("asyncio_tasks", 10 * K)),
    Goal("P4", "Python: anyio tasks", python("anyio_tasks", 10 * K)),
    Goal("P5", "spawn + join of a thread", rust("thread_round_trip", 500)),
    Goal("P6", "C++: cancel with a handler each", cpp("cancel_handlers", 100 * K)),
    Goal("P6", "C++: std::stop_source with a callback each", cpp("stop_callbacks", 100 * K)),
    Goal(
        "P7",
        "Python: memory of an instance",
        python("memory_instance", 20 * K),
        unit="B",
        rounds=FRESH_ROUNDS,
    ),
    Goal(
        "P7",
        "Python: memory of an asyncio task",
        python("memory_asyncio", 20 * K),
        unit="B",
        rounds=FRESH_ROUNDS,
    ),
    Goal("P8", "fire with a deadline, others pending", rust("deadline", 100 * K)),
    Goal("P8", "task with a time trigger, add + remove", rust("time_trigger", 100 * K)),
    Goal("P8", "Python: register for later", python("register_after", 2 * K)),
    Goal("P8", "Python: APScheduler, add a job for later", python("apscheduler_add", 2 * K)),
)
