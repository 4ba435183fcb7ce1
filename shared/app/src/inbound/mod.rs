//! What comes in: addresses that platforms and other systems call, their calls, and what these tell.
//!
//! A call is proved, kept and answered ([`receive`]); what it tells is read afterwards ([`ingest`]), so that a caller who gives
//! us three seconds gets an answer after one write, and a crash after that write loses nothing.

mod ingest;
mod interaction;
mod packed;
mod receive;
mod seal;
mod sources;
#[cfg(test)]
mod tests;

pub use ingest::{Ingested, ingest};
pub(crate) use interaction::{interaction_id, thread};
pub use receive::{Received, receive, refuse_large};
pub(crate) use seal::reseal as reseal_source;
pub use sources::{NewSource, SourceMade, incoming, register_source, remove_source, sources};

use crate::Deps;
use ports::Inlets;
use std::ops::Deref;

/// The outside of a function that is called by others.
#[derive(Clone)]
pub struct InboundDeps {
    /// What every function has.
    pub base: Deps,
    /// Those who call.
    pub inlets: Inlets,
}

impl Deref for InboundDeps {
    type Target = Deps;
    fn deref(&self) -> &Deps {
        &self.base
    }
}
