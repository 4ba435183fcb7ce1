//! What the indexes and lists promise.

use crate::fixtures::{World, fresh, platform};
use domain::accounts::{Account, AccountStatus, TokenState};
use domain::publishing::{
    Delivery, Engagement, Gate, Knock, Media, Post, Receipt, Schedule, Series, State, Wake, Wakened,
};
use domain::webhooks::{Lane, WebhookMessage, WebhookState};
use domain::{AccountId, EventId, PostId, TenantId};
use jiff::{SignedDuration, Timestamp};
use ports::{
    Access, Accounts, Audit, DUE_SHARDS, Due, DueRef, DueSubject, Endpoints, MessageSpan, PostQuery, Posts, Record,
    Slot, StoreError, Versioned, Write,
};
use std::collections::BTreeSet;
use store::Backend;

/// All entries of this test's tenant, shard after shard.
async fn due<B: Backend>(w: &World<B>, until: Timestamp, unknown: bool) -> Vec<DueRef> {
    let mut found = Vec::new();
    for shard in 0..DUE_SHARDS {
        let mut cursor = None;
        loop {
            let at = cursor.as_deref();
            let page =
                if unknown { w.store.unknown(shard, until, at).await } else { w.store.due(shard, until, at).await }
                    .unwrap();
            found.extend(page.items);
            cursor = page.next;
            if cursor.is_none() {
                break;
            }
        }
    }
    found.retain(|entry| entry.tenant == w.tenant);
    found
}

fn post_of(entry: &DueRef) -> PostId {
    let DueSubject::Delivery { post, .. } = &entry.subject else { panic!("{entry:?}") };
    *post
}

async fn replace<B: Backend>(w: &World<B>, next: &Delivery) {
    let old = w.store.delivery(w.tenant, next.post, next.account).await.unwrap().unwrap();
    w.commit([Write::replace(&old, Record::Delivery(next.clone()))]).await.unwrap();
}

pub(crate) async fn due_entries_come_oldest_first_and_only_until_the_time_asked<B: Backend>(w: &World<B>) {
    for seconds in [300, 10, 200, 100, 20, 30, 40, 50, 60, 70, 80, 90] {
        w.create(Record::Delivery(w.delivery(w.in_s(seconds)))).await;
    }
    for shard in 0..DUE_SHARDS {
        let page = w.store.due(shard, w.in_s(100), None).await.unwrap();
        assert!(page.items.is_sorted_by_key(|entry| entry.wake.at));
    }
    let found = due(w, w.in_s(100), false).await;
    assert_eq!(found.len(), 10, "the bound itself is included");
    assert!(found.iter().all(|entry| entry.wake.at <= w.in_s(100)));
    assert_eq!(due(w, w.in_s(9), false).await, []);
}

pub(crate) async fn due_entries_page_without_gap_or_repetition<B: Backend>(w: &World<B>) {
    let mut made = Vec::new();
    for _ in 0..30 {
        let delivery = w.delivery(w.in_s(1));
        made.push(delivery.post);
        w.create(Record::Delivery(delivery)).await;
    }
    let mut found: Vec<_> = due(w, w.in_s(60), false).await.iter().map(post_of).collect();
    found.sort();
    assert_eq!(found, made);
}

pub(crate) async fn an_entry_leaves_the_due_index_when_the_machine_is_done<B: Backend>(w: &World<B>) {
    let now = w.now();
    let (code, detail, reason) = ("c".to_owned(), "d".to_owned(), "r".to_owned());
    let done = [
        State::Published { at: now },
        State::Partial { at: now, code: code.clone(), detail: detail.clone() },
        State::Failed { at: now, code, detail },
        State::Missed { at: now },
        State::Canceled { at: now },
        State::Attention { part: 0, reason, since: now },
    ];
    for state in done {
        let mut delivery = w.delivery(now);
        w.create(Record::Delivery(delivery.clone())).await;
        assert_eq!(due(w, w.in_s(60), false).await.len(), 1);
        // Even if a wake-up were left behind by mistake.
        delivery.state = state;
        replace(w, &delivery).await;
        assert_eq!(due(w, w.in_s(60), false).await, []);
        assert_eq!(due(w, w.in_s(60), true).await, []);
    }
}

pub(crate) async fn a_claimed_delivery_stays_where_it_was_in_the_due_index<B: Backend>(w: &World<B>) {
    let delivery = w.delivery(w.now());
    w.create(Record::Delivery(delivery.clone())).await;
    let before = due(w, w.in_s(60), false).await;
    let Wakened::Claimed(claimed) = delivery.wakened("w", w.now()) else { panic!("not claimed") };
    replace(w, &claimed.next).await;
    assert_eq!(due(w, w.in_s(60), false).await, before);
    let sent = claimed.next.dispatching("w", w.now(), w.now()).unwrap();
    replace(w, &sent.next).await;
    assert_eq!(due(w, w.in_s(60), false).await, before);
}

pub(crate) async fn an_unknown_outcome_is_listed_for_reading_and_not_for_sending<B: Backend>(w: &World<B>) {
    let mut delivery = w.delivery(w.now());
    w.create(Record::Delivery(delivery.clone())).await;
    delivery.state =
        State::Unknown { part: 0, since: w.now(), neg_reads: 0, last_neg_at: None, resembled: false, never: false };
    delivery.wake = Some(Wake { at: w.in_s(300), set_at: w.now(), sent: false });
    replace(w, &delivery).await;
    assert_eq!(due(w, w.in_s(3600), false).await, []);
    assert_eq!(due(w, w.in_s(299), true).await, []);
    let found = due(w, w.in_s(300), true).await;
    assert_eq!(found.iter().map(post_of).collect::<Vec<_>>(), [delivery.post]);
}

pub(crate) async fn a_due_entry_tells_all_that_a_wake_up_needs<B: Backend>(w: &World<B>) {
    let mut delivery = w.delivery(w.in_s(90));
    let wake = Wake { at: w.in_s(90), set_at: w.now(), sent: true };
    delivery.wake = Some(wake);
    w.create(Record::Delivery(delivery.clone())).await;
    let subject = DueSubject::Delivery { post: delivery.post, account: delivery.account, platform: platform() };
    assert_eq!(due(w, w.in_s(90), false).await, [DueRef { tenant: w.tenant, subject, wake }]);
}

pub(crate) async fn a_webhook_message_is_due_until_it_has_ended<B: Backend>(w: &World<B>) {
    let wake = Wake { at: w.in_s(5), set_at: w.now(), sent: false };
    let endpoint = w.endpoint();
    let message = w.message(endpoint.id, Some(wake));
    w.create(Record::WebhookMessage(message.clone())).await;
    let subject = DueSubject::Webhook { event: message.event, endpoint: endpoint.id };
    assert_eq!(due(w, w.in_s(5), false).await, [DueRef { tenant: w.tenant, subject, wake }]);

    let old = w.store.message(w.tenant, endpoint.id, message.event).await.unwrap().unwrap();
    let claimed = message.claimed("w", w.in_s(5)).unwrap();
    assert!(matches!(claimed.state, WebhookState::Sending { .. }));
    w.commit([Write::replace(&old, Record::WebhookMessage(claimed.clone()))]).await.unwrap();
    assert_eq!(due(w, w.in_s(5), false).await.len(), 1, "a worker that vanishes is found again");

    let old = w.store.message(w.tenant, endpoint.id, message.event).await.unwrap().unwrap();
    let dead = claimed.dead("gone", w.now());
    w.commit([Write::replace(&old, Record::WebhookMessage(dead))]).await.unwrap();
    assert_eq!(due(w, w.in_s(3600), false).await, []);
}

pub(crate) async fn a_series_is_due_while_a_run_is_to_come_and_series_are_listed_as_they_were_made<B: Backend>(
    w: &World<B>,
) {
    let made = [w.series(), w.series(), w.series()];
    for series in &made {
        w.create(Record::Series(Box::new(series.clone()))).await;
    }
    let wake = made[0].wake.unwrap();
    let found = due(w, wake.at, false).await;
    let entry = |series: &Series| DueRef { tenant: w.tenant, subject: DueSubject::Series(series.id), wake };
    assert_eq!(found.len(), 3);
    assert!(made.iter().all(|series| found.contains(&entry(series))));
    let old = w.store.series(w.tenant, made[1].id).await.unwrap().unwrap();
    assert_eq!(old.value, made[1]);
    let paused = old.value.clone().paused("asked", w.now());
    w.commit([Write::replace(&old, Record::Series(Box::new(paused.clone())))]).await.unwrap();
    assert_eq!(due(w, wake.at, false).await.len(), 2, "nothing is to come");
    let first = w.store.all_series(w.tenant, None, 2).await.unwrap();
    assert_eq!(first.items, [made[0].clone(), paused]);
    let rest = w.store.all_series(w.tenant, first.next.as_deref(), 2).await.unwrap();
    assert_eq!((rest.items, rest.next), (vec![made[2].clone()], None));
}

pub(crate) async fn an_account_is_found_when_its_pair_is_to_be_renewed_ahead_while_it_is_used<B: Backend>(
    w: &World<B>,
) {
    let mut account = w.account();
    account.token = TokenState { refreshable: true, expires_at: Some(w.in_s(3_600)), ..TokenState::none(1) };
    w.create(Record::Account(account.clone())).await;
    let at = account.ahead_at().unwrap();
    let found = async |until| {
        let mut all = Vec::new();
        for shard in 0..DUE_SHARDS {
            let page = w.store.ahead(shard, until, None).await.unwrap();
            all.extend(page.items.into_iter().filter(|entry| entry.tenant == w.tenant));
        }
        all
    };
    let wake = Wake { at, set_at: at, sent: false };
    let entry = DueRef { tenant: w.tenant, subject: DueSubject::Account(account.id), wake };
    assert_eq!((found(at - SignedDuration::from_secs(1)).await, found(at).await), (vec![], vec![entry]));
    assert_eq!(due(w, at, false).await, [], "no tick wakes it");
    let old = w.store.account(w.tenant, account.id).await.unwrap().unwrap();
    let gone = Account { status: AccountStatus::Disconnected { since: w.now() }, ..account };
    w.commit([Write::replace(&old, Record::Account(gone))]).await.unwrap();
    assert_eq!(found(at).await, []);
}

pub(crate) async fn an_account_is_found_when_its_posts_are_to_be_read_while_somebody_asks<B: Backend>(w: &World<B>) {
    let account = AccountId::from_uuid(fresh());
    let asked = Engagement::asked_first(w.tenant, account, "mastodon".parse().unwrap(), w.in_s(60));
    w.create(Record::Engagement(asked.clone())).await;
    let found = async |until| {
        let mut all = Vec::new();
        for shard in 0..DUE_SHARDS {
            let page = w.store.ahead(shard, until, None).await.unwrap();
            all.extend(page.items.into_iter().filter(|entry| entry.tenant == w.tenant).map(|entry| entry.subject));
        }
        all
    };
    assert_eq!((found(w.in_s(59)).await, found(w.in_s(60)).await), (vec![], vec![DueSubject::Engagement(account)]));
    assert_eq!(due(w, w.in_s(60), false).await, [], "no tick wakes it");
    let old = w.store.engagement(w.tenant, account).await.unwrap().unwrap();
    let idle = Engagement { wake_at: None, ..asked };
    w.commit([Write::replace(&old, Record::Engagement(idle))]).await.unwrap();
    assert_eq!(found(w.in_s(60)).await, []);
}

async fn listed<B: Backend>(w: &World<B>, query: PostQuery) -> (Vec<PostId>, Option<String>) {
    let page = w.store.list_posts(w.tenant, &query).await.unwrap();
    (page.items.iter().map(|post| post.id).collect(), page.next)
}

async fn posts<B: Backend>(w: &World<B>, seconds: &[i64]) -> Vec<PostId> {
    let mut made = Vec::new();
    for s in seconds {
        let post = w.post(w.in_s(*s));
        made.push(post.id);
        w.create(Record::Post(post)).await;
    }
    made
}

pub(crate) async fn posts_are_listed_by_due_time_within_bounds_in_both_directions<B: Backend>(w: &World<B>) {
    let made = posts(w, &[10, 20, 30]).await;
    let draft = Post { schedule: Schedule::Draft, ..w.post(w.now()) };
    w.create(Record::Post(draft.clone())).await;
    let all = PostQuery { limit: 2, ..Default::default() };
    let (first, next) = listed(w, all.clone()).await;
    assert_eq!(first, [made[2], made[1]], "newest first");
    assert_eq!(listed(w, PostQuery { cursor: next, ..all.clone() }).await, (vec![made[0], draft.id], None));
    let oldest = listed(w, PostQuery { ascending: true, ..all.clone() }).await;
    assert_eq!(oldest.0, [draft.id, made[0]], "a draft stands at its creation");
    let within = PostQuery { from: Some(w.in_s(10)), to: Some(w.in_s(30)), ..all.clone() };
    assert_eq!(listed(w, within).await, (vec![made[1], made[0]], None), "from is included, to is not");
    let nonsense = PostQuery { from: Some(w.in_s(30)), to: Some(w.in_s(10)), ..all };
    assert_eq!(listed(w, nonsense).await, (vec![], None));
}

pub(crate) async fn a_list_pages_stably_and_its_last_page_says_so<B: Backend>(w: &World<B>) {
    // All at one instant: nothing but the key tells them apart.
    let mut made = posts(w, &[10; 6]).await;
    made.reverse();
    let (mut found, mut query) = (Vec::new(), PostQuery { limit: 2, ..Default::default() });
    for pages in 1.. {
        let (ids, next) = listed(w, query.clone()).await;
        assert!(!ids.is_empty(), "no page is empty");
        found.extend(ids);
        let Some(next) = next else {
            assert_eq!(pages, 3, "the last full page knows that it is the last");
            break;
        };
        // What is added before or after meanwhile does not disturb the pages to come.
        posts(w, &[20]).await;
        query.cursor = Some(next);
    }
    assert_eq!(found, made);
}

pub(crate) async fn an_archived_post_leaves_the_list_and_stays_readable<B: Backend>(w: &World<B>) {
    let post = w.post(w.in_s(10));
    w.create(Record::Post(post.clone())).await;
    let old = w.store.post(w.tenant, post.id).await.unwrap().unwrap();
    let archived = Post { archived: true, ..post.clone() };
    w.commit([Write::replace(&old, Record::Post(archived.clone()))]).await.unwrap();
    assert_eq!(listed(w, PostQuery { limit: 5, ..Default::default() }).await, (vec![], None));
    assert_eq!(w.store.post(w.tenant, post.id).await.unwrap().unwrap().value, archived);
}

pub(crate) async fn what_was_sent_again_and_what_was_deleted_is_found_aside_by_when_it_may_have_left<B: Backend>(
    w: &World<B>,
) {
    let mut made = Vec::new();
    for (due, again, archived) in
        [(10, None, true), (-100_000, Some(20), false), (-100_000, Some(30), true), (25, None, false)]
    {
        let post = Post { sent_again_at: again.map(|s| w.in_s(s)), archived, ..w.post(w.in_s(due)) };
        made.push(post.id);
        w.create(Record::Post(post)).await;
    }
    w.create(Record::Post(Post { schedule: Schedule::Draft, archived: true, ..w.post(w.now()) })).await;
    let found = async |s, limit| w.store.posts_aside(w.tenant, w.in_s(s), None, limit).await.unwrap();
    let all = found(-1, 3).await;
    assert_eq!((all.items, all.next), (vec![made[2], made[1], made[0]], None), "the latest first");
    assert_eq!(found(11, 3).await.items, [made[2], made[1]]);
    let part = found(10, 2).await;
    assert!(part.items == [made[2], made[1]] && part.next.is_some(), "there is more");
    let rest = w.store.posts_aside(w.tenant, w.in_s(10), part.next.as_deref(), 2).await.unwrap();
    assert_eq!((rest.items, rest.next), (vec![made[0]], None));
}

pub(crate) async fn a_forged_cursor_finds_nothing<B: Backend>(w: &World<B>) {
    posts(w, &[10, 20, 30]).await;
    for entry in [w.audit_entry(), w.audit_entry(), w.audit_entry()] {
        w.create(Record::Audit(entry)).await;
    }
    let foreign = w.store.audit(w.tenant, None, 1).await.unwrap().next.unwrap();
    let long = "QUFB".repeat(2000);
    for cursor in ["", "x", "%%%", "AAAA", long.as_str(), "fgp-Cn4", "MAowCjA"] {
        let query = PostQuery { cursor: Some(cursor.into()), limit: 5, ..Default::default() };
        let found = w.store.list_posts(w.tenant, &query).await.unwrap();
        assert!(found.items.iter().all(|post| post.tenant == w.tenant), "{cursor}");
        assert!(w.store.audit(w.tenant, Some(cursor), 5).await.unwrap().items.is_empty(), "{cursor}");
    }
    let other = TenantId::from_uuid(fresh());
    assert!(w.store.audit(other, Some(&foreign), 5).await.unwrap().items.is_empty());
}

pub(crate) async fn what_waits_for_a_person_is_listed_and_leaves_when_decided<B: Backend>(w: &World<B>) {
    let mut made = Vec::new();
    for _ in 0..3 {
        let state = State::Attention { part: 0, reason: "cannot be read back".into(), since: w.now() };
        let delivery = w.in_state(state);
        w.create(Record::Delivery(delivery.clone())).await;
        made.push(delivery);
        w.clock.forward(1);
    }
    let first = w.store.attention(w.tenant, None, 2).await.unwrap();
    assert_eq!(first.items, made[..2], "who waits longest comes first");
    let rest = w.store.attention(w.tenant, first.next.as_deref(), 2).await.unwrap();
    assert_eq!((rest.items.as_slice(), rest.next), (&made[2..], None));
    replace(w, &made[0].decided(made[0].question().unwrap(), Some(Receipt::NAMELESS), w.now(), w.now()).unwrap().next)
        .await;
    assert_eq!(w.store.attention(w.tenant, None, 5).await.unwrap().items, made[1..]);
}

pub(crate) async fn parked_deliveries_are_found_by_account<B: Backend>(w: &World<B>) {
    let account = AccountId::from_uuid(fresh());
    let mut made = Vec::new();
    for _ in 0..5 {
        let delivery = Delivery { account, ..w.in_state(State::BlockedAuth { since: w.now() }) };
        w.create(Record::Delivery(delivery.clone())).await;
        made.push(delivery);
    }
    w.create(Record::Delivery(w.in_state(State::BlockedAuth { since: w.now() }))).await;
    assert_eq!(w.store.parked(w.tenant, account).await.unwrap(), made);
    assert_eq!(w.store.attention(w.tenant, None, 5).await.unwrap().items, []);
    replace(w, &made[0].unparked(w.now()).unwrap().next).await;
    assert_eq!(w.store.parked(w.tenant, account).await.unwrap(), made[1..]);
    // A parked delivery stays in the due index, because it ends by itself; so does the one that goes on.
    let in_due: BTreeSet<_> = due(w, w.in_s(3600), false).await.iter().map(post_of).collect();
    assert_eq!(in_due.len(), 6);
    assert!(made.iter().all(|delivery| in_due.contains(&delivery.post)));
}

pub(crate) async fn what_waits_for_an_approver_is_listed_by_urgency_from_an_instant_on_and_leaves_when_answered<
    B: Backend,
>(
    w: &World<B>,
) {
    let made: Vec<_> =
        [180, 60, 120].map(|seconds| w.approval(PostId::from_uuid(fresh()), w.in_s(seconds))).into_iter().collect();
    for approval in &made {
        w.create(Record::Approval(approval.clone())).await;
    }
    let page =
        async |from, cursor: Option<&str>, limit| w.store.approvals(w.tenant, from, cursor, limit).await.unwrap();
    // A page may be shorter than asked for.
    let all = async |from| {
        let (mut found, mut cursor) = (Vec::new(), None);
        loop {
            let read = page(from, cursor.as_deref(), 9).await;
            found.extend(read.items);
            cursor = read.next;
            if cursor.is_none() {
                return found;
            }
        }
    };
    assert_eq!(all(w.now()).await, [made[1].clone(), made[2].clone(), made[0].clone()]);
    assert_eq!(all(w.in_s(90)).await, [made[2].clone(), made[0].clone()], "too late is not listed");
    let first = page(w.now(), None, 1).await;
    let second = page(w.in_s(90), first.next.as_deref(), 1).await;
    assert_eq!(second.items, [made[2].clone()], "a cursor stays good when its row has become too late");
    let old = w.store.approval(w.tenant, made[2].post).await.unwrap().unwrap();
    let yes = old.value.approved("h", made[0].made_by, None, w.now()).unwrap();
    w.commit([Write::replace(&old, Record::Approval(yes))]).await.unwrap();
    assert_eq!(all(w.now()).await, [made[1].clone(), made[0].clone()]);
}

pub(crate) async fn a_queue_slot_is_taken_once_and_slots_come_in_order<B: Backend>(w: &World<B>) {
    let slot = |seconds| {
        let (post, taken) = (PostId::from_uuid(fresh()), [(AccountId::from_uuid(fresh()), PostId::from_uuid(fresh()))]);
        Slot { tenant: w.tenant, at: w.in_s(seconds), post, taken: taken.into(), free: false }
    };
    let (a, b, c) = (slot(60), slot(120), slot(180));
    for s in [&c, &a, &b] {
        w.create(Record::Slot(s.clone())).await;
    }
    let rival = w.commit([Write::create(Record::Slot(slot(120)))]).await;
    assert_eq!(rival, Err(StoreError::Conflict { index: 0 }));
    assert_eq!(w.store.slots(w.tenant, w.in_s(61), 9).await.unwrap(), [b.clone(), c]);
    assert_eq!(w.store.slots(w.tenant, w.in_s(60), 2).await.unwrap(), [a.clone(), b]);
    // Freed at its revision, it can be taken again, and whoever read it before cannot take it for what it was.
    let held = w.store.slot(w.tenant, a.at).await.unwrap().unwrap();
    assert_eq!(held.value, a);
    let holder = *a.taken.values().next().unwrap();
    let free = Slot { post: holder, ..a.clone() }.without(holder);
    w.commit([Write::replace(&held, Record::Slot(free.clone()))]).await.unwrap();
    let freed = w.store.slot(w.tenant, a.at).await.unwrap().unwrap();
    assert_eq!((freed.value.clone(), freed.value.holder(AccountId::from_uuid(fresh()))), (free, None));
    w.commit([Write::replace(&freed, Record::Slot(slot(60)))]).await.unwrap();
    let retaken = w.store.slot(w.tenant, a.at).await.unwrap();
    let late = w.commit([Write::replace(&held, Record::Slot(slot(60)))]).await;
    // Two revisions late: where its request was lost, it is not told from one that was written and written over.
    assert!(matches!(late, Err(StoreError::Conflict { index: 0 } | StoreError::Unavailable(_))), "{late:?}");
    assert_eq!(w.store.slot(w.tenant, a.at).await.unwrap(), retaken, "and it wrote nothing");
    // However few rows the table gives at once.
    for n in 4..30 {
        w.create(Record::Slot(slot(n * 60))).await;
    }
    assert_eq!(w.store.slots(w.tenant, w.in_s(60), 25).await.unwrap().len(), 25);
    assert_eq!(w.store.slots(w.tenant, w.in_s(60), 99).await.unwrap().len(), 29);
}

pub(crate) async fn a_gate_is_replaced_only_at_its_revision<B: Backend>(w: &World<B>) {
    let account = AccountId::from_uuid(fresh());
    let knock = |gate: &Gate, owner: &str| match gate.knock(owner, PostId::from_uuid(fresh()), w.now(), w.now()) {
        Knock::Enter(next) | Knock::Wait(next) => next,
        Knock::Quiet(_) => panic!("nobody asked for quiet"),
    };
    let new = Gate::new(w.tenant, account);
    w.create(Record::Gate(knock(&new, "a"))).await;
    let second = w.commit([Write::create(Record::Gate(knock(&new, "b")))]).await;
    assert_eq!(second, Err(StoreError::Conflict { index: 0 }), "the first to come holds it");
    let found = w.store.gate(w.tenant, account).await.unwrap().unwrap();
    w.commit([Write::replace(&found, Record::Gate(knock(&found.value, "b")))]).await.unwrap();
    let third = w.commit([Write::replace(&found, Record::Gate(knock(&found.value, "c")))]).await;
    assert_eq!(third, Err(StoreError::Conflict { index: 0 }));
    assert_eq!(w.store.gate(w.tenant, account).await.unwrap().unwrap().value.waiting.len(), 1);
}

pub(crate) async fn webhook_messages_are_listed_newest_first<B: Backend>(w: &World<B>) {
    let endpoint = w.endpoint().id;
    let mut made: Vec<EventId> = Vec::new();
    for _ in 0..5 {
        let message = w.message(endpoint, None);
        made.insert(0, message.event);
        w.create(Record::WebhookMessage(message)).await;
    }
    w.create(Record::WebhookMessage(w.message(w.endpoint().id, None))).await;
    let (mut found, mut cursor) = (Vec::new(), None);
    loop {
        let page = w.store.messages(w.tenant, endpoint, MessageSpan::default(), cursor.as_deref(), 2).await.unwrap();
        found.extend(page.items.iter().map(|m| m.event));
        cursor = page.next;
        if cursor.is_none() {
            break;
        }
    }
    assert_eq!(found, made);
}

pub(crate) async fn a_message_ends_leaves_its_lane_and_wakes_the_next_all_at_once_or_not_at_all<B: Backend>(
    w: &World<B>,
) {
    let (endpoint, key) = (w.endpoint(), "post_1");
    let wake = Wake { at: w.in_s(5), set_at: w.now(), sent: false };
    let first = WebhookMessage { lane: Some(key.into()), ..w.message(endpoint.id, Some(wake)) };
    let second = WebhookMessage { lane: Some(key.into()), ..w.message(endpoint.id, None) };
    let lane = |line: Vec<EventId>| Lane { line, ..Lane::new(w.tenant, endpoint.id, key, w.now()) };
    w.commit([
        Write::create(Record::WebhookMessage(first.clone())),
        Write::create(Record::Lane(lane(vec![first.event]))),
    ])
    .await
    .unwrap();
    let stored = w.store.lane(w.tenant, endpoint.id, key).await.unwrap().unwrap();
    let both = lane(vec![first.event, second.event]);
    let joins = || {
        let write = Write::replace(&stored, Record::Lane(both.clone()));
        w.commit([Write::create(Record::WebhookMessage(second.clone())), write])
    };
    joins().await.unwrap();
    assert_eq!(joins().await, Err(StoreError::Conflict { index: 0 }), "an event that comes twice joins once");
    assert_eq!(due(w, w.in_s(3_600), false).await.len(), 1, "who stands behind another is not due");
    assert_eq!(w.store.lane(w.tenant, endpoint.id, "post_2").await.unwrap(), None);

    let message = |event| w.store.message(w.tenant, endpoint.id, event);
    let (one, two) = (message(first.event).await.unwrap().unwrap(), message(second.event).await.unwrap().unwrap());
    let ends = |known: &Versioned<Lane>| {
        w.commit([
            Write::replace(&one, Record::WebhookMessage(one.value.dead("exhausted", w.now()))),
            Write::replace(known, Record::Lane(known.value.leaves(first.event, w.now()).unwrap())),
            Write::replace(&two, Record::WebhookMessage(two.value.woken(w.now()))),
        ])
    };
    assert_eq!(ends(&stored).await, Err(StoreError::Conflict { index: 1 }), "somebody joined meanwhile");
    assert_eq!((message(first.event).await.unwrap().unwrap(), due(w, w.now(), false).await.len()), (one.clone(), 0));
    let known = w.store.lane(w.tenant, endpoint.id, key).await.unwrap().unwrap();
    assert_eq!(known.value, both);
    ends(&known).await.unwrap();
    let subject = DueSubject::Webhook { event: second.event, endpoint: endpoint.id };
    let wake = Wake { at: w.now(), set_at: w.now(), sent: false };
    assert_eq!(due(w, w.in_s(3_600), false).await, [DueRef { tenant: w.tenant, subject, wake }]);
    assert_eq!(w.store.lane(w.tenant, endpoint.id, key).await.unwrap().unwrap().value.line, [second.event]);
}

pub(crate) async fn settings_are_listed_by_kind<B: Backend>(w: &World<B>) {
    let (members, keys) = ([w.member(), w.member()], [w.api_key(), w.api_key(), w.api_key()]);
    let (accounts, endpoints) = ([w.account(), w.account(), w.account()], [w.endpoint()]);
    let records = (members.iter().cloned().map(Record::Member))
        .chain(keys.iter().cloned().map(Record::ApiKey))
        .chain(accounts.iter().cloned().map(Record::Account))
        .chain(endpoints.iter().cloned().map(Record::Endpoint))
        .chain([Record::Tenant(w.tenant_record())]);
    w.commit(records.map(Write::create)).await.unwrap();
    assert_eq!(
        w.store.members(w.tenant).await.unwrap().iter().map(|v| &v.value).collect::<Vec<_>>(),
        members.each_ref()
    );
    assert_eq!(w.store.keys(w.tenant).await.unwrap().iter().map(|v| &v.value).collect::<Vec<_>>(), keys.each_ref());
    assert_eq!(
        w.store.accounts(w.tenant).await.unwrap().iter().map(|v| &v.value).collect::<Vec<_>>(),
        accounts.each_ref()
    );
    assert_eq!(
        w.store.endpoints(w.tenant).await.unwrap().iter().map(|v| &v.value).collect::<Vec<_>>(),
        endpoints.each_ref()
    );
}

pub(crate) async fn a_tenants_media_are_listed_newest_first<B: Backend>(w: &World<B>) {
    let mut made = Vec::new();
    for seconds in 0..5 {
        let medium = Media { created_at: w.in_s(seconds), ..w.media() };
        made.insert(0, medium.id);
        w.create(Record::Media(medium)).await;
    }
    let strangers = Media { tenant: TenantId::from_uuid(fresh()), ..w.media() };
    w.create(Record::Media(strangers)).await;
    // One that is changed keeps its place.
    let old = w.store.media(w.tenant, made[2]).await.unwrap().unwrap();
    let told = Media { alt_text: Some("a bridge".into()), ..old.value.clone() };
    w.commit([Write::replace(&old, Record::Media(told))]).await.unwrap();
    let (mut found, mut cursor) = (Vec::new(), None);
    loop {
        let page = w.store.list_media(w.tenant, cursor.as_deref(), 2).await.unwrap();
        found.extend(page.items.iter().map(|medium| medium.id));
        cursor = page.next;
        if cursor.is_none() {
            break;
        }
    }
    assert_eq!(found, made);
}
