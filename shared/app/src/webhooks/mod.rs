//! Telling customers' endpoints what happened: registration, delivery with retries, and the log of it.

mod attempt;
mod check;
mod endpoints;
mod fan_out;
mod log;
mod outcome;
mod payload;
mod redact;
mod seal;
#[cfg(test)]
mod tests;

pub use attempt::{Attempted, attempt};
pub use endpoints::{NewEndpoint, Registered, TestSent, endpoints, register, remove_endpoint, send_test};
pub use fan_out::fan_out;
pub use log::messages;
pub(crate) use seal::reseal as reseal_endpoint;
