//! The only place that spells keys. Everything a tenant owns starts with `T#<tenant>`; the exceptions are the index
//! shards (whose entries carry the tenant in their primary key), the sweep mark, the bootstrap marker, the consent,
//! which is found by an unguessable hash before the tenant is known, the token of a source likewise, and the governor of a
//! platform, whose quotas are shared.
//!
//! Ids stand in keys as their 32 hex digits: the prefix says nothing a key does not, and every byte is billed.

mod audience;
mod campaigns;
mod due;
mod inbox;
mod webhooks;

use crate::Key;
use crate::placed::kind;
pub(crate) use audience::*;
pub(crate) use campaigns::*;
use domain::{
    AccountId, AuditId, IncomingId, KeyId, MediaId, MemberId, PlatformId, PostId, ReceiptId, SeriesId, SessionId,
    SourceId, TenantId,
};
pub(crate) use due::*;
pub(crate) use inbox::*;
use jiff::Timestamp;
use ports::{OUTBOX_SHARDS, OutboxRef};
use std::str::FromStr;
pub(crate) use webhooks::*;

const TENANT: &str = "T#";
const TENANT_SK: &str = "TENANT";
const MEMBER: &str = "MEM#";
const API_KEY: &str = "KEY#";
const ACCOUNT: &str = "ACC#";
const ENDPOINT: &str = "EP#";
const PACE: &str = "#PACE";
const TURNSTILE: &str = "#TURN";
const POST: &str = "#P#";
const POST_SK: &str = "POST";
const TARGET: &str = "TGT#";
const APPROVAL_SK: &str = "APPROVAL";
const RULES_SK: &str = "RULES";
const SERIES: &str = "SER#";
const SLOT_PLAN: &str = "PLAN#";
const ENGAGEMENT: &str = "ENG#";
const ASKING: &str = "ASK#";
const MEDIA: &str = "#MD#";
const MEDIA_SK: &str = "MEDIA";
const LIBRARY: &str = "#MEDIA";
const SLOTS: &str = "#SLOT";
const MESSAGES: &str = "#E#";
const MESSAGE: &str = "MSG#";
const RECOVERY: &str = "REC#";
const LANE: &str = "LANE#";
const LETTERS: &str = "#OB";
const LETTER: &str = "LET#";
const GATE: &str = "#G#";
const GATE_SK: &str = "GATE";
const GOVERNOR: &str = "GOV#";
const GOVERNOR_SK: &str = "GOVERNOR";
const SESSION: &str = "#S#";
const SESSION_SK: &str = "SESSION";
const IDEMPOTENCY: &str = "#I#";
const ROUTE: &str = "R#";
const CONSENT: &str = "CONSENT#";
const CONSENT_SK: &str = "CONSENT";
const SWEEP: &str = "SWEEP";
const BOOT: &str = "BOOT";
const DUE: &str = "DUE#";
const UNKNOWN: &str = "UNK#";
const AHEAD: &str = "TOK#";
const OUTBOX: &str = "OBX#";
const POSTS: &str = "#POSTS";
const ASIDE: &str = "#ASIDE";
const ATTENTION: &str = "#ATT";
const PARKED: &str = "#PARK#";
const APPROVALS: &str = "#APR";
const SOURCE: &str = "SRC#";
const SOURCE_KEY: &str = "IN#";
const SOURCE_KEY_SK: &str = "SOURCE";
const ARRIVALS: &str = "#IN#";
const RECEIPT: &str = "RCP#";
const INCOMING: &str = "INC#";
const STATUSES: &str = "#MS#";
const INTERACTION: &str = "#IA#";
const INTERACTION_SK: &str = "INTERACTION";
const BOX: &str = "#BOX#";
const THREAD: &str = "#TH#";
const SAID: &str = "S#";
const REACTED: &str = "R#";
const AUDIENCE_KEY_SK: &str = "AUDKEY";
const ATTRIBUTES_SK: &str = "ATTRS";
const CONTACT: &str = "#CON#";
const SUPPRESSED: &str = "#SUP";
const LIST: &str = "LST#";
const SEGMENT: &str = "SEG#";
const RUN: &str = "#RUN#";
const RUN_SHARD: &str = "SH#";

/// Every fixed piece of a key; each is explained in `docs/data-model.md`.
pub const PREFIXES: &[&str] = &[
    TENANT,
    TENANT_SK,
    MEMBER,
    API_KEY,
    ACCOUNT,
    ENDPOINT,
    PACE,
    TURNSTILE,
    POST,
    POST_SK,
    TARGET,
    APPROVAL_SK,
    RULES_SK,
    SERIES,
    SLOT_PLAN,
    ENGAGEMENT,
    ASKING,
    MEDIA,
    MEDIA_SK,
    LIBRARY,
    SLOTS,
    MESSAGES,
    MESSAGE,
    RECOVERY,
    LANE,
    LETTERS,
    LETTER,
    GATE,
    GATE_SK,
    GOVERNOR,
    GOVERNOR_SK,
    SESSION,
    SESSION_SK,
    IDEMPOTENCY,
    ROUTE,
    CONSENT,
    CONSENT_SK,
    SWEEP,
    BOOT,
    DUE,
    UNKNOWN,
    AHEAD,
    OUTBOX,
    POSTS,
    ASIDE,
    ATTENTION,
    PARKED,
    APPROVALS,
    SOURCE,
    SOURCE_KEY,
    SOURCE_KEY_SK,
    ARRIVALS,
    RECEIPT,
    INCOMING,
    STATUSES,
    INTERACTION,
    INTERACTION_SK,
    BOX,
    THREAD,
    SAID,
    REACTED,
    AUDIENCE_KEY_SK,
    ATTRIBUTES_SK,
    CONTACT,
    SUPPRESSED,
    LIST,
    SEGMENT,
    RUN,
    RUN_SHARD,
];

/// Sorts after every sort key.
pub(crate) const LAST: &str = "~";
/// Sorts before every sort key that starts with a time.
pub(crate) const FIRST: &str = "0";

macro_rules! hex {
    ($id:expr) => {
        $id.uuid().simple()
    };
}

fn key(pk: String, sk: impl Into<String>) -> Key {
    Key { pk, sk: sk.into() }
}

/// The partition of a tenant's settings; also the start of all its other partitions.
pub(crate) fn tenant_pk(t: TenantId) -> String {
    format!("{TENANT}{}", hex!(t))
}

fn under(t: TenantId, what: &str) -> String {
    format!("{TENANT}{}{what}", hex!(t))
}

/// Milliseconds since 1970 in 13 digits, so that text sorts as time (until the year 2286). Fractions are cut off.
pub(crate) fn ms(at: Timestamp) -> String {
    digits(at.as_millisecond())
}

fn digits(ms: i64) -> String {
    format!("{:013}", ms.clamp(0, 9_999_999_999_999))
}

/// Milliseconds, rounded up.
fn ms_up(at: Timestamp) -> String {
    let exact = at.subsec_nanosecond() % 1_000_000 == 0;
    digits(at.as_millisecond() + i64::from(!exact && at.as_nanosecond() > 0))
}

/// FNV-1a, with the last step of `MurmurHash3` so that the last bytes count as much as the first. Stable over versions and
/// machines, unlike the standard library's hasher.
fn shard(bytes: &[u8], shards: u8) -> u8 {
    let hash = bytes.iter().fold(0xcbf2_9ce4_8422_2325_u64, |h, b| (h ^ u64::from(*b)).wrapping_mul(0x0100_0000_01b3));
    let mixed = (hash ^ (hash >> 33)).wrapping_mul(0xff51_afd7_ed55_8ccd);
    u8::try_from((mixed >> 33) % u64::from(shards)).unwrap_or(0)
}

pub(crate) fn tenant(t: TenantId) -> Key {
    key(tenant_pk(t), TENANT_SK)
}

pub(crate) fn member(t: TenantId, id: MemberId) -> Key {
    key(tenant_pk(t), format!("{MEMBER}{}", hex!(id)))
}

pub(crate) fn api_key(t: TenantId, id: KeyId) -> Key {
    key(tenant_pk(t), format!("{API_KEY}{}", hex!(id)))
}

pub(crate) fn account(t: TenantId, id: AccountId) -> Key {
    key(tenant_pk(t), format!("{ACCOUNT}{}", hex!(id)))
}

/// Sort keys of all members; likewise below.
pub(crate) fn members() -> &'static str {
    MEMBER
}
pub(crate) fn api_keys() -> &'static str {
    API_KEY
}
pub(crate) fn accounts() -> &'static str {
    ACCOUNT
}
pub(crate) fn all_series() -> &'static str {
    SERIES
}
pub(crate) fn targets() -> &'static str {
    TARGET
}
pub(crate) fn post_pk(t: TenantId, post: PostId) -> String {
    format!("{}{}", under(t, POST), hex!(post))
}

pub(crate) fn post(t: TenantId, id: PostId) -> Key {
    key(post_pk(t, id), POST_SK)
}

pub(crate) fn delivery(t: TenantId, post: PostId, account: AccountId) -> Key {
    key(post_pk(t, post), format!("{TARGET}{}", hex!(account)))
}

pub(crate) fn approval(t: TenantId, post: PostId) -> Key {
    key(post_pk(t, post), APPROVAL_SK)
}

pub(crate) fn approvals_pk(t: TenantId) -> String {
    under(t, APPROVALS)
}

/// By the last instant at which approving helps, so that those for which it is too late lie before `now`.
pub(crate) fn waiting_approval(t: TenantId, until: Timestamp, post: PostId) -> Key {
    key(approvals_pk(t), format!("{}#{}", ms(until), hex!(post)))
}

pub(crate) fn rules(t: TenantId) -> Key {
    key(tenant_pk(t), RULES_SK)
}

pub(crate) fn series(t: TenantId, id: SeriesId) -> Key {
    key(tenant_pk(t), format!("{SERIES}{}", hex!(id)))
}

pub(crate) fn media(t: TenantId, id: MediaId) -> Key {
    key(format!("{}{}", under(t, MEDIA), hex!(id)), MEDIA_SK)
}

pub(crate) fn engagement(t: TenantId, account: AccountId) -> Key {
    key(tenant_pk(t), format!("{ENGAGEMENT}{}", hex!(account)))
}

pub(crate) fn slot_plan(t: TenantId, account: AccountId) -> Key {
    key(tenant_pk(t), format!("{SLOT_PLAN}{}", hex!(account)))
}

pub(crate) fn library_pk(t: TenantId) -> String {
    under(t, LIBRARY)
}

pub(crate) fn listed_medium(t: TenantId, at: Timestamp, id: MediaId) -> Key {
    key(library_pk(t), format!("{}#{}", ms(at), hex!(id)))
}

pub(crate) fn slots_pk(t: TenantId) -> String {
    under(t, SLOTS)
}

pub(crate) fn slot(t: TenantId, at: Timestamp) -> Key {
    key(slots_pk(t), ms(at))
}

pub(crate) fn source(t: TenantId, id: SourceId) -> Key {
    key(tenant_pk(t), format!("{SOURCE}{}", hex!(id)))
}

pub(crate) fn source_key(hash: &str) -> Key {
    key(format!("{SOURCE_KEY}{hash}"), SOURCE_KEY_SK)
}

/// What came in at a source; also the list of it.
pub(crate) fn arrivals_pk(t: TenantId, source: SourceId) -> String {
    format!("{}{}", under(t, ARRIVALS), hex!(source))
}

pub(crate) fn receipt(t: TenantId, source: SourceId, id: ReceiptId) -> Key {
    key(arrivals_pk(t, source), format!("{RECEIPT}{}", hex!(id)))
}

pub(crate) fn incoming(t: TenantId, source: SourceId, id: IncomingId) -> Key {
    key(arrivals_pk(t, source), format!("{INCOMING}{}", hex!(id)))
}

pub(crate) fn listed_incoming(t: TenantId, source: SourceId, at: Timestamp, id: IncomingId) -> Key {
    key(arrivals_pk(t, source), format!("{}#{}", ms(at), hex!(id)))
}

pub(crate) fn message_status(t: TenantId, source: SourceId, hash: &str) -> Key {
    key(format!("{}{}", under(t, STATUSES), hex!(source)), hash)
}

/// Events that have no core record to ride on.
pub(crate) fn letter(t: TenantId, token: &str) -> Key {
    key(under(t, LETTERS), format!("{LETTER}{token}"))
}

pub(crate) fn is_letter(key: &Key) -> bool {
    key.sk.starts_with(LETTER)
}

pub(crate) fn gate(t: TenantId, account: AccountId) -> Key {
    key(format!("{}{}", under(t, GATE), hex!(account)), GATE_SK)
}

pub(crate) fn governor(platform: &PlatformId) -> Key {
    key(format!("{GOVERNOR}{platform}"), GOVERNOR_SK)
}

pub(crate) fn session(t: TenantId, id: SessionId) -> Key {
    key(format!("{}{}", under(t, SESSION), hex!(id)), SESSION_SK)
}

/// The client's key comes last in its part, so that no client can spell another's.
pub(crate) fn idempotency(t: TenantId, route: &str, client_key: &str) -> Key {
    key(format!("{}{client_key}", under(t, IDEMPOTENCY)), format!("{ROUTE}{route}"))
}

pub(crate) fn consent(state_hash: &str) -> Key {
    key(format!("{CONSENT}{state_hash}"), CONSENT_SK)
}

pub(crate) fn sweep() -> Key {
    key(SWEEP.into(), SWEEP)
}

pub(crate) fn bootstrapped() -> Key {
    key(BOOT.into(), BOOT)
}

pub(crate) fn audit(t: TenantId, at: Timestamp, id: AuditId) -> Key {
    key(tenant_pk(t), format!("{}#{}", ms(at), hex!(id)))
}

pub(crate) fn posts_pk(t: TenantId) -> String {
    under(t, POSTS)
}

pub(crate) fn listed_post(t: TenantId, at: Timestamp, id: PostId) -> Key {
    key(posts_pk(t), format!("{}#{}", ms(at), hex!(id)))
}

pub(crate) fn aside_pk(t: TenantId) -> String {
    under(t, ASIDE)
}

pub(crate) fn post_aside(t: TenantId, at: Timestamp, id: PostId) -> Key {
    key(aside_pk(t), format!("{}#{}", ms(at), hex!(id)))
}

/// The post whose record has this key.
pub(crate) fn parse_post(item: &Key) -> Option<PostId> {
    id(PostId::PREFIX, item.pk.strip_prefix(TENANT)?.split_once(POST)?.1)
}

pub(crate) fn attention_pk(t: TenantId) -> String {
    under(t, ATTENTION)
}

pub(crate) fn attention(t: TenantId, since: Timestamp, post: PostId, account: AccountId) -> Key {
    key(attention_pk(t), format!("{}#{}#{}", ms(since), hex!(post), hex!(account)))
}

pub(crate) fn parked_pk(t: TenantId, account: AccountId) -> String {
    format!("{}{}", under(t, PARKED), hex!(account))
}

pub(crate) fn parked(t: TenantId, account: AccountId, since: Timestamp, post: PostId) -> Key {
    key(parked_pk(t, account), format!("{}#{}", ms(since), hex!(post)))
}

pub(crate) fn outbox_pk(shard: u8) -> String {
    format!("{OUTBOX}{shard}")
}

/// Keys in the outbox index of an item written at `at`.
pub(crate) fn outbox(item: &Key, at: Timestamp) -> Key {
    let id = format!("{}{}", item.pk, item.sk);
    key(outbox_pk(shard(id.as_bytes(), OUTBOX_SHARDS)), format!("{}#", ms(at)))
}

/// Keys of core items hold no space, so one separates the two halves.
pub(crate) fn outbox_ref(item: &Key, rev: u64) -> OutboxRef {
    OutboxRef { key: format!("{} {}", item.pk, item.sk), rev }
}

pub(crate) fn parse_outbox_ref(at: &OutboxRef) -> Option<Key> {
    at.key.split_once(' ').map(|(pk, sk)| key(pk.into(), sk))
}

/// The ids in the key of a record whose document does without them, under the names that it would have them.
pub(crate) fn ids(kind: &str, key: &Key) -> Option<Vec<(&'static str, String)>> {
    match kind {
        kind::DELIVERY => delivery_ids(key),
        kind::MESSAGE => message_ids(key),
        kind::CONTACT => contact_ids(key),
        kind::CHUNK => chunk_ids(key),
        kind::RUN_SHARD => run_shard_ids(key),
        _ => None,
    }
}

fn delivery_ids(key: &Key) -> Option<Vec<(&'static str, String)>> {
    let (tenant, post) = key.pk.strip_prefix(TENANT)?.split_once(POST)?;
    let account = key.sk.strip_prefix(TARGET)?;
    Some(vec![
        ("tenant", format!("{}_{tenant}", TenantId::PREFIX)),
        ("post", format!("{}_{post}", PostId::PREFIX)),
        ("account", format!("{}_{account}", AccountId::PREFIX)),
    ])
}

fn id<T: FromStr>(prefix: &str, digits: &str) -> Option<T> {
    format!("{prefix}_{digits}").parse().ok()
}
