//! A whole world in memory: table service, queues, bus, secrets, platforms, and as many processes as wanted, each with its
//! own clock and its own memory.

use crate::backend::{FarMemory, StoreWeather};
use crate::egress::{Listener, RecordingMetrics, SameMedia};
use crate::messaging::{MemoryBus, MemoryQueues};
use crate::mutant::Mutant;
use crate::platform::{FakePlatform, Hooked, Rules};
use crate::secrets::{AnyApp, MemorySecrets, PlaceSeal};
use crate::{Engine, SeededEntropy, SkewedClock, Weather};
use app::accounts::{Callback, TokenCache, begin, connect_by_key, finish};
use app::{AccountDeps, Deps, Error, PlatformDeps};
use domain::access::{Caller, Member, Role, Tenant};
use domain::accounts::Account;
use domain::platform::DedupeClass;
use domain::publishing::{Delivery, Post};
use domain::webhooks::WebhookMessage;
use domain::{EndpointId, EventId, KeyId, MemberId, TenantId};
use ports::{
    Clock, Connect, Connector, Connectors, Endpoints, Find, Made, Manage, PlatformApps, PostQuery, Posts, Publish,
    Record, Write,
};
use std::pin::pin;
use std::sync::atomic::AtomicI64;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};
use store::{Memory, Store};
use uuid::Uuid;

/// What is looked for among the platforms in vain, and why.
const ABSENT: [(&str, &str); 1] = [("pigeons", "pigeons carry no posts")];

/// A process: its ports, what it remembers of tokens, and how far its clock is off.
#[derive(Clone)]
pub struct Process {
    /// Its ports.
    pub deps: AccountDeps,
    /// Its token cache.
    pub tokens: Arc<TokenCache>,
    /// Milliseconds its clock is off.
    pub offset: Arc<AtomicI64>,
    roles: Roles,
}

/// The platforms in the roles that act on them.
#[derive(Clone)]
pub struct Roles {
    /// That publish.
    pub publish: Arc<Connectors<dyn Publish>>,
    /// That read back.
    pub find: Arc<Connectors<dyn Find>>,
    /// That change and delete what is live.
    pub manage: Arc<Connectors<dyn Manage>>,
}

impl Process {
    /// As one that publishes.
    pub fn publishing(&self) -> PlatformDeps<dyn Publish> {
        self.with(&self.roles.publish)
    }

    /// As one that reads back.
    pub fn finding(&self) -> PlatformDeps<dyn Find> {
        self.with(&self.roles.find)
    }

    /// As one that changes and deletes what is live.
    pub fn managing(&self) -> PlatformDeps<dyn Manage> {
        self.with(&self.roles.manage)
    }

    fn with<R: ?Sized>(&self, platforms: &Arc<Connectors<R>>) -> PlatformDeps<R> {
        let (platforms, tokens) = (Arc::clone(platforms), Arc::clone(&self.tokens));
        PlatformDeps { accounts: self.deps.clone(), platforms, tokens }
    }

    /// From now on it knows these platforms and no others, with these registrations.
    pub fn meets(
        &mut self,
        apps: Arc<dyn PlatformApps>,
        described: Connectors,
        connected: Connectors<dyn Connect>,
        roles: Roles,
    ) {
        self.deps.base.apps = apps;
        self.deps.base.connectors = Arc::new(described);
        self.deps.connect = Arc::new(connected);
        self.roles = roles;
    }

    /// From now on it publishes to this platform and reads this one back.
    pub fn hook(&mut self, hooked: &Hooked) {
        self.roles.publish = Arc::new(Connectors::new(vec![Arc::new(hooked.clone())]));
        self.roles.find = Arc::new(Connectors::new(vec![Arc::new(hooked.clone())]));
    }
}

/// A world.
pub struct World {
    /// Time and chance.
    pub engine: Arc<Engine>,
    /// The tables.
    pub memory: Arc<Memory>,
    /// The queues.
    pub queues: Arc<MemoryQueues>,
    /// The bus.
    pub bus: Arc<MemoryBus>,
    /// The secret store.
    pub secrets: Arc<MemorySecrets>,
    /// The platforms.
    pub platforms: Vec<Arc<FakePlatform>>,
    /// Everything measured.
    pub metrics: Arc<RecordingMetrics>,
    /// Whoever listens at the endpoints.
    pub listener: Arc<Listener>,
    /// The one tenant's owner.
    pub caller: Caller,
    /// The ledger as nobody's process sees it: at once and without faults while it is calm.
    pub(crate) ledger: Store<Arc<Memory>>,
    seal: Arc<PlaceSeal>,
    weather: Weather,
    mutant: Mutant,
}

/// A platform of these worlds where people are told, by addresses below `https://board.test/`.
struct Board;

impl ports::Announce for Board {
    fn platform(&self) -> &'static str {
        "board"
    }
    fn hosts(&self) -> &'static [&'static str] {
        &["board.test"]
    }
    fn help(&self) -> &'static str {
        "an address of the board"
    }
    fn shown(&self, address: &str) -> Option<String> {
        let (room, _) = address.strip_prefix("https://board.test/")?.split_once('/')?;
        Some(format!("https://board.test/{room}/…"))
    }
    fn body(&self, told: &ports::ChatWords) -> serde_json::Value {
        told.lines(str::to_owned).into()
    }
}

/// Someone who calls these worlds.
const CALLER: ports::SourceForm = ports::SourceForm {
    slug: "pigeons",
    name: "Pigeons",
    help: "tie it to a leg",
    fields: &[
        ports::SourceField { name: "ring", what: "the number on the ring", made: Made::Nothing, check: is_ring },
        ports::SourceField { name: "whistle", what: "the whistle's tune", made: Made::Token, check: is_ring },
    ],
};

fn is_ring(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
}

/// Rules of a platform that can be read back.
pub const READABLE: Rules = Rules {
    slug: "readable",
    class: DedupeClass::Readable,
    settle_s: 600,
    thread_parts: 25,
    refuses_duplicates: false,
    rotates: true,
    access_life_s: 7200,
    refresh_life_s: 0,
    by_key: false,
    by_consent: true,
    takes_back: true,
    takes: false,
    videos: false,
    answers: false,
    names_answered: false,
    caps: &[],
};

/// Rules of a platform that cannot.
pub const WRITE_ONLY: Rules = Rules { slug: "write-only", class: DedupeClass::WriteOnly, thread_parts: 25, ..READABLE };

/// Rules of a platform with videos and all that they can have, and with approved templates.
pub const VIDEOS: Rules = Rules { slug: "videos", videos: true, ..READABLE };

/// Rules of a platform where a post may answer what somebody said.
pub const ANSWERED: Rules = Rules { slug: "answered", answers: true, ..READABLE };

/// Rules of a platform whose accounts are connected by what their owner enters: an author, and the token `good`.
pub const KEYED: Rules = Rules { slug: "keyed", access_life_s: 0, by_key: true, by_consent: false, ..READABLE };

/// Rules of a platform with both ways, where neither access ends, and only people take it back.
pub const EITHER: Rules = Rules { slug: "either", by_consent: true, takes_back: false, ..KEYED };

/// Rules of a platform where that gives a pair which ends and is renewed.
pub const SESSION: Rules = Rules { slug: "session", access_life_s: READABLE.access_life_s, ..KEYED };

/// Runs a future that never waits: outside a simulation no port does.
///
/// # Panics
/// When it waits all the same.
#[allow(clippy::panic)] // a fault of the test itself
pub fn now<F: Future>(future: F) -> F::Output {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("a port waits outside a simulation"),
    }
}

impl World {
    /// A calm world with both kinds of platform.
    pub fn new(seed: u64) -> Self {
        Self::with(seed, Weather::calm(), &[READABLE, WRITE_ONLY], Mutant::None)
    }

    /// A world with this weather, which breaks out at [`Engine::storm`].
    pub fn with(seed: u64, weather: Weather, rules: &[Rules], mutant: Mutant) -> Self {
        let engine = Engine::new(seed);
        let clock = |engine: &Arc<Engine>| SkewedClock { engine: Arc::clone(engine), offset: Arc::default() };
        let store_weather = Arc::new(StoreWeather { engine: Arc::clone(&engine), weather });
        let faults: Arc<dyn store::Faults> = store_weather;
        let memory = Arc::new(Memory::new(Arc::new(clock(&engine))).with_faults(faults));
        let id = |n| Uuid::from_u128(n);
        let caller = Caller {
            tenant: TenantId::from_uuid(id(1)),
            member: MemberId::from_uuid(id(2)),
            role: Role::Owner,
            key: KeyId::from_uuid(id(3)),
            scopes: Vec::new(),
            cid: "test".into(),
        };
        let platform = |rules: &Rules| Arc::new(FakePlatform::new(Arc::clone(&engine), weather, rules.clone(), mutant));
        let entropy = Arc::new(SeededEntropy(Engine::new(0)));
        let world = Self {
            ledger: Store::new(Arc::clone(&memory), entropy, Arc::new(clock(&engine))),
            memory,
            queues: Arc::new(MemoryQueues::new(Arc::clone(&engine), weather)),
            bus: Arc::new(MemoryBus::new(Arc::clone(&engine), weather, mutant == Mutant::BusBelieved)),
            secrets: Arc::new(MemorySecrets::new(Arc::clone(&engine), weather)),
            platforms: rules.iter().map(platform).collect(),
            metrics: Arc::default(),
            listener: Arc::new(Listener::new(Arc::clone(&engine), weather, mutant)),
            caller,
            seal: Arc::default(),
            weather,
            mutant,
            engine,
        };
        world.settle_in();
        world
    }

    #[allow(clippy::panic)] // a fault of the test world itself
    fn settle_in(&self) {
        let (tenant, at) = (self.caller.tenant, self.engine.now());
        let first = Tenant { id: tenant, name: "Tenant".into(), zone: "Europe/Berlin".into(), created_at: at };
        let owner = Member { id: self.caller.member, tenant, name: "Owner".into(), role: Role::Owner, created_at: at };
        let writes = vec![Write::create(Record::Tenant(first)), Write::create(Record::Member(owner))];
        if let Err(error) = now(self.deps().ledger.commit(writes)) {
            panic!("the first tenant could not be stored: {error}");
        }
    }

    /// A new process whose clock is off by at most what the weather allows.
    pub fn process(&self) -> Process {
        let skew = self.weather.skew_ms;
        let off = if skew == 0 { 0 } else { self.engine.chance(|rng| rng.between(-skew, skew)) };
        let offset = Arc::new(AtomicI64::new(off));
        let clock = Arc::new(SkewedClock { engine: Arc::clone(&self.engine), offset: Arc::clone(&offset) });
        let entropy = Arc::new(SeededEntropy(Arc::clone(&self.engine)));
        let backend = FarMemory {
            engine: Arc::clone(&self.engine),
            memory: Arc::clone(&self.memory),
            weather: self.weather,
            mutant: self.mutant,
            clock: Arc::clone(&clock),
            fences: Mutex::default(),
        };
        let clock: Arc<dyn Clock> = clock;
        let media = Arc::new(SameMedia);
        let ledger = Store::new(backend, Arc::clone(&entropy) as Arc<dyn ports::Entropy>, Arc::clone(&clock));
        let platforms = || self.platforms.iter().cloned();
        let base = Deps {
            ledger: Arc::new(ledger),
            clock,
            entropy,
            metrics: Arc::clone(&self.metrics) as Arc<dyn ports::Metrics>,
            queues: Arc::clone(&self.queues) as Arc<dyn ports::Queues>,
            bus: Arc::clone(&self.bus) as Arc<dyn ports::Bus>,
            secrets: Arc::clone(&self.secrets) as Arc<dyn ports::Secrets>,
            sealer: Arc::clone(&self.seal) as Arc<dyn ports::Sealer>,
            apps: Arc::new(AnyApp),
            connectors: Arc::new(
                Connectors::new(platforms().map(|p| p as Arc<dyn Connector>).collect()).without(&ABSENT),
            ),
            media: Arc::clone(&media) as Arc<dyn ports::MediaReader>,
            uploads: media,
            webhooks: Arc::clone(&self.listener) as Arc<dyn ports::WebhookSender>,
            targets: Arc::new(ports::NoTargets),
            announcers: Arc::new([&Board]),
            sources: Arc::new([&CALLER]),
        };
        let connect = Arc::new(Connectors::new(platforms().map(|p| p as Arc<dyn Connect>).collect()));
        let roles = Roles {
            publish: Arc::new(Connectors::new(platforms().map(|p| p as Arc<dyn Publish>).collect())),
            find: Arc::new(Connectors::new(platforms().map(|p| p as Arc<dyn Find>).collect())),
            manage: Arc::new(Connectors::new(platforms().map(|p| p as Arc<dyn Manage>).collect())),
        };
        Process { deps: AccountDeps { base, connect }, tokens: Arc::default(), offset, roles }
    }

    /// Every post of the tenant with its deliveries, as they are now.
    #[allow(clippy::panic)] // a fault of the test world itself
    pub fn posts(&self) -> Vec<(Post, Vec<Delivery>)> {
        let (stormy, tenant) = (self.engine.stormy(), self.caller.tenant);
        self.engine.storm(false);
        let mut out = Vec::new();
        let mut query = PostQuery { limit: 100, ascending: true, ..PostQuery::default() };
        loop {
            let page = match now(self.ledger.list_posts(tenant, &query)) {
                Ok(page) => page,
                Err(error) => panic!("the posts cannot be listed: {error}"),
            };
            for post in page.items {
                match now(self.ledger.deliveries(tenant, post.id)) {
                    Ok(found) => out.push((post, found.into_iter().map(|d| d.value).collect())),
                    Err(error) => panic!("deliveries cannot be read: {error}"),
                }
            }
            query.cursor = page.next;
            if query.cursor.is_none() {
                break;
            }
        }
        self.engine.storm(stormy);
        out
    }

    /// The message of an event to an endpoint, as it is now.
    #[allow(clippy::panic)] // a fault of the test world itself
    pub(crate) fn message(&self, endpoint: EndpointId, event: EventId) -> Option<WebhookMessage> {
        match now(self.ledger.message(self.caller.tenant, endpoint, event)) {
            Ok(found) => found.map(|m| m.value),
            Err(error) => panic!("a message cannot be read: {error}"),
        }
    }

    /// The ports of a new process.
    pub fn deps(&self) -> AccountDeps {
        self.process().deps
    }

    /// Connects `author` on a platform through the real consent, as the owner.
    pub async fn connect(&self, deps: &AccountDeps, platform: &str, author: &str) -> Result<Account, Error> {
        connect_as(&self.caller, deps, platform, author).await
    }
}

/// Connects `author` on a platform, for `caller`: through the real consent, or with what its owner enters.
pub async fn connect_as(caller: &Caller, deps: &AccountDeps, platform: &str, author: &str) -> Result<Account, Error> {
    if deps.connect.named(platform).is_some_and(|connector| connector.keys().is_some()) {
        let entries = [("author", author), ("token", "good")].map(|(name, entry)| (name.to_owned(), entry.to_owned()));
        let accounts = connect_by_key(deps, caller, platform, &entries.into()).await?;
        return accounts.into_iter().next().ok_or(Error::NotFound("account"));
    }
    let begun = begin(deps, caller, platform, "https://herald.test", None).await?;
    let callback = Callback { state: Some(begun.state), code: Some(author.to_owned()), ..Callback::default() };
    let finished = finish(deps, caller, platform, &callback).await?.connected();
    finished.into_iter().flat_map(|done| done.accounts).next().ok_or(Error::NotFound("account"))
}
