//! A drain or shutdown that somebody waits for on a thread of its own, and what its report says.

use std::io;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};

use backstay::{Closing, DrainReport, Error};

use crate::expect::Comparison;
use crate::step::ExpectedReport;
use crate::traces::PATIENCE;
use crate::trouble::Trouble;

/// The report of the last drain or shutdown, now or later.
pub(crate) enum Report {
    Coming(Receiver<Result<DrainReport, Error>>),
    Here(DrainReport),
}

impl Report {
    /// Waits on a thread of its own, as an application does whose own thread has other things to do.
    pub(crate) fn of(closing: Closing) -> io::Result<Self> {
        let (tell, told) = mpsc::channel();
        std::thread::Builder::new().name("scenario-closing".to_owned()).spawn(move || {
            // Nobody listens when the file has ended without a `joined`.
            let _ = tell.send(closing.wait(None));
        })?;
        Ok(Report::Coming(told))
    }

    /// Waits for the report and compares it.
    pub(crate) fn compare(&mut self, expected: &ExpectedReport) -> Result<(), Trouble> {
        if let Report::Coming(coming) = self {
            match coming.recv_timeout(PATIENCE) {
                Ok(report) => *self = Report::Here(report?),
                Err(RecvTimeoutError::Timeout) => {
                    return Err(Trouble::Wrong("expected the report, saw none within 5s".to_owned()));
                }
                Err(RecvTimeoutError::Disconnected) => {
                    return Err(Trouble::Wrong("the thread that waited for the report is gone".to_owned()));
                }
            }
        }
        match self {
            Report::Coming(_) => Ok(()),
            Report::Here(report) => comparison(expected, report).result(),
        }
    }
}

fn comparison(expected: &ExpectedReport, report: &DrainReport) -> Comparison {
    let held = report.abandoned.iter().chain(&report.remaining);
    // An entry point has no label: what it occupies shows as a straggler.
    let labels = held.flat_map(|held| &held.holders).filter(|holder| !holder.label.is_empty());
    let labels: Vec<&str> = labels.map(|holder| &*holder.label).collect();
    let mut comparison = Comparison::default();
    comparison.add("finished", expected.finished, Some(report.finished()));
    comparison.add("abandoned", expected.abandoned, Some(report.abandoned.len()));
    comparison.add(
        "holders",
        expected.holders.as_ref().map(|labels| labels.join(",")),
        Some(labels.join(",")),
    );
    comparison
}
