//! The registry's test, and for the tests of all connectors: the sandbox as the contract's harness.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use super::*;
use async_trait::async_trait;
use bytes::Bytes;
use connector_kit::contract::{Harness as _, Picture};
use connector_kit::http::Call;
use connector_kit::{Guard, Reader};
use domain::accounts::{Account, AccountStatus, Profile, TokenState};
use domain::platform::{Descriptor, QuotaScope};
use domain::publishing::{
    CaptionTrack, ContentKind, Failure, Media, MediaSource, Part, Piece, Poll, Probe, Targeting, Variant, WEBVTT, check,
};
use domain::{AccountId, MediaId, MemberId, PlatformId, TenantId};
use futures_util::StreamExt as _;
use jiff::SignedDuration;
use ports::{Entries, Keyed, MediaError, MediaReader, Object, PlatformApp, Prepared, Publish, PublishCall, Uploads};
use sandbox::{Handle, Options, Registration, registration};
use secrecy::SecretString;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use tokio::net::TcpListener;
use uuid::Uuid;

mod announce;
mod beside;
pub(crate) mod engagement;
mod harness;
pub(crate) mod listening;
mod readmes;
pub(crate) mod rules;
mod threads;

pub(crate) use harness::{Facts, Known};

/// The verifier and challenge of RFC 7636, appendix B.
pub(crate) const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
pub(crate) const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

/// The clients the connectors get in tests.
pub(crate) fn egress() -> Arc<Egress> {
    Egress::new(Guard::new(true))
}

/// There are no uploads here.
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

/// What reads media that lie at an address.
pub(crate) fn reader() -> Reader {
    Reader::new(egress(), Arc::new(NoUploads))
}

/// A running sandbox.
pub(crate) struct Sandbox {
    handle: Handle,
    http: Http,
}

impl Sandbox {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        Self { handle: sandbox::serve(listener, Options::default()).unwrap(), http: Http::new(egress()) }
    }

    pub(crate) fn app(&self, platform: &str) -> PlatformApp {
        let Registration { client_id, client_secret, bases } = registration(self.handle.base_url(), platform);
        PlatformApp { client_id, client_secret: client_secret.into(), bases, settings: BTreeMap::new() }
    }

    pub(crate) async fn control(&self, path: &str, body: &Value) -> Value {
        let call = Call::post(format!("{}/control/{path}", self.handle.base_url())).json(body);
        let answer = self.http.call(call).await.unwrap();
        assert!(answer.is_success(), "{path}: {}", String::from_utf8_lossy(&answer.body));
        answer.json().unwrap_or_default()
    }

    /// Forgets the faults that were ordered and not met.
    pub(crate) async fn calm(&self) {
        let call = Call::delete(format!("{}/control/faults", self.handle.base_url()));
        assert!(self.http.call(call).await.unwrap().is_success());
    }

    pub(crate) async fn json(&self, path: &str) -> Value {
        let answer = self.http.call(Call::get(format!("{}{path}", self.handle.base_url()))).await.unwrap();
        answer.json().unwrap()
    }

    /// The picture at an address where a platform can get it.
    pub(crate) async fn hosted(&self, name: &str, picture: Picture) -> Picture {
        let call = Call::put(format!("{}/control/files/{name}", self.handle.base_url()));
        let answer = self.http.call(call.bytes("application/octet-stream", picture.1.to_vec())).await.unwrap();
        let url = answer.json::<Value>().unwrap()["url"].as_str().unwrap().to_owned();
        Picture(Media { source: MediaSource::Url { url }, ..picture.0 }, picture.1)
    }

    /// A picture that the sandbox shows, whatever its size.
    pub(crate) async fn bytes(&self, path: &str) -> Vec<u8> {
        let url = format!("{}{path}", self.handle.base_url());
        let medium = Media { source: MediaSource::Url { url }, probe: None, ..picture("image/png", 9).0 };
        let stream = reader().open(&medium).await.unwrap().stream;
        stream.map(|piece| piece.unwrap().to_vec()).concat().await
    }

    pub(crate) async fn fault(&self, platform: &str, op: &str, kind: &str, params: Value) {
        self.control("faults", &json!({"platform": platform, "op": op, "kind": kind, "params": params})).await;
    }

    /// A token of a demo user, without a browser.
    pub(crate) async fn grant(&self, platform: &str, actor: &str, scopes: Option<&[&str]>) -> SecretString {
        let tokens = self.control("grants", &json!({"platform": platform, "actor": actor, "scopes": scopes})).await;
        tokens["access_token"].as_str().unwrap().into()
    }

    /// What a keyholder enters to connect.
    pub(crate) async fn keys(&self, platform: &str, actor: &str) -> Entries {
        let entries = self.control("keys", &json!({"platform": platform, "actor": actor})).await;
        let text = |value: &Value| value.as_str().unwrap().to_owned().into();
        entries.as_object().unwrap().iter().map(|(name, value)| (name.clone(), text(value))).collect()
    }

    /// From now on the platform takes no token or key that it gave out.
    pub(crate) async fn revoke(&self, platform: &str) {
        self.control("tokens/revoke", &json!({"platform": platform})).await;
    }

    /// Presses "allow" on the consent page that an authorize address leads to; the code that comes back.
    pub(crate) async fn consent(&self, authorize_url: &str, actor: &str) -> String {
        let page = self.http.call(Call::get(authorize_url)).await.unwrap();
        assert_eq!(page.status, 200, "{}", String::from_utf8_lossy(&page.body));
        let url = url::Url::parse(authorize_url).unwrap();
        let mut form = url::form_urlencoded::Serializer::new(String::new());
        form.extend_pairs(url.query_pairs()).append_pair("actor", actor).append_pair("decision", "allow");
        let bytes = form.finish().into_bytes();
        let target = authorize_url.split('?').next().unwrap();
        let back = self.http.call(Call::post(target).bytes("application/x-www-form-urlencoded", bytes)).await.unwrap();
        let location = url::Url::parse(back.header("location").unwrap()).unwrap();
        let query: BTreeMap<String, String> = location.query_pairs().into_owned().collect();
        assert_eq!(query["state"], "st&te");
        query["code"].clone()
    }
}

/// A registration with a platform where nobody replaced an address.
pub(crate) fn app_of(platform: &str) -> PlatformApp {
    let client_secret = format!("secret of {platform}").into();
    PlatformApp { client_id: "ours".into(), client_secret, bases: BTreeMap::new(), settings: BTreeMap::new() }
}

/// A connected account of this profile.
pub(crate) fn account(platform: &PlatformId, profile: Profile) -> Account {
    Account {
        id: AccountId::from_uuid(Uuid::nil()),
        tenant: TenantId::from_uuid(Uuid::nil()),
        platform: platform.clone(),
        profile,
        status: AccountStatus::Active,
        connected_by: MemberId::from_uuid(Uuid::nil()),
        connected_at: "2026-01-01T00:00:00Z".parse().unwrap(),
        consented_at: None,
        scopes: Vec::new(),
        token: TokenState { refreshable: true, ..TokenState::none(1) },
        holder: None,
    }
}

/// The sandbox with one connected account.
pub(crate) struct Connected {
    pub(crate) sandbox: Arc<Sandbox>,
    pub(crate) platform: String,
    pub(crate) app: PlatformApp,
    pub(crate) account: Account,
    pub(crate) token: SecretString,
    pub(crate) facts: Facts,
}

impl Connected {
    /// Connects the `nth` profile of a demo user, or of a keyholder its only one.
    pub(crate) async fn start<C: Connect + Known>(connector: &C, actor: &str, nth: usize) -> Self {
        let Some(keys) = connector.keys() else { return Self::consented(connector, actor, nth).await };
        let platform = connector.descriptor().id.to_string();
        let sandbox = Arc::new(Sandbox::start().await);
        let app = sandbox.app(&platform);
        let Keyed { pair, profile } = keys.check(&app, &sandbox.keys(&platform, actor).await).await.unwrap();
        let account = account(&connector.descriptor().id, profile);
        Self { sandbox, platform, app, account, token: pair.access, facts: C::FACTS }
    }

    /// Connects the `nth` profile of a demo user by consent.
    pub(crate) async fn consented<C: Connect + Known>(connector: &C, actor: &str, nth: usize) -> Self {
        let platform = connector.descriptor().id.to_string();
        let sandbox = Arc::new(Sandbox::start().await);
        let app = sandbox.app(&platform);
        let (auth, token) = (connector.auth().unwrap(), sandbox.grant(&platform, actor, None).await);
        let profile = auth.profiles(&app, &token).await.unwrap().remove(nth);
        let own = auth.own_tokens(&app, &token, std::slice::from_ref(&profile)).await.unwrap();
        let token = own.into_values().next().map_or(token, |pair| pair.access);
        let account = account(&connector.descriptor().id, profile);
        Self { sandbox, platform, app, account, token, facts: C::FACTS }
    }

    /// The same account in the hands of whoever has this token.
    pub(crate) fn with(&self, token: SecretString) -> Self {
        let (sandbox, platform) = (Arc::clone(&self.sandbox), self.platform.clone());
        Self { sandbox, platform, app: self.app.clone(), account: self.account.clone(), token, facts: self.facts }
    }

    /// Has the sandbox behave otherwise.
    pub(crate) async fn set(&self, settings: Value) {
        self.sandbox.control("settings", &settings).await;
    }

    /// The platform whose hosts are called, by which the sandbox counts calls and orders faults: its own, unless its accounts are
    /// reached by the login of another.
    pub(crate) fn host(&self) -> &str {
        self.app.settings.get("login").unwrap_or(&self.platform)
    }

    /// How often an operation of the platform that is called was asked for.
    pub(crate) async fn calls(&self, op: &str) -> u64 {
        let state = self.sandbox.json("/control/state").await;
        state["calls"][format!("{}.{op}", self.host())].as_u64().unwrap_or(0)
    }

    /// Orders a fault of the platform that is called.
    pub(crate) async fn order(&self, op: &str, kind: &str, params: Value) {
        self.sandbox.fault(self.host(), op, kind, params).await;
    }

    /// The bytes of a medium of a post, as the sandbox shows it.
    pub(crate) async fn shown(&self, medium: &Value) -> Vec<u8> {
        self.sandbox.bytes(&format!("/media/{}/{}", self.platform, medium["id"].as_str().unwrap())).await
    }

    /// The posts as the sandbox tells them, deleted ones left out.
    pub(crate) async fn live(&self) -> Vec<Value> {
        let timeline = self.sandbox.json(&format!("/{}/timeline.json", self.platform)).await;
        let posts = timeline["posts"].as_array().unwrap().clone();
        posts.into_iter().filter(|post| post["deleted"] == json!(false)).collect()
    }
}

/// What is counted before a request leaves: name, whose, how many, in how many seconds.
pub(crate) fn quotas(descriptor: &Descriptor) -> Vec<(&str, QuotaScope, u32, u32)> {
    let quotas = descriptor.limits.quotas.iter();
    quotas.map(|quota| (quota.name.as_str(), quota.scope, quota.limit, quota.window_s)).collect()
}

/// A thread of these texts.
pub(crate) fn thread(texts: &[&str]) -> Variant {
    let parts = texts.iter().map(|text| Part { text: (*text).into(), media: Vec::new() }).collect();
    Variant { parts, ..Variant::default() }
}

/// A question without a text beside it.
pub(crate) fn poll(question: &str, options: &[&str], minutes: u32) -> Variant {
    let poll = Poll {
        question: Some(question.into()),
        options: options.iter().map(|&option| option.into()).collect(),
        duration_minutes: minutes,
        multiple: false,
    };
    Variant { poll: Some(poll), ..Variant::text("") }
}

/// A picture of so many bytes that is what it says by its first ones.
pub(crate) fn picture(media_type: &str, size: usize) -> Picture {
    let magic: &[u8] = match media_type {
        "image/gif" => b"GIF89a",
        "image/jpeg" => b"\xff\xd8\xff\xe0",
        "video/mp4" => b"\0\0\0\x18ftypmp42",
        "application/pdf" => b"%PDF-1.7\n",
        _ => b"\x89PNG\r\n\x1a\n",
    };
    let counted = (0..size).map(|n| u8::try_from(n % 251).unwrap_or(0));
    let bytes: Vec<u8> = magic.iter().copied().chain(counted.skip(magic.len())).collect();
    let media = Media {
        id: MediaId::from_uuid(Uuid::nil()),
        tenant: TenantId::from_uuid(Uuid::nil()),
        created_by: MemberId::from_uuid(Uuid::nil()),
        created_at: "2026-01-01T00:00:00Z".parse().unwrap(),
        source: MediaSource::Upload { object: "picture".into() },
        probe: Some(Probe::picture(media_type, size as u64, 10, 10)),
        alt_text: None,
    };
    Picture(media, Bytes::from(bytes))
}

/// A file of captions of so many bytes, with this number for its id.
pub(crate) fn captions(media_type: &str, size: usize, id: u128) -> Picture {
    let mut captions = picture(media_type, size);
    let head =
        if media_type == WEBVTT { "WEBVTT\n\n00:01.000 --> 00:02.500\n" } else { "1\n00:00:01,000 --> 00:00:02,500\n" };
    captions.1 = head.bytes().chain("spoken - and more\r\n".bytes().cycle()).take(size - 1).chain([b'\n']).collect();
    captions.0.id = MediaId::from_uuid(Uuid::from_u128(id));
    captions
}

/// The track of such a file.
pub(crate) fn track(file: &Picture, language: &str, name: Option<&str>) -> CaptionTrack {
    CaptionTrack { id: file.0.id, language: language.into(), name: name.map(str::to_owned) }
}

#[test]
fn every_platform_is_found_by_slug_and_alias_and_no_name_means_two() {
    let platforms = Registry::new(Egress::new(Guard::new(false))).describe();
    let mut names = BTreeSet::new();
    for connector in platforms.all() {
        let descriptor = connector.descriptor();
        assert_eq!(platforms.get(&descriptor.id).unwrap().descriptor(), descriptor);
        for name in descriptor.aliases.iter().cloned().chain([descriptor.id.to_string()]) {
            assert_eq!(platforms.named(&name).unwrap().descriptor(), descriptor);
            assert!(names.insert(name));
        }
    }
    let all = [
        "bluesky",
        "bsky",
        "discord",
        "facebook",
        "instagram",
        "linkedin",
        "mailchimp",
        "mastodon",
        "medium",
        "sendgrid",
        "slack",
        "telegram",
        "threads",
        "tiktok",
        "twitter",
        "whatsapp",
        "wordpress",
        "x",
        "youtube",
    ];
    assert_eq!(names.into_iter().collect::<Vec<_>>(), all);
    assert!(platforms.named("myspace").is_none() && platforms.absent("myspace").is_none());
}

/// The platforms of a list in one role.
fn slugs<R: Connector + ?Sized>(platforms: &Connectors<R>) -> Vec<String> {
    platforms.all().iter().map(|connector| connector.descriptor().id.to_string()).collect()
}

#[test]
fn a_platform_that_is_described_can_be_connected_published_to_read_and_deleted_from() {
    let registry = Registry::new(egress());
    let described = slugs(&registry.describe());
    assert_eq!(described.iter().collect::<BTreeSet<_>>().len(), described.len(), "each is there once");
    assert_eq!(slugs(&registry.publish()), described);
    assert_eq!(slugs(&registry.find()), described);
    assert_eq!(slugs(&registry.manage()), described);
    assert_eq!(slugs(&registry.connect()), described);
    for connector in registry.connect().all() {
        let ways = [connector.auth().is_some(), connector.keys().is_some()];
        assert!(ways.contains(&true), "{}: an account can be connected", connector.descriptor().id);
    }
}

/// A folder that nobody named in the registry would be compiled, tested, and missing in every function.
#[test]
fn hosts_are_named_in_small_letters_and_have_each_fixed_address_of_a_consent_and_where_a_chat_is_written_to() {
    let is_host = |host: &str| url::Url::parse(&format!("https://{host}/")).unwrap().host_str() == Some(host);
    let on = |hosts: &[&str], url: &str| {
        let host = url::Url::parse(url).unwrap().host_str().unwrap().to_owned();
        hosts.iter().any(|theirs| host == *theirs || host.ends_with(&format!(".{theirs}")))
    };
    for connector in Registry::new(Egress::new(Guard::new(false))).connect().all() {
        let (id, hosts) = (&connector.descriptor().id, connector.hosts());
        assert!(hosts.iter().all(|host| is_host(host)), "{id}");
        if let Some(auth) = connector.auth().filter(|_| !hosts.is_empty()) {
            assert!(on(hosts, &auth.oauth().token.default), "{id}: {:?}", auth.oauth().token);
        }
    }
    for place in announcers().iter() {
        let address = place.help().split_once("https://").unwrap().1.split('/').next().unwrap();
        assert!(on(place.hosts(), &format!("https://{address}/")), "{}", place.platform());
    }
    let none: Vec<String> = (Registry::new(Egress::new(Guard::new(false))).describe().all().iter())
        .filter(|connector| connector.hosts().is_empty())
        .map(|connector| connector.descriptor().id.to_string())
        .collect();
    assert_eq!(none, ["mastodon", "bluesky"], "whose accounts each name their server");
}

#[test]
fn every_connector_that_there_is_stands_in_the_registry() {
    let source = include_str!("lib.rs");
    let list = source.split_once("\nregistry! {").unwrap().1.split_once("\n}").unwrap().0;
    let modules = source.lines().filter_map(|line| line.strip_prefix("mod ")?.strip_suffix(';'));
    let calls = source.split_once("pub fn inlets()").unwrap().1.split_once("\n}").unwrap().0;
    for module in modules.filter(|module| *module != "tests") {
        // One that only calls us publishes nothing.
        let only_calls =
            calls.contains(&format!("({module}::inbound::")) && ["twilio", "amazon_mail"].contains(&module);
        assert!(list.contains(&format!(": {module}::")) || only_calls, "{module}");
    }
}

#[test]
fn what_people_look_for_in_vain_is_no_platform_and_says_why() {
    let registry = Registry::new(egress()).describe();
    for (name, why) in ABSENT {
        assert!(registry.named(name).is_none(), "{name} is there");
        for name in [name.to_owned(), name.to_uppercase()] {
            assert_eq!(registry.absent(&name), Some(why));
        }
    }
    assert_eq!(registry.absent("whatsapp"), None, "a conversation is a place");
    assert!(registry.absent("wordpress.com").unwrap().contains("of the platform wordpress"));
}

/// A delivery with a video by hand, step by step.
pub(crate) struct Steps<'a> {
    publisher: &'a dyn Publish,
    server: &'a Connected,
    variant: Variant,
    media: Media,
    bytes: &'a dyn MediaReader,
}

impl<'a> Steps<'a> {
    /// Of a post with this one film, whose bytes are read from `bytes`.
    pub(crate) fn new(
        (publisher, server): (&'a dyn Publish, &'a Connected),
        variant: Variant,
        film: &Picture,
        bytes: &'a dyn MediaReader,
    ) -> Self {
        Self { publisher, server, variant, media: film.0.clone(), bytes }
    }

    /// The next step.
    pub(crate) async fn prepare(&self, progress: Option<&Value>) -> Result<Prepared, Failure> {
        self.prepare_within(progress, 30_000).await
    }

    /// The next step, in so many milliseconds.
    pub(crate) async fn prepare_within(&self, progress: Option<&Value>, ms: i64) -> Result<Prepared, Failure> {
        let now = self.server.now();
        let call = PublishCall {
            app: &self.server.app,
            account: &self.server.account,
            token: &self.server.token,
            variant: &self.variant,
            part: 0,
            key: "key".into(),
            made_at: "2026-01-01T00:00:00Z".parse().unwrap(),
            before: &[],
            elsewhere: &[],
            progress,
            media: std::slice::from_ref(&self.media),
            bytes: self.bytes,
            now,
            until: now + SignedDuration::from_millis(ms),
            levels: None,
        };
        self.publisher.prepare(&call).await
    }

    /// All steps, those that `twice` names done twice, as when a worker dies before it has written down what came of the first.
    pub(crate) async fn all(&self, twice: impl Fn(usize) -> bool) -> Result<Value, Failure> {
        let mut progress: Option<Value> = None;
        for step in 0..40 {
            if twice(step) {
                self.prepare(progress.as_ref()).await?;
            }
            match self.prepare(progress.as_ref()).await? {
                Prepared::Ready(kept) => return Ok(kept.unwrap()),
                Prepared::More(kept) | Prepared::Wait { progress: kept, .. } => progress = Some(kept),
            }
        }
        panic!("preparing does not end")
    }
}

#[test]
fn of_what_a_platform_has_and_herald_does_not_do_nobody_is_told_that_there_is_none() {
    let platforms = Registry::new(egress()).describe();
    for (platform, features) in [
        ("facebook", vec![Feature::Targeting]),
        ("telegram", vec![Feature::Mixed]),
        ("discord", vec![Feature::Mixed]),
        ("mastodon", vec![Feature::Quote, Feature::Visibility]),
        ("threads", vec![Feature::Poll, Feature::Targeting]),
        ("whatsapp", vec![Feature::Mixed]),
    ] {
        let connector = platforms.named(platform).unwrap();
        let reasons = &connector.descriptor().limits.reasons;
        for feature in features {
            let reason = &reasons[&feature];
            assert!(reason.contains(": ") && !reason.contains("has no"), "{platform}: {reason}");
        }
    }
}

#[test]
fn whom_a_post_is_shown_to_is_chosen_on_linkedin_alone_and_refused_elsewhere_at_its_field() {
    let targeting = Targeting { industries: vec!["urn:li:industry:1".into()], ..Targeting::default() };
    let variant = Variant { targeting, ..Variant::text("look") };
    for connector in Registry::new(egress()).describe().all() {
        let descriptor = connector.descriptor();
        let told = check(&variant, descriptor, &[], "/c");
        let refused = told.iter().find(|v| v.field == "/c/targeting").map(|v| v.code.as_str());
        let expected = (descriptor.id.as_str() != "linkedin").then_some("unsupported");
        assert_eq!(refused, expected, "{}: {told:?}", descriptor.name);
    }
}

/// What can be changed where, as the documentation has it; elsewhere the descriptor says why not.
#[test]
fn where_the_words_of_what_is_live_cannot_be_changed_the_reason_is_said() {
    let registry = Registry::new(egress());
    let describe = registry.describe();
    let (mut can, mut cannot) = (Vec::new(), Vec::new());
    for connector in describe.all() {
        let descriptor = connector.descriptor();
        let reason = descriptor.limits.reasons.get(&Feature::Amend);
        assert_ne!(descriptor.limits.amend.is_some(), reason.is_some(), "{}", descriptor.name);
        if reason.is_some() { &mut cannot } else { &mut can }.push(descriptor.id.to_string());
    }
    can.sort();
    cannot.sort();
    assert_eq!(can, ["discord", "facebook", "linkedin", "slack", "telegram", "wordpress", "youtube"]);
    assert_eq!(
        cannot,
        ["bluesky", "instagram", "mailchimp", "mastodon", "medium", "sendgrid", "threads", "tiktok", "whatsapp", "x"]
    );
}

#[test]
fn what_holds_of_articles_alone_names_nothing_that_is_the_platforms_own() {
    let registry = Registry::new(egress()).describe();
    let own = registry.all().iter().filter_map(|connector| {
        let limits = &connector.descriptor().limits;
        Some((connector.descriptor(), limits, limits.article.as_deref()?))
    });
    for (descriptor, posts, articles) in own {
        let name = &descriptor.name;
        assert!(posts.kinds.contains(&ContentKind::Article), "{name}");
        assert_eq!(articles.kinds, [ContentKind::Article], "{name}");
        assert!(articles.article.is_none() && articles.amend.is_none() && articles.good_times.is_none(), "{name}");
        assert!(articles.quotas.is_empty() && articles.scopes.is_empty() && articles.first_comment.is_none(), "{name}");
        let article = Variant { kind: ContentKind::Article, ..Variant::text("x") };
        let of_articles = descriptor.of_content(&article);
        assert_eq!(of_articles.of_content(&article), of_articles, "{name}: narrowed once");
    }
}
