//! The other deliveries of an account that say much the same: what they hold on the platform is not what is looked for.

use crate::{Deps, Error};
use domain::publishing::{ContentKind, Delivery, HORIZON_H, MAX_LATENESS_S, Post, Receipt, State, Variant};
use domain::text::resembles;
use jiff::{SignedDuration, Timestamp};
use ports::PostQuery;

/// Posts of a page of the tenant's list.
const PAGE: u32 = 100;
/// Pages looked at of that list, and of what stands aside, from the latest due time back: what was due earlier is hardly published in
/// these minutes.
const PAGES: usize = 5;
/// Hours that a post may be due before it is published: as long as it may be late, and its horizon.
const BEFORE_H: i64 = HORIZON_H + MAX_LATENESS_S as i64 / 3600;

/// The part in doubt: a content, and which of its steps.
pub(super) type Wanted<'a> = (&'a Variant, usize);

/// What the others hold.
pub(super) struct Siblings {
    /// Ids on the platform.
    pub(super) ids: Vec<String>,
    /// Whether one of them may hold a post whose id is not known.
    nameless: bool,
    /// Whether one whose outcome is unknown as well says the same and was sent before: what is found is that one's to take.
    pub(super) elder: bool,
}

impl Siblings {
    /// Whether another delivery may hold this post.
    pub(super) fn may_hold(&self, receipt: &Receipt) -> bool {
        self.nameless || receipt.id.as_ref().is_some_and(|id| self.ids.contains(id))
    }
}

/// From when on the others were due that may have been published since `since`.
fn begins(since: Timestamp) -> Timestamp {
    since - SignedDuration::from_hours(BEFORE_H)
}

/// The other deliveries of the account whose posts may look like the part in doubt, among those of the tenant's list that were due
/// since shortly before `since`. A query, then a read of each that resembles.
pub(super) async fn listed_siblings(
    deps: &Deps,
    delivery: &Delivery,
    wanted: Wanted<'_>,
    since: Timestamp,
) -> Result<Siblings, Error> {
    let mut out = Siblings { ids: Vec::new(), nameless: false, elder: false };
    let (from, to) = (begins(since), deps.clock.now());
    let mut query = PostQuery { from: Some(from), to: Some(to), limit: PAGE, ..PostQuery::default() };
    for _ in 0..PAGES {
        let page = deps.ledger.list_posts(delivery.tenant, &query).await?;
        for post in &page.items {
            out.look(deps, delivery, wanted, post).await?;
        }
        query.cursor = page.next;
        if query.cursor.is_none() {
            break;
        }
    }
    // One of those that were not looked at may hold what is found.
    out.nameless |= query.cursor.is_some();
    Ok(out)
}

/// Those, and what the list does not show: what a person sent again meanwhile, however long after its time, and what was deleted
/// from Herald's lists. It costs another query, and a read of each of these.
pub(super) async fn siblings(
    deps: &Deps,
    delivery: &Delivery,
    wanted: Wanted<'_>,
    since: Timestamp,
) -> Result<Siblings, Error> {
    let mut out = listed_siblings(deps, delivery, wanted, since).await?;
    // After the list: what is deleted in between leaves it before it is aside.
    let mut cursor = None;
    for _ in 0..PAGES {
        let aside = deps.ledger.posts_aside(delivery.tenant, begins(since), cursor.as_deref(), PAGE).await?;
        for post in aside.items.into_iter().filter(|post| *post != delivery.post) {
            if let Some(found) = deps.ledger.post(delivery.tenant, post).await? {
                out.look(deps, delivery, wanted, &found.value).await?;
            }
        }
        cursor = aside.next;
        if cursor.is_none() {
            break;
        }
    }
    out.nameless |= cursor.is_some();
    Ok(out)
}

/// How much another post says the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Likeness {
    None,
    Resembles,
    Same,
}

/// How much one of the steps of another post is the same as the part in doubt. A platform may list a link with the words or beside
/// them, so both are compared; of articles it may list the titles alone.
fn likeness(theirs: &Variant, wanted: Wanted<'_>) -> Likeness {
    (0..theirs.steps()).map(|step| likeness_of(theirs, step, wanted)).max().unwrap_or(Likeness::None)
}

/// How much this step of it is.
fn likeness_of(theirs: &Variant, step: usize, (ours, part): Wanted<'_>) -> Likeness {
    let texts = [false, true].map(|cards| alike(&ours.full_text(part, cards), &theirs.full_text(step, cards)));
    let titles = match (&ours.title, &theirs.title) {
        (Some(ours), Some(theirs)) if part == 0 && step == 0 => Some(alike(ours, theirs)),
        _ => None,
    };
    let are_articles = [ours, theirs].iter().all(|content| content.kind == ContentKind::Article);
    texts.into_iter().chain(titles.filter(|_| are_articles)).max().unwrap_or(Likeness::None)
}

fn alike(ours: &str, theirs: &str) -> Likeness {
    if ours.split_whitespace().eq(theirs.split_whitespace()) {
        Likeness::Same
    } else if resembles(ours, theirs) {
        Likeness::Resembles
    } else {
        Likeness::None
    }
}

impl Siblings {
    /// Adds what a post holds for the account of `delivery`, unless it is that delivery's own or says something else.
    async fn look(&mut self, deps: &Deps, delivery: &Delivery, wanted: Wanted<'_>, post: &Post) -> Result<(), Error> {
        let there = post.targets.iter().any(|target| target.account == delivery.account);
        if post.id == delivery.post || !there {
            return Ok(());
        }
        let planned = likeness(post.variant_for(&delivery.platform), wanted);
        // Of one whose words were changed, what the post says and what people see may be two things.
        if planned == Likeness::None && !post.amended {
            return Ok(());
        }
        if let Some(found) = deps.ledger.delivery(delivery.tenant, post.id, delivery.account).await? {
            let other = &found.value;
            let contents = [Some(post.variant_for(&delivery.platform)), other.says.as_deref()];
            let same = |step: usize| {
                contents.into_iter().flatten().any(|theirs| likeness_of(theirs, step, wanted) == Likeness::Same)
            };
            self.add(delivery, other, &same);
        }
        Ok(())
    }

    /// `same`: whether a step of the other says what the part in doubt says. A step that is proved under an id, or was not sent yet, holds
    /// nothing that has no name.
    fn add(&mut self, delivery: &Delivery, other: &Delivery, same: &dyn Fn(usize) -> bool) {
        let receipts =
            || other.parts.iter().enumerate().filter_map(|(step, part)| Some((step, part.receipt.as_ref()?)));
        self.ids.extend(receipts().filter_map(|(_, receipt)| receipt.id.clone()));
        let doubted = other.next_part().is_some_and(|step| same(step.into()));
        // One whose outcome is unknown as well looks for itself, and two that say the same are interchangeable; but two that are looked
        // for at the same moment must not both take one post.
        let sent = |one: &Delivery| (one.base_date.unwrap_or(one.due_at), one.id);
        self.elder |= doubted && matches!(other.state, State::Unknown { .. }) && sent(other) < sent(delivery);
        let out = matches!(other.state, State::Dispatching { .. } | State::Attention { .. });
        self.nameless |= (doubted && out) || receipts().any(|(step, receipt)| receipt.id.is_none() && same(step));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn articles_are_the_same_by_their_titles_and_nothing_else_is() {
        let entitled =
            |kind, text: &str| Variant { kind, title: Some("What we learned".into()), ..Variant::text(text) };
        let of = |kind| likeness(&entitled(kind, "one body"), (&entitled(kind, "something else altogether"), 0));
        assert_eq!(of(ContentKind::Article), Likeness::Same);
        assert_eq!(of(ContentKind::Post), Likeness::None);
    }
}
