//! Random histories, checked against a sequential model of the rules.
//!
//! A [`Plan`](plan::Plan) is thrown by proptest; the [`Model`](model::Model) turns it into a scenario with every
//! expectation in it ([`History`](history::History)); the library plays that scenario. A history that fails is made
//! small ([`shrink`]) and is a file like those of `tests/scenarios`, which any language can play.
#![forbid(unsafe_code)]

pub mod history;
pub mod model;
pub mod plan;
pub mod play;
pub mod shrink;
