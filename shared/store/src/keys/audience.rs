//! Keys of a tenant's audience.

use super::{
    ATTRIBUTES_SK, AUDIENCE_KEY_SK, CONTACT, LIST, SEGMENT, SUPPRESSED, TENANT, id, key, ms, tenant_pk, under,
};
use crate::Key;
use domain::audience::contact_shard;
use domain::{ContactId, ListId, SegmentId, TenantId};
use jiff::Timestamp;

/// What the ids of contacts are made with.
pub(crate) fn audience_key(t: TenantId) -> Key {
    key(tenant_pk(t), AUDIENCE_KEY_SK)
}

pub(crate) fn attributes(t: TenantId) -> Key {
    key(tenant_pk(t), ATTRIBUTES_SK)
}

/// One of the partitions of contacts, 0 to 15.
pub(crate) fn contacts_pk(t: TenantId, shard: u8) -> String {
    format!("{}{:x}", under(t, CONTACT), shard & 0xf)
}

/// The sort key is the whole id: those of a partition sort as the ids do.
pub(crate) fn contact(t: TenantId, id: ContactId) -> Key {
    key(contacts_pk(t, contact_shard(id)), id.uuid().simple().to_string())
}

/// The last sort key that a contact can have.
pub(crate) fn last_contact() -> String {
    "f".repeat(32)
}

/// The tenant and the contact whose record has this key, as they stand in the record.
pub(super) fn contact_ids(item: &Key) -> Option<Vec<(&'static str, String)>> {
    let (tenant, _) = item.pk.strip_prefix(TENANT)?.split_once(CONTACT)?;
    let ids =
        [("tenant", format!("{}_{tenant}", TenantId::PREFIX)), ("id", format!("{}_{}", ContactId::PREFIX, item.sk))];
    Some(ids.into())
}

/// The contact whose record has this key.
pub(crate) fn parse_contact(item: &Key) -> Option<ContactId> {
    item.pk.contains(CONTACT).then(|| id(ContactId::PREFIX, &item.sk)).flatten()
}

pub(crate) fn suppressed_pk(t: TenantId) -> String {
    under(t, SUPPRESSED)
}

pub(crate) fn suppressed(t: TenantId, since: Timestamp, id: ContactId) -> Key {
    key(suppressed_pk(t), format!("{}#{}", ms(since), id.uuid().simple()))
}

pub(crate) fn contact_list(t: TenantId, id: ListId) -> Key {
    key(tenant_pk(t), format!("{LIST}{}", id.uuid().simple()))
}

/// The start of the sort keys of lists.
pub(crate) fn contact_lists() -> &'static str {
    LIST
}

pub(crate) fn segment(t: TenantId, id: SegmentId) -> Key {
    key(tenant_pk(t), format!("{SEGMENT}{}", id.uuid().simple()))
}

/// The start of the sort keys of segments.
pub(crate) fn segments() -> &'static str {
    SEGMENT
}
