//! One message: an event from the bus, or a webhook message whose time for another attempt has come.

use app::webhooks::{Attempted, Batch, Visit};
use app::{Deps, inbox, webhooks};
use domain::events::Event;
use ports::{RecoverJob, WebhookJob};
use runtime::queue::{Failed, Message};
use serde::Deserialize;

/// After how many seconds a message shows again whose first visit failed.
const SOON_S: u16 = 30;

/// What the webhook queue carries.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub(crate) enum Notice {
    /// The bus's envelope around an event.
    Event {
        /// The event.
        detail: Box<Event>,
    },
    /// Another attempt.
    Again(WebhookJob),
    /// The next step of a recovery.
    Recover(RecoverJob),
}

/// Delivers. What an endpoint answers is recorded and never fails the message; only a store or a key ring that does not answer does: then
/// the event comes again, and is done with when every endpoint has a record of it. Where
/// somebody is to be tried again within two minutes, sooner than the tick can be sure to see, the message itself comes again.
pub(crate) async fn notify(deps: &Deps, batch: &Batch, message: Message<Notice>) -> Result<(), Failed> {
    let visit = Visit { receives: message.receives };
    let done = match &message.body {
        Notice::Event { detail } => {
            // Before anybody is told: who is told and looks finds it done. What is wrong with the inbox keeps nobody from the event.
            let answered = inbox::answered(deps, detail).await;
            let told = webhooks::fan_out(batch, deps, detail, visit).await.map(|told| told.again_at);
            answered.and(told)
        }
        Notice::Again(job) if job.v != 1 => {
            return Err(Failed::poison(format!("version {} of a webhook message", job.v)));
        }
        Notice::Recover(job) if job.v != 1 => {
            return Err(Failed::poison(format!("version {} of a recovery's message", job.v)));
        }
        Notice::Recover(job) => webhooks::go_on(deps, job.tenant, job.endpoint, job.recovery, visit).await,
        Notice::Again(job) => {
            webhooks::attempt(deps, job.tenant, job.endpoint, job.event, &job.cid, visit).await.map(Attempted::again_at)
        }
    };
    match done {
        Ok(None) => Ok(()),
        Ok(Some(at)) => {
            // Hidden or not, it is not done with.
            deps.queues.hide(&message.receipt, webhooks::seconds_until(deps, at)).await;
            Err(Failed::later())
        }
        Err(error) => {
            // The first time soon: a request may have been made of which there is no record. After that as its queue has it.
            if visit == Visit::FIRST {
                deps.queues.hide(&message.receipt, SOON_S).await;
            }
            Err(Failed::new("unavailable", error.to_string()))
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use app::Once;
    use app::webhooks::{NewEndpoint, Registered, register};
    use domain::events::{DeliveryFacts, EventData};
    use domain::inbound::{Said, What};
    use domain::inbox::{Answered, InboxState, Interaction, Latest};
    use domain::{DeliveryId, InteractionId, PostId};
    use ports::{Record, StoredReply, Versioned, Write};
    use testing::{World, now};

    /// A post that is live, and the comment that it answers.
    struct Live {
        world: World,
        event: Event,
        comment: InteractionId,
    }

    impl Live {
        fn new() -> Self {
            let world = World::new(7);
            let (deps, platform) = (world.deps(), "readable".parse().unwrap());
            let account = now(world.connect(&world.process().deps, "readable", "ada")).unwrap().id;
            let (tenant, post) = (world.caller.tenant, PostId::from_uuid(deps.uuid()));
            let comment = now(world.told(&platform, Some(account), What::Comment(Said::default())));
            let answer = Answered { post, at: deps.clock.now(), by: world.caller.member, live_at: None };
            let facts = DeliveryFacts {
                post_id: post,
                delivery_id: DeliveryId::from_uuid(deps.uuid()),
                account_id: account,
                platform,
                status: "published".into(),
                platform_post_id: None,
                url: None,
                interaction_id: Some(comment),
                error_code: None,
            };
            let event = deps.events(tenant, "test", [EventData::PostPublished(facts)]).remove(0);
            let live = Self { world, event, comment };
            assert!(live.keeps(|one| one.answering(answer)));
            live
        }

        fn kept(&self) -> Versioned<Interaction> {
            now(self.world.deps().ledger.interaction(self.world.caller.tenant, self.comment)).unwrap().unwrap()
        }

        /// Whether the store takes the comment so.
        fn keeps(&self, so: impl FnOnce(Interaction) -> Interaction) -> bool {
            let found = self.kept();
            let next = Record::Interaction(Box::new(so(found.value.clone())));
            now(self.world.deps().ledger.commit(vec![Write::replace(&found, next)])).is_ok()
        }

        fn is_told(&self, receives: u32) -> Result<(), Failed> {
            let message = Message {
                body: Notice::Event { detail: Box::new(self.event.clone()) },
                id: "1".into(),
                receipt: "1".into(),
                receives,
                cid: "test".into(),
                deadline: self.world.deps().clock.now(),
            };
            now(notify(&self.world.deps(), &Batch::default(), message))
        }
    }

    #[test]
    fn a_comment_that_cannot_be_kept_keeps_no_endpoint_from_the_event_and_the_event_comes_again() {
        let live = Live::new();
        let url = "https://r.test/hook";
        let new = NewEndpoint { url: url.into(), ..NewEndpoint::default() };
        let once = Once { route: "test".into(), key: "a".into(), fingerprint: String::new() };
        let plain = |_: &Registered| StoredReply { status: 201, body: String::new() };
        let (deps, caller) = (live.world.deps(), &live.world.caller);
        now(register(&deps, caller, &new, "https://herald.test", &once, &plain)).unwrap();
        // As large as a record may be: that it was answered does not go into it any more.
        let told = live.kept().value.there.unwrap();
        let (mut fits, mut over) = (0, 1 << 20);
        while over - fits > 1 {
            let half = usize::midpoint(fits, over);
            let text = Latest { told, value: "x".repeat(half) };
            if live.keeps(|one| Interaction { text: Some(text), ..one }) { fits = half } else { over = half }
        }
        for receives in [1, 2] {
            let failed = live.is_told(receives).unwrap_err();
            assert!(format!("{failed:?}").contains("too large"), "{failed:?}");
            assert_eq!(live.kept().value.responded_at, None);
            assert_eq!(live.world.listener.heard().len(), 1, "it is told, and once");
        }
    }

    #[test]
    fn what_a_post_answers_is_done_when_its_event_says_that_it_is_live() {
        let live = Live::new();
        assert_eq!(live.is_told(1), Ok(()));
        let done = live.kept().value;
        assert_eq!((done.state(), done.responded_at.is_some()), (Some(InboxState::Done), true));
    }

    #[test]
    fn the_sample_of_what_arrives_holds_a_true_event() {
        let sample: serde_json::Value = serde_json::from_str(include_str!("../../../events/notifier.json")).unwrap();
        let body = sample["Records"][0]["body"].as_str().unwrap();
        assert!(matches!(serde_json::from_str(body).unwrap(), Notice::Event { .. }));
        let body: serde_json::Value = serde_json::from_str(body).unwrap();
        assert_eq!(body["detail-type"], body["detail"]["type"]);
    }

    #[test]
    fn the_queue_carries_the_buss_envelopes_and_our_own_jobs() {
        let event = include_str!("../../../events/domain/post.published.v1.json");
        let envelope =
            format!(r#"{{"version":"0","id":"1","detail-type":"post.published","source":"herald","detail":{event}}}"#);
        assert!(matches!(serde_json::from_str(&envelope).unwrap(), Notice::Event { .. }));
        let id = "0198c0ffee0070008000000000000001";
        let job = format!(r#"{{"v":1,"tenant":"ten_{id}","endpoint":"ep_{id}","event":"evt_{id}","cid":"c"}}"#);
        assert!(matches!(serde_json::from_str(&job).unwrap(), Notice::Again(_)));
        let job = format!(r#"{{"v":1,"tenant":"ten_{id}","endpoint":"ep_{id}","recovery":"rec_{id}","cid":"c"}}"#);
        assert!(matches!(serde_json::from_str(&job).unwrap(), Notice::Recover(_)));
        assert!(serde_json::from_str::<Notice>("{}").is_err());
    }
}
