//! A platform that tells what was said, the newest first, and a store that fails once.

use async_trait::async_trait;
use connector_kit::Back;
use domain::accounts::Account;
use domain::inbound::{Changed, Heard, Said, What};
use domain::platform::{DedupeClass, Descriptor};
use domain::publishing::{Failure, Finding, Receipt};
use jiff::{SignedDuration, Timestamp};
use ports::{Connector, Find, HeardPage, ListenCall, PlatformApp, PublishCall, Wording};
use std::collections::VecDeque;
use std::sync::atomic::{AtomicI64, AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use store::{Fault, Faults};
use testing::{Engine, FakePlatform};

#[derive(Clone)]
struct Comment {
    id: String,
    at: Timestamp,
    edited: Option<Timestamp>,
    author: String,
    text: String,
    hidden: bool,
}

type Happens = Box<dyn FnOnce() + Send>;

/// What is said on the platform below.
pub(crate) struct Talk {
    below: Arc<FakePlatform>,
    engine: Arc<Engine>,
    said: Mutex<Vec<Comment>>,
    page: AtomicU32,
    asked: AtomicU32,
    answered: AtomicU32,
    failures: Mutex<VecDeque<Failure>>,
    meanwhile: Mutex<Option<Happens>>,
    takes_ms: AtomicI64,
}

impl Talk {
    pub(crate) fn new(below: Arc<FakePlatform>, engine: Arc<Engine>) -> Self {
        Self {
            below,
            engine,
            said: Mutex::default(),
            page: AtomicU32::new(2),
            asked: AtomicU32::new(0),
            answered: AtomicU32::new(0),
            failures: Mutex::default(),
            meanwhile: Mutex::default(),
            takes_ms: AtomicI64::new(0),
        }
    }

    fn add(&self, id: &str, at: Timestamp, author: &str, text: &str) {
        let (id, author, text) = (id.to_owned(), author.to_owned(), text.to_owned());
        self.said.lock().unwrap().push(Comment { id, at, edited: None, author, text, hidden: false });
    }

    /// A stranger says something.
    pub(crate) fn says(&self, id: &str, text: &str) {
        self.says_as("stranger", id, text);
    }

    pub(crate) fn says_as(&self, author: &str, id: &str, text: &str) {
        // Each a little later than the one before.
        self.engine.advance_ms(10);
        self.add(id, self.engine.now(), author, text);
    }

    /// A stranger said something an hour ago.
    pub(crate) fn says_before(&self, id: &str, text: &str) {
        self.add(id, self.engine.now() - SignedDuration::from_hours(1), "stranger", text);
    }

    fn change(&self, id: &str, change: impl Fn(&mut Comment)) {
        self.said.lock().unwrap().iter_mut().filter(|comment| comment.id == id).for_each(change);
    }

    pub(crate) fn edits(&self, id: &str, text: &str) {
        let now = self.engine.now();
        self.change(id, |comment| (comment.edited, comment.text) = (Some(now), text.to_owned()));
    }

    pub(crate) fn hide(&self, id: &str) {
        self.change(id, |comment| comment.hidden = true);
    }

    pub(crate) fn show(&self, id: &str) {
        self.change(id, |comment| comment.hidden = false);
    }

    /// So many of a page.
    pub(crate) fn pages_of(&self, n: u32) {
        self.page.store(n, Ordering::SeqCst);
    }

    /// Each answer takes so long.
    pub(crate) fn takes(&self, seconds: i64) {
        self.takes_ms.store(seconds * 1_000, Ordering::SeqCst);
    }

    /// How an asking goes wrong that is to come.
    pub(crate) fn fails(&self, failure: Failure) {
        self.failures.lock().unwrap().push_back(failure);
    }

    /// What happens while the next answer is on its way.
    pub(crate) fn meanwhile(&self, happens: impl FnOnce() + Send + 'static) {
        *self.meanwhile.lock().unwrap() = Some(Box::new(happens));
    }

    /// Requests that came.
    pub(crate) fn asked(&self) -> u32 {
        self.asked.load(Ordering::SeqCst)
    }

    /// Comments that were told, each as often as it was.
    pub(crate) fn answered(&self) -> u32 {
        self.answered.load(Ordering::SeqCst)
    }
}

impl Wording for Talk {
    fn named(&self, app: &PlatformApp, account: &Account, post: &str) -> Option<Receipt> {
        self.below.named(app, account, post)
    }
}

impl Connector for Talk {
    fn descriptor(&self) -> &Descriptor {
        self.below.descriptor()
    }

    fn hosts(&self) -> &'static [&'static str] {
        &[]
    }
}

#[async_trait]
impl Find for Talk {
    fn dedupe(&self, account: &Account) -> DedupeClass {
        self.below.dedupe(account)
    }

    async fn find(&self, call: &PublishCall<'_>, since: Timestamp) -> Result<Finding, Failure> {
        self.below.find(call, since).await
    }

    async fn listen(&self, call: &ListenCall<'_>) -> Result<HeardPage, Failure> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        self.engine.advance_ms(self.takes_ms.load(Ordering::SeqCst));
        if let Some(failure) = self.failures.lock().unwrap().pop_front() {
            return Err(failure);
        }
        let back = Back::of(call);
        let mut all: Vec<Comment> =
            self.said.lock().unwrap().iter().filter(|comment| !comment.hidden).cloned().collect();
        all.sort_by_key(|comment| std::cmp::Reverse(comment.edited.unwrap_or(comment.at)));
        let skip: usize = back.page().map_or(0, |page| page.parse().unwrap());
        let size = self.page.load(Ordering::SeqCst) as usize;
        let page: Vec<Comment> = all.iter().skip(skip).take(size).cloned().collect();
        let is_over = skip + size >= all.len() || page.iter().any(|comment| comment.at < back.from());
        let heard = |comment: Comment| {
            self.answered.fetch_add(1, Ordering::SeqCst);
            let at = comment.edited.unwrap_or(comment.at);
            let author =
                if comment.author == "ada" { call.account.profile.external_id.clone() } else { comment.author };
            Heard {
                id: format!("{}@{at}", comment.id),
                at: Some(at),
                to: None,
                what: What::Comment(Said {
                    external_id: comment.id,
                    on: Some("p1".into()),
                    author: Some(author),
                    handle: None,
                    text: Some(comment.text),
                    change: if comment.edited.is_some() { Changed::Edited } else { Changed::Added },
                }),
            }
        };
        let answer = back.read(page.into_iter().map(heard).collect(), (!is_over).then(|| (skip + size).to_string()));
        let happens = self.meanwhile.lock().unwrap().take();
        if let Some(happens) = happens {
            happens();
        }
        Ok(answer)
    }
}

/// Lets one write go wrong.
#[derive(Default)]
pub(crate) struct Writes(Mutex<Option<(u32, Fault)>>, AtomicU32);

impl Writes {
    /// The one of this number, from now on.
    pub(crate) fn fail(&self, n: u32, fault: Fault) {
        *self.0.lock().unwrap() = Some((n, fault));
    }

    pub(crate) fn has_hit(&self) -> bool {
        self.1.load(Ordering::SeqCst) > 0
    }
}

impl Faults for Writes {
    fn before(&self, call: store::Call<'_>) -> Fault {
        if !matches!(call, store::Call::Write(_) | store::Call::Transact(_)) {
            return Fault::None;
        }
        let mut armed = self.0.lock().unwrap();
        match armed.take() {
            Some((0, fault)) => {
                self.1.fetch_add(1, Ordering::SeqCst);
                fault
            }
            Some((n, fault)) => {
                *armed = Some((n - 1, fault));
                Fault::None
            }
            None => Fault::None,
        }
    }
}
