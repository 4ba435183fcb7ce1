//! Keys of the due index, and what they tell without the record.

use super::{
    ACCOUNT, AHEAD, ARRIVALS, ASKING, DUE, ENGAGEMENT, MESSAGE, MESSAGES, POST, RECEIPT, RECOVERY, SERIES, TARGET,
    TENANT, UNKNOWN, id, ms, ms_up, shard,
};
use crate::Key;
use domain::publishing::Wake;
use domain::{AccountId, EndpointId, EventId, PlatformId, PostId, ReceiptId, RecoveryId, SeriesId, SourceId, TenantId};
use jiff::Timestamp;
use ports::{DUE_SHARDS, DueRef, DueSubject};

pub(crate) fn due_pk(shard: u8) -> String {
    format!("{DUE}{shard}")
}

pub(crate) fn unknown_pk(shard: u8) -> String {
    format!("{UNKNOWN}{shard}")
}

pub(crate) fn ahead_pk(shard: u8) -> String {
    format!("{AHEAD}{shard}")
}

pub(crate) fn due_shard(id: &[u8]) -> u8 {
    shard(id, DUE_SHARDS)
}

/// `at`, `set_at`, whether a message is on its way, and the platform of a delivery. `set_at` is rounded up: an entry must
/// rather look unseen to the tick than seen.
pub(crate) fn due_sk(wake: &Wake, platform: Option<&PlatformId>) -> String {
    let slug = platform.map_or("", PlatformId::as_str);
    format!("{}#{}#{}#{slug}", ms(wake.at), ms_up(wake.set_at), if wake.sent { 's' } else { 'n' })
}

/// Reads an entry of the due index back from its keys alone.
pub(crate) fn parse_due(item: &Key, sort: &str) -> Option<DueRef> {
    let (tenant, rest) = item.pk.strip_prefix(TENANT)?.split_at_checked(32)?;
    let mut parts = sort.splitn(4, '#');
    let mut time = || parts.next()?.parse().ok().and_then(|ms| Timestamp::from_millisecond(ms).ok());
    let (at, set_at) = (time()?, time()?);
    let sent = parts.next()? == "s";
    let slug = parts.next()?;
    let subject = if let Some(post) = rest.strip_prefix(POST) {
        DueSubject::Delivery {
            post: id(PostId::PREFIX, post)?,
            account: id(AccountId::PREFIX, item.sk.strip_prefix(TARGET)?)?,
            platform: slug.parse().ok()?,
        }
    } else if let Some(series) = item.sk.strip_prefix(SERIES).filter(|_| rest.is_empty()) {
        DueSubject::Series(id(SeriesId::PREFIX, series)?)
    } else if let Some(account) = item.sk.strip_prefix(ACCOUNT).filter(|_| rest.is_empty()) {
        DueSubject::Account(id(AccountId::PREFIX, account)?)
    } else if let Some(account) = item.sk.strip_prefix(ENGAGEMENT).filter(|_| rest.is_empty()) {
        DueSubject::Engagement(id(AccountId::PREFIX, account)?)
    } else if let Some(account) = item.sk.strip_prefix(ASKING).filter(|_| rest.is_empty()) {
        DueSubject::Asking(id(AccountId::PREFIX, account)?)
    } else if let Some(recovery) = item.sk.strip_prefix(RECOVERY) {
        DueSubject::Recovery {
            recovery: id(RecoveryId::PREFIX, recovery)?,
            endpoint: id(EndpointId::PREFIX, rest.strip_prefix(MESSAGES)?)?,
        }
    } else if let Some(source) = rest.strip_prefix(ARRIVALS) {
        DueSubject::Receipt {
            source: id(SourceId::PREFIX, source)?,
            receipt: id(ReceiptId::PREFIX, item.sk.strip_prefix(RECEIPT)?)?,
        }
    } else {
        DueSubject::Webhook {
            event: id(EventId::PREFIX, item.sk.strip_prefix(MESSAGE)?)?,
            endpoint: id(EndpointId::PREFIX, rest.strip_prefix(MESSAGES)?)?,
        }
    };
    Some(DueRef { tenant: id(TenantId::PREFIX, tenant)?, subject, wake: Wake { at, set_at, sent } })
}
