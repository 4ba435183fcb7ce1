//! The console over a world in memory, and a browser that behaves as browsers do with cookies, forms and redirects.
#![allow(clippy::unwrap_used, clippy::expect_used, dead_code, unreachable_pub)]

use app::access::{KeyMade, NewKey, NewMember, create_key, create_member};
use app::{AccountDeps, Once};
use async_trait::async_trait;
use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::http::{HeaderMap, Request};
use console::handler::{Console, router};
use domain::access::{Caller, Member, Permission, Role};
use domain::publishing::{Delivery, Media, MediaSource, Part, PartRecord, Piece, State, Variant};
use domain::{MemberId, PostId};
use futures_util::stream::{self, StreamExt};
use ports::{MediaBytes, MediaError, MediaReader, Object, Peek, PostQuery, Record, StoredReply, Uploads, Write};
use runtime::config::{PublicAddress, Stage};
use secrecy::{ExposeSecret, SecretString};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use testing::{Process, World};
use tower::ServiceExt;

pub const BASE: &str = "https://herald.test";

/// A bucket in memory.
#[derive(Default)]
pub struct Bucket(pub Mutex<BTreeMap<String, Bytes>>);

#[async_trait]
impl Uploads for Bucket {
    async fn presign_put(&self, object: &str, _media_type: &str) -> Result<String, MediaError> {
        Ok(format!("https://bucket.test/{object}"))
    }
    async fn origin(&self) -> Option<String> {
        Some("https://bucket.test".into())
    }
    async fn put(&self, object: &str, _media_type: &str, bytes: Bytes) -> Result<(), MediaError> {
        self.0.lock().unwrap().insert(object.to_owned(), bytes);
        Ok(())
    }
    async fn read(&self, object: &str, _piece: Option<Piece>, _version: Option<&str>) -> Result<Object, MediaError> {
        let bytes = self.0.lock().unwrap().get(object).cloned().ok_or(MediaError::Absent)?;
        Ok(Object { length: bytes.len() as u64, version: None, stream: stream::iter([Ok(bytes)]).boxed() })
    }
}

#[async_trait]
impl MediaReader for Bucket {
    async fn open(&self, medium: &Media) -> Result<MediaBytes, MediaError> {
        let MediaSource::Upload { object } = &medium.source else { return Err(MediaError::Absent) };
        let found = self.read(object, None, None).await?;
        Ok(MediaBytes { length: Some(found.length), media_type: None, stream: found.stream })
    }
    async fn public_address(&self, medium: &Media) -> Result<SecretString, MediaError> {
        let MediaSource::Upload { object } = &medium.source else { return Err(MediaError::Absent) };
        Ok(format!("https://bucket.test/{object}?signed").into())
    }
    async fn peek(&self, medium: &Media, _n: u32) -> Result<Peek, MediaError> {
        let MediaSource::Upload { object } = &medium.source else { return Err(MediaError::Absent) };
        let head = self.0.lock().unwrap().get(object).cloned().ok_or(MediaError::Absent)?;
        Ok(Peek { length: Some(head.len() as u64), version: None, head })
    }
}

/// A picture of one pixel: what comes before its data is all that is looked at.
pub const PNG: &[u8] =
    b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0\x1f\x15\xc4\x89\0\0\0\0IEND\xaeB`\x82";

/// A video that plays 65 seconds, without its pictures: its index is all that is looked at.
pub fn video() -> Bytes {
    testing::video(65_000)
}

pub struct Site {
    pub world: World,
    pub process: Process,
    pub bucket: Arc<Bucket>,
    app: Router,
    count: Mutex<u32>,
}

impl Site {
    pub fn new() -> Self {
        Self::of(World::new(7))
    }

    pub fn of(world: World) -> Self {
        Self::altered(world, |_| {})
    }

    /// Over a process some of whose ports are others.
    pub fn altered(world: World, alter: impl FnOnce(&mut Process)) -> Self {
        let mut process = world.process();
        alter(&mut process);
        let bucket = Arc::<Bucket>::default();
        process.deps.uploads = bucket.clone();
        process.deps.media = bucket.clone();
        let console = Console {
            deps: process.managing(),
            stage: Stage::Local,
            address: PublicAddress { base_url: Some(BASE.into()), local: true },
        };
        let app = runtime::http::finish(router(console));
        Self { world, process, bucket, app, count: Mutex::new(0) }
    }

    pub fn deps(&self) -> &AccountDeps {
        &self.process.deps
    }

    pub fn once(&self) -> Once {
        let mut count = self.count.lock().unwrap();
        *count += 1;
        Once { route: "test".into(), key: count.to_string(), fingerprint: String::new() }
    }

    pub async fn member(&self, role: Role) -> MemberId {
        let new = NewMember { name: format!("{role:?}"), role };
        let encode = |member: &Member| StoredReply { status: 0, body: member.id.to_string() };
        let made = create_member(self.deps(), &self.world.caller, &new, &self.once(), &encode).await.unwrap();
        made.stored.body.parse().unwrap()
    }

    pub async fn key(&self, member: MemberId, scopes: &[Permission]) -> String {
        let new = NewKey { name: "key".into(), member: Some(member), scopes: scopes.to_vec(), expires_at: None };
        let encode = |made: &KeyMade| StoredReply { status: 0, body: made.secret.expose_secret().to_owned() };
        let made = create_key(self.deps(), &self.world.caller, &new, &self.once(), &encode).await.unwrap();
        made.stored.body
    }

    /// A browser in which a member of this role is signed in.
    pub async fn signed_in(&self, role: Role) -> Browser<'_> {
        let member = if role == Role::Owner { self.world.caller.member } else { self.member(role).await };
        let key = self.key(member, &[]).await;
        let mut browser = self.browser();
        let page = browser.get("/console/sign-in").await;
        let answer = browser.send_form(&page, "/console/sign-in", &[("key", &key)]).await;
        assert_eq!(answer.status, 303, "{}", answer.body);
        browser
    }

    pub fn browser(&self) -> Browser<'_> {
        Browser { site: self, cookies: BTreeMap::new(), site_header: Some("same-origin"), origin: None }
    }

    /// Every post of the tenant.
    pub async fn posts(&self) -> Vec<app::publishing::PostView> {
        let query = PostQuery { limit: 100, ..PostQuery::default() };
        app::publishing::posts(self.deps(), &self.world.caller, &query).await.unwrap().items
    }

    /// A post for `account`, scheduled for an hour from now, by `caller`.
    pub async fn scheduled(&self, caller: &Caller, account: domain::AccountId, text: &str) -> PostId {
        use app::publishing::{Accepted, PublishCommand, TargetSpec, When, request};
        let command = PublishCommand {
            content: Variant { parts: vec![Part { text: text.into(), media: vec![] }], ..Variant::default() },
            variants: BTreeMap::new(),
            targets: vec![TargetSpec::Account(account)],
            when: When::At(self.deps().clock.now() + jiff::SignedDuration::from_hours(1)),
            max_lateness_s: None,
        };
        let encode = |made: &Accepted| StoredReply { status: 0, body: made.post.id.to_string() };
        let made = request(self.deps(), caller, &command, &self.once(), &encode).await.unwrap();
        made.stored.body.parse().unwrap()
    }

    pub async fn delivery(&self, post: PostId) -> Delivery {
        self.deps().ledger.deliveries(self.world.caller.tenant, post).await.unwrap().remove(0).value
    }

    /// Puts the one delivery of a post into a state.
    pub async fn set_state(&self, post: PostId, state: State) {
        let old = self.deps().ledger.deliveries(self.world.caller.tenant, post).await.unwrap().remove(0);
        // What it was sent with has long settled.
        let base_date = Some(self.deps().clock.now() - jiff::SignedDuration::from_hours(2));
        let next = Delivery { state, wake: None, started: true, base_date, ..old.value.clone() };
        self.deps().ledger.commit(vec![Write::replace(&old, Record::Delivery(next))]).await.unwrap();
    }

    /// Gives the one delivery of a post so many parts.
    pub async fn set_parts(&self, post: PostId, parts: usize) {
        let old = self.deps().ledger.deliveries(self.world.caller.tenant, post).await.unwrap().remove(0);
        let next = Delivery { parts: vec![PartRecord::default(); parts], ..old.value.clone() };
        self.deps().ledger.commit(vec![Write::replace(&old, Record::Delivery(next))]).await.unwrap();
    }
}

pub struct Page {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: String,
}

impl Page {
    pub fn location(&self) -> &str {
        self.headers.get("location").map_or("", |to| to.to_str().unwrap())
    }

    /// The hidden fields of the first form that posts to `action` and holds every text of `with`.
    pub fn hidden_with(&self, action: &str, with: &[&str]) -> Vec<(String, String)> {
        let action = format!("action=\"{action}\"");
        let plain = self.body.split("<form").skip(1).map(|form| form.split("</form>").next().unwrap());
        let mut forms = plain.filter(|form| form.contains(&action));
        let form = forms.find(|form| with.iter().all(|text| form.contains(text)));
        let form = form.unwrap_or_else(|| panic!("no form {action} with {with:?} in {}", self.body));
        let value = |tag: &str, name: &str| {
            let from = tag.find(&format!(" {name}=\""))? + name.len() + 3;
            let written = tag[from..].split('"').next()?;
            let marks = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#x27;", "'"), ("&amp;", "&")];
            Some(marks.iter().fold(written.to_owned(), |text, (code, mark)| text.replace(code, mark)))
        };
        form.split("<input")
            .skip(1)
            .filter(|tag| tag.contains("type=\"hidden\""))
            .map(|tag| (value(tag, "name").unwrap(), value(tag, "value").unwrap()))
            .collect()
    }

    /// What is told beside a field.
    pub fn error_of(&self, field: &str) -> Option<&str> {
        let from = self.body.split(&format!("id=\"{field}-error\"")).nth(1)?;
        from.split('>').nth(1)?.split('<').next()
    }
}

pub struct Browser<'a> {
    pub site: &'a Site,
    pub cookies: BTreeMap<String, String>,
    pub site_header: Option<&'static str>,
    pub origin: Option<&'static str>,
}

impl Browser<'_> {
    async fn send(&mut self, request: axum::http::request::Builder, body: Body) -> Page {
        let cookies: Vec<String> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let request = request.header("cookie", cookies.join("; ")).body(body).unwrap();
        let response = self.site.app.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        for cookie in parts.headers.get_all("set-cookie") {
            let (name, rest) = cookie.to_str().unwrap().split_once('=').unwrap();
            match rest.split(';').next().unwrap() {
                "" => self.cookies.remove(name),
                value => self.cookies.insert(name.to_owned(), value.to_owned()),
            };
        }
        // The engine writes a slash as a character reference.
        let body = String::from_utf8_lossy(&to_bytes(body, 10_000_000).await.unwrap()).replace("&#x2f;", "/");
        Page { status: parts.status.as_u16(), headers: parts.headers, body }
    }

    pub async fn get(&mut self, path: &str) -> Page {
        self.send(Request::get(path), Body::empty()).await
    }

    pub async fn post(&mut self, path: &str, fields: &[(String, String)]) -> Page {
        let mut request = Request::post(path).header("content-type", "application/x-www-form-urlencoded");
        if let Some(site) = self.site_header {
            request = request.header("sec-fetch-site", site);
        }
        if let Some(origin) = self.origin {
            request = request.header("origin", origin);
        }
        let body: String = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        self.send(request, Body::from(body)).await
    }

    /// Sends the form on `page` that posts to `action`, with these fields filled in.
    pub async fn send_form(&mut self, page: &Page, action: &str, fields: &[(&str, &str)]) -> Page {
        self.send_form_with(page, action, &[], fields).await
    }

    /// The same, for the form that holds every text of `with`.
    pub async fn send_form_with(&mut self, page: &Page, action: &str, with: &[&str], fields: &[(&str, &str)]) -> Page {
        let mut all = page.hidden_with(action, with);
        all.extend(fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        self.post(action, &all).await
    }

    /// Sends a form with files, as `multipart/form-data` under a boundary of its own.
    pub async fn upload(&mut self, path: &str, fields: &[(String, String)], file: (&str, &[u8])) -> Page {
        let boundary = format!("b{}", *self.site.count.lock().unwrap());
        *self.site.count.lock().unwrap() += 1;
        let mut body = Vec::new();
        for (name, value) in fields {
            let head = format!("--{boundary}\r\ncontent-disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
            body.extend(head.into_bytes());
        }
        let (name, bytes) = file;
        let head = format!(
            "--{boundary}\r\ncontent-disposition: form-data; name=\"{name}\"; filename=\"a.png\"\r\n\
             content-type: image/png\r\n\r\n"
        );
        body.extend(head.into_bytes());
        body.extend(bytes);
        body.extend(format!("\r\n--{boundary}--\r\n").into_bytes());
        let request = Request::post(path)
            .header("content-type", format!("multipart/form-data; boundary={boundary}"))
            .header("sec-fetch-site", "same-origin");
        self.send(request, Body::from(body)).await
    }
}

pub fn pairs(fields: &[(&str, &str)]) -> Vec<(String, String)> {
    fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}
