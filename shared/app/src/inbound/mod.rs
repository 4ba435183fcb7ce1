//! What comes in: addresses that platforms and other systems call, their calls, and what these tell.
//!
//! A call is proved, kept and answered ([`receive`]); what it tells is read afterwards ([`ingest`]), so that a caller who gives
//! us three seconds gets an answer after one write, and a crash after that write loses nothing.

mod asked;
mod ingest;
mod interaction;
mod listen;
mod packed;
mod receive;
mod seal;
mod sources;
#[cfg(test)]
mod tests;

pub use asked::{NewAsked, ask_source};
pub use ingest::{Ingested, ingest};
pub(crate) use interaction::{interaction_id, thread};
pub use listen::{Listened, listen};
pub use receive::{Received, receive, refuse_large};
pub(crate) use seal::reseal as reseal_source;
pub use sources::{Listed, NewSource, SourceMade, incoming, register_source, remove_source, sources};

use crate::Deps;
use ports::{Documents, Inlets};
use std::ops::Deref;
use std::sync::Arc;

/// The outside of a function that is called by others.
#[derive(Clone)]
pub struct InboundDeps {
    /// What every function has.
    pub base: Deps,
    /// Those who call.
    pub inlets: Inlets,
    /// What proofs rely on, and what is read to say yes.
    pub documents: Arc<dyn Documents>,
}

impl Deref for InboundDeps {
    type Target = Deps;
    fn deref(&self) -> &Deps {
        &self.base
    }
}
