#![allow(clippy::unwrap_used, clippy::panic)]

mod arriving;
mod crashes;
mod documents;
mod keeping;
mod saying;
mod steps;
mod taken_back;

use super::*;
use crate::Error;
use crate::fakes::{Library, World, once, shown};
use crate::publishing::tick;
use domain::access::Caller;
use domain::inbound::{Changed, Heard, Incoming, MessageStanding, Said, Source, Standing, What};
use domain::{EventId, SourceId};
use jiff::{SignedDuration, Timestamp};
use ports::{
    Ask, Call, Greeting, Inbound, IngestJob, Inlets, Job, Made, Proofs, Proved, Refused, SourceField, SourceForm,
    StoredReply,
};
use secrecy::ExposeSecret;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

static FORM: SourceForm = SourceForm {
    slug: "pigeons",
    name: "Pigeons",
    help: "tie it to a leg",
    fields: &[
        SourceField { name: "ring", what: "letters", made: Made::Nothing, check: letters },
        SourceField { name: "whistle", what: "letters", made: Made::Token, check: letters },
    ],
};

fn letters(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-')
}

/// What a pigeon carries.
#[derive(Serialize, Deserialize)]
struct Leaf {
    id: String,
    #[serde(default)]
    at: Option<Timestamp>,
    #[serde(default)]
    to: Option<String>,
    what: What,
}

/// Whose ring is right is believed.
struct Pigeons;

impl Inbound for Pigeons {
    fn form(&self) -> &'static SourceForm {
        &FORM
    }
    fn relies_on(&self, ask: &Ask<'_>, _: &Proofs) -> Option<String> {
        ask.header("x-loft-book").map(str::to_owned)
    }
    fn greet(&self, ask: &Ask<'_>, proofs: &Proofs, now: Timestamp) -> Result<Option<Greeting>, Refused> {
        if let Some(perch) = ask.header("x-perch") {
            self.prove(ask, proofs, now)?;
            return Ok(Some(Greeting { visit: Some(perch.into()), ..Greeting::text("coo") }));
        }
        Ok((ask.method == "GET").then(|| Greeting::text("coo")))
    }
    fn prove(&self, ask: &Ask<'_>, proofs: &Proofs, _: Timestamp) -> Result<Proved, Refused> {
        let ring = ask.header("x-ring").ok_or(Refused::Unproved)?;
        if ring != proofs.of("ring").expose_secret() {
            return Err(Refused::Wrong);
        }
        if ask.header("x-loft-book").is_some() && proofs.document() != b"this ring is ours" {
            return Err(Refused::Wrong);
        }
        Ok(Proved { call: ask.header("x-flight").map(str::to_owned) })
    }
    fn read(&self, call: &Call<'_>) -> Vec<Heard> {
        let leaves: Vec<Leaf> = serde_json::from_slice(call.body).unwrap_or_default();
        let heard = |leaf: Leaf| Heard { id: leaf.id, at: leaf.at, to: leaf.to, what: leaf.what };
        leaves.into_iter().map(heard).collect()
    }
    fn ends_access(&self, kind: &str) -> Option<&'static str> {
        (kind == "left the loft").then_some("left")
    }
}

/// One source of one tenant, and who may look.
struct Loft {
    world: World,
    deps: InboundDeps,
    owner: Caller,
    source: SourceId,
    token: String,
}

impl Loft {
    async fn new() -> Self {
        let mut world = World::new();
        world.deps.base.sources = Arc::new([&FORM]);
        let owner = world.owner(1).await;
        let (base, inlets) = (world.deps.base.clone(), Inlets::new(vec![Arc::new(Pigeons)]));
        let deps = InboundDeps { base, inlets, documents: Arc::new(Library::default()) };
        let (source, token) = make(&deps, &owner, "first").await;
        Self { world, deps, owner, source, token }
    }

    /// A call with this body.
    async fn call(&self, body: &[u8]) -> Result<Received, Error> {
        let headers = [("x-ring".to_owned(), "right".to_owned()), ("content-type".to_owned(), "leaf".to_owned())];
        let ask = Ask { method: "POST", url: "", query: "", headers: &headers, body };
        receive(&self.deps, "pigeons", &self.token, &ask, "cid").await
    }

    /// Reads every call that a message waits for.
    async fn read(&self) -> Result<(), Error> {
        for job in self.jobs() {
            ingest(&self.deps, &job, Timestamp::MAX).await?;
        }
        Ok(())
    }

    fn jobs(&self) -> Vec<IngestJob> {
        let woken = std::mem::take(&mut *self.world.outbound.woken.lock().unwrap());
        let job = |wake_up: ports::WakeUp| match wake_up.job {
            Job::Ingest(job) => Some(job),
            _ => None,
        };
        woken.into_iter().filter_map(job).collect()
    }

    async fn incoming(&self) -> Vec<Incoming> {
        incoming(&self.deps, &self.owner, self.source, None, 100).await.unwrap().items
    }

    /// Ids of the events that the bus was told, each once.
    fn told(&self) -> BTreeSet<EventId> {
        self.world.outbound.told.lock().unwrap().iter().map(|event| event.id).collect()
    }

    async fn tick(&self) {
        let deadline = self.deps.clock.now() + SignedDuration::from_mins(1);
        tick(&self.deps, deadline, "tick").await.unwrap();
    }
}

async fn make(deps: &InboundDeps, owner: &Caller, key: &str) -> (SourceId, String) {
    let seen: Mutex<Option<SourceMade>> = Mutex::default();
    let encode = |made: &SourceMade| {
        *seen.lock().unwrap() = Some(made.clone());
        StoredReply { status: 201, body: made.url.clone() }
    };
    let secrets = BTreeMap::from([("ring".to_owned(), "right".to_owned().into())]);
    let new = NewSource { platform: "pigeons".into(), name: String::new(), secrets };
    register_source(deps, owner, &new, "https://herald.test", &once(key), &encode).await.unwrap();
    let made = seen.lock().unwrap().take().unwrap();
    let token = made.url.strip_prefix("https://herald.test/api/inbound/pigeons/").unwrap().to_owned();
    (made.source.id, token)
}

fn said(id: &str) -> Said {
    Said { external_id: id.into(), text: Some("coo".into()), ..Said::default() }
}

fn leaves(all: &[Leaf]) -> Vec<u8> {
    serde_json::to_vec(all).unwrap()
}

fn comment(id: &str) -> Leaf {
    Leaf { id: id.into(), at: None, to: None, what: What::Comment(said(id)) }
}

fn status(id: &str, status: MessageStanding, second: i64) -> Leaf {
    let at = Timestamp::from_second(1_800_000_000 + second).unwrap();
    let standing = Standing { status, at, code: None };
    Leaf { id: id.into(), at: None, to: None, what: What::Status { message: "m1".into(), recipient: None, standing } }
}
