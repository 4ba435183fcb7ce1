//! The inbox: what people say to a tenant's accounts, listed until somebody has seen to it.

mod answer;
mod change;
mod list;
mod show;
#[cfg(test)]
mod tests;

pub use answer::{answer, answered};
pub(crate) use answer::{keeping, still_the_answer};
pub use change::{InboxEdit, change};
pub use list::{InboxFilter, interactions};
pub use show::{AnswerSeen, Conversation, MAX_REACTIONS, interaction, revision};
