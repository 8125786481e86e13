//! The Python objects that a host keeps: entry points, handlers, an executor, event loops.
//!
//! They stand on one shelf for each host, where the garbage collector of Python can see them: they often know the host
//! that keeps them, and such a circle is garbage when nobody else knows it.
//!
//! Invariants:
//!
//! 1. Of each object there are two references, the shelf's and that of its `Place`, from `put` until the place is dropped.
//!    The collector is shown both or none. They are given up attached, inside the gate, or never, when the interpreter is
//!    gone.
//! 2. The shelf's lock is taken for a moment, attached or not; nothing is called, attached or given up under it.
//! 3. The collector is shown the objects only while Python has its host. Then that begins to end, and they are needed
//!    until it has ended: for the collector, somebody unknown has them (`leave`).

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock, Weak};

use backstay::{Host, WeakHost};
use pyo3::prelude::*;
use pyo3::{PyTraverseError, PyVisit};
use slab::Slab;

use crate::call;
use crate::gate::{self, Kept};
use crate::lock::Mutex;

/// The objects of one host.
#[derive(Default)]
pub(crate) struct Shelf {
    objects: Mutex<Slab<Py<PyAny>>>,
    /// The host, once it is open.
    host: OnceLock<WeakHost>,
    /// A weak reference to the Python object of the host.
    python: OnceLock<Kept<PyAny>>,
    /// The Python object of a host that somebody else opened: it is there as long as the host is, so that it is the same
    /// one for everybody.
    guest: Mutex<Option<Kept<PyAny>>>,
    /// Where its coroutines run; the Python object of the host has it.
    loops: OnceLock<Weak<Place>>,
    /// Whether the Python object of the host is gone, or never was.
    left: AtomicBool,
    /// Whether the host runs its jobs on threads of its own, and not by an executor.
    has_workers: AtomicBool,
}

/// The shelves of the hosts that Python knows.
static SHELVES: Mutex<Vec<Weak<Shelf>>> = Mutex::new(Vec::new());

/// Whether any of them has had event loops: most programs never do. Whoever has a loop knows so: Relaxed.
static HAS_LOOPS: AtomicBool = AtomicBool::new(false);

/// Whether a host may have coroutines.
pub(crate) fn has_loops() -> bool {
    HAS_LOOPS.load(Ordering::Relaxed)
}

impl Shelf {
    /// From now on this is the shelf of that host, whose Python object is known by a weak reference.
    pub(crate) fn belongs_to(self: &Arc<Self>, host: &Host, reference: Bound<'_, PyAny>) {
        if self.host.set(host.downgrade()).is_err() {
            return;
        }
        let _ = self.python.set(Kept::new(reference.unbind()));
        let mut shelves = SHELVES.lock();
        shelves.retain(|shelf| shelf.strong_count() > 0);
        shelves.push(Arc::downgrade(self));
    }

    /// From now on this is the shelf of that host of somebody else's, with its Python object; the shelf that there is,
    /// when another thread was faster. What it has is no garbage while the host is there.
    pub(crate) fn is_guest_of(self: &Arc<Self>, host: &Host, object: &Bound<'_, PyAny>) -> Arc<Self> {
        self.leave();
        let name = host.downgrade();
        let (chosen, gone) = {
            let mut shelves = SHELVES.lock();
            let live: Vec<_> = shelves.iter().filter_map(Weak::upgrade).collect();
            let same = live.iter().rev().find(|shelf| shelf.is_guest() && shelf.host.get() == Some(&name));
            if let Some(same) = same {
                (Arc::clone(same), live)
            } else {
                *self.guest.lock() = Some(Kept::new(object.clone().unbind()));
                let _ = self.host.set(name);
                shelves.push(Arc::downgrade(self));
                (Arc::clone(self), live)
            }
        };
        // Those whose host is gone go now, outside of the lock.
        let is_over = |shelf: &&Arc<Self>| shelf.is_guest() && shelf.host().is_none();
        let over: Vec<_> = gone.iter().filter(is_over).map(|shelf| shelf.guest.lock().take()).collect();
        drop(over);
        chosen
    }

    /// From now on this is the shelf of a host that has workers.
    pub(crate) fn set_workers(&self) {
        self.has_workers.store(true, Ordering::Relaxed);
    }

    /// Whether a firing calls nothing that may wait for another thread. An executor is the application's, and that of a
    /// host which somebody else opened may be in any language.
    pub(crate) fn fires_at_once(&self) -> bool {
        self.has_workers.load(Ordering::Relaxed)
    }

    fn is_guest(&self) -> bool {
        self.guest.lock().is_some()
    }

    /// The shelf of a host; one of nobody's when Python never had it.
    pub(crate) fn of(host: Option<&Host>) -> Arc<Self> {
        let found = host.and_then(|host| {
            let shelves: Vec<_> = SHELVES.lock().iter().filter_map(Weak::upgrade).collect();
            // The newest: Python may have had the host before, and have let it go.
            shelves.into_iter().rev().find(|shelf| shelf.host().as_ref() == Some(host))
        });
        found.unwrap_or_else(|| {
            let shelf = Self::default();
            shelf.leave();
            Arc::new(shelf)
        })
    }

    fn host(&self) -> Option<Host> {
        self.host.get().and_then(WeakHost::upgrade)
    }

    /// Keeps an object until the answer is dropped.
    pub(crate) fn put(self: &Arc<Self>, object: Bound<'_, PyAny>) -> Place {
        let own = object.clone().unbind();
        let key = self.objects.lock().insert(object.unbind());
        Place { shelf: Arc::clone(self), key, object: Some(own) }
    }

    /// The Python object of the host; None when that is gone.
    pub(crate) fn python<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        if let Some(object) = &*self.guest.lock() {
            return Ok(object.get().clone_ref(py).into_bound(py).into_any());
        }
        match self.python.get() {
            Some(reference) => call::with(reference.get().bind(py), ()),
            None => Ok(py.None().into_bound(py)),
        }
    }

    /// Remembers where the coroutines of the host run.
    pub(crate) fn set_loops(&self, loops: &Arc<Place>) {
        HAS_LOOPS.store(true, Ordering::Relaxed);
        // Set once, like the place itself.
        let _ = self.loops.set(Arc::downgrade(loops));
    }

    /// Where the coroutines of the host run, if there are any.
    pub(crate) fn loops<'py>(&self, py: Python<'py>) -> Option<Bound<'py, PyAny>> {
        Some(self.loops.get()?.upgrade()?.get(py))
    }

    /// Python is about to lose its host.
    pub(crate) fn leave(&self) {
        self.left.store(true, Ordering::Release);
    }

    /// Shows the objects to the garbage collector.
    pub(crate) fn traverse(&self, visit: &PyVisit<'_>) -> Result<(), PyTraverseError> {
        if self.left.load(Ordering::Acquire) {
            return Ok(());
        }
        // What is not shown is not garbage this time.
        let Some(objects) = self.objects.try_lock() else { return Ok(()) };
        objects.iter().try_for_each(|(_, object)| visit.call(object).and_then(|()| visit.call(object)))
    }
}

/// The place of one object on a shelf.
pub(crate) struct Place {
    shelf: Arc<Shelf>,
    key: usize,
    /// Gone only while it is dropped.
    object: Option<Py<PyAny>>,
}

impl Place {
    pub(crate) fn get<'py>(&self, py: Python<'py>) -> Bound<'py, PyAny> {
        // Only drop takes it out.
        let object = self.object.as_ref().unwrap_or_else(|| unreachable!("a dropped place is not used"));
        object.clone_ref(py).into_bound(py)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        // Outside of the gate the interpreter may be gone, and with it the object; then its memory is not ours to touch.
        let mut own = self.object.take();
        gate::enter(|py| {
            let shown = self.shelf.objects.lock().try_remove(self.key);
            own.take().into_iter().chain(shown).for_each(|object| call::discard(object.into_bound(py)));
        });
        std::mem::forget(own);
    }
}
