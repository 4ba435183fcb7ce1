//! The inbox: what people say to a tenant's accounts, listed until somebody has seen to it.

mod change;
mod list;
mod show;
#[cfg(test)]
mod tests;

pub use change::{InboxEdit, change};
pub use list::{InboxFilter, interactions};
pub use show::{Conversation, MAX_REACTIONS, interaction, revision};
