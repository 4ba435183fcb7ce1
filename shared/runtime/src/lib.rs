//! What every function stands on: start, configuration, logs, metrics, queue batches, schedules, and the HTTP edge.
//!
//! Why a crate: a function's own code should be its wiring and its routes. All that must be the same everywhere (how an
//! error looks, which headers an answer carries, what is logged and what never is, what happens on a panic) is here once.
//!
//! - [`boot()`]: `fn main() -> ExitCode { runtime::boot("publisher", async |boot| { … }) }`
//! - [`config`]: the environment, typed; the only place that reads it
//! - [`queue`], [`schedule`]: the triggered functions
//! - [`http`]: the HTTP functions: extractors, problems, the edge around every route
//! - [`openapi`]: the document and its page

pub mod boot;
pub mod cid;
mod clock;
pub mod config;
pub mod http;
mod logging;
pub mod metrics;
pub mod openapi;
pub mod queue;
pub mod schedule;

pub use boot::{Boot, Error, boot};
pub use metrics::EmfMetrics;
