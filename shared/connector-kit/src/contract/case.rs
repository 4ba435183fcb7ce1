//! One delivery under test.

use super::Harness;
use async_trait::async_trait;
use bytes::Bytes;
use domain::accounts::Account;
use domain::publishing::{Failure, Finding, Media, MediaSource, Piece, Receipt, Variant};
use jiff::{SignedDuration, Timestamp};
use ports::{AllRoles, MediaBytes, MediaError, MediaReader, Peek, PlatformApp, Prepared, PublishCall, Published};
use secrecy::SecretString;
use serde_json::Value;

/// The bytes of one small picture, or of another medium.
pub struct Picture(pub Media, pub Bytes);

#[async_trait]
impl MediaReader for Picture {
    async fn open(&self, _: &Media) -> Result<MediaBytes, MediaError> {
        let bytes = self.1.clone();
        let length = Some(bytes.len() as u64);
        // In pieces, as a network gives them.
        let pieces: Vec<_> = bytes.chunks(100_000).map(|piece| Ok(Bytes::copy_from_slice(piece))).collect();
        let stream = Box::pin(futures_util::stream::iter(pieces));
        Ok(MediaBytes { length, media_type: Some("image/png".into()), stream })
    }
    async fn peek(&self, _: &Media, n: u32) -> Result<Peek, MediaError> {
        let most = self.1.len().min(n as usize);
        Ok(Peek { head: self.1.slice(..most), length: Some(self.1.len() as u64), version: None })
    }
    async fn piece(&self, _: &Media, piece: Piece, _: Option<&str>) -> Result<Bytes, MediaError> {
        let at = |n: u64| usize::try_from(n).unwrap_or(usize::MAX).min(self.1.len());
        Ok(self.1.slice(at(piece.offset)..at(piece.offset + piece.length)))
    }
    async fn public_address(&self, _: &Media) -> Result<SecretString, MediaError> {
        match &self.0.source {
            MediaSource::Url { url } => Ok(url.clone().into()),
            MediaSource::Upload { .. } => Err(MediaError::Absent),
        }
    }
}

/// One delivery under test.
pub struct Case<'a> {
    pub(super) harness: &'a dyn Harness,
    pub(super) connector: &'a dyn AllRoles,
    pub(super) app: PlatformApp,
    pub(super) account: Account,
    /// Names the delivery, the same at every try.
    pub key: String,
    /// The content.
    pub variant: Variant,
    /// The receipts so far.
    pub before: Vec<Receipt>,
    /// Ids that other deliveries hold.
    pub elsewhere: Vec<String>,
    /// What was kept while preparing.
    pub progress: Option<Value>,
    /// When it began: what it looks for was made after that.
    pub started: Timestamp,
    picture: &'a Picture,
    beside: Vec<&'a Picture>,
    media: Vec<Media>,
}

/// Each of its files is read by its id; of those that have the same, the first.
#[async_trait]
impl MediaReader for Case<'_> {
    async fn open(&self, medium: &Media) -> Result<MediaBytes, MediaError> {
        self.bytes_of(medium).open(medium).await
    }
    async fn peek(&self, medium: &Media, n: u32) -> Result<Peek, MediaError> {
        self.bytes_of(medium).peek(medium, n).await
    }
    async fn piece(&self, medium: &Media, piece: Piece, version: Option<&str>) -> Result<Bytes, MediaError> {
        self.bytes_of(medium).piece(medium, piece, version).await
    }
    async fn public_address(&self, medium: &Media) -> Result<SecretString, MediaError> {
        self.bytes_of(medium).public_address(medium).await
    }
}

impl<'a> Case<'a> {
    /// A delivery of `variant`, whose pictures are all `picture`.
    pub fn new(connector: &'a dyn AllRoles, harness: &'a dyn Harness, variant: Variant, picture: &'a Picture) -> Self {
        let (app, started) = (harness.app(), harness.now());
        let media = vec![picture.0.clone()];
        Self {
            harness,
            connector,
            app,
            account: harness.account().clone(),
            key: variant.full_text(0, false),
            variant,
            before: Vec::new(),
            elsewhere: Vec::new(),
            progress: None,
            started,
            picture,
            beside: Vec::new(),
            media,
        }
    }

    /// The same with another file that the content names.
    #[must_use]
    pub fn with(mut self, other: &'a Picture) -> Self {
        self.media.push(other.0.clone());
        self.beside.push(other);
        self
    }

    fn bytes_of(&self, medium: &Media) -> &Picture {
        self.beside.iter().find(|other| other.0.id == medium.id).copied().unwrap_or(self.picture)
    }

    /// The call for the part that is next.
    pub fn call(&self) -> PublishCall<'_> {
        PublishCall {
            app: &self.app,
            account: &self.account,
            token: self.harness.token(),
            variant: &self.variant,
            part: self.before.len(),
            key: format!("{}.{}", self.key, self.before.len()),
            made_at: self.started,
            before: &self.before,
            elsewhere: &self.elsewhere,
            progress: self.progress.as_ref(),
            media: &self.media,
            bytes: self,
            now: self.harness.now(),
            until: self.harness.now() + SignedDuration::from_secs(30),
            levels: None,
        }
    }

    /// Prepares until ready, jumping over the waits.
    ///
    /// # Errors
    /// Preparing failed.
    pub async fn prepare(&mut self) -> Result<u32, Failure> {
        let (mut waits, mut at) = (0, self.harness.now());
        while self.connector.needs_preparing(&self.call()) {
            let until = at + SignedDuration::from_secs(30);
            let prepared = self.connector.prepare(&PublishCall { now: at, until, ..self.call() }).await?;
            match prepared {
                Prepared::Ready(progress) => {
                    self.progress = progress.or_else(|| self.progress.take());
                    break;
                }
                Prepared::More(progress) => self.progress = Some(progress),
                Prepared::Wait { progress, until } => {
                    assert!(until > at, "a wait lies in the future");
                    (self.progress, at, waits) = (Some(progress), until, waits + 1);
                    assert!(waits < 20, "preparing ends some time");
                }
            }
        }
        Ok(waits)
    }

    /// Sends the next part.
    ///
    /// # Errors
    /// What the platform said.
    pub async fn publish(&mut self) -> Result<Published, Failure> {
        self.prepare().await?;
        let published = self.connector.publish(&self.call()).await?;
        self.before.push(published.receipt.clone());
        Ok(published)
    }

    /// Where people see a published part, if that is told only when it is asked for.
    pub async fn locate(&self, receipt: &Receipt) -> Option<String> {
        match &receipt.url {
            Some(url) => Some(url.clone()),
            None => self.connector.locate(&self.call(), receipt).await,
        }
    }

    /// Reads the platform for the next part.
    ///
    /// # Errors
    /// It could not be read.
    pub async fn find(&self) -> Result<Finding, Failure> {
        self.connector.find(&self.call(), self.started - SignedDuration::from_secs(1)).await
    }

    /// Lets a published part say what the variant says now.
    ///
    /// # Errors
    /// It could not be changed, or nobody knows.
    pub async fn amend(&self, receipt: &Receipt) -> Result<(), Failure> {
        let part = self.before.iter().position(|before| before == receipt).unwrap_or(0);
        self.connector.amend(&PublishCall { part, ..self.call() }, None, receipt).await
    }

    /// Deletes a post.
    ///
    /// # Errors
    /// It could not be deleted.
    pub async fn delete(&self, receipt: &Receipt) -> Result<(), Failure> {
        let part = self.before.iter().position(|before| before == receipt).unwrap_or(0);
        self.connector.delete(&PublishCall { part, ..self.call() }, receipt).await
    }
}
