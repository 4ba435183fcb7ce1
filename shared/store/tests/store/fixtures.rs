//! A store to ask, a clock to turn, and records to put in.

use domain::access::{ApiKey, Member, Role, Session, Tenant};
use domain::accounts::{Account, AccountKind, AccountStatus, Consent, Profile, TokenState};
use domain::audit::AuditEntry;
use domain::events::{Event, EventData, PostFacts};
use domain::publishing::{
    Approval, Delivery, Media, MediaSource, MissedRun, NewDelivery, Post, Schedule, Series, SeriesStatus, State,
    Target, ToApprove, Variant, Wake,
};
use domain::time::{GapPolicy, OverlapPolicy, Recurrence};
use domain::webhooks::{Destination, Endpoint, EndpointStatus, Format, Order, Signature, WebhookMessage, WebhookState};
use domain::*;
use jiff::{SignedDuration, Timestamp};
use ports::{Clock, Committed, Entropy, IdempotencyRecord, Record, StoreError, StoredReply, UnitOfWork, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use store::{Backend, Store};
use uuid::Uuid;

/// A clock that only tests turn.
pub(crate) struct Turned(AtomicI64);

impl Turned {
    pub(crate) fn at_start() -> Arc<Self> {
        let start: Timestamp = "2026-03-01T12:00:00.123Z".parse().unwrap();
        Arc::new(Self(AtomicI64::new(start.as_millisecond())))
    }

    pub(crate) fn forward(&self, seconds: i64) {
        self.0.fetch_add(seconds * 1000, Ordering::Relaxed);
    }
}

impl Clock for Turned {
    fn now(&self) -> Timestamp {
        Timestamp::from_millisecond(self.0.load(Ordering::Relaxed)).unwrap()
    }
}

/// Unique, also over worlds and test runs (an emulator remembers transaction tokens for ten minutes).
pub(crate) struct Counted;

static TOKENS: AtomicU64 = AtomicU64::new(1);

impl Entropy for Counted {
    fn fill(&self, bytes: &mut [u8]) {
        let n = TOKENS.fetch_add(1, Ordering::Relaxed).to_be_bytes();
        let process = std::process::id().to_be_bytes();
        bytes.fill(0);
        for (to, from) in bytes.iter_mut().rev().zip(n.iter().rev().chain(&process)) {
            *to = *from;
        }
    }
}

pub(crate) fn counted() -> Arc<Counted> {
    Arc::new(Counted)
}

static IDS: AtomicU64 = AtomicU64::new(1);

/// Ids that sort by the time they were made, as real ones do.
pub(crate) fn fresh() -> Uuid {
    Uuid::from_u128(u128::from(IDS.fetch_add(1, Ordering::Relaxed)))
}

/// A store and what a test needs around it. Every test has a tenant of its own.
pub(crate) struct World<B> {
    pub store: Store<B>,
    pub clock: Arc<Turned>,
    pub tenant: TenantId,
}

impl<B: Backend> World<B> {
    pub(crate) fn new(backend: B, clock: Arc<Turned>, entropy: Arc<dyn Entropy>) -> Self {
        let store = Store::new(backend, entropy, Arc::clone(&clock) as Arc<dyn Clock>);
        Self { store, clock, tenant: TenantId::from_uuid(fresh()) }
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    pub(crate) fn in_s(&self, seconds: i64) -> Timestamp {
        self.now() + SignedDuration::from_secs(seconds)
    }

    pub(crate) async fn commit(&self, writes: impl IntoIterator<Item = Write>) -> Result<Committed, StoreError> {
        self.store.commit(writes.into_iter().collect()).await
    }

    pub(crate) async fn create(&self, record: Record) {
        self.commit([Write::create(record)]).await.unwrap();
    }

    pub(crate) fn post(&self, due_at: Timestamp) -> Post {
        Post {
            id: PostId::from_uuid(fresh()),
            tenant: self.tenant,
            created_by: MemberId::from_uuid(fresh()),
            created_at: self.now(),
            content: Variant::text("Guten Tag"),
            variants: [].into(),
            schedule: Schedule::At { at: due_at, wall: None, tzdb: None },
            targets: vec![Target { account: AccountId::from_uuid(fresh()), platform: platform() }],
            max_lateness_s: 3600,
            series: None,
            amended: false,
            interaction: None,
            sent_again_at: None,
            removing_until: None,
            archived: false,
        }
    }

    pub(crate) fn series(&self) -> Series {
        let series = Series {
            id: SeriesId::from_uuid(fresh()),
            tenant: self.tenant,
            created_by: MemberId::from_uuid(fresh()),
            changed_by: Some(MemberId::from_uuid(fresh())),
            written_by: vec![MemberId::from_uuid(fresh())],
            created_at: self.now(),
            content: Variant::text("Guten Tag"),
            variants: [].into(),
            targets: vec![Target { account: AccountId::from_uuid(fresh()), platform: platform() }],
            recurrence: Recurrence {
                rule: "FREQ=DAILY".parse().unwrap(),
                start: "2026-03-02T09:00".parse().unwrap(),
                zone: "Europe/Berlin".into(),
                on_gap: GapPolicy::Shift,
                on_overlap: OverlapPolicy::First,
            },
            missed: MissedRun::default(),
            status: SeriesStatus::Active,
            next: None,
            wake: None,
            ran_until: None,
            runs: vec![],
        };
        series.planned(self.now()).unwrap()
    }

    pub(crate) fn delivery(&self, due_at: Timestamp) -> Delivery {
        let new = NewDelivery {
            id: DeliveryId::from_uuid(fresh()),
            tenant: self.tenant,
            post: PostId::from_uuid(fresh()),
            account: AccountId::from_uuid(fresh()),
            platform: platform(),
            content_hash: "0123456789abcdef0123456789abcdef".into(),
            parts: 1,
            due_at,
            max_lateness_s: 3600,
            settle_s: 900,
        };
        Delivery::accepted(new, self.now())
    }

    pub(crate) fn in_state(&self, state: State) -> Delivery {
        let mut delivery = self.delivery(self.in_s(60));
        if matches!(state, State::Attention { .. }) || state.is_terminal() {
            delivery.wake = None;
        }
        delivery.state = state;
        delivery
    }

    /// The approval of a post, waiting until then.
    pub(crate) fn approval(&self, post: PostId, until: Timestamp) -> Approval {
        let member = MemberId::from_uuid(fresh());
        let asked = ToApprove { hash: "h".into(), until, made_by: member };
        Approval::asked((self.tenant, post), asked, member, Some("please".into()), self.now())
    }

    pub(crate) fn account(&self) -> Account {
        Account {
            id: AccountId::from_uuid(fresh()),
            tenant: self.tenant,
            platform: platform(),
            profile: Profile {
                external_id: "42".into(),
                name: "Ada".into(),
                handle: None,
                kind: AccountKind::Person,
                home: None,
            },
            status: AccountStatus::Active,
            connected_by: MemberId::from_uuid(fresh()),
            connected_at: self.now(),
            consented_at: None,
            scopes: vec!["write".into()],
            holder: None,
            token: TokenState::none(1),
        }
    }

    pub(crate) fn member(&self) -> Member {
        let id = MemberId::from_uuid(fresh());
        Member { id, tenant: self.tenant, name: "Ada".into(), role: Role::Owner, created_at: self.now() }
    }

    pub(crate) fn tenant_record(&self) -> Tenant {
        Tenant { id: self.tenant, name: "Acme".into(), zone: "Europe/Berlin".into(), created_at: self.now() }
    }

    pub(crate) fn api_key(&self) -> ApiKey {
        ApiKey {
            id: KeyId::from_uuid(fresh()),
            tenant: self.tenant,
            member: MemberId::from_uuid(fresh()),
            name: "ci".into(),
            scopes: vec![],
            secret_hash: "00".into(),
            created_at: self.now(),
            expires_at: None,
        }
    }

    pub(crate) fn session(&self) -> Session {
        Session {
            id: SessionId::from_uuid(fresh()),
            tenant: self.tenant,
            member: MemberId::from_uuid(fresh()),
            key: KeyId::from_uuid(fresh()),
            secret_hash: "00".into(),
            expires_at: self.in_s(3600),
        }
    }

    pub(crate) fn consent(&self) -> Consent {
        Consent {
            tenant: self.tenant,
            member: MemberId::from_uuid(fresh()),
            platform: platform(),
            redirect_uri: "https://herald.example/cb".into(),
            verifier: "sealed".into(),
            return_to: "/console".into(),
            expires_at: self.in_s(600),
            found: None,
        }
    }

    pub(crate) fn media(&self) -> Media {
        Media {
            id: MediaId::from_uuid(fresh()),
            tenant: self.tenant,
            created_by: MemberId::from_uuid(fresh()),
            created_at: self.now(),
            source: MediaSource::Url { url: "https://pictures.example/1.png".into() },
            probe: None,
            alt_text: None,
        }
    }

    pub(crate) fn endpoint(&self) -> Endpoint {
        Endpoint {
            id: EndpointId::from_uuid(fresh()),
            tenant: self.tenant,
            name: "crm".into(),
            description: String::new(),
            url: "https://crm.example/hook".into(),
            destination: Destination::Https,
            events: vec![],
            accounts: vec![],
            platforms: vec![],
            rate_per_minute: None,
            order: Order::None,
            format: Format::Standard,
            headers: [].into(),
            signature: Signature::V1,
            secret: "sealed".into(),
            public_key: None,
            retiring: None,
            validated: None,
            status: EndpointStatus::Active,
            created_at: self.now(),
        }
    }

    pub(crate) fn message(&self, endpoint: EndpointId, wake: Option<Wake>) -> WebhookMessage {
        WebhookMessage {
            event: EventId::from_uuid(fresh()),
            endpoint,
            tenant: self.tenant,
            kind: "post.published".into(),
            body: "{}".into(),
            content_headers: [].into(),
            state: WebhookState::Pending,
            attempts: vec![],
            before: 0,
            again_at: None,
            place: None,
            lane: None,
            stood_s: 0,
            wake,
            created_at: self.now(),
        }
    }

    pub(crate) fn idempotency(&self, key: &str, seconds: i64) -> IdempotencyRecord {
        IdempotencyRecord {
            tenant: self.tenant,
            route: "POST /publish".into(),
            key: key.into(),
            fingerprint: "f".into(),
            reply: None,
            expires_at: self.in_s(seconds),
        }
    }

    pub(crate) fn audit_entry(&self) -> AuditEntry {
        AuditEntry {
            id: AuditId::from_uuid(fresh()),
            tenant: self.tenant,
            at: self.now(),
            actor: None,
            action: "key.made".into(),
            subject: "key".into(),
            facts: None,
            cid: "c".into(),
        }
    }

    pub(crate) fn event(&self) -> Event {
        let data = EventData::PostScheduled(PostFacts { post_id: PostId::from_uuid(fresh()), due_at: None });
        Event { id: EventId::from_uuid(fresh()), tenant: self.tenant, at: self.now(), cid: "c".into(), data }
    }
}

/// A slug that is no real platform's.
pub(crate) fn platform() -> PlatformId {
    "acme-social".parse().unwrap()
}

pub(crate) fn reply() -> StoredReply {
    StoredReply { status: 202, body: "{}".into() }
}
