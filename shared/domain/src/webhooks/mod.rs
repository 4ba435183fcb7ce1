//! Customers' webhook endpoints, and the deliveries of events to them.

mod endpoint;
mod message;
mod pace;
mod recovery;

pub use endpoint::*;
pub use message::*;
pub use pace::*;
pub use recovery::*;
