//! The audience: contacts, their lists, segments, and why somebody is left alone.
//!
//! What a person says (that they leave a list, that they want nothing more) is applied to their record whatever it has become since, and
//! tried again where somebody else writes it at that moment. What one of ours changes of a contact names the revision that they saw.

mod attributes;
mod change;
mod check;
mod contacts;
mod edit;
mod key;
mod lists;
mod segments;
mod subscriptions;
mod suppressions;
#[cfg(test)]
mod tests;
mod walk;

pub use attributes::{attributes, declare};
use change::{Told, bounded, changed, nobody, replace};
pub use contacts::{ContactFilter, NewContact, contact, contacts, create_contact, erase_contact, find_contact};
pub use edit::{ContactEdit, PersonEdit, edit_contact};
pub(crate) use key::reseal as reseal_audience;
pub use lists::{ListEdit, NewList, contact_list, contact_lists, create_list, edit_list, remove_list};
pub use segments::{
    NewSegment, Preview, SegmentEdit, create_segment, edit_segment, preview, remove_segment, segment, segments,
};
pub use subscriptions::{SubscriptionChange, change_subscription};
pub use suppressions::{LiftedFrom, NewSuppression, Who, lift, suppress, suppressions};
