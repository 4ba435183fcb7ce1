//! People with keys.

use crate::World;
use domain::access::{ApiKey, Caller, Member, Permission, Role};
use domain::{KeyId, MemberId, TenantId};
use ports::{Record, Write};
use uuid::Uuid;

/// A member with a key.
#[derive(Debug, Clone)]
pub struct Person {
    /// As whom the use cases see them.
    pub caller: Caller,
    /// The key's text.
    pub key: String,
}

impl World {
    /// A new member of tenant number `tenant` (1 is the world's own), with a key that is limited to `scopes`.
    #[allow(clippy::unwrap_used)] // a failed test
    pub async fn person(&self, tenant: u128, role: Role, scopes: &[Permission]) -> Person {
        let deps = self.deps();
        let tenant = TenantId::from_uuid(Uuid::from_u128(tenant));
        let (member, id) = (MemberId::from_uuid(deps.uuid()), KeyId::from_uuid(deps.uuid()));
        // As long as a real one: 43 characters.
        let secret = format!("{:A>43}", id.uuid().simple().to_string());
        let created_at = self.engine.now();
        let key = ApiKey {
            id,
            tenant,
            member,
            name: "test".into(),
            scopes: scopes.to_vec(),
            secret_hash: app::sha256_hex(secret.as_bytes()),
            created_at,
            expires_at: None,
        };
        let writes = vec![
            Write::create(Record::Member(Member { id: member, tenant, name: "Member".into(), role, created_at })),
            Write::create(Record::ApiKey(key)),
        ];
        deps.ledger.commit(writes).await.unwrap();
        let key = format!("hk_{}_{}_{secret}", tenant.uuid().simple(), id.uuid().simple());
        let caller = Caller { tenant, member, role, key: id, scopes: scopes.to_vec(), cid: "test".into() };
        Person { caller, key }
    }
}
