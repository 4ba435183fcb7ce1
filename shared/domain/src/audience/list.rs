//! Lists of contacts.

use crate::{ListId, TenantId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Most lists of a tenant.
pub const MAX_LISTS: usize = 200;
/// Most characters of what a list is for.
pub const MAX_DESCRIPTION: usize = 500;

/// What it takes to be on a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OptIn {
    /// To be put on it.
    Single,
    /// To be put on it, and to say yes to a mail that asks: somebody else may have entered the address.
    Double,
}

impl OptIn {
    /// Their names, as they stand on the wire.
    pub const NAMES: [&'static str; 2] = ["single", "double"];
}

/// A list of contacts: what a person can subscribe to, and leave. Who is on it stands with each contact.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContactList {
    /// Id.
    pub id: ListId,
    /// Tenant.
    pub tenant: TenantId,
    /// What people call it; those on it see it, too.
    pub name: String,
    /// What it is for; those on it see it, too.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// What it takes to be on it.
    pub opt_in: OptIn,
    /// When it was made.
    pub created_at: Timestamp,
}

/// How a contact stands to a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SubscriptionState {
    /// Was put on it, and has not said yes to that yet.
    Pending,
    /// Is on it.
    Subscribed,
    /// Left it.
    Unsubscribed,
}

impl SubscriptionState {
    /// Their names, as they stand on the wire.
    pub const NAMES: [&'static str; 3] = ["pending", "subscribed", "unsubscribed"];

    /// In one word.
    pub fn name(self) -> &'static str {
        Self::NAMES[self as usize]
    }
}

/// That a contact is on a list, was, or was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subscription {
    /// How it stands.
    pub state: SubscriptionState,
    /// Since when.
    pub since: Timestamp,
    /// The number of the consent that it rests on, within the contact.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub consent: Option<u32>,
}
