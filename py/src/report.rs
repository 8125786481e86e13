//! Where a host says what nobody else would hear (E5): the logger `backstay` of Python.

use crate::{call, gate, words};

/// Tells one line.
pub(crate) fn log(line: &str) {
    let told = gate::enter(|py| {
        let logged = words::log(py).and_then(|log| call::with(log, (line,)));
        if let Err(error) = logged {
            call::unraisable(py, error, None);
        }
    });
    if told.is_none() {
        // Python is going down; somebody may still read this.
        eprintln!("backstay: {line}");
    }
}
