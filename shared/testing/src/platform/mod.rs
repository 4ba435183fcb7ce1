//! A platform in memory: it knows what was really posted, whatever it answered.

mod auth;
mod caps;
mod connector;
mod hooked;
mod taking;

pub use hooked::Hooked;

use crate::mutant::Mutant;
use crate::{Engine, Weather};
use domain::platform::{
    Address, AmendRule, AskRule, CaptionRule, ClientAuth, DedupeClass, Descriptor, EncodingRule, Feature, KeyField,
    KeyForm, KeyKind, Limits, OAuth, Price, Quota, QuotaScope, TargetingRule, TemplateRule, VideoRule,
};
use domain::text::TextRule;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// How a platform behaves.
#[derive(Debug, Clone)]
pub struct Rules {
    /// Slug; also the name of its queue.
    pub slug: &'static str,
    /// What can be known of a lost outcome.
    pub class: DedupeClass,
    /// Δ in seconds.
    pub settle_s: u32,
    /// Most parts of a thread.
    pub thread_parts: u16,
    /// Whether the same text of the same author is refused.
    pub refuses_duplicates: bool,
    /// Whether refresh tokens are single-use, and a spent one costs the whole family.
    pub rotates: bool,
    /// Seconds an access token lives; 0 for ever.
    pub access_life_s: u32,
    /// Seconds a refresh token lives, as it is told; 0 where nothing is told of it.
    pub refresh_life_s: u32,
    /// Whether accounts are connected by what their owner enters.
    pub by_key: bool,
    /// Whether they are connected by consent.
    pub by_consent: bool,
    /// Whether it takes a post first, and publishes it within some hours, or never, and tells which to who asks.
    pub takes: bool,
    /// Whether it can be asked to take back what a consent gave.
    pub takes_back: bool,
    /// Whether it has videos with captions and a chosen cover, and approved templates.
    pub videos: bool,
    /// Whether a post may answer what somebody said, unless that is a direct message.
    pub answers: bool,
    /// Whether somebody is told of an answer only where its text names them.
    pub names_answered: bool,
    /// How much it takes in what time.
    pub caps: &'static [Cap],
}

/// So many publish requests are taken in a window that begins with its first; more are refused.
#[derive(Debug, Clone, Copy)]
pub struct Cap {
    /// Whose window it is.
    pub scope: QuotaScope,
    /// Requests.
    pub limit: u32,
    /// Seconds of a window.
    pub window_s: u32,
    /// How many its descriptor says; none where it does not speak of it.
    pub documented: Option<u32>,
    /// Whether its answers tell how the window stands, and its refusals until when.
    pub told: bool,
}

impl Cap {
    /// The name of the n-th in the descriptor.
    pub(crate) fn name(n: usize) -> String {
        format!("cap-{n}")
    }

    fn quota(&self, n: usize) -> Option<Quota> {
        Some(Quota::new(&Self::name(n), self.scope, self.documented?, self.window_s))
    }
}

/// Something posted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Posted {
    /// Author.
    pub author: String,
    /// What it shows.
    pub text: String,
    /// What it was posted with.
    pub said: String,
    /// Index of the part, as the caller said.
    pub part: usize,
    /// When it took effect, in milliseconds of true time.
    pub at_ms: i64,
    /// When the request that caused it left.
    pub sent_ms: i64,
    /// The platform's id.
    pub id: String,
    /// Whether no listing will ever show it as it was written.
    pub unrecognised: bool,
}

/// A publish request that arrived.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Arrival {
    /// Through whose account.
    pub author: String,
    /// When, in milliseconds of true time.
    pub at_ms: i64,
    /// When the access that it bore ends.
    pub access_until_ms: i64,
}

/// The tokens of one author.
#[derive(Debug, Clone, Default)]
pub struct Grant {
    /// The access token that works.
    pub access: String,
    /// Until when, in milliseconds.
    pub access_until_ms: i64,
    /// The refresh token that works.
    pub refresh: String,
    /// Refresh tokens that were used up.
    pub spent: BTreeSet<String>,
    /// Whether everything was taken back.
    pub revoked: bool,
    /// Refresh calls being answered at this moment.
    pub refreshing: u32,
}

/// The ground truth of a platform.
#[derive(Debug, Clone, Default)]
pub struct Truth {
    /// Everything posted, in the order it was sent.
    pub posted: Vec<Posted>,
    /// Tokens by author.
    pub grants: BTreeMap<String, Grant>,
    /// Publish requests being answered at this moment, by author.
    pub under_way: BTreeMap<String, u32>,
    /// When a publish request for this text last left.
    pub last_sent: BTreeMap<String, i64>,
    /// When a publish request for this text first left.
    pub first_sent: BTreeMap<String, i64>,
    /// Ids of posts that it has and publishes later.
    pub pending: BTreeSet<String>,
    /// Texts that it took and never publishes.
    pub never: BTreeSet<String>,
    /// Other words that are on their way: when they take effect in milliseconds, for which post, and the words.
    pub to_come: Vec<(i64, String, String)>,
    /// Ids that it was asked to delete, in the order it was asked.
    pub deletions: Vec<String>,
    /// Publish requests that arrived.
    pub requests: u64,
    /// Each of them.
    pub arrivals: Vec<Arrival>,
    /// When each access ends that was given, in milliseconds.
    pub ends: BTreeMap<String, i64>,
    /// Publish requests that were refused because a window was used up.
    pub capped: u64,
    /// Begin and use of each window, by the cap and whose it is.
    pub windows: BTreeMap<(usize, String), (i64, u32)>,
    /// Times two requests of one author were under way together (I13).
    pub overlaps: u64,
    /// Parts whose predecessor was not the one they named (I5).
    pub misplaced: u64,
    /// Refresh calls that arrived.
    pub refreshes: u64,
    /// Times two refresh calls of one author were under way together (I20).
    pub refresh_overlaps: u64,
    /// Times a spent refresh token was presented and its family taken back.
    pub family_kills: u64,
    next: u64,
}

/// A platform.
pub struct FakePlatform {
    pub(crate) engine: Arc<Engine>,
    pub(crate) weather: Weather,
    pub(crate) rules: Rules,
    pub(crate) mutant: Mutant,
    descriptor: Descriptor,
    oauth: OAuth,
    form: KeyForm,
    truth: Mutex<Truth>,
}

fn address(path: &str) -> Address {
    Address { base: "web".into(), default: "https://platform.test".into(), path: path.into() }
}

impl FakePlatform {
    pub(crate) fn new(engine: Arc<Engine>, weather: Weather, rules: Rules, mutant: Mutant) -> Self {
        let mut descriptor = describe(&rules);
        if mutant == Mutant::SettleAtOnce {
            descriptor.settle_s = 0;
        }
        let oauth = OAuth {
            authorize: address("/authorize"),
            token: address("/token"),
            revoke: rules.takes_back.then(|| address("/revoke")),
            scopes: vec!["post".into()],
            pkce: true,
            client_auth: ClientAuth::Basic,
            default_access_life_s: rules.access_life_s,
            extra: Vec::new(),
        };
        Self { engine, weather, rules, mutant, descriptor, oauth, form: form(), truth: Mutex::default() }
    }

    /// The truth, to look at.
    pub fn truth(&self) -> MutexGuard<'_, Truth> {
        self.truth.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Rolls for a fault that strikes `permille` of the calls.
    pub(crate) fn strikes(&self, permille: u32) -> bool {
        self.engine.strikes(permille)
    }
}

/// Of so many posts one request tells how they did.
const MEASURED_AT_ONCE: usize = 2;

/// The platform's data. A slug is always legal here: rules are ours.
fn describe(rules: &Rules) -> Descriptor {
    let id = rules.slug.parse().unwrap_or_else(|_| unreachable_slug());
    Descriptor {
        id,
        aliases: Vec::new(),
        name: rules.slug.into(),
        color: "#000000".into(),
        queue: rules.slug.into(),
        limits: Limits {
            thread_parts: rules.thread_parts,
            images: 4,
            image_bytes: 5_000_000,
            image_types: vec!["image/png".into()],
            alt_text: 1000,
            first_comment: Some(TextRule::Chars { limit: 280 }),
            // What cannot be read back cannot be changed either.
            amend: (rules.class == DedupeClass::Readable).then_some(AmendRule { beside_media: true, titles: false }),
            // Of pages alone.
            targeting: Some(TargetingRule {
                most: 2,
                prefixes: ["industry:", "seniority:", "function:", "region:"].map(str::to_owned),
                organisations_only: true,
            }),
            asked: (rules.class == DedupeClass::Readable).then_some(AskRule { least_min: 10, scarce: false }),
            engagement_of: (rules.class == DedupeClass::Readable).then_some(MEASURED_AT_ONCE),
            refuses_repeats: rules.refuses_duplicates,
            video: rules.videos.then(video_rule),
            template: rules.videos.then(|| TemplateRule { chars: 100, without: "Nobody is asked before.".into() }),
            price: (rules.class == DedupeClass::Readable).then_some(PRICE),
            names_answered: rules.names_answered,
            has: if rules.answers { vec![Feature::Reply] } else { Vec::new() },
            quotas: rules.caps.iter().enumerate().filter_map(|(n, cap)| cap.quota(n)).collect(),
            ..Limits::text_only(TextRule::Chars { limit: 280 })
        },
        settle_s: rules.settle_s,
    }
}

/// What a post costs where one can be read back.
const PRICE: Price = Price { step_usd_micros: 15, link_usd_micros: 200 };

/// What a video may be.
fn video_rule() -> VideoRule {
    let captions =
        CaptionRule { most: 2, bytes: 1_000_000, types: vec!["text/vtt".into()], two_letters: false, by_name: true };
    VideoRule {
        most: 1,
        bytes: 1_000_000_000,
        min_ms: 1,
        max_ms: 600_000,
        types: vec!["video/mp4".into()],
        codecs: Vec::new(),
        beside_pictures: false,
        alt_text: false,
        title: true,
        alt_chars: None,
        shape: None,
        captions: Some(captions),
        cover_at: true,
        encoding: EncodingRule::default(),
    }
}

/// What is entered where accounts are connected so.
fn form() -> KeyForm {
    let fields = vec![
        KeyField::new(KeyKind::Text, "author", "Author", "an author"),
        KeyField::new(KeyKind::Secret, "token", "Token", "a token"),
    ];
    KeyForm { help: "Ask the platform's robot for a token.".into(), fields }
}

#[allow(clippy::panic)] // a rule of the test world itself is wrong
fn unreachable_slug() -> domain::PlatformId {
    panic!("a platform of the test world has an illegal slug")
}
