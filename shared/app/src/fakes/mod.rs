//! A small outside for the unit tests of this crate: the real store in memory, everything else faked.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod outside;
mod platform;

pub(crate) use outside::*;
pub(crate) use platform::*;

use crate::{AccountDeps, Deps, Once, PlatformDeps};
use domain::access::{Caller, Member, Permission, Role};
use domain::{KeyId, MemberId, TenantId};
use ports::{Connect, Connectors, Publish, Record, StoredReply, Write};
use std::sync::Arc;
use store::{Item, Memory, Store, Table};
use uuid::Uuid;

/// One world: one store, one platform, any number of processes.
pub(crate) struct World {
    pub(crate) deps: AccountDeps,
    pub(crate) clock: Arc<FakeClock>,
    pub(crate) memory: Arc<Memory>,
    pub(crate) faults: Arc<Switch>,
    pub(crate) platform: Arc<FakePlatform>,
    pub(crate) secrets: Arc<FakeSecrets>,
    pub(crate) outbound: Arc<Outbound>,
}

impl World {
    pub(crate) fn new() -> Self {
        let clock = Arc::new(FakeClock::at("2026-03-01T10:00:00Z"));
        let entropy = Arc::new(Counter::default());
        let faults = Arc::new(Switch::default());
        let memory = Arc::new(Memory::new(clock.clone()).with_faults(faults.clone()));
        let platform = Arc::new(FakePlatform::new());
        let secrets = Arc::new(FakeSecrets::default());
        let outbound = Arc::new(Outbound::default());
        let keyed = Arc::new(Keyed::new(&platform));
        let base = Deps {
            clock: clock.clone(),
            entropy: entropy.clone(),
            metrics: outbound.clone(),
            ledger: Arc::new(Store::new(memory.clone(), entropy, clock.clone())),
            queues: outbound.clone(),
            bus: outbound.clone(),
            secrets: secrets.clone(),
            sealer: Arc::new(FakeSealer::default()),
            apps: platform.clone(),
            connectors: Arc::new(Connectors::new(vec![platform.clone(), keyed.clone()])),
            media: outbound.clone(),
            uploads: outbound.clone(),
            webhooks: outbound.clone(),
            targets: outbound.clone(),
            announcers: Arc::new([&Board]),
            sources: Arc::new([]),
        };
        let connect = Arc::new(Connectors::new(vec![platform.clone() as Arc<dyn Connect>, keyed]));
        let deps = AccountDeps { base, connect };
        Self { deps, clock, memory, faults, platform, secrets, outbound }
    }

    /// A publisher's outside, with platforms that cannot be published to.
    pub(crate) fn publisher(&self) -> PlatformDeps<dyn Publish> {
        PlatformDeps::new(self.deps.clone(), Connectors::new(Vec::new()))
    }

    /// An owner of tenant `n`, stored.
    pub(crate) async fn owner(&self, n: u128) -> Caller {
        self.member(n, n * 100, Role::Owner).await
    }

    /// A member of tenant `tenant`, stored.
    pub(crate) async fn member(&self, tenant: u128, id: u128, role: Role) -> Caller {
        let tenant = TenantId::from_uuid(Uuid::from_u128(tenant));
        let id = MemberId::from_uuid(Uuid::from_u128(id));
        let member = Member { id, tenant, name: format!("member {id}"), role, created_at: self.deps.clock.now() };
        self.deps.ledger.commit(vec![Write::create(Record::Member(member))]).await.unwrap();
        let key = KeyId::from_uuid(Uuid::from_u128(1));
        Caller { tenant, member: id, role, key, scopes: Vec::new(), cid: "test".into() }
    }

    /// Every item of every table, as the store holds it.
    pub(crate) fn items(&self) -> Vec<Item> {
        [Table::Core, Table::Ephemeral, Table::Audit].into_iter().flat_map(|t| self.memory.items(t)).collect()
    }

    /// The actions in a tenant's audit log, oldest first.
    pub(crate) async fn audited(&self, tenant: TenantId) -> Vec<String> {
        let mut entries = self.deps.ledger.audit(tenant, None, 200).await.unwrap().items;
        entries.sort_by_key(|e| (e.at, e.id));
        entries.into_iter().map(|e| e.action).collect()
    }
}

/// A key for one request.
pub(crate) fn once(key: &str) -> Once {
    Once { route: "TEST /".into(), key: key.into(), fingerprint: key.into() }
}

/// An answer that shows what it is given.
pub(crate) fn shown<T: std::fmt::Debug>(output: &T) -> StoredReply {
    StoredReply { status: 200, body: format!("{output:?}") }
}

/// The same caller, limited to these scopes.
pub(crate) fn scoped(caller: &Caller, scopes: &[Permission]) -> Caller {
    Caller { scopes: scopes.to_vec(), ..caller.clone() }
}
