//! The audience: the people whom a tenant writes to, what they said to that, and why somebody is left alone.
//!
//! One address is one *contact* by construction: its id is a keyed hash of the address, so an import may come twice, and of somebody who was
//! forgotten there stays a mark under the same id that says nothing of them. Everything that decides whether a contact may be written to
//! stands in its one record, so that one consistent read before sending answers it ([`Contact::may_be_mailed`]).

mod address;
mod attribute;
mod contact;
mod list;
mod may;
mod rule;
mod segment;
mod suppression;
#[cfg(test)]
mod tests;

pub use address::*;
pub use attribute::*;
pub use contact::*;
pub use list::*;
pub use may::*;
pub use rule::*;
pub use segment::*;
pub use suppression::*;

use crate::ContactId;

/// Number of partitions of a tenant's contacts: by the first hex digit of their ids.
pub const CONTACT_SHARDS: u8 = 16;

/// The id of the contact whose address has this HMAC-SHA-256 (of [`Address::identity`], under the tenant's key).
pub fn contact_id(mac: [u8; 32]) -> ContactId {
    let mut half = [0; 16];
    half.copy_from_slice(&mac[..16]);
    ContactId::from_uuid(uuid::Uuid::from_bytes(half))
}

/// The last id that a contact of this partition can have: who went through all of it goes on behind that.
pub fn end_of_shard(shard: u8) -> ContactId {
    let rest = u128::MAX >> 4;
    ContactId::from_uuid(uuid::Uuid::from_u128((u128::from(shard) << 124) | rest))
}

/// The partition that a contact lies in, 0 to 15.
pub fn contact_shard(id: ContactId) -> u8 {
    id.uuid().as_bytes()[0] >> 4
}
