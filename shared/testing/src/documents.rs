//! Documents of platforms that proofs rely on.

use async_trait::async_trait;
use ports::{Documents, NoDocument};
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

/// Those that a test puts there. Every address can be visited, or none.
#[derive(Debug, Default)]
pub struct MemoryDocuments {
    /// By their addresses.
    pub there: BTreeMap<String, Vec<u8>>,
    /// Whether nothing can be read now.
    pub down: bool,
    asked: Mutex<Vec<String>>,
}

impl MemoryDocuments {
    /// Every address that was read or visited, in order.
    pub fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn ask(&self, url: &str) -> Result<(), NoDocument> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).push(url.to_owned());
        if self.down { Err(NoDocument::Unavailable) } else { Ok(()) }
    }
}

#[async_trait]
impl Documents for MemoryDocuments {
    async fn read(&self, url: &str) -> Result<Vec<u8>, NoDocument> {
        self.ask(url)?;
        self.there.get(url).cloned().ok_or(NoDocument::Absent)
    }

    async fn visit(&self, url: &str) -> Result<(), NoDocument> {
        self.ask(url)
    }
}
