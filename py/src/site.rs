//! Lines of Python source.
//!
//! A line that takes deferrals takes many. So its file, its number and its label are found out once and kept, and the
//! next deferral from there costs neither a text nor a look into Python's table of lines.
//!
//! Invariants:
//!
//! 1. What is known is never changed or forgotten, and there are never more than `MOST` known lines. Those that come
//!    later, as in a program that makes its functions anew all the time, cost their full price and no memory.
//! 2. A line is known by its code object and the instruction in it, a label by its object. They are kept, so that no
//!    others can be at their addresses.
//! 3. Nothing is locked while Python is asked, and no code of Python runs while a line becomes known.

use std::borrow::Cow;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

use backstay::{Language, Site};
use pyo3::prelude::*;
use pyo3::types::{PyList, PyString};

use crate::{call, handle, words};

/// So many lines are known at most.
const MOST: usize = 1024;

/// So many places there are for one line.
const PLACES: usize = 8;

/// A longer label is not kept.
const LONGEST: usize = 200;

static KNOWN: [OnceLock<Known>; MOST] = [const { OnceLock::new() }; MOST];

/// A line that has taken a deferral.
struct Known {
    code: Py<PyAny>,
    instruction: i32,
    file: &'static str,
    line: u32,
    /// The label of its first deferral. It is a literal as a rule, so the others have the same.
    label: Option<(Py<PyString>, &'static str)>,
}

/// The label and the site of a deferral that is taken now, by the line of Python code that called into the library.
pub(crate) fn of_deferral(py: Python<'_>, label: Option<&Bound<'_, PyString>>) -> (Cow<'static, str>, Site) {
    let Some(calling) = Calling::look(py) else { return (text(label), nowhere()) };
    let place = calling.place();
    if let Some(known) = place.and_then(OnceLock::get) {
        return (known.text(label), known.site());
    }
    let (said, site) = (text(label), calling.site());
    if let Some(place) = place {
        // When another thread was faster, it is known by that.
        let _ = place.set(calling.known(&site, label.filter(|_| said.len() <= LONGEST), &said));
    }
    (said, site)
}

impl Known {
    fn site(&self) -> Site {
        Site { language: Language::Python, file: Cow::Borrowed(self.file), line: self.line }
    }

    fn text(&self, label: Option<&Bound<'_, PyString>>) -> Cow<'static, str> {
        match (&self.label, label) {
            (Some((same, said)), Some(label)) if label.is(same) => Cow::Borrowed(said),
            _ => text(label),
        }
    }
}

fn text(label: Option<&Bound<'_, PyString>>) -> Cow<'static, str> {
    label.map_or(Cow::Borrowed(""), |label| Cow::Owned(label.to_string_lossy().into_owned()))
}

/// Where a line stands in the call that it has made.
struct Calling<'py> {
    frame: Bound<'py, PyAny>,
    code: Bound<'py, PyAny>,
    instruction: i32,
}

/// What is asked of a frame, by names that are made once.
struct Names {
    f_code: Py<PyString>,
    f_lasti: Py<PyString>,
}

impl Names {
    fn of(py: Python<'_>) -> &'static Self {
        static NAMES: OnceLock<Names> = OnceLock::new();
        if let Some(names) = NAMES.get() {
            return names;
        }
        let names = Self {
            f_code: PyString::intern(py, "f_code").unbind(),
            f_lasti: PyString::intern(py, "f_lasti").unbind(),
        };
        // As in `call::once`: nothing is locked while Python is asked, and who comes second finds it set.
        NAMES.get_or_init(|| names)
    }
}

impl<'py> Calling<'py> {
    /// `None` when no Python code runs on this thread.
    fn look(py: Python<'py>) -> Option<Self> {
        let names = Names::of(py);
        let frame = call::frame(py)?;
        let code = frame.getattr(names.f_code.bind(py)).ok()?;
        let instruction = frame.getattr(names.f_lasti.bind(py)).ok()?.extract().ok()?;
        Some(Self { frame, code, instruction })
    }

    fn site(&self) -> Site {
        let look = || at(&self.code, self.frame.getattr("f_lineno")?);
        // With a file name that is not UTF-8, the language is all there is to say.
        look().unwrap_or_else(|_: PyErr| nowhere())
    }

    /// The place in the table that has this line, or is free for it.
    fn place(&self) -> Option<&'static OnceLock<Known>> {
        // Objects are 16 bytes or more apart, and instructions 2.
        let first = (self.code.as_ptr().addr() >> 4) ^ (self.instruction.cast_unsigned() as usize >> 1);
        let is_it = |known: &Known| known.instruction == self.instruction && self.code.is(&known.code);
        (first..first + PLACES).map(|place| &KNOWN[place % MOST]).find(|place| place.get().is_none_or(is_it))
    }

    fn known(self, site: &Site, label: Option<&Bound<'_, PyString>>, said: &str) -> Known {
        // Most lines share their file with others.
        let file =
            KNOWN.iter().filter_map(OnceLock::get).map(|known| known.file).find(|file| *file == site.file);
        Known {
            file: file.unwrap_or_else(|| String::leak(site.file.to_string())),
            line: site.line,
            label: label.map(|label| (label.clone().unbind(), &*String::leak(said.to_owned()))),
            code: self.code.unbind(),
            instruction: self.instruction,
        }
    }
}

fn at(code: &Bound<'_, PyAny>, line: Bound<'_, PyAny>) -> PyResult<Site> {
    let file = code.getattr("co_filename")?.extract::<String>()?;
    Ok(Site { language: Language::Python, file: file.into(), line: line.extract()? })
}

fn nowhere() -> Site {
    Site { language: Language::Python, file: "".into(), line: 0 }
}

/// Whether a host that captures stacks was opened here. Whoever takes a deferral of it knows of it: Relaxed.
static NEEDS_STACKS: AtomicBool = AtomicBool::new(false);

/// A host that captures stacks is about to be opened.
pub(crate) fn need_stacks() {
    NEEDS_STACKS.store(true, Ordering::Relaxed);
}

/// Whether any host that Python knows may capture stacks. One that somebody else opened does not say so.
pub(crate) fn may_need_stacks() -> bool {
    NEEDS_STACKS.load(Ordering::Relaxed) || handle::was_given()
}

/// The calls that led here, as Python prints them.
pub(crate) fn stack(py: Python<'_>) -> PyResult<String> {
    let lines = call::with(words::format_stack(py)?, ())?.cast_into::<PyList>()?;
    lines.iter().map(|line| line.extract::<String>()).collect()
}

/// The line on which a function is defined, also below `functools.partial` and in an object that can be called; the
/// caller's for what has none.
pub(crate) fn definition(function: &Bound<'_, PyAny>) -> Site {
    let look = || -> PyResult<Site> {
        let mut function = function.clone();
        while !function.hasattr("__code__")? {
            let inner = if function.hasattr("func")? { "func" } else { "__call__" };
            let next = call::attribute(&function, inner)?;
            // A C function is called by itself.
            if !next.hasattr("__code__")? && !next.hasattr("func")? {
                break;
            }
            function = next;
        }
        let code = call::attribute(&function, "__code__")?;
        let line = code.getattr("co_firstlineno")?;
        at(&code, line)
    };
    let calling = || Calling::look(function.py()).map_or_else(nowhere, |calling| calling.site());
    look().unwrap_or_else(|_: PyErr| calling())
}
