//! A delivery on each platform, by its real connector: what it takes of the platform, of AWS and of our processor. The platforms are
//! the sandbox, on a thread of its own, so that its work is not counted.

mod outside;

use crate::cost::{counted, priced};
use crate::cpu;
use crate::life::{TEXT, metered};
use crate::meter::{Meter, Unit};
use app::publishing::{execute, reconcile, tick, upload_media};
use connectors::Registry;
use domain::access::Role;
use domain::publishing::{Delivery, State};
use domain::{AccountId, MediaId, PostId};
use jiff::{SignedDuration, Timestamp};
use outside::Outside;
use ports::Job;
use runtime::config::PublicAddress;
use runtime::http::Api;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;
use testing::api::{Ask, Person, send};
use testing::{Mutant, Process, Roles, Weather, World};

/// What is published, and as whom of the sandbox's people. Each platform's usual content: a text where it takes one.
const ORDERS: [(&str, &str, Content); 17] = [
    ("x", "ada_demo", Content::Text),
    ("linkedin", "ada-demo", Content::Text),
    ("facebook", "ada-demo", Content::Text),
    ("instagram", "harbour.coffee.demo", Content::Picture),
    ("threads", "harbour.coffee.demo", Content::Text),
    ("youtube", "harbour-coffee-demo", Content::Video),
    ("tiktok", "harbour-coffee-demo", Content::Video),
    ("telegram", "harbour_bot", Content::Text),
    ("discord", "harbour_bot", Content::Text),
    ("slack", "harbour-coffee-demo", Content::Text),
    ("mastodon", "ada", Content::Text),
    ("bluesky", "harbour.test", Content::Text),
    ("wordpress", "ada", Content::Article),
    ("medium", "ada", Content::Article),
    ("mailchimp", "harbour", Content::Letter),
    ("sendgrid", "harbour", Content::Letter),
    ("whatsapp", "harbour", Content::Template),
];

/// What all deliveries share: the tick, and the reconciler's runs.
const SHARED: &str = "shared";

/// What a post says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Content {
    /// A text of 190 characters.
    Text,
    /// The text and a picture.
    Picture,
    /// The text as the description of a video.
    Video,
    /// The text with a title, as an article.
    Article,
    /// The text with a subject, as a letter to a list.
    Letter,
    /// What was approved before, with two parameters.
    Template,
}

impl Content {
    /// As it is read.
    pub fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Picture => "picture",
            Self::Video => "video",
            Self::Article => "article",
            Self::Letter => "letter",
            Self::Template => "template",
        }
    }
}

/// What deliveries on a platform took, each.
pub struct Taken {
    /// The platform.
    pub platform: &'static str,
    /// What was published.
    pub content: Content,
    /// Requests to the platform, reading back what it has not confirmed included.
    pub requests: f64,
    /// What AWS would bill.
    pub meter: Arc<Meter>,
    /// How many deliveries it was.
    pub deliveries: usize,
    /// What the platform charges for one, in millionths of a dollar; none where it charges nothing.
    pub charge_usd_micros: Option<u64>,
    /// Processor time of the publisher and the reconciler for one.
    pub cpu: Duration,
}

impl Taken {
    /// Units for one.
    pub fn units(&self, unit: Unit) -> f64 {
        counted(&self.meter, self.deliveries, unit, |step| step != SHARED)
    }

    /// Dollars of AWS for a million.
    pub fn dollars(&self) -> f64 {
        priced(&self.meter, self.deliveries, |step| step != SHARED)
    }

    /// Its row in `docs/costs.md`.
    pub fn row(&self) -> String {
        let charge = self.charge_usd_micros.map_or("–".into(), |micros| format!("${micros}"));
        format!(
            "| {} | {} | {:.1} | {:.1} | {:.1} | {:.1} | ${:.2} | {charge} |",
            self.platform,
            self.content.name(),
            self.requests,
            self.units(Unit::Write),
            self.units(Unit::Read),
            self.units(Unit::Sqs),
            self.dollars(),
        )
    }
}

/// `n` deliveries on each platform, one after the other, by a worker that has spoken for the account before.
pub async fn all(n: usize) -> Vec<Taken> {
    let mut taken = Vec::new();
    for (platform, actor, content) in ORDERS {
        taken.push(Desk::open(platform, actor, content).await.publish(n).await);
    }
    taken
}

/// An account on a platform, and a worker who speaks for it.
struct Desk {
    platform: &'static str,
    content: Content,
    outside: Outside,
    world: World,
    process: Process,
    account: AccountId,
    meter: Arc<Meter>,
    owner: Person,
    media: Option<MediaId>,
    asked: usize,
}

impl Desk {
    async fn open(platform: &'static str, actor: &str, content: Content) -> Self {
        let outside = Outside::start();
        let world = World::with(11, Weather::calm(), &[], Mutant::None);
        let (mut process, registry) = (world.process(), Registry::new(outside.egress()));
        let roles = Roles {
            publish: Arc::new(registry.publish()),
            find: Arc::new(registry.find()),
            manage: Arc::new(registry.manage()),
        };
        process.meets(Arc::new(outside.clone()), registry.describe(), registry.connect(), roles);
        process.deps.base.uploads = Arc::new(outside.clone());
        process.deps.base.media = Arc::new(outside.reader());
        let account = outside.connect(&process.deps, &world.caller, platform, actor).await;
        let file = match content {
            Content::Picture => Some(outside::jpeg()),
            Content::Video => Some(testing::video(9_000)),
            Content::Text | Content::Article | Content::Letter | Content::Template => None,
        };
        let mut media = None;
        if let Some(file) = file {
            media = Some(upload_media(&process.deps, &world.caller, file, "/file").await.unwrap().id);
        }
        let owner = world.person(1, Role::Owner, &[]).await;
        let meter = Arc::new(Meter::default());
        process.deps.base = metered(&world, &process.deps, &meter);
        Self { platform, content, outside, world, process, account, meter, owner, media, asked: 0 }
    }

    async fn publish(mut self, n: usize) -> Taken {
        // The worker gets its token, and its connections.
        self.one().await;
        self.meter.reset();
        let (before, mut cpu) = (self.outside.requests(self.platform).await, Duration::ZERO);
        for _ in 0..n {
            cpu += self.one().await;
        }
        let requests = self.outside.requests(self.platform).await - before;
        let connector = self.process.deps.connectors.named(self.platform).unwrap();
        let price = connector.descriptor().limits.price;
        Taken {
            platform: self.platform,
            content: self.content,
            requests: requests as f64 / n as f64,
            meter: self.meter,
            deliveries: n,
            charge_usd_micros: price.map(|price| price.step_usd_micros),
            cpu: cpu / u32::try_from(n).unwrap(),
        }
    }

    fn content(&self) -> Value {
        if self.content == Content::Template {
            let parameters = ["Ada".to_owned(), self.asked.to_string()];
            return json!({ "template": { "name": "order_ready", "language": "en_US", "parameters": parameters } });
        }
        let mut content = json!({ "text": format!("{TEXT} {}", self.asked) });
        if let Some(id) = self.media {
            content["media"] = json!([{ "media_id": id.to_string() }]);
        }
        if self.content == Content::Article {
            content["kind"] = "article".into();
        }
        if !matches!(self.content, Content::Text | Content::Picture) && self.platform != "tiktok" {
            content["title"] = format!("Workshop {}", self.asked).into();
        }
        content
    }

    /// One post from acceptance until it is published; the processor time of those who spoke to the platform.
    async fn one(&mut self) -> Duration {
        self.asked += 1;
        let post = self.accept().await;
        let mut spent = Duration::ZERO;
        // Slow platforms are asked again when their time has come, up to some hours.
        for _ in 0..60 {
            let began = cpu::spent_by_this_thread();
            self.work().await;
            spent += cpu::spent_by_this_thread() - began;
            let delivery = self.delivery(post);
            match delivery.state {
                State::Published { .. } => return spent,
                State::Unknown { .. } => spent += self.look().await,
                ref state if state.is_terminal() => panic!("{delivery:?}"),
                _ => {}
            }
            self.world.engine.advance_ms(60_000);
            theirs_passes().await;
            // What a tick and a run of the reconciler cost when nothing is due, all deliveries share.
            self.meter.step(SHARED);
            tick(&self.process.deps, self.deadline(), "tick").await.unwrap();
        }
        panic!("{} takes longer than an hour: {:?}", self.platform, self.delivery(post));
    }

    /// Through the real router, as [`crate::life`] does.
    async fn accept(&self) -> PostId {
        self.meter.step("accept");
        let address = PublicAddress { base_url: Some("https://herald.test".into()), local: false };
        let routes = publishing_api::router(Api::new(self.process.managing(), address));
        let body = json!({ "content": self.content(), "accounts": [self.account.to_string()] });
        let key = format!("0198c000-0000-7000-8000-{:012}", self.asked);
        self.meter.add(Unit::Api, "request", 1.0);
        self.meter.add(Unit::Invocation, "api", 1.0);
        let ask = Ask::new("POST", "/api/publishing/publish").once(&key).by(&self.owner).json(&body);
        let answer = send(&routes, ask).await;
        assert_eq!(answer.status, 202, "{}: {answer:?}", self.platform);
        answer.data()["pack_id"].as_str().unwrap().parse().unwrap()
    }

    fn deadline(&self) -> Timestamp {
        self.process.deps.clock.now() + SignedDuration::from_mins(10)
    }

    /// What the publisher does with the messages that are there.
    async fn work(&self) {
        self.meter.step("publish");
        for message in self.world.queues.take() {
            let Job::Publish { job, .. } = message.job else { panic!("nobody asked for a webhook") };
            self.meter.batch(1);
            execute(&self.process.publishing(), &job, self.deadline()).await.unwrap();
        }
    }

    /// What the reconciler does.
    async fn look(&self) -> Duration {
        self.meter.step(SHARED);
        let began = cpu::spent_by_this_thread();
        reconcile(&self.process.finding(), self.deadline(), "reconciler").await.unwrap();
        cpu::spent_by_this_thread() - began
    }

    /// As nobody's read that is counted shows it.
    fn delivery(&self, post: PostId) -> Delivery {
        self.world.posts().into_iter().find(|(found, _)| found.id == post).unwrap().1.remove(0)
    }
}

/// The platforms have the real clock.
#[allow(clippy::disallowed_methods)] // no function waits here
async fn theirs_passes() {
    tokio::time::sleep(Duration::from_millis(20)).await;
}
