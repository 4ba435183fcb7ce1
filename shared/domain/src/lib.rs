//! The words and rules of Herald: types, state machines and decisions.
//!
//! Everything here is pure: no async, no I/O, no clock, no randomness. A function that needs the time takes it,
//! one that needs an id takes it. That is what lets the simulator run the same rules over a faulty world.

pub mod access;
pub mod accounts;
pub mod audience;
pub mod audit;
pub mod campaigns;
pub mod egress;
pub mod events;
pub mod ids;
pub mod inbound;
pub mod inbox;
pub mod platform;
pub mod publishing;
pub mod text;
pub mod time;
pub mod webhooks;

pub use ids::*;
pub use platform::PlatformId;

/// Whether a number is left out of what is stored.
fn is_zero<T: Default + PartialEq>(n: &T) -> bool {
    *n == T::default()
}
