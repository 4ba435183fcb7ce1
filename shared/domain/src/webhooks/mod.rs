//! Customers' webhook endpoints, and the deliveries of events to them.

mod endpoint;
mod format;
mod message;
mod pace;
mod recovery;

pub use endpoint::*;
pub use format::*;
pub use message::*;
pub use pace::*;
pub use recovery::*;
