//! The publishing API on a desk: a world with one connected account and a post in each state that a route asks for.

use app::publishing::execute;
use axum::Router;
use connector_kit::{Egress, Guard, Reader};
use domain::access::Role;
use domain::inbound::{Said, What};
use jiff::SignedDuration;
use ports::Job;
use runtime::config::PublicAddress;
use runtime::http::Api;
use serde_json::{Value, json};
use std::sync::Arc;
use testing::api::{Ask, Bench, Person, Route};
use testing::{ANSWERED, Mutant, Process, READABLE, WRITE_ONLY, Weather, World};

pub(crate) const POSTS: &str = "/api/publishing/posts";
pub(crate) const PUBLISH: &str = "/api/publishing/publish";
pub(crate) const IMPORT: &str = "/api/publishing/posts/import";
pub(crate) const EXPORT: &str = "/api/publishing/posts/export";
const ONE: &str = "/api/publishing/posts/{post_id}";
pub(crate) const APPROVALS: &str = "/api/publishing/approvals";
pub(crate) const RULES: &str = "/api/publishing/approval-rules";
pub(crate) const BRAND: &str = "/api/publishing/brand-rules";
const ASK: &str = "/api/publishing/posts/{post_id}/approval";
const APPROVE: &str = "/api/publishing/posts/{post_id}/approve";
const REJECT: &str = "/api/publishing/posts/{post_id}/reject";
pub(crate) const SERIES: &str = "/api/publishing/series";
pub(crate) const PREVIEW: &str = "/api/publishing/schedule/preview";
const ONE_SERIES: &str = "/api/publishing/series/{series_id}";
pub(crate) const SLOTS: &str = "/api/publishing/accounts/{account_id}/slots";
pub(crate) const NEXT_SLOT: &str = "/api/publishing/slots/next";
pub(crate) const BEST_TIME: &str = "/api/publishing/slots/best";
const CONTENT: &str = "/api/v1/communication/social/{platform}/content";
pub(crate) const ANSWERS: &str = "/api/inbox/{interaction_id}/answers";
const RESOLVE: &str = "/api/publishing/posts/{post_id}/deliveries/{account_id}/resolve";

/// Posts by what became of them, and the account they went to.
pub(crate) struct Desk {
    pub(crate) bench: Bench<Router>,
    pub(crate) account: String,
    pub(crate) draft: String,
    pub(crate) published: String,
    pub(crate) unknown: String,
    /// An editor, whose posts somebody has to approve.
    pub(crate) editor: Person,
    /// What the editor wrote, and the hash of its approval.
    pub(crate) asked: String,
    pub(crate) hash: String,
    pub(crate) series: String,
    /// A comment that can be answered.
    pub(crate) comment: String,
}

fn draft_of(text: &str) -> Value {
    json!({ "content": { "text": text }, "option": "draft" })
}

pub(crate) async fn desk() -> Desk {
    Box::pin(over(false)).await
}

/// The same, with the reader of addresses that production has.
pub(crate) async fn guarded() -> Desk {
    Box::pin(over(true)).await
}

async fn over(guarded: bool) -> Desk {
    // The platform answers nothing while there is a storm.
    let weather = Weather { platform: 1_000, ..Weather::calm() };
    let world = World::with(7, weather, &[READABLE, WRITE_ONLY, ANSWERED], Mutant::None);
    let process = world.process();
    let account = world.connect(&process.deps, "readable", "ada").await.unwrap().id.to_string();
    let owner = world.person(1, Role::Owner, &[]).await;
    let editor = world.person(1, Role::Editor, &[]).await;
    let address = PublicAddress { base_url: Some("https://herald.test".into()), local: false };
    let mut deps = process.managing();
    if guarded {
        deps.accounts.media = Arc::new(Reader::new(Egress::new(Guard::new(false)), Arc::clone(&deps.uploads)));
    }
    let routes = publishing_api::router(Api::new(deps, address));
    let document = serde_json::to_value(publishing_api::openapi()).unwrap();
    let bench = Bench { world, routes, owner, all: Vec::new(), document };
    let none = String::new;
    let (draft, published, unknown, asked, hash, series) = (none(), none(), none(), none(), none(), none());
    let mut desk = Desk { bench, account, draft, published, unknown, editor, asked, hash, series, comment: none() };
    desk.draft = desk.publish("draft", &draft_of("first")).await;
    desk.published = desk.publish("now", &desk.now("out")).await;
    desk.work(&process).await;
    let missed = desk.publish("missed", &desk.at(SignedDuration::from_mins(1))).await;
    desk.bench.world.engine.advance_ms(2 * 3_600_000);
    desk.work(&process).await;
    desk.unknown = desk.lost(&process).await;
    let waiting = desk.publish("waiting", &desk.at(SignedDuration::from_hours(1))).await;
    let made = desk.bench.owner(Ask::new("POST", SERIES).once("series").json(&desk.weekly())).await;
    desk.series = made.data()["series_id"].as_str().unwrap().to_owned();
    let upload = json!({ "content_type": "image/png" });
    let made = desk.bench.owner(Ask::new("POST", "/api/publishing/media").once("medium").json(&upload)).await;
    let medium = made.data()["media_id"].as_str().unwrap().to_owned();
    let status = desk.bench.owner(Ask::new("GET", &format!("/api/publishing/status/{}", desk.unknown))).await;
    let question = status.data()["deliveries"][0]["question"].as_str().unwrap().to_owned();
    let free = desk.publish("free", &desk.at(SignedDuration::from_hours(1))).await;
    desk.ask_an_approver().await;
    desk.comment = desk.commented(&process).await;
    desk.bench.all = desk.routes(&missed, &waiting, &medium, &question, &free);
    desk
}

/// Where something that was said is answered.
pub(crate) fn answers(interaction: &str) -> String {
    ANSWERS.replace("{interaction_id}", interaction)
}

impl Desk {
    async fn publish(&self, key: &str, body: &Value) -> String {
        let made = self.bench.owner(Ask::new("POST", PUBLISH).once(key).json(body)).await;
        made.data()["pack_id"].as_str().unwrap().to_owned()
    }

    pub(crate) fn now(&self, text: &str) -> Value {
        json!({ "content": { "text": text }, "accounts": [self.account] })
    }

    pub(crate) fn at(&self, ahead: SignedDuration) -> Value {
        let time = (self.bench.world.engine.now() + ahead).to_string();
        json!({ "content": { "text": "later" }, "accounts": [self.account], "option": "scheduled", "scheduled_at": time })
    }

    /// Somebody comments where a post may answer.
    async fn commented(&self, process: &Process) -> String {
        let world = &self.bench.world;
        let account = world.connect(&process.deps, "answered", "bob").await.unwrap();
        let said = Said { external_id: "c1".into(), text: Some("When?".into()), ..Said::default() };
        world.told(&account.platform, Some(account.id), What::Comment(said)).await.to_string()
    }

    /// From now on editors' posts need an approval, and there is one.
    async fn ask_an_approver(&mut self) {
        let rule = Ask::new("PUT", RULES).once("rule").json(&json!({ "required_for": "editors" }));
        assert_eq!(self.bench.owner(rule).await.status, 200);
        let body = self.at(SignedDuration::from_hours(3));
        let made = self.bench.send(Ask::new("POST", PUBLISH).once("asked").json(&body).by(&self.editor)).await;
        made.data()["pack_id"].as_str().unwrap().clone_into(&mut self.asked);
        made.data()["approval"]["hash"].as_str().unwrap().clone_into(&mut self.hash);
    }

    /// A series that works.
    pub(crate) fn weekly(&self) -> Value {
        let tomorrow = self.bench.world.engine.now().in_tz("Europe/Berlin").unwrap().date().tomorrow().unwrap();
        json!({
            "content": { "text": "each week" }, "accounts": [self.account],
            "recurrence": { "rule": "FREQ=WEEKLY;BYDAY=MO,FR", "start": format!("{tomorrow}T09:00:00"), "timezone": "Europe/Berlin" },
            "missed_run": { "policy": "ask" },
        })
    }

    /// Works through what was sent to the queues.
    pub(crate) async fn work(&self, process: &Process) {
        for message in self.bench.world.queues.take() {
            if let Job::Publish { job, .. } = message.job {
                let deadline = process.deps.clock.now() + SignedDuration::from_secs(30);
                execute(&process.publishing(), &job, deadline).await.unwrap();
            }
        }
    }

    /// A post whose answer was lost, so that it may be live. What goes wrong in a storm is drawn; some day it is this.
    async fn lost(&self, process: &Process) -> String {
        for day in 0..50 {
            let text = format!("lost {day}");
            let post = self.publish(&text.replace(' ', "-"), &self.now(&text)).await;
            self.bench.world.engine.storm(true);
            self.work(process).await;
            self.bench.world.engine.storm(false);
            let status = self.bench.owner(Ask::new("GET", &format!("/api/publishing/status/{post}"))).await;
            if status.data()["deliveries"][0]["status"] == "unknown" {
                return post;
            }
            self.bench.world.engine.advance_ms(24 * 3_600_000);
        }
        panic!("no answer was lost in fifty days");
    }

    // A table.
    #[allow(clippy::too_many_lines)]
    fn routes(&self, missed: &str, waiting: &str, medium: &str, question: &str, free: &str) -> Vec<Route> {
        let Self { account, draft: id, unknown, asked, hash, series, .. } = self;
        let verdict = json!({ "hash": hash, "comment": "as agreed" });
        let soon = (self.bench.world.engine.now() + SignedDuration::from_hours(2)).to_string();
        vec![
            Route::change(
                "POST",
                PUBLISH,
                "",
                Some(json!({
                    "content": { "text": "whole", "hashtags": ["a"], "link": { "url": "https://example.com", "title": "t" } },
                    "accounts": [account], "option": "scheduled", "scheduled_at": soon, "max_lateness_seconds": 600,
                })),
            ),
            Route::get("/api/publishing/status/{pack_id}", &format!("/api/publishing/status/{id}")),
            Route::change(
                "POST",
                "/api/publishing/retry/{pack_id}",
                &format!("/api/publishing/retry/{missed}"),
                Some(json!({ "account_id": account })),
            ),
            Route::change(
                "POST",
                "/api/publishing/format/{platform}",
                "/api/publishing/format/readable",
                Some(json!({ "content": { "text": "a" } })),
            )
            .unkeyed(),
            Route::change(
                "POST",
                "/api/publishing/preflight",
                "",
                Some(json!({ "content": { "text": "a" }, "accounts": [account] })),
            )
            .unkeyed(),
            Route::get(POSTS, ""),
            Route::get(ONE, &format!("{POSTS}/{id}")),
            Route::change(
                "PATCH",
                ONE,
                &format!("{POSTS}/{id}"),
                Some(json!({ "content": { "text": "better" }, "accounts": [account] })),
            )
            .with("if-match", "*"),
            Route::change("DELETE", ONE, &format!("{POSTS}/{id}"), None),
            Route::change("POST", "/api/publishing/posts/{post_id}/cancel", &format!("{POSTS}/{waiting}/cancel"), None),
            Route::change(
                "POST",
                RESOLVE,
                &format!("{POSTS}/{unknown}/deliveries/{account}/resolve"),
                Some(json!({ "question": question, "decision": "it_is_live" })),
            ),
            Route::change("POST", ANSWERS, &answers(&self.comment), Some(json!({ "text": "At ten." })))
                .with("if-match", "*"),
            Route::change(
                "POST",
                IMPORT,
                "",
                Some(json!({ "csv": format!("text;accounts\nfrom a file;{account}\n"), "partial": true })),
            ),
            Route::get(EXPORT, ""),
            Route::get(APPROVALS, ""),
            Route::change("POST", ASK, &format!("{POSTS}/{free}/approval"), Some(json!({ "comment": "please" }))),
            Route::change("POST", APPROVE, &format!("{POSTS}/{asked}/approve"), Some(verdict.clone())),
            Route::change("POST", REJECT, &format!("{POSTS}/{asked}/reject"), Some(verdict)),
            Route::get(RULES, ""),
            Route::change("PUT", RULES, "", Some(json!({ "required_for": "everyone" }))),
            Route::get(BRAND, ""),
            Route::change(
                "PUT",
                BRAND,
                "",
                Some(json!({
                    "required_words": ["ad"], "forbidden_words": ["cheap"], "allowed_domains": ["example.com"],
                    "denied_domains": ["old.example.com"], "max_hashtags": 3,
                })),
            ),
            Route::change("POST", "/api/publishing/media", "", Some(json!({ "content_type": "image/png" }))),
            Route::get("/api/publishing/media/{media_id}", &format!("/api/publishing/media/{medium}")),
            Route::change("POST", SERIES, "", Some(self.weekly())),
            Route::get(SERIES, ""),
            Route::get(ONE_SERIES, &format!("{SERIES}/{series}")),
            Route::change("PATCH", ONE_SERIES, &format!("{SERIES}/{series}"), Some(json!({ "status": "paused" })))
                .with("if-match", "*"),
            Route::change("DELETE", ONE_SERIES, &format!("{SERIES}/{series}"), None),
            Route::get(SLOTS, &SLOTS.replace("{account_id}", account)),
            Route::change(
                "PUT",
                SLOTS,
                &SLOTS.replace("{account_id}", account),
                Some(json!({ "timezone": "Europe/Berlin", "slots": [{ "weekday": "MO", "time": "08:30" }] })),
            ),
            Route::get(NEXT_SLOT, &format!("{NEXT_SLOT}?account_id={account}")),
            Route::get(BEST_TIME, &format!("{BEST_TIME}?account_id={account}")),
            Route::change("POST", PREVIEW, "", Some(json!({ "recurrence": self.weekly()["recurrence"], "count": 3 })))
                .unkeyed(),
            Route::change(
                "POST",
                "/api/social/posts/schedule",
                "",
                Some(json!({ "content": "a", "platforms": ["readable"], "scheduledAt": soon })),
            ),
            Route::get("/api/social/posts", ""),
            Route::change(
                "POST",
                CONTENT,
                "/api/v1/communication/social/readable/content",
                Some(json!({ "content": { "text": "a", "formatting": { "hashtags": ["b"] } }, "account_id": account })),
            ),
        ]
    }
}
