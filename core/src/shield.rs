//! The one way in which user code is called: what it throws stops here (E5, L7).

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Runs `code` and gives back the text of its panic instead of unwinding.
///
/// `AssertUnwindSafe` holds because nothing of ours is borrowed by `code` in a half-changed state: no lock of ours is
/// held while user code runs (law 1).
pub(crate) fn shield<R>(code: impl FnOnce() -> R) -> Result<R, String> {
    catch_unwind(AssertUnwindSafe(code)).map_err(text_of)
}

/// Runs `code` for its effect only and tells `report` when it panicked.
pub(crate) fn shield_and_report(report: impl FnOnce(&str), code: impl FnOnce()) {
    if let Err(text) = shield(code) {
        report(&text);
    }
}

fn text_of(payload: Box<dyn Any + Send>) -> String {
    let text = match payload.downcast_ref::<&str>() {
        Some(text) => (*text).to_owned(),
        None => {
            payload.downcast_ref::<String>().cloned().unwrap_or_else(|| "a panic without a text".to_owned())
        }
    };
    // The payload is a value of the user, and dropping it is user code too. A second payload is left alone.
    if let Err(second) = catch_unwind(AssertUnwindSafe(move || drop(payload))) {
        std::mem::forget(second);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_of_a_panic_comes_back() {
        assert_eq!(shield(|| panic!("plain")), Err::<(), _>("plain".to_owned()));
        assert_eq!(shield(|| panic!("with {}", 7)), Err::<(), _>("with 7".to_owned()));
        assert_eq!(shield(|| 7), Ok(7));
    }

    #[test]
    fn a_payload_that_panics_when_dropped_harms_nobody() {
        struct Bomb;
        impl Drop for Bomb {
            fn drop(&mut self) {
                panic!("second");
            }
        }
        let text = shield(|| std::panic::panic_any(Bomb));
        assert_eq!(text, Err::<(), _>("a panic without a text".to_owned()));
    }
}
