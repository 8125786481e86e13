//! What the mechanisms take from `crate::sync`, as the model checker has it: the shape of `locks` over loom's types.
//!
//! Where this differs from what runs in earnest, and why the proofs hold nevertheless:
//!
//! - **Time stands still.** A deadline is either over when a wait begins, or never comes. One that comes in the middle
//!   of a wait is no third case: it lets the waiter go without a notification, and a wait whose deadline is over does
//!   the same (it lets the lock go, others run, it takes the lock again). So a model that waits with a deadline that is
//!   over sees all that a timeout can do, and a model that waits with one that never comes shows that nobody *needs*
//!   the timeout: a lost wake-up is a deadlock, and loom finds it.
//! - **Waiters are woken in the order in which they came**, and only by a notification. Those of `locks` may also be
//!   woken by none, and then look again.
//! - **`Arc` is std's**, since loom's cannot be a trait object. Counting is no point at which threads take turns; every
//!   clone and drop in the mechanisms stands beside a lock, which is one.
//! - **A thread can always be had**: `Builder::spawn` does not fail.

use std::ops::{Deref, DerefMut};
use std::sync::PoisonError;
use std::time::Instant;

pub(crate) use loom::thread;

/// Nobody looks twice before it sleeps: to look again is to be slower, which loom tries anyway.
pub(crate) const LOOKS: u32 = 0;

/// A lock without poison.
pub(crate) struct Mutex<T>(loom::sync::Mutex<T>);

/// The inner guard is missing only while its thread is inside a method of `Condvar`, which has it for itself.
pub(crate) struct MutexGuard<'a, T> {
    mutex: &'a Mutex<T>,
    inner: Option<loom::sync::MutexGuard<'a, T>>,
}

impl<T> Mutex<T> {
    pub(crate) fn new(value: T) -> Self {
        Self(loom::sync::Mutex::new(value))
    }

    #[track_caller]
    pub(crate) fn lock(&self) -> MutexGuard<'_, T> {
        MutexGuard { mutex: self, inner: Some(self.lock_inner()) }
    }

    #[track_caller]
    fn lock_inner(&self) -> loom::sync::MutexGuard<'_, T> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T: Default> Default for Mutex<T> {
    fn default() -> Self {
        Self::new(T::default())
    }
}

impl<T> Deref for MutexGuard<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        self.inner.as_ref().expect("nobody looks during a wait")
    }
}

impl<T> DerefMut for MutexGuard<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        self.inner.as_mut().expect("nobody looks during a wait")
    }
}

/// A condition variable whose waits take the guard by reference.
#[derive(Default)]
pub(crate) struct Condvar(loom::sync::Condvar);

/// Why a wait with a deadline returned.
pub(crate) struct WaitTimeoutResult(bool);

impl WaitTimeoutResult {
    pub(crate) fn timed_out(&self) -> bool {
        self.0
    }
}

impl Condvar {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    #[track_caller]
    pub(crate) fn notify_one(&self) {
        self.0.notify_one();
    }

    #[track_caller]
    pub(crate) fn notify_all(&self) {
        self.0.notify_all();
    }

    #[track_caller]
    pub(crate) fn wait<T>(&self, guard: &mut MutexGuard<'_, T>) {
        guard.inner =
            guard.inner.take().map(|inner| self.0.wait(inner).unwrap_or_else(PoisonError::into_inner));
    }

    /// See the top of this file for what a deadline is in a model.
    #[track_caller]
    pub(crate) fn wait_until<T>(&self, guard: &mut MutexGuard<'_, T>, until: Instant) -> WaitTimeoutResult {
        let is_over = until <= Instant::now();
        if is_over {
            guard.inner = None;
            guard.inner = Some(guard.mutex.lock_inner());
        } else {
            self.wait(guard);
        }
        WaitTimeoutResult(is_over)
    }

    #[track_caller]
    pub(crate) fn wait_while<T>(
        &self,
        guard: &mut MutexGuard<'_, T>,
        mut condition: impl FnMut(&mut T) -> bool,
    ) {
        while condition(guard) {
            self.wait(guard);
        }
    }
}

/// loom's atomics, under the names that std has for their methods.
pub(crate) mod atomic {
    use loom::sync::atomic;

    pub(crate) use loom::sync::atomic::Ordering;

    /// An atomic, each access to which is announced.
    ///
    /// loom looks for orders worth trying at the last access to an object only, and a load does not count as one that
    /// conflicts with a load. So where a thread loads and then stores, as a change of the word does, its load hides the one
    /// that another thread made before, and loom never tries the store before that. The announcement is a
    /// read-modify-write, which conflicts with every other one and therefore hides none; being Relaxed and on an atomic
    /// of its own it orders nothing that is not ordered without it.
    #[derive(Debug, Default)]
    pub(crate) struct Announced<A> {
        accesses: atomic::AtomicUsize,
        inner: A,
    }

    pub(crate) type AtomicBool = Announced<atomic::AtomicBool>;
    pub(crate) type AtomicU64 = Announced<atomic::AtomicU64>;
    pub(crate) type AtomicUsize = Announced<atomic::AtomicUsize>;

    impl<A> Announced<A> {
        #[track_caller]
        fn announce(&self) -> &A {
            self.accesses.fetch_add(0, Ordering::Relaxed);
            &self.inner
        }
    }

    impl AtomicBool {
        pub(crate) fn new(value: bool) -> Self {
            Self { accesses: atomic::AtomicUsize::default(), inner: atomic::AtomicBool::new(value) }
        }

        #[track_caller]
        pub(crate) fn load(&self, order: Ordering) -> bool {
            self.announce().load(order)
        }

        #[track_caller]
        pub(crate) fn store(&self, value: bool, order: Ordering) {
            self.announce().store(value, order);
        }
    }

    impl AtomicU64 {
        #[track_caller]
        pub(crate) fn load(&self, order: Ordering) -> u64 {
            self.announce().load(order)
        }

        #[track_caller]
        pub(crate) fn store(&self, value: u64, order: Ordering) {
            self.announce().store(value, order);
        }
    }

    impl AtomicUsize {
        #[track_caller]
        pub(crate) fn load(&self, order: Ordering) -> usize {
            self.announce().load(order)
        }

        #[track_caller]
        pub(crate) fn fetch_add(&self, more: usize, order: Ordering) -> usize {
            self.announce().fetch_add(more, order)
        }

        #[track_caller]
        pub(crate) fn swap(&self, value: usize, order: Ordering) -> usize {
            self.announce().swap(value, order)
        }

        #[track_caller]
        pub(crate) fn fetch_sub(&self, less: usize, order: Ordering) -> usize {
            self.announce().fetch_sub(less, order)
        }
    }
}

/// The threads of a model are no threads of the machine, so what is local to them is loom's as well.
macro_rules! local_to_a_thread_of_the_model {
    ($visibility:vis static $name:ident: $type:ty = const $initial:block;) => {
        loom::thread_local! { $visibility static $name: $type = $initial; }
    };
}
pub(crate) use local_to_a_thread_of_the_model as thread_local;
