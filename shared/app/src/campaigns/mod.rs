//! Campaigns: planning who gets a run, sending it, stopping it, and what becomes of each recipient.
//!
//! All of it is steps over one shard's record and its chunks (`domain::campaigns`), each of which may be repeated, made by two at once, or
//! die anywhere. Times that several workers compare are the store's: a machine's own clock only says when its own time is over.

mod control;
mod plan;
mod record;
mod send;
mod settle;

pub use control::{cancel, open, pause, progress, resume};
pub use plan::{PlanStep, plan};
pub use send::{Next, Sent, send};
pub use settle::{Settled, settle};

use crate::{Deps, Error};
use domain::audience::Contact;
use domain::campaigns::{EntryRef, Reason, ShardRefusal};
use jiff::Timestamp;
use ports::{Audience, Mail, Mailer, Versioned};
use std::ops::Deref;
use std::sync::Arc;

/// Times a step is decided anew from what is stored then, when somebody else was faster or the store did not say what came of it.
const TRIES: u8 = 8;

/// The outside of a function that sends campaigns.
#[derive(Clone)]
pub struct CampaignDeps {
    /// What every function has.
    pub base: Deps,
    /// The contacts.
    pub audience: Arc<dyn Audience>,
    /// Who delivers.
    pub mailer: Arc<dyn Mailer>,
}

impl Deref for CampaignDeps {
    type Target = Deps;
    fn deref(&self) -> &Deps {
        &self.base
    }
}

impl AsRef<Deps> for CampaignDeps {
    fn as_ref(&self) -> &Deps {
        self
    }
}

/// The messages of an edition, ready to be made for anybody.
pub trait Letters: Send + Sync {
    /// The message for a contact.
    ///
    /// # Errors
    /// Why there is none for them.
    fn letter(&self, contact: &Contact, variant: u8, entry: &EntryRef) -> Result<Mail, Reason>;
}

/// Now, on the store's clock.
fn store_now(deps: &Deps) -> Timestamp {
    deps.ledger.store_now().unwrap_or_else(|| deps.clock.now())
}

/// A record after a change of it was committed.
fn advanced<T>(old: &Versioned<T>, value: T) -> Versioned<T> {
    Versioned { value, rev: old.rev + 1, unsent: Vec::new() }
}

/// Nobody could say, or others were faster, as often as it was tried.
fn gave_up(what: &str) -> Error {
    Error::Unavailable(format!("{what} could not be stored: ask again"))
}

impl From<ShardRefusal> for Error {
    fn from(refusal: ShardRefusal) -> Self {
        match refusal {
            ShardRefusal::Cancelled => Self::conflict("cancelled", "the run is cancelled, and stays so"),
            other => Self::conflict("wrong_state", other.to_string()),
        }
    }
}
