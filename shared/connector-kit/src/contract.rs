//! The contract that every connector is held to, against a simulator of its platform. A connector's tests implement
//! [`Harness`] and call [`run`]; what they add is only what is particular to their platform.
//!
//! Everything here panics on a breach: it is test code that lives in the library so that connectors can share it.

// Test code: a breach of the contract is a panic.
#![allow(clippy::expect_used, clippy::missing_panics_doc, clippy::panic)]

mod amending;
mod answers;
mod case;
mod doubts;
mod lost;
mod replies;

pub use case::{Case, Picture};

use async_trait::async_trait;
use domain::MediaId;
use domain::accounts::Account;
use domain::publishing::{Failure, MediaRef, Variant};
use jiff::Timestamp;
use ports::{AllRoles, PlatformApp, Published};
use secrecy::SecretString;

/// What a simulator can be told to do with the next publishing request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Publish, then drop the connection.
    CommitThenDrop,
    /// Drop the connection without publishing.
    DropBeforeCommit,
    /// Drop the connection, and publish when it is told to ([`Harness::release`]).
    LateCommit,
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
    /// Has every request that met [`Fault::LateCommit`] take effect.
    async fn release(&self);
    /// From now on the platform's lists show nothing that is published later, or again all that there is.
    async fn lists_lag(&self, lag: bool);
    /// Whether reading back goes by a list that may lag; else the very post is read, by an id that only its delivery has.
    fn reads_lists(&self) -> bool {
        true
    }
    /// Whether first comments stand among what is live ([`Harness::posts`]); else doubts about them are for the connector's own tests.
    fn shows_comments(&self) -> bool {
        true
    }
    /// Whether answers that are comments stand among what is live, and requests for them are counted; else they are for other tests.
    fn shows_answers(&self) -> bool {
        true
    }
    /// Whether the same words can be said twice below the same thing.
    fn repeats_comments(&self) -> bool {
        true
    }
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

/// Runs the contract.
pub async fn run(connector: &dyn AllRoles, harness: &dyn Harness, picture: &Picture) {
    let limits = &connector.descriptor().limits;
    let needs = limits.needs_media.then_some(picture.0.id);
    let titled = limits.title.as_ref().is_some_and(|title| title.required);
    let texts = Texts { needs, titled, forbidden: limits.forbidden.clone(), ..Texts::default() };
    answers::publishes_and_deletes(connector, harness, picture, &texts).await;
    answers::carries_pictures_with_their_alternative_text(connector, harness, picture, &texts).await;
    answers::answers_are_classified(connector, harness, picture, &texts).await;
    answers::an_unreachable_platform_is_unavailable(connector, harness, picture, &texts).await;
    doubts::are_settled(connector, harness, picture, &texts).await;
    answers::success_without_an_id(connector, harness, picture, &texts).await;
    answers::duplicates_are_told(connector, harness, picture, &texts).await;
    replies::comments_are_answered(connector, harness, picture, &texts).await;
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
    /// A content that answers what has this id, as a comment.
    fn answering(&self, id: &str) -> Variant {
        let text = self.next().parts.remove(0).text;
        Variant { reply_to: Some(id.to_owned()), ..Variant::text(text) }
    }

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

fn is_unconfirmed(result: &Result<Published, Failure>) -> bool {
    matches!(result, Err(Failure::Unconfirmed { .. } | Failure::Taken { .. }))
}
