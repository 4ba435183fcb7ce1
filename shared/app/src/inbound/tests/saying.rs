//! From what is told of something said to what stands in the inbox.

use super::*;
use crate::inbox::{InboxEdit, InboxFilter, change, interaction, interactions};
use domain::inbox::{InboxState, Interaction, InteractionKind};

impl Loft {
    /// All that stands in the inbox, what is open first.
    pub(super) async fn inbox(&self) -> Vec<Interaction> {
        let mut all = Vec::new();
        for state in [InboxState::Open, InboxState::Done] {
            let filter = InboxFilter::of(state);
            all.extend(interactions(&self.deps, &self.owner, &filter, None, 100).await.unwrap().items);
        }
        all
    }

    /// Has a call with these read.
    async fn hears(&self, all: &[Leaf]) {
        self.call(&leaves(all)).await.unwrap();
        self.read().await.unwrap();
    }
}

/// The `n`th change of one comment.
fn changes(n: u32) -> Leaf {
    use Changed::{Added, Edited, Removed};
    let (change, text) =
        [(Added, Some("coo")), (Edited, Some("coo coo")), (Edited, Some("coo coo coo")), (Removed, None)][n as usize];
    let said = Said { external_id: "c1".into(), text: text.map(str::to_owned), change, ..Said::default() };
    let at = Timestamp::from_second(1_700_000_000 + i64::from(n)).unwrap();
    Leaf { id: format!("e{n}"), to: Some("roost".into()), at: Some(at), what: What::Comment(said) }
}

/// Every order of so many.
fn orders(n: u32) -> Vec<Vec<u32>> {
    let mut all = vec![Vec::new()];
    for one in 0..n {
        let with = |order: Vec<u32>| {
            (0..=order.len()).map(move |at| {
                let mut next = order.clone();
                next.insert(at, one);
                next
            })
        };
        all = all.into_iter().flat_map(with).collect();
    }
    all
}

#[tokio::test]
async fn whatever_the_order_in_which_changes_of_a_comment_arrive_the_same_is_in_the_inbox() {
    for (n, text, state) in [(3, Some("coo coo coo"), InboxState::Open), (4, None, InboxState::Done)] {
        let all = orders(n);
        assert_eq!(all.len(), (1..=n as usize).product::<usize>());
        for order in all {
            let loft = Loft::new().await;
            for which in order.iter().chain(&order) {
                loft.hears(&[changes(*which)]).await;
            }
            let [one] = <[Interaction; 1]>::try_from(loft.inbox().await).unwrap();
            assert_eq!(one.text.as_ref().map(|text| text.value.as_str()), text, "{order:?}");
            assert_eq!((one.state(), one.at.as_second()), (Some(state), 1_700_000_000), "{order:?}");
            assert_eq!(loft.incoming().await.len(), n as usize, "each telling once");
        }
    }
}

#[tokio::test]
async fn a_reaction_is_counted_once_and_not_when_it_was_taken_back() {
    let loft = Loft::new().await;
    let reaction = |id: &str, who: &str, change| {
        let said = Said { external_id: format!("c1/{who}"), on: Some("c1".into()), change, ..said("") };
        Leaf { id: id.into(), to: None, at: None, what: What::Reaction(said) }
    };
    loft.hears(&[comment("c1"), reaction("1", "ada", Changed::Added), reaction("2", "bob", Changed::Added)]).await;
    loft.hears(&[reaction("1", "ada", Changed::Added), comment("c2")]).await;
    let of_comment = async || {
        let all = loft.inbox().await;
        let one = all.iter().find(|one| one.external_id == "c1").unwrap();
        interaction(&loft.deps, &loft.owner, one.id).await.unwrap().reactions
    };
    assert_eq!((of_comment().await, loft.inbox().await.len()), (2, 2));
    loft.world.clock.pass(1);
    loft.hears(&[reaction("3", "bob", Changed::Removed)]).await;
    assert_eq!(of_comment().await, 1);
}

#[tokio::test]
async fn what_has_one_name_at_two_accounts_or_sources_is_two_things_and_what_has_none_is_like_nothing_else() {
    let loft = Loft::new().await;
    let leaf = |id: &str, external_id: &str, to: Option<&str>| Leaf {
        id: id.into(),
        to: to.map(str::to_owned),
        at: None,
        what: What::Comment(said(external_id)),
    };
    loft.hears(&[leaf("1", "c1", Some("a")), leaf("2", "c1", Some("b")), leaf("3", "c1", None)]).await;
    loft.hears(&[leaf("4", "", None), leaf("5", "", None)]).await;
    assert_eq!(loft.inbox().await.len(), 5);
    let (source, token) = make(&loft.deps, &loft.owner, "second").await;
    let other = Loft { source, token, ..loft };
    other.hears(&[leaf("1", "c1", Some("a"))]).await;
    assert_eq!(other.inbox().await.len(), 6);
}

#[tokio::test]
async fn a_thing_that_two_events_tell_in_other_words_stands_there_once() {
    let loft = Loft::new().await;
    let mention = Leaf { id: "m".into(), to: None, at: None, what: What::Mention(said("c1")) };
    loft.hears(&[comment("c1"), mention]).await;
    let [one] = <[Interaction; 1]>::try_from(loft.inbox().await).unwrap();
    assert_eq!((one.kind, loft.told().len()), (InteractionKind::Mention, 2), "endpoints are told of both events");
}

#[tokio::test]
async fn what_is_told_later_leaves_what_our_people_made_of_it_and_an_older_page_changes_nothing() {
    let loft = Loft::new().await;
    loft.hears(&[changes(0)]).await;
    let id = loft.inbox().await[0].id;
    let seen = interaction(&loft.deps, &loft.owner, id).await.unwrap().interaction;
    let mine = InboxEdit { assignee: Some(Some(loft.owner.member)), ..InboxEdit::default() };
    change(&loft.deps, &loft.owner, id, seen.rev, mine, &once("1"), &shown).await.unwrap();
    loft.hears(&[changes(1)]).await;
    let now = interaction(&loft.deps, &loft.owner, id).await.unwrap().interaction;
    assert_eq!(now.value.assignee, Some(loft.owner.member));
    assert_eq!(now.value.text.unwrap().value, "coo coo");
    let done = InboxEdit { state: Some(InboxState::Done), ..InboxEdit::default() };
    let stale = change(&loft.deps, &loft.owner, id, seen.rev + 1, done, &once("2"), &shown).await;
    assert!(matches!(stale, Err(Error::Conflict { code: "changed_meanwhile", .. })), "it says something else now");
}

#[tokio::test]
async fn another_tenants_inbox_is_empty_and_what_is_in_this_one_is_absent_there() {
    let loft = Loft::new().await;
    loft.hears(&[comment("c1")]).await;
    let id = loft.inbox().await[0].id;
    let foreigner = loft.world.owner(2).await;
    assert_eq!(interaction(&loft.deps, &foreigner, id).await, Err(Error::NotFound("interaction")));
    let filter = InboxFilter::of(InboxState::Open);
    assert!(interactions(&loft.deps, &foreigner, &filter, None, 10).await.unwrap().items.is_empty());
}
