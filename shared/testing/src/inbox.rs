//! What somebody says, in the inbox as if a source had told of it.

use crate::World;
use domain::inbound::{Incoming, What};
use domain::inbox::Interaction;
use domain::{AccountId, IncomingId, InteractionId, PlatformId, ReceiptId, SourceId};
use ports::{Record, Write};
use uuid::Uuid;

impl World {
    /// Somebody of `platform` says or does this to `account` of the first tenant, now, in a conversation of its own.
    #[allow(clippy::panic)] // a fault of the test itself
    pub async fn told(&self, platform: &PlatformId, account: Option<AccountId>, what: What) -> InteractionId {
        let deps = self.deps();
        let (id, now) = (InteractionId::from_uuid(deps.uuid()), deps.clock.now());
        let incoming = Incoming {
            id: IncomingId::from_uuid(deps.uuid()),
            tenant: self.caller.tenant,
            source: SourceId::from_uuid(Uuid::from_u128(4)),
            platform: platform.clone(),
            receipt: ReceiptId::from_uuid(Uuid::from_u128(5)),
            account,
            at: now,
            received_at: now,
            what,
        };
        let Some(one) = Interaction::told(id, &incoming, None) else { panic!("nobody says or does {incoming:?}") };
        let one = Interaction { thread: id.to_string(), ..one };
        if let Err(error) = deps.ledger.commit(vec![Write::create(Record::Interaction(Box::new(one)))]).await {
            panic!("what was said could not be stored: {error}");
        }
        id
    }
}
