//! Keys of endpoints, of what lies beside them, and of their messages.

use super::{ENDPOINT, LANE, MESSAGE, MESSAGES, PACE, RECOVERY, TENANT, TURNSTILE, key, tenant_pk, under};
use crate::Key;
use domain::{EndpointId, EventId, RecoveryId, TenantId};
use jiff::Timestamp;

pub(crate) fn endpoint(t: TenantId, id: EndpointId) -> Key {
    key(tenant_pk(t), format!("{ENDPOINT}{}", id.uuid().simple()))
}

/// Beside its endpoint, so that one read finds both.
pub(crate) fn pace(t: TenantId, id: EndpointId) -> Key {
    key(tenant_pk(t), format!("{ENDPOINT}{}{PACE}", id.uuid().simple()))
}

/// Likewise beside it.
pub(crate) fn turnstile(t: TenantId, id: EndpointId) -> Key {
    key(tenant_pk(t), format!("{ENDPOINT}{}{TURNSTILE}", id.uuid().simple()))
}

/// Sort keys of one endpoint.
pub(crate) fn one_endpoint(id: EndpointId) -> String {
    format!("{ENDPOINT}{}", id.uuid().simple())
}

pub(crate) fn endpoints() -> &'static str {
    ENDPOINT
}

pub(crate) fn messages_pk(t: TenantId, endpoint: EndpointId) -> String {
    format!("{}{}", under(t, MESSAGES), endpoint.uuid().simple())
}

pub(crate) fn message(t: TenantId, endpoint: EndpointId, event: EventId) -> Key {
    key(messages_pk(t, endpoint), format!("{MESSAGE}{}", event.uuid().simple()))
}

/// Sort keys of messages whose events happened between two milliseconds, both included. The id of an event begins with its
/// millisecond (`UUIDv7`, RFC 9562).
pub(crate) fn messages_between(from: Option<Timestamp>, to: Option<Timestamp>) -> (String, String) {
    let ms = |at: Timestamp| format!("{MESSAGE}{:012x}", at.as_millisecond().max(0));
    (from.map_or_else(|| MESSAGE.to_owned(), ms), format!("{}~", to.map_or_else(|| MESSAGE.to_owned(), ms)))
}

pub(crate) fn recovery(t: TenantId, endpoint: EndpointId, id: RecoveryId) -> Key {
    key(messages_pk(t, endpoint), format!("{RECOVERY}{}", id.uuid().simple()))
}

pub(crate) fn recoveries() -> &'static str {
    RECOVERY
}

/// A key of ours holds an id, and no space.
pub(crate) fn lane(t: TenantId, endpoint: EndpointId, of: &str) -> Key {
    key(messages_pk(t, endpoint), format!("{LANE}{of}"))
}

pub(super) fn message_ids(key: &Key) -> Option<Vec<(&'static str, String)>> {
    let (tenant, endpoint) = key.pk.strip_prefix(TENANT)?.split_once(MESSAGES)?;
    let event = key.sk.strip_prefix(MESSAGE)?;
    Some(vec![
        ("tenant", format!("{}_{tenant}", TenantId::PREFIX)),
        ("endpoint", format!("{}_{endpoint}", EndpointId::PREFIX)),
        ("event", format!("{}_{event}", EventId::PREFIX)),
    ])
}
