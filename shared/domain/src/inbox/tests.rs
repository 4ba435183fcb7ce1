#![allow(clippy::unwrap_used)]
use super::*;
use uuid::Uuid;

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + second).unwrap()
}

fn incoming(n: u128, second: i64, what: What) -> Incoming {
    let id = Uuid::from_u128(7);
    Incoming {
        id: IncomingId::from_uuid(Uuid::from_u128(n)),
        tenant: TenantId::from_uuid(id),
        source: SourceId::from_uuid(id),
        platform: "acme-social".parse().unwrap(),
        receipt: crate::ReceiptId::from_uuid(id),
        account: None,
        at: at(second),
        received_at: at(1_000 + i64::try_from(n).unwrap()),
        what,
    }
}

fn said(change: Changed, text: Option<&str>) -> Said {
    Said { external_id: "c1".into(), text: text.map(str::to_owned), change, ..Said::default() }
}

fn comment(n: u128, second: i64, change: Changed, text: Option<&str>) -> Interaction {
    told(&incoming(n, second, What::Comment(said(change, text))))
}

fn told(incoming: &Incoming) -> Interaction {
    Interaction::told(InteractionId::from_uuid(Uuid::from_u128(1)), incoming, Some("page")).unwrap()
}

/// Every order of these.
fn orders<T: Clone>(all: &[T]) -> Vec<Vec<T>> {
    if all.len() < 2 {
        return vec![all.to_vec()];
    }
    let mut found = Vec::new();
    for first in 0..all.len() {
        let mut rest = all.to_vec();
        let one = rest.remove(first);
        for mut order in orders(&rest) {
            order.insert(0, one.clone());
            found.push(order);
        }
    }
    found
}

/// What is left of these, the same in every order, with each told once or twice.
fn left(all: &[Interaction]) -> Interaction {
    let mut seen: Vec<Interaction> = Vec::new();
    for order in orders(all) {
        for twice in [false, true] {
            let again = order.iter().filter(|_| twice);
            let merge = |known: Option<Interaction>, new: &Interaction| {
                Some(known.map_or_else(|| new.clone(), |known| known.merged(new)))
            };
            seen.extend(order.iter().chain(again).fold(None, merge));
        }
    }
    assert!(seen.windows(2).all(|two| two[0] == two[1]), "{seen:#?}");
    seen.remove(0)
}

#[test]
fn whatever_the_order_in_which_changes_arrive_the_same_is_left() {
    use Changed::{Added, Edited, Removed};
    let edited = left(&[
        comment(1, 1, Added, Some("Nice")),
        comment(2, 2, Edited, Some("Nicer")),
        comment(3, 3, Edited, Some("Nicest")),
    ]);
    assert_eq!(edited.text.map(|text| text.value).as_deref(), Some("Nicest"));
    assert_eq!((edited.at, edited.edited_at, edited.received_at), (at(1), Some(at(3)), at(1_001)));

    let gone = left(&[
        comment(1, 1, Added, Some("Nice")),
        comment(2, 2, Edited, Some("Nasty")),
        comment(3, 3, Removed, None),
        comment(4, 0, Edited, Some("late news of before")),
    ]);
    assert_eq!((gone.text.as_ref(), gone.removed_at(), gone.state()), (None, Some(at(3)), Some(InboxState::Done)));

    let back = left(&[
        comment(1, 1, Added, Some("Nice")),
        comment(2, 2, Removed, None),
        comment(3, 3, Added, Some("Nice after all")),
        comment(4, 4, Edited, None),
    ]);
    assert_eq!(back.text.as_ref().map(|text| text.value.as_str()), Some("Nice after all"));
    assert_eq!((back.is_there(), back.removed_at(), back.state()), (true, None, Some(InboxState::Open)));
}

#[test]
fn of_one_instant_a_removal_counts_more_than_an_edit_and_that_more_than_the_beginning() {
    use Changed::{Added, Edited, Removed};
    let edited = left(&[comment(2, 1, Added, Some("a")), comment(1, 1, Edited, Some("b"))]);
    assert_eq!(edited.text.map(|text| text.value).as_deref(), Some("b"));
    let gone = left(&[comment(3, 1, Added, Some("a")), comment(2, 1, Edited, Some("b")), comment(1, 1, Removed, None)]);
    assert!(!gone.is_there() && gone.text.is_none());
    // Two that say the same of the same instant: either, but always the same.
    left(&[comment(1, 1, Edited, Some("b")), comment(2, 1, Edited, Some("a"))]);
}

#[test]
fn what_was_only_ever_told_to_be_gone_is_listed_nowhere_until_it_is_told_of() {
    let gone = comment(1, 5, Changed::Removed, Some("words of what is gone"));
    assert_eq!((gone.state(), gone.text.as_ref(), gone.is_there()), (None, None, false));
    let both = left(&[gone, comment(2, 1, Changed::Added, Some("Nice"))]);
    assert_eq!((both.state(), both.text), (Some(InboxState::Done), None));
}

#[test]
fn a_thing_that_is_told_as_a_comment_and_as_a_mention_is_one_and_what_either_knows_is_kept() {
    let author = Said { author: Some("u1".into()), handle: Some("ada".into()), ..said(Changed::Added, None) };
    let on = Said { on: Some("p1".into()), ..said(Changed::Added, Some("@ours Nice")) };
    let one = left(&[told(&incoming(1, 1, What::Mention(author))), told(&incoming(2, 1, What::Comment(on)))]);
    assert_eq!(
        (one.kind, one.on.as_deref(), one.author.id.as_deref()),
        (InteractionKind::Mention, Some("p1"), Some("u1"))
    );
    assert_eq!(one.author.handle.map(|handle| handle.value).as_deref(), Some("ada"));
    assert!(one.text.is_some());
}

#[test]
fn a_name_is_the_latest_one_and_not_the_one_that_was_told_last() {
    let named = |n, second, handle: &str| {
        let said = Said { handle: Some(handle.into()), ..said(Changed::Edited, None) };
        told(&incoming(n, second, What::Comment(said)))
    };
    let one = left(&[named(1, 1, "zoe"), named(2, 2, "ada")]);
    assert_eq!(one.author.handle.map(|handle| handle.value).as_deref(), Some("ada"));
}

#[test]
fn what_our_people_made_of_it_stays_whatever_is_told_and_what_is_told_decides_whether_it_is_open() {
    let by = MemberId::from_uuid(Uuid::from_u128(9));
    let known = comment(1, 1, Changed::Added, Some("Nice"));
    let done = Interaction { assignee: Some(by), done: Some(Done { at: at(9), by }), ..known.clone() };
    let edited = done.clone().merged(&comment(2, 2, Changed::Edited, Some("Nicer")));
    assert_eq!((edited.assignee, edited.done, edited.state()), (Some(by), done.done, Some(InboxState::Done)));
    let gone = known.clone().merged(&comment(2, 2, Changed::Removed, None));
    assert!(known.can_be_open() && !gone.can_be_open());
    let own = Said { author: Some("page".into()), ..said(Changed::Added, Some("Thank you")) };
    let own = told(&incoming(1, 1, What::Comment(own)));
    assert_eq!((own.own, own.state()), (true, Some(InboxState::Done)));
    let like = told(&incoming(1, 1, What::Reaction(said(Changed::Added, Some("like")))));
    assert_eq!((like.state(), like.is_there()), (None, true));
}

#[test]
fn comments_on_one_thing_are_one_conversation_and_so_are_the_messages_of_one_person() {
    let with = |what: fn(Said) -> What, on: Option<&str>, author: Option<&str>| {
        let said = Said { on: on.map(str::to_owned), author: author.map(str::to_owned), ..said(Changed::Added, None) };
        told(&incoming(1, 1, what(said))).conversation()
    };
    assert_eq!(with(What::Comment, Some("p1"), Some("u1")), with(What::Reaction, Some("p1"), Some("u2")));
    assert_ne!(with(What::Comment, Some("p1"), None), with(What::Comment, Some("p2"), None));
    assert_eq!(with(What::Message, Some("m0"), Some("u1")), with(What::Message, None, Some("u1")));
    assert_ne!(with(What::Message, None, Some("u1")), with(What::Message, None, Some("u2")));
    let alone = told(&incoming(1, 1, What::Mention(said(Changed::Added, None))));
    assert_eq!(alone.conversation(), alone.on_what("c1"), "with what is said on it");
    let account = Some(AccountId::from_uuid(Uuid::from_u128(3)));
    let of_account = Interaction { account, ..alone.clone() };
    assert_ne!(of_account.conversation(), alone.conversation());
}

fn answer(n: u128, second: i64) -> Answered {
    let (post, by) = (PostId::from_uuid(Uuid::from_u128(n)), MemberId::from_uuid(Uuid::from_u128(9)));
    Answered { post, at: at(second), by, live_at: None }
}

#[test]
fn an_answer_that_is_live_closes_it_once_and_what_is_told_of_it_leaves_its_answers() {
    let (first, second) = (answer(1, 5), answer(2, 6));
    let asked = comment(1, 1, Changed::Added, Some("When?")).answering(first).answering(second);
    assert_eq!((asked.state(), asked.responded_at), (Some(InboxState::Open), None), "nothing is live yet");
    let live = asked.clone().answered(second.post, at(7)).unwrap();
    assert_eq!((live.responded_at, live.done), (Some(at(7)), Some(Done { at: at(7), by: second.by })));
    assert_eq!(live.answers, [first, Answered { live_at: Some(at(7)), ..second }]);
    let open = Interaction { done: None, ..live.clone() };
    assert_eq!(open.clone().answered(second.post, at(8)), None, "it was told before");
    assert_eq!(open.answered(answer(3, 0).post, at(8)), None, "that is none of its answers");
    let edited = live.clone().merged(&comment(2, 9, Changed::Edited, Some("When, please?")));
    assert_eq!((edited.answers, edited.done), (live.answers, live.done));
}

#[test]
fn of_more_answers_than_are_kept_the_latest_are() {
    let mut asked = comment(1, 1, Changed::Added, Some("When?"));
    for n in 0..=MAX_ANSWERS as u128 {
        asked = asked.answering(answer(n, 1));
    }
    let kept: Vec<PostId> = asked.answers.iter().map(|answer| answer.post).collect();
    assert_eq!(
        (kept.len(), kept.first(), kept.last()),
        (MAX_ANSWERS, Some(&answer(1, 1).post), Some(&answer(10, 1).post))
    );
}
