//! Telling customers' endpoints what happened: registration, delivery with retries, and the log of it.

mod check;
mod deliver;
mod endpoints;
mod log;
mod payload;
mod policy;
mod redact;
mod seal;
#[cfg(test)]
mod tests;

pub use deliver::{Attempted, attempt, fan_out};
pub use endpoints::{NewEndpoint, Registered, TestSent, endpoints, register, remove_endpoint, send_test};
pub use log::messages;
pub use policy::{egress_policy, set_egress_policy};
pub(crate) use seal::reseal as reseal_endpoint;
