//! Which callback the current thread is inside of.
//!
//! A call that would wait for its own thread is refused (E8), and a subscription that is cancelled from inside a
//! callback does not wait (E4). Both ask this module. A frame is pushed for every stretch in which a thread may run
//! user code of a host; frames nest, since one host's callback may drive another host.

use std::cell::RefCell;

use crate::sync::thread_local;

/// One stretch of user code.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Frame {
    /// The host whose callback this is.
    host: u64,
    /// The running instance, by its address, when the callback is an entry point.
    instance: Option<usize>,
}

thread_local! {
    static FRAMES: RefCell<Vec<Frame>> = const { RefCell::new(Vec::new()) };
}

/// Ends the stretch when dropped.
pub(crate) struct Inside(());

/// The current thread runs a callback of `host` until the answer is dropped.
pub(crate) fn callback(host: u64) -> Inside {
    enter(Frame { host, instance: None })
}

/// The current thread runs the entry point of the instance at this address until the answer is dropped.
pub(crate) fn entry_point(host: u64, instance: usize) -> Inside {
    enter(Frame { host, instance: Some(instance) })
}

/// Whether the current thread is inside a callback of any host.
pub(crate) fn any() -> bool {
    ask(|_| true)
}

/// Whether the current thread is inside a callback of this host.
pub(crate) fn of_host(host: u64) -> bool {
    ask(|frame| frame.host == host)
}

/// Whether the current thread is inside the entry point of the instance at this address.
pub(crate) fn entry_point_of(instance: usize) -> bool {
    ask(|frame| frame.instance == Some(instance))
}

/// Whether what the current thread runs, innermost, is a callback of this host that is not an entry point.
pub(crate) fn handler_of(host: u64) -> bool {
    let innermost = Frame { host, instance: None };
    FRAMES.try_with(|frames| frames.borrow().last() == Some(&innermost)).unwrap_or(false)
}

fn enter(frame: Frame) -> Inside {
    // A thread that is being torn down has no frames any more, and waits for nobody.
    let _ = FRAMES.try_with(|frames| frames.borrow_mut().push(frame));
    Inside(())
}

fn ask(mut question: impl FnMut(&Frame) -> bool) -> bool {
    FRAMES.try_with(|frames| frames.borrow().iter().any(&mut question)).unwrap_or(false)
}

impl Drop for Inside {
    fn drop(&mut self) {
        let _ = FRAMES.try_with(|frames| frames.borrow_mut().pop());
    }
}
