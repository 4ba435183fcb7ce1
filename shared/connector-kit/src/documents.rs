//! Documents of platforms that prove a call, or say yes to one: read through the client that refuses every address which is not
//! public, though a connector has looked at the address already.

use crate::Egress;
use async_trait::async_trait;
use domain::egress::EgressPolicy;
use ports::NoDocument;
use reqwest::Response;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

/// What documents begin with: all that are read are certificates (RFC 7468, section 5.1).
const CERTIFICATE: &[u8] = b"-----BEGIN CERTIFICATE-----";
/// Largest document that is read: a certificate has two kilobytes.
const MAX_DOCUMENT: usize = 16 * 1024;
/// Who calls waits for the answer meanwhile.
const TIMEOUT: Duration = Duration::from_secs(3);
/// How long a document is kept.
const KEPT: Duration = Duration::from_hours(1);
/// Documents that are kept at once: of each of a platform's regions one, and the next.
const MAX_KEPT: usize = 32;

/// Reads them, and keeps those that are asked for again.
pub struct Documents {
    egress: Arc<Egress>,
    kept: Mutex<VecDeque<(String, Instant, Vec<u8>)>>,
}

impl Documents {
    /// Reads through these clients.
    pub fn new(egress: Arc<Egress>) -> Self {
        Self { egress, kept: Mutex::default() }
    }

    async fn get(&self, url: &str) -> Result<Response, NoDocument> {
        let (client, url) = self.egress.customer(url, &EgressPolicy::STRICT).map_err(|_| NoDocument::Absent)?;
        let answer = client.get(url).timeout(self.egress.at_most(TIMEOUT)).send().await;
        let answer = answer.map_err(|_| NoDocument::Unavailable)?;
        match answer.status().as_u16() {
            200..300 => Ok(answer),
            429 | 500.. => Err(NoDocument::Unavailable),
            _ => Err(NoDocument::Absent),
        }
    }

    fn known(&self, url: &str) -> Option<Vec<u8>> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.retain(|(_, since, _)| since.elapsed() < KEPT);
        kept.iter().find(|(known, ..)| known == url).map(|(.., document)| document.clone())
    }

    fn keep(&self, url: &str, document: &[u8]) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.retain(|(known, ..)| known != url);
        kept.push_back((url.to_owned(), Instant::now(), document.to_vec()));
        if kept.len() > MAX_KEPT {
            kept.pop_front();
        }
    }
}

/// The body, if it is no larger than is read.
async fn body(mut answer: Response) -> Result<Vec<u8>, NoDocument> {
    let mut bytes = Vec::new();
    while let Some(chunk) = answer.chunk().await.map_err(|_| NoDocument::Unavailable)? {
        if bytes.len() + chunk.len() > MAX_DOCUMENT {
            return Err(NoDocument::Absent);
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}

#[async_trait]
impl ports::Documents for Documents {
    async fn read(&self, url: &str) -> Result<Vec<u8>, NoDocument> {
        if let Some(document) = self.known(url) {
            return Ok(document);
        }
        let document = body(self.get(url).await?).await?;
        // Something else, from a server that was not itself: kept, it would have true calls refused for as long.
        if !document.trim_ascii_start().starts_with(CERTIFICATE) {
            return Err(NoDocument::Unavailable);
        }
        self.keep(url, &document);
        Ok(document)
    }

    async fn visit(&self, url: &str) -> Result<(), NoDocument> {
        self.get(url).await.map(drop)
    }
}
