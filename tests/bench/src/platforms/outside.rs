//! What lies outside the product: the platforms' sandbox, the people who connect accounts there, and a bucket whose objects it can fetch.

use app::AccountDeps;
use app::accounts::{Callback, Returned, begin, choose, connect_by_key, finish};
use async_trait::async_trait;
use bytes::Bytes;
use connector_kit::{Call, Egress, Guard, Http, Reader};
use domain::access::Caller;
use domain::publishing::Piece;
use domain::{AccountId, PlatformId};
use futures_util::StreamExt;
use futures_util::stream;
use ports::{MediaError, Object, PlatformApp, PlatformApps, SecretError, Uploads};
use sandbox::{Options, Registration, registration};
use secrecy::SecretString;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, mpsc};

/// Where the way back from a consent would lead; nobody follows it.
const BACK: &str = "http://127.0.0.1:9";

/// A channel in which the bot may write; elsewhere whoever comes first will do.
const OPEN: &str = "T0HARBOUR1/C0GENERAL1";

#[derive(Clone)]
pub(super) struct Outside {
    base: String,
    egress: Arc<Egress>,
    objects: Arc<Mutex<BTreeMap<String, Bytes>>>,
}

impl Outside {
    /// A sandbox on a thread of its own, which lives as long as the program.
    pub(super) fn start() -> Self {
        let (tell, told) = mpsc::channel();
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async move {
                let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
                let handle = sandbox::serve(listener, Options::default()).unwrap();
                tell.send(handle.base_url().to_owned()).unwrap();
                handle.ended().await.unwrap();
            });
        });
        Self { base: told.recv().unwrap(), egress: Egress::new(Guard::new(true)), objects: Arc::default() }
    }

    /// The clients that connectors get.
    pub(super) fn egress(&self) -> Arc<Egress> {
        Arc::clone(&self.egress)
    }

    /// Who reads from the bucket.
    pub(super) fn reader(&self) -> Reader {
        Reader::new(self.egress(), Arc::new(self.clone()))
    }

    async fn ask(&self, call: Call) -> Value {
        let answer = Http::new(self.egress()).call(call).await.unwrap();
        assert!(answer.is_success(), "{} {}", answer.status, String::from_utf8_lossy(&answer.body));
        answer.json().unwrap_or_default()
    }

    async fn control(&self, path: &str, body: &Value) -> Value {
        self.ask(Call::post(format!("{}/control/{path}", self.base)).json(body)).await
    }

    /// How many requests a platform has got, except for those by which accounts are connected.
    pub(super) async fn requests(&self, platform: &str) -> u64 {
        let state = self.ask(Call::get(format!("{}/control/state", self.base))).await;
        let calls = state["calls"].as_object().unwrap().iter();
        let of = calls.filter(|(name, _)| name.split('.').next() == Some(platform));
        of.filter_map(|(_, count)| count.as_u64()).sum()
    }

    /// Connects the first account that `actor` may speak for, as a person does.
    pub(super) async fn connect(&self, deps: &AccountDeps, caller: &Caller, platform: &str, actor: &str) -> AccountId {
        if deps.connect.named(platform).unwrap().keys().is_some() {
            let keys = self.control("keys", &json!({ "platform": platform, "actor": actor })).await;
            let text = |value: &Value| value.as_str().unwrap().to_owned();
            let entries = keys.as_object().unwrap().iter().map(|(name, value)| (name.clone(), text(value))).collect();
            return connect_by_key(deps, caller, platform, &entries).await.unwrap()[0].id;
        }
        let begun = begin(deps, caller, platform, BACK, None).await.unwrap();
        let (page, query) = begun.authorize_url.split_once('?').unwrap();
        let form = format!("{query}&actor={actor}&decision=allow");
        let call = Call::post(page).bytes("application/x-www-form-urlencoded", form.into_bytes());
        let back = Http::new(self.egress()).call(call).await.unwrap();
        let location = url::Url::parse(back.header("location").unwrap()).unwrap();
        let query: BTreeMap<String, String> = location.query_pairs().into_owned().collect();
        let (state, code) = (query.get("state").cloned(), query.get("code").cloned());
        let callback = Callback { state, code, ..Callback::default() };
        match finish(deps, caller, platform, &callback).await.unwrap() {
            Returned::Connected(done) => done.accounts[0].id,
            Returned::Choose(offer) => {
                let ids = || offer.profiles.iter().map(|offered| offered.profile.external_id.clone());
                let chosen = ids().find(|id| id == OPEN).or_else(|| ids().next()).unwrap();
                choose(deps, caller, platform, &offer.id, &[chosen]).await.unwrap().accounts[0].id
            }
        }
    }
}

#[async_trait]
impl PlatformApps for Outside {
    async fn app(&self, platform: &PlatformId) -> Result<Option<PlatformApp>, SecretError> {
        let Registration { client_id, client_secret, bases } = registration(&self.base, platform.as_str());
        let settings = BTreeMap::new();
        Ok(Some(PlatformApp { client_id, client_secret: client_secret.into(), bases, settings }))
    }
}

#[async_trait]
impl Uploads for Outside {
    async fn presign_put(&self, _: &str, _: &str) -> Result<String, MediaError> {
        Err(MediaError::Absent)
    }

    async fn presign_get(&self, object: &str) -> Result<SecretString, MediaError> {
        Ok(format!("{}/files/{}", self.base, object.replace('/', "-")).into())
    }

    async fn put(&self, object: &str, media_type: &str, bytes: Bytes) -> Result<(), MediaError> {
        let call = Call::put(format!("{}/control/files/{}", self.base, object.replace('/', "-")));
        self.ask(call.bytes(media_type, bytes.to_vec())).await;
        self.objects.lock().unwrap().insert(object.to_owned(), bytes);
        Ok(())
    }

    async fn read(&self, object: &str, piece: Option<Piece>, _: Option<&str>) -> Result<Object, MediaError> {
        let whole = self.objects.lock().unwrap().get(object).cloned().ok_or(MediaError::Absent)?;
        let length = whole.len() as u64;
        let bytes = match piece {
            Some(Piece { offset, length: asked }) => {
                let (from, to) = (offset.min(length), (offset + asked).min(length));
                whole.slice(usize::try_from(from).unwrap()..usize::try_from(to).unwrap())
            }
            None => whole,
        };
        Ok(Object { length, version: None, stream: stream::iter([Ok(bytes)]).boxed() })
    }
}

/// A picture of 1080 × 1080 as far as its beginning tells, which is all that is looked at.
pub(super) fn jpeg() -> Bytes {
    let start = b"\xff\xd8\xff\xe0\0\x10JFIF\0\x01\x01\0\0\x01\0\x01\0\0";
    let frame = b"\xff\xc0\0\x11\x08\x04\x38\x04\x38\x03\x01\x22\0\x02\x11\x01\x03\x11\x01\xff\xd9";
    [start.as_slice(), frame].concat().into()
}
