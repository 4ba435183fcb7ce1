//! Everybody who calls an address that a customer gave: webhooks, what connectors send to customers' own servers, media.

use async_trait::async_trait;
use connector_kit::{Call, Egress, Http, Lost, Names, Reader, Webhooks};
use domain::egress::EgressPolicy;
use domain::publishing::{Media, MediaSource, Piece};
use domain::{MediaId, MemberId, TenantId};
use futures_util::TryStreamExt as _;
use ports::{MediaError, MediaReader as _, Object, Uploads, WebhookAnswer, WebhookCall, WebhookSender as _};
use std::collections::BTreeMap;
use std::io;
use std::net::IpAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use uuid::Uuid;

/// What a caller was told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Told {
    /// An answer with this status.
    Status(u16),
    /// The same, and its body did not come to its end within what is read of it.
    Cut(u16),
    /// Nothing left: it may be sent again.
    Unsent,
    /// Something left and no answer came: nobody knows.
    Unknown,
}

/// A resolver that answers as it was told, one list per question, the last again and again.
pub(crate) struct Liar(Mutex<Vec<Vec<&'static str>>>, AtomicUsize);

impl Liar {
    pub(crate) fn telling(answers: &[&[&'static str]]) -> Arc<Self> {
        let liar = Self(Mutex::default(), AtomicUsize::new(0));
        liar.tell(answers);
        Arc::new(liar)
    }

    /// From now on it answers so.
    pub(crate) fn tell(&self, answers: &[&[&'static str]]) {
        *self.0.lock().unwrap() = answers.iter().rev().map(|one| one.to_vec()).collect();
    }

    pub(crate) fn asked(&self) -> usize {
        self.1.load(Ordering::SeqCst)
    }
}

#[async_trait]
impl Names for Liar {
    async fn addresses(&self, _: &str) -> io::Result<Vec<IpAddr>> {
        self.1.fetch_add(1, Ordering::SeqCst);
        let mut answers = self.0.lock().unwrap();
        let next = if answers.len() > 1 { answers.pop() } else { answers.last().cloned() };
        Ok(next.unwrap_or_default().iter().map(|text| text.parse().unwrap()).collect())
    }
}

struct NoUploads;

#[async_trait]
impl Uploads for NoUploads {
    async fn presign_put(&self, _: &str, _: &str) -> Result<String, MediaError> {
        Err(MediaError::Absent)
    }
    async fn read(&self, _: &str, _: Option<Piece>, _: Option<&str>) -> Result<Object, MediaError> {
        Err(MediaError::Absent)
    }
}

/// The callers through these clients.
#[derive(Clone)]
pub(crate) struct Callers {
    egress: Arc<Egress>,
    policy: EgressPolicy,
}

impl Callers {
    pub(crate) fn new(egress: Arc<Egress>) -> Self {
        Self { egress, policy: EgressPolicy::STRICT }
    }

    pub(crate) fn allowed(self, policy: EgressPolicy) -> Self {
        Self { policy, ..self }
    }

    fn reader(&self) -> Reader {
        Reader::new(Arc::clone(&self.egress), Arc::new(NoUploads))
    }

    /// Whether the address may be registered.
    pub(crate) async fn registers(&self, url: &str) -> bool {
        Webhooks::new(Arc::clone(&self.egress)).check(url, &self.policy).await.is_ok()
    }

    /// A webhook's whole answer.
    pub(crate) async fn webhook(&self, url: &str) -> WebhookAnswer {
        let (headers, secrets) = (BTreeMap::new(), ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw".to_owned().into()]);
        let call = WebhookCall {
            url,
            policy: &self.policy,
            headers: &headers,
            id: "evt_1".into(),
            timestamp: 1,
            body: "{}",
            content_headers: &headers,
            secrets: &secrets,
        };
        Webhooks::new(Arc::clone(&self.egress)).send(call).await
    }

    /// What a webhook came to.
    pub(crate) async fn hook(&self, url: &str) -> Told {
        let WebhookAnswer { status, excerpt, .. } = self.webhook(url).await;
        let unsent = ["no connection could be made", "this address may not be called: give a public https address"];
        match status {
            Some(status) => Told::Status(status),
            None if unsent.contains(&excerpt.as_str()) => Told::Unsent,
            None => Told::Unknown,
        }
    }

    /// What a post to a customer's own server came to.
    pub(crate) async fn post(&self, url: &str) -> Told {
        Self::told(&self.egress, Call::post(url).theirs().json(&"hello")).await
    }

    /// The same for a platform's address.
    pub(crate) async fn platform(&self, url: &str) -> Told {
        Self::told(&self.egress, Call::post(url).json(&"hello")).await
    }

    async fn told(egress: &Arc<Egress>, call: Call) -> Told {
        match Http::new(Arc::clone(egress)).call(call).await {
            Ok(answer) if answer.whole => Told::Status(answer.status),
            Ok(answer) => {
                assert!(answer.json::<serde_json::Value>().is_none(), "what is cut is not read");
                Told::Cut(answer.status)
            }
            Err(Lost::Unsent) => Told::Unsent,
            Err(Lost::Unanswered(_)) => Told::Unknown,
        }
    }

    /// The bytes of a medium there.
    pub(crate) async fn medium(&self, url: &str) -> Result<usize, MediaError> {
        let opened = self.reader().open(&medium(url)).await?;
        opened.stream.try_fold(0, async |sum, piece| Ok(sum + piece.len())).await
    }

    /// Whether any of all this got an answer from there.
    pub(crate) async fn any_gets_through(&self, url: &str) -> bool {
        let (reader, medium, piece) = (self.reader(), medium(url), Piece { offset: 0, length: 16 });
        self.registers(url).await
            || self.hook(url).await != Told::Unsent
            || self.post(url).await != Told::Unsent
            || reader.peek(&medium, 16).await.is_ok()
            || reader.open(&medium).await.is_ok()
            || reader.piece(&medium, piece, None).await.is_ok()
    }
}

pub(crate) fn medium(url: &str) -> Media {
    Media {
        id: MediaId::from_uuid(Uuid::nil()),
        tenant: TenantId::from_uuid(Uuid::nil()),
        created_by: MemberId::from_uuid(Uuid::nil()),
        created_at: "2026-01-01T00:00:00Z".parse().unwrap(),
        source: MediaSource::Url { url: url.into() },
        probe: None,
        alt_text: None,
    }
}
