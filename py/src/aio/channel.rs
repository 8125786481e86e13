//! Something that one thread says once, and a future of it.
//!
//! The lock is held to put something in or to take it out; nobody is woken, and nothing is dropped, under it.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use crate::lock::Mutex;

/// The two ends; `None` is heard when the other end is dropped without a word.
pub(super) fn channel<T>() -> (Says<T>, Hears<T>) {
    let words = Arc::new(Mutex::new(Words { said: None, is_over: false, waker: None }));
    (Says(Arc::clone(&words)), Hears(words))
}

struct Words<T> {
    said: Option<T>,
    is_over: bool,
    waker: Option<Waker>,
}

/// The end that says.
pub(super) struct Says<T>(Arc<Mutex<Words<T>>>);

impl<T> Says<T> {
    pub(super) fn say(self, word: T) {
        self.0.lock().said = Some(word);
    }

    /// Whether nobody hears any more.
    pub(super) fn is_alone(&self) -> bool {
        Arc::strong_count(&self.0) == 1
    }
}

impl<T> Drop for Says<T> {
    fn drop(&mut self) {
        let waker = {
            let mut words = self.0.lock();
            words.is_over = true;
            words.waker.take()
        };
        if let Some(waker) = waker {
            waker.wake();
        }
    }
}

/// The end that hears.
pub(super) struct Hears<T>(Arc<Mutex<Words<T>>>);

impl<T> Future for Hears<T> {
    type Output = Option<T>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<T>> {
        let mut waker = Some(context.waker().clone());
        let mut words = self.0.lock();
        if words.is_over {
            return Poll::Ready(words.said.take());
        }
        std::mem::swap(&mut words.waker, &mut waker);
        drop(words);
        drop(waker);
        Poll::Pending
    }
}
