//! Customers' webhook endpoints, and the deliveries of events to them.

mod destination;
mod endpoint;
mod filter;
mod format;
mod lane;
mod message;
mod pace;
mod recovery;
mod signature;
mod turnstile;

pub use destination::*;
pub use endpoint::*;
pub use filter::*;
pub use format::*;
pub use lane::*;
pub use message::*;
pub use pace::*;
pub use recovery::*;
pub use signature::*;
pub use turnstile::*;
