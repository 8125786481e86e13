//! `backstay.Host`.

use std::sync::{Arc, OnceLock, Weak};
use std::time::Duration;

use backstay::{Status, TaskBuilder, WeakHost};
use backstay_ffi::across::Shared as _;
use backstay_ffi::backstay_host;
use pyo3::exceptions::{PyRuntimeError, PyTypeError};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};
use pyo3::{PyTraverseError, PyVisit};

use crate::callable::Callable;
use crate::errors::{faults, raise, refused};
use crate::group::{Group, tasks};
use crate::handle::{Given, Own, bad};
use crate::lock::Mutex;
use crate::mine::Mine;
use crate::seconds::{Count, Seconds, optional};
use crate::shelf::{Place, Shelf};
use crate::subscription::Subscription;
use crate::task::Task;
use crate::{
    aio, block, call, details, executor, exit, gate, options, report, results, site, snapshot, stretch, told,
    words,
};

/// The compiled half of the host; `backstay.Host` adds the settings, the decorator and the context managers.
#[pyclass(frozen, subclass, module = "backstay._lib", name = "Host")]
pub(crate) struct Host(OnceLock<Opened>);

impl std::fmt::Debug for Whose {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.get() {
            Some(host) => host.fmt(f),
            None => f.write_str("Host(let go by its owner)"),
        }
    }
}

/// What there is once it is opened.
struct Opened {
    host: Mine<Whose>,
    handle: Own<backstay::Host>,
    shelf: Arc<Shelf>,
    /// The event loop that was given.
    given_loop: Option<Place>,
    /// Where coroutines run, once there is one to run.
    loops: OnceLock<Arc<Place>>,
    /// The coroutines that wait for its end.
    ends: aio::Ends,
    /// Says farewell before the garbage collector takes anything apart that only the host has.
    _farewell: Option<Place>,
}

/// The host that an object stands for.
enum Whose {
    /// Python's own, which ends when Python loses it.
    Own(backstay::Host),
    /// One that somebody else opened. It is named and not kept open, since its owner ends it by letting it go (H2).
    Guest(WeakHost),
}

impl Whose {
    fn get(&self) -> Option<backstay::Host> {
        match self {
            Whose::Own(host) => Some(host.clone()),
            Whose::Guest(host) => host.upgrade(),
        }
    }
}

impl Drop for Opened {
    fn drop(&mut self) {
        if let Some(Whose::Own(host)) = self.host.here() {
            let_go(&self.shelf, host);
        }
    }
}

/// Python loses its host: its end begins, and nobody waits for it (H2).
fn let_go(shelf: &Shelf, host: &backstay::Host) {
    shelf.leave();
    host.begin_shutdown(host.grace());
}

/// Called by the collector's finalizers, of which each runs before anything is cleared: what the shelf shows is then not
/// garbage any more, and handlers can be told of the end. It is no part of the host's class, since a subclass may forget
/// to call a finalizer that it replaces.
#[pyclass(frozen, module = "backstay._lib", name = "_Farewell")]
pub(crate) struct Farewell {
    host: Mine<WeakHost>,
    shelf: Weak<Shelf>,
}

#[pymethods]
impl Farewell {
    fn __call__(&self) {
        // A child made by fork leaves its parent's host alone.
        let host = self.host.here().and_then(WeakHost::upgrade);
        if let (Some(shelf), Some(host)) = (self.shelf.upgrade(), host) {
            let_go(&shelf, &host);
        }
    }
}

impl Host {
    fn opened(&self) -> PyResult<&Opened> {
        self.0.get().ok_or_else(|| {
            PyRuntimeError::new_err("the host is not open yet; a subclass calls super().__init__() first")
        })
    }

    fn host(&self, py: Python<'_>) -> PyResult<backstay::Host> {
        let host = self.opened()?.host.get(py)?.get();
        host.ok_or_else(|| refused(py, Status::Closed, "the owner of the host has let it go".to_owned()))
    }

    fn is_guest(&self) -> PyResult<bool> {
        Ok(matches!(self.opened()?.host.anywhere(), Whose::Guest(_)))
    }

    /// Where coroutines run; made when there is one to run.
    fn loops<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let opened = self.opened()?;
        if opened.loops.get().is_none() {
            // Coroutines may use pools of threads.
            let host = opened.shelf.python(py)?;
            call::with(words::end_before_pools(py)?, (host,))?;
            let given = opened.given_loop.as_ref().map(|given| given.get(py));
            let made = Arc::new(opened.shelf.put(aio::loops(py, given.as_ref())?));
            // When another thread was faster, its one counts.
            opened.shelf.set_loops(opened.loops.get_or_init(|| made));
        }
        opened.loops.get().map(|loops| loops.get(py)).ok_or_else(|| unreachable!("it was made above"))
    }

    /// Waits a moment for the threads of event loops that are not needed any more (H1).
    fn join_loops<'py>(&self, py: Python<'py>, report: backstay::DrainReport) -> PyResult<Bound<'py, PyAny>> {
        if let Some(loops) = self.opened()?.shelf.loops(py) {
            aio::join(&loops, Duration::from_secs(2))?;
        }
        results::drain_report(py, &report)
    }

    fn shelf(&self) -> PyResult<&Arc<Shelf>> {
        Ok(&self.opened()?.shelf)
    }

    fn set(
        &self,
        host: Whose,
        shelf: Arc<Shelf>,
        given_loop: Option<Place>,
        farewell: Option<Place>,
    ) -> PyResult<()> {
        let opened = Opened {
            host: Mine::new(host),
            handle: Own::new(),
            shelf,
            given_loop,
            loops: OnceLock::new(),
            ends: aio::Ends::default(),
            _farewell: farewell,
        };
        // One that is opened twice goes again.
        self.0.set(opened).map_err(|_| PyRuntimeError::new_err("the host is open already"))
    }
}

#[pymethods]
impl Host {
    /// Opens nothing: the settings are those of `__init__`, so that a subclass may have others.
    #[new]
    #[pyo3(signature = (*_arguments, **_settings))]
    fn new(_arguments: &Bound<'_, PyTuple>, _settings: Option<&Bound<'_, PyDict>>) -> Self {
        Self(OnceLock::new())
    }

    /// Opens the host. By the weak reference, instances find the Python object of their host.
    #[pyo3(signature = (reference, *, workers, grace, overdue_after, capture_stacks, manual_clock, executor, r#loop))]
    #[expect(clippy::too_many_arguments, reason = "Python passes them by name")]
    fn _open(
        &self,
        py: Python<'_>,
        reference: Bound<'_, PyAny>,
        workers: Option<Count>,
        grace: Seconds,
        overdue_after: Option<Seconds>,
        capture_stacks: bool,
        manual_clock: bool,
        executor: Option<Bound<'_, PyAny>>,
        r#loop: Option<Bound<'_, PyAny>>,
    ) -> PyResult<()> {
        words::prepare(py)?;
        let shelf = Arc::<Shelf>::default();
        if capture_stacks {
            site::need_stacks();
        }
        let mut builder = backstay::Host::builder()
            .grace(grace.0)
            .capture_stacks(capture_stacks)
            .log(report::log)
            .surround(stretch::run)
            .surround_threads(gate::thread);
        if let Some(Count(workers)) = workers {
            builder = builder.workers(workers);
        }
        if let Some(Seconds(age)) = overdue_after {
            builder = builder.overdue_after(age);
        }
        if manual_clock {
            builder = builder.manual_clock();
        }
        if let Some(executor) = executor {
            builder = builder.executor(executor::executor(executor, &shelf)?);
        } else {
            shelf.set_workers();
        }
        if let Some(r#loop) = &r#loop
            && !r#loop.hasattr("call_soon_threadsafe")?
        {
            let kind = r#loop.get_type().name()?;
            return Err(PyTypeError::new_err(format!("loop: expected an event loop of asyncio, not {kind}")));
        }
        let host = builder.build().map_err(|error| raise(py, &error))?;
        exit::remember(&host);
        shelf.belongs_to(&host, reference);
        let given_loop = r#loop.map(|r#loop| shelf.put(r#loop));
        let says = Farewell { host: Mine::new(host.downgrade()), shelf: Arc::downgrade(&shelf) };
        let farewell = shelf.put(call::with(words::farewell_class(py)?, (says,))?);
        self.set(Whose::Own(host), shelf, given_loop, Some(farewell))
    }

    /// Stands for a host that somebody else opened, unless there is an object for that; the object that there is.
    fn _visit<'py>(this: &Bound<'py, Self>, handle: Given) -> PyResult<Bound<'py, PyAny>> {
        let py = this.py();
        words::prepare(py)?;
        let host =
            backstay::Host::from_handle(backstay_host { id: handle.0 }).map_err(|error| bad(py, error))?;
        let known = Shelf::of(Some(&host)).python(py)?;
        if !known.is_none() {
            return Ok(known);
        }
        let shelf = Arc::<Shelf>::default();
        this.get().set(Whose::Guest(host.downgrade()), Arc::clone(&shelf), None, None)?;
        shelf.is_guest_of(&host, this.as_any()).python(py)
    }

    fn handle(&self, py: Python<'_>) -> PyResult<u64> {
        self.opened()?.handle.of(py, &self.host(py)?)
    }

    #[getter]
    fn state<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        words::host_state(py, self.host(py)?.state() as u32)
    }

    #[getter]
    fn grace(&self, py: Python<'_>) -> PyResult<f64> {
        Ok(self.host(py)?.grace().as_secs_f64())
    }

    #[getter]
    fn stragglers(&self, py: Python<'_>) -> PyResult<usize> {
        Ok(self.host(py)?.stragglers())
    }

    #[getter]
    fn suspended(&self, py: Python<'_>) -> PyResult<bool> {
        Ok(self.host(py)?.is_suspended())
    }

    #[pyo3(
        signature = (name, run, **options),
        text_signature = "($self, name, run, *, trigger=None, group=None, conditions=(), \
                          cancel_on_condition_loss=False, deadline=None, grace=None, when_busy=None, \
                          max_running=None, max_pending=None, max_failures=None, if_exists=None, on_shutdown=None)"
    )]
    fn register(
        &self,
        py: Python<'_>,
        name: &str,
        run: Bound<'_, PyAny>,
        options: Option<Bound<'_, PyDict>>,
    ) -> PyResult<Task> {
        let host = self.host(py)?;
        let builder = options::describe(TaskBuilder::new(name), "register", options.as_ref())?;
        let line = site::definition(&run);
        let is_async = aio::is_coroutine_function(&run)?;
        let run = Arc::new(Callable::new(run, self.shelf()?)?);
        let ours = Arc::downgrade(&run);
        let builder = if is_async {
            let loops = self.loops(py)?;
            let lease = aio::Lease::take(py, self.shelf()?.put(loops))?;
            builder.run_elsewhere_at(aio::entry(run, lease), line)
        } else {
            builder.run_at(move |instance| run.run(instance), line)
        };
        let registered = py.detach(|| builder.register(&host)).map_err(|error| raise(py, &error))?;
        // A task that was kept is whose it was (G1); our function is gone then.
        if self.is_guest()? && ours.strong_count() > 0 {
            exit::remember_guest(&registered, &host);
        }
        Ok(Task::new(registered, Arc::clone(self.shelf()?)))
    }

    fn get_task(&self, py: Python<'_>, name: &str) -> PyResult<Option<Task>> {
        let (found, shelf) = (self.host(py)?.task(name), self.shelf()?);
        Ok(found.map(|task| Task::new(task, Arc::clone(shelf))))
    }

    fn tasks<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        tasks(py, self.host(py)?.tasks(), self.shelf()?)
    }

    fn group(&self, py: Python<'_>, name: &str) -> PyResult<Group> {
        Ok(Group::new(self.host(py)?.group(name), Arc::clone(self.shelf()?)))
    }

    fn groups<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        PyTuple::new(py, self.host(py)?.groups().iter().map(|name| &**name))
    }

    fn set_condition(&self, py: Python<'_>, name: &str, on: bool) -> PyResult<()> {
        let host = self.host(py)?;
        py.detach(|| host.set_condition(name, on)).map_err(|error| raise(py, &error))
    }

    fn condition(&self, py: Python<'_>, name: &str) -> PyResult<bool> {
        Ok(self.host(py)?.condition(name))
    }

    #[pyo3(signature = (name, details=None))]
    fn raise_event(&self, py: Python<'_>, name: &str, details: Option<Bound<'_, PyAny>>) -> PyResult<usize> {
        let (host, details) = (self.host(py)?, details::given(details)?);
        py.detach(|| host.raise_event(name, details)).map_err(|error| raise(py, &error))
    }

    #[pyo3(signature = (cause=None))]
    fn suspend(&self, py: Python<'_>, cause: Option<Bound<'_, PyAny>>) -> PyResult<()> {
        let (host, cause) = (self.host(py)?, options::cause(cause)?);
        py.detach(|| host.suspend(cause));
        Ok(())
    }

    fn resume(&self, py: Python<'_>) -> PyResult<()> {
        let host = self.host(py)?;
        py.detach(|| host.resume());
        Ok(())
    }

    fn on_event(&self, py: Python<'_>, handler: Bound<'_, PyAny>) -> PyResult<Subscription> {
        let host = self.host(py)?;
        let handler = Callable::handler(handler, self.shelf()?)?;
        let told = move |event: &backstay::InstanceEvent| handler.tell(|py| told::event(py, event));
        Ok(Subscription::new(host.on_event(told)))
    }

    fn holders<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        results::tuple(py, &self.host(py)?.holders(), results::held_instance)
    }

    fn snapshot<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let host = self.host(py)?;
        let taken = py.detach(|| host.snapshot());
        snapshot::snapshot(py, &taken)
    }

    #[pyo3(signature = (timeout=None))]
    fn flush(&self, py: Python<'_>, timeout: Option<Seconds>) -> PyResult<()> {
        let host = self.host(py)?;
        block::wait(py, optional(timeout), |slice| host.flush(Some(slice)))
    }

    fn advance(&self, py: Python<'_>, seconds: Seconds) -> PyResult<()> {
        let begun = self.host(py)?.begin_advance(seconds.0).map_err(|error| raise(py, &error))?;
        let advance = Mutex::new(begun);
        let go_on = |slice| advance.lock().go_on(slice);
        let reached = block::slices(py, None, |answer| matches!(answer, Ok(false)), go_on)?;
        reached.map(drop).map_err(|error| raise(py, &error))
    }

    fn drain<'py>(&self, py: Python<'py>, timeout: Seconds) -> PyResult<Bound<'py, PyAny>> {
        let host = self.host(py)?;
        host.refuse_inside("drain").map_err(|error| raise(py, &error))?;
        aio::refuse_on_loop(py, self.shelf()?.loops(py).as_ref(), "drain")?;
        self.join_loops(py, close(py, py.detach(|| host.begin_drain(timeout.0)))?)
    }

    #[pyo3(signature = (grace=None))]
    fn shutdown<'py>(&self, py: Python<'py>, grace: Option<Seconds>) -> PyResult<Bound<'py, PyAny>> {
        let host = self.host(py)?;
        let grace = optional(grace).unwrap_or(host.grace());
        host.refuse_inside("shutdown").map_err(|error| raise(py, &error))?;
        aio::refuse_on_loop(py, self.shelf()?.loops(py).as_ref(), "shutdown")?;
        self.join_loops(py, close(py, py.detach(|| host.begin_shutdown(grace)))?)
    }

    #[pyo3(signature = (timeout=None))]
    fn wait<'py>(&self, py: Python<'py>, timeout: Option<Seconds>) -> PyResult<Bound<'py, PyAny>> {
        let host = self.host(py)?;
        if host.state() != backstay::HostState::Closed {
            aio::refuse_on_loop(py, self.shelf()?.loops(py).as_ref(), "wait")?;
        }
        let report = block::wait(py, optional(timeout), |slice| host.wait(Some(slice)))?;
        self.join_loops(py, report)
    }

    /// For `_aio.ended`: something that waits for the end, and the event loops of the host if it has any.
    fn _ended<'py>(&self, py: Python<'py>) -> PyResult<(aio::Wait, Option<Bound<'py, PyAny>>)> {
        Ok((self.opened()?.ends.wait(&self.host(py)?)?, self.shelf()?.loops(py)))
    }

    /// Coroutines run on the event loop that runs on this thread, unless one was given.
    fn _adopt_loop(&self, py: Python<'_>) -> PyResult<()> {
        aio::adopt(py, &self.loops(py)?)
    }

    fn begin_drain(&self, py: Python<'_>, timeout: Seconds) -> PyResult<()> {
        let host = self.host(py)?;
        py.detach(|| host.begin_drain(timeout.0));
        Ok(())
    }

    #[pyo3(signature = (grace=None))]
    fn begin_shutdown(&self, py: Python<'_>, grace: Option<Seconds>) -> PyResult<()> {
        let host = self.host(py)?;
        let grace = optional(grace).unwrap_or(host.grace());
        py.detach(|| host.begin_shutdown(grace));
        Ok(())
    }

    /// Interpreter exit is about to wait for pools of threads that coroutines or the executor of this host use.
    fn _begin_exit(&self, py: Python<'_>) -> PyResult<()> {
        if self.is_guest()? {
            exit::leave_others(py);
            return Ok(());
        }
        self.begin_shutdown(py, None)
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        self.0.get().map_or(Ok(()), |opened| opened.shelf.traverse(&visit))
    }

    fn __repr__(&self) -> String {
        self.0.get().map_or_else(|| "<backstay.Host(not open)>".to_owned(), |opened| opened.host.repr())
    }
}

/// Waits for the end of the host.
fn close(py: Python<'_>, closing: backstay::Closing) -> PyResult<backstay::DrainReport> {
    block::wait(py, None, |slice| closing.wait(Some(slice)))
}

/// Everything that `Host.register` would find wrong with these options; nothing when all is well (G2).
#[pyfunction]
#[pyo3(
    signature = (name, run=None, **options),
    text_signature = "(name, run=None, *, trigger=None, group=None, conditions=(), \
                      cancel_on_condition_loss=False, deadline=None, grace=None, when_busy=None, max_running=None, \
                      max_pending=None, max_failures=None, if_exists=None, on_shutdown=None)"
)]
pub(crate) fn validate<'py>(
    py: Python<'py>,
    name: &str,
    run: Option<Bound<'py, PyAny>>,
    options: Option<Bound<'py, PyDict>>,
) -> PyResult<Bound<'py, PyTuple>> {
    let mut builder = options::describe(TaskBuilder::new(name), "validate", options.as_ref())?;
    if let Some(run) = run {
        Callable::new(run, &Arc::default())?;
        builder = builder.run(|_| Ok(()));
    }
    faults(py, &builder.validate())
}
