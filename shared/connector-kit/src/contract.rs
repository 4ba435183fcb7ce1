//! The contract that every connector is held to, against a simulator of its platform. A connector's tests implement
//! [`Harness`] and call [`run`]; what they add is only what is particular to their platform.
//!
//! Everything here panics on a breach: it is test code that lives in the library so that connectors can share it.

// Test code: a breach of the contract is a panic.
#![allow(clippy::expect_used, clippy::missing_panics_doc, clippy::panic)]

mod amending;

use async_trait::async_trait;
use bytes::Bytes;
use domain::MediaId;
use domain::accounts::Account;
use domain::platform::DedupeClass;
use domain::publishing::{Failure, Finding, Media, MediaRef, MediaSource, Piece, Receipt, Variant};
use jiff::{SignedDuration, Timestamp};
use ports::{AllRoles, MediaBytes, MediaError, MediaReader, Peek, PlatformApp, Prepared, PublishCall, Published};
use secrecy::SecretString;
use serde_json::Value;

/// What a simulator can be told to do with the next publishing request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Publish, then drop the connection.
    CommitThenDrop,
    /// Drop the connection without publishing.
    DropBeforeCommit,
    /// Publish, and break the answer in its middle.
    CutBody,
    /// Publish, but leave the id out of the answer.
    NoId,
    /// Answer 200 with a page of HTML, without publishing.
    Garbage,
    /// Answer this status in the platform's error shape, without publishing.
    Status(u16),
    /// Answer this status without the platform's error shape, as a proxy would, without publishing.
    Bare(u16),
}

/// A post as the simulator shows it to people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// The platform's id.
    pub id: String,
    /// The text readers see.
    pub text: String,
    /// Alternative texts of its pictures.
    pub alts: Vec<String>,
}

/// A simulator of the platform with one connected account.
#[async_trait]
pub trait Harness: Sync {
    /// Our registration, pointing at the simulator.
    fn app(&self) -> PlatformApp;
    /// The registration and the account, pointing where nobody listens.
    fn unreachable(&self) -> (PlatformApp, Account);
    /// The account.
    fn account(&self) -> &Account;
    /// Its access token.
    fn token(&self) -> &SecretString;
    /// Orders a fault for the next publishing request.
    async fn fault(&self, fault: Fault);
    /// What is live, oldest first.
    async fn posts(&self) -> Vec<Seen>;
    /// Publishing requests seen so far.
    async fn requests(&self) -> u64;
    /// The time; the simulator's clock is the real one.
    fn now(&self) -> Timestamp;
    /// What a proof without an id comes to: published without id, or unconfirmed.
    fn without_id(&self) -> Nameless;
    /// What the platform does about the same text a second time.
    fn duplicates(&self) -> Duplicates;
    /// Whether the request that publishes bears the account's token. Where it goes to an address that is its own key, a bare 401 or
    /// 429 says nothing of the account.
    fn bears_token(&self) -> bool {
        true
    }
    /// Whether what is published can be deleted; else a deletion is refused as something that the platform does not have.
    fn deletes(&self) -> bool {
        true
    }
    /// Whether what is published has an address where people see it. Mail has none.
    fn has_addresses(&self) -> bool {
        true
    }
    /// Whether this address is the one where people see that post: the post's id stands in it, if nothing else is known of it.
    async fn shows(&self, url: &str, id: &str) -> bool {
        url.contains(id)
    }
}

/// What a platform does about the same text a second time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Duplicates {
    /// It refuses, and names the existing post.
    Named,
    /// It refuses.
    Refused,
    /// It takes it.
    Taken,
}

/// What a success answer without an id is taken for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Nameless {
    /// Published; the id is not known.
    Published,
    /// Unconfirmed, or taken; reading back finds it.
    Unconfirmed,
}

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
    harness: &'a dyn Harness,
    connector: &'a dyn AllRoles,
    app: PlatformApp,
    account: Account,
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
    started: Timestamp,
    picture: &'a Picture,
    media: Vec<Media>,
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
            media,
        }
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
            bytes: self.picture,
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

/// Runs the contract.
pub async fn run(connector: &dyn AllRoles, harness: &dyn Harness, picture: &Picture) {
    let limits = &connector.descriptor().limits;
    let needs = limits.needs_media.then_some(picture.0.id);
    let titled = limits.title.as_ref().is_some_and(|title| title.required);
    let texts = Texts { needs, titled, forbidden: limits.forbidden.clone(), ..Texts::default() };
    publishes_and_deletes(connector, harness, picture, &texts).await;
    carries_pictures_with_their_alternative_text(connector, harness, picture, &texts).await;
    answers_are_classified(connector, harness, picture, &texts).await;
    an_unreachable_platform_is_unavailable(connector, harness, picture, &texts).await;
    doubt_is_settled_by_reading(connector, harness, picture, &texts).await;
    success_without_an_id(connector, harness, picture, &texts).await;
    duplicates_are_told(connector, harness, picture, &texts).await;
    amending::what_is_live_is_changed(connector, harness, picture, &texts).await;
}

/// Texts that differ, since platforms refuse the same text twice, and that hold what platforms treat specially.
#[derive(Default)]
struct Texts {
    count: std::sync::atomic::AtomicU32,
    /// The picture without which there is no post.
    needs: Option<MediaId>,
    /// Each has a title, because the platform needs one.
    titled: bool,
    /// Characters that no post has there.
    forbidden: String,
}

impl Texts {
    fn next(&self) -> Variant {
        let n = self.count.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let taken = |text: String| -> String { text.chars().filter(|c| !self.forbidden.contains(*c)).collect() };
        let title = self.titled.then(|| taken(format!("Title {n} & <b> \"q\"")));
        let text = format!(
            "Nº {n} — a & b <c> (d) [e] {{f}} * _g_ ~h~ | \\ #tag @ 100 % 👨‍👩‍👧 cafe\u{301}\nhttps://example.com/a?b=c&n={n} end"
        );
        let mut variant = Variant { title, ..Variant::text(taken(text)) };
        variant.parts[0].media = self.needs.into_iter().map(MediaRef::new).collect();
        variant
    }
}

fn same(shown: &str, meant: &str) -> bool {
    let fold = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    fold(shown) == fold(meant)
}

async fn publishes_and_deletes(connector: &dyn AllRoles, harness: &dyn Harness, picture: &Picture, texts: &Texts) {
    let mut case = Case::new(connector, harness, texts.next(), picture);
    let requests = harness.requests().await;
    let published = case.publish().await.expect("a text is published");
    assert_eq!(harness.requests().await, requests + 1, "exactly one request");
    let id = published.receipt.id.clone().expect("an id");
    match case.locate(&published.receipt).await {
        Some(url) => assert!(harness.shows(&url, &id).await, "people can open it: {url} for {id}"),
        None => assert!(!harness.has_addresses(), "an address"),
    }
    let posts = harness.posts().await;
    let seen = posts.iter().find(|post| post.id == id).expect("it is live");
    assert!(same(&seen.text, &case.variant.parts[0].text), "readers see what was written: {}", seen.text);
    if !harness.deletes() {
        let refused = case.delete(&published.receipt).await;
        assert!(matches!(refused, Err(Failure::Unsupported { .. })), "{refused:?}");
        assert!(harness.posts().await.iter().any(|post| post.id == id), "it is still there");
        return;
    }
    case.delete(&published.receipt).await.expect("it can be deleted");
    assert!(harness.posts().await.iter().all(|post| post.id != id), "it is gone");
    case.delete(&published.receipt).await.expect("deleting again is no failure");
}

async fn carries_pictures_with_their_alternative_text(
    connector: &dyn AllRoles,
    harness: &dyn Harness,
    picture: &Picture,
    texts: &Texts,
) {
    let limits = &connector.descriptor().limits;
    for count in 1..=usize::from(limits.images).min(2) {
        let mut variant = texts.next();
        let described = limits.alt_text > 0;
        let alt = |n: usize| if described { format!("picture {n}: <b> & \"quotes\"") } else { String::new() };
        variant.parts[0].media.clear();
        for n in 0..count {
            variant.parts[0]
                .media
                .push(MediaRef { alt_text: described.then(|| alt(n)), ..MediaRef::new(picture.0.id) });
        }
        let mut case = Case::new(connector, harness, variant, picture);
        let published = case.publish().await.expect("a post with pictures is published");
        let posts = harness.posts().await;
        let seen = posts.iter().find(|post| Some(&post.id) == published.receipt.id.as_ref()).expect("it is live");
        assert_eq!(seen.alts, (0..count).map(alt).collect::<Vec<_>>());
    }
}

async fn answers_are_classified(connector: &dyn AllRoles, harness: &dyn Harness, picture: &Picture, texts: &Texts) {
    let faults = [
        (Fault::Status(400), "rejected"),
        (Fault::Status(401), "unauthorized"),
        (Fault::Status(403), "rejected"),
        (Fault::Status(404), "rejected"),
        (Fault::Status(408), "unconfirmed"),
        (Fault::Status(429), "rate_limited"),
        (Fault::Status(500), "unconfirmed"),
        (Fault::Status(502), "unconfirmed"),
        (Fault::Status(503), "unconfirmed"),
        (Fault::Status(504), "unconfirmed"),
        (Fault::Status(302), "unconfirmed"),
        (Fault::Bare(400), "unconfirmed"),
        (Fault::Bare(401), "unauthorized"),
        (Fault::Bare(403), "unconfirmed"),
        (Fault::Bare(404), "unconfirmed"),
        (Fault::Bare(418), "unconfirmed"),
        (Fault::Bare(429), "rate_limited"),
        (Fault::Garbage, "unconfirmed"),
    ];
    for (fault, expected) in faults {
        let bare = matches!(fault, Fault::Bare(401 | 429));
        let expected = if bare && !harness.bears_token() { "unconfirmed" } else { expected };
        let mut case = Case::new(connector, harness, texts.next(), picture);
        harness.fault(fault).await;
        let (requests, live) = (harness.requests().await, harness.posts().await.len());
        let failure = case.publish().await.expect_err("it fails");
        let kind = match &failure {
            Failure::Rejected { .. } => "rejected",
            other => other.code(),
        };
        assert_eq!(kind, expected, "{fault:?}: {failure:?}");
        assert_eq!(harness.requests().await, requests + 1, "{fault:?}: exactly one request, none repeated");
        assert_eq!(harness.posts().await.len(), live, "{fault:?}: nothing was published");
    }
}

async fn an_unreachable_platform_is_unavailable(
    connector: &dyn AllRoles,
    harness: &dyn Harness,
    picture: &Picture,
    texts: &Texts,
) {
    let mut case = Case::new(connector, harness, texts.next(), picture);
    (case.app, case.account) = harness.unreachable();
    assert_eq!(case.publish().await, Err(Failure::Unavailable));
}

fn is_unconfirmed(result: &Result<Published, Failure>) -> bool {
    matches!(result, Err(Failure::Unconfirmed { .. } | Failure::Taken { .. }))
}

async fn doubt_is_settled_by_reading(
    connector: &dyn AllRoles,
    harness: &dyn Harness,
    picture: &Picture,
    texts: &Texts,
) {
    let readable = connector.dedupe(harness.account()) == DedupeClass::Readable;
    for fault in [Fault::CommitThenDrop, Fault::DropBeforeCommit] {
        let mut case = Case::new(connector, harness, texts.next(), picture);
        case.elsewhere = harness.posts().await.into_iter().map(|post| post.id).collect();
        harness.fault(fault).await;
        let requests = harness.requests().await;
        let result = case.publish().await;
        assert!(is_unconfirmed(&result), "{fault:?}: {result:?}");
        assert_eq!(harness.requests().await, requests + 1, "{fault:?}: none repeated");
        let finding = case.find().await.expect("the platform can be asked");
        match (readable, fault) {
            (false, _) => assert_eq!(finding, Finding::Unreadable),
            (true, Fault::DropBeforeCommit) => assert_eq!(finding, Finding::Absent),
            (true, _) => {
                let posts = harness.posts().await;
                let newest = posts.last().expect("it is live");
                let (Finding::Found(receipt) | Finding::Live(receipt) | Finding::Proved(receipt)) = finding else {
                    panic!("not found: {finding:?}")
                };
                assert_eq!(receipt.id.as_deref(), Some(newest.id.as_str()));
                assert_eq!(receipt.url.is_some(), harness.has_addresses(), "the reading tells where people see it");
            }
        }
    }
}

async fn success_without_an_id(connector: &dyn AllRoles, harness: &dyn Harness, picture: &Picture, texts: &Texts) {
    let mut case = Case::new(connector, harness, texts.next(), picture);
    harness.fault(Fault::NoId).await;
    let result = case.publish().await;
    match harness.without_id() {
        Nameless::Published => assert_eq!(result.expect("it is published").receipt.id, None),
        Nameless::Unconfirmed => assert!(is_unconfirmed(&result), "{result:?}"),
    }
}

async fn duplicates_are_told(connector: &dyn AllRoles, harness: &dyn Harness, picture: &Picture, texts: &Texts) {
    let variant = texts.next();
    let mut first = Case::new(connector, harness, variant.clone(), picture);
    let receipt = first.publish().await.expect("the first is published").receipt;
    let mut second = Case::new(connector, harness, variant, picture);
    second.key.push_str(" again");
    let answer = second.publish().await;
    match (harness.duplicates(), answer) {
        (Duplicates::Named, Err(Failure::Duplicate { existing })) => assert_eq!(existing, Some(receipt)),
        (Duplicates::Refused, Err(Failure::Duplicate { existing })) => assert_eq!(existing, None),
        (Duplicates::Taken, Ok(again)) => assert_ne!(again.receipt.id, receipt.id),
        (expected, other) => panic!("{expected:?}: {other:?}"),
    }
}
