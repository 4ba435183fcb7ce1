//! Customers' webhook endpoints, and the deliveries of events to them.

mod endpoint;
mod message;

pub use endpoint::*;
pub use message::*;
