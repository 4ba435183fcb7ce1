//! The other deliveries of an account that say much the same: what they hold on the platform is not what is looked for.

use crate::{Deps, Error};
use domain::publishing::{Delivery, HORIZON_H, MAX_LATENESS_S, Receipt, State, Variant};
use domain::text::resembles;
use jiff::{SignedDuration, Timestamp};
use ports::PostQuery;

/// Posts of a page of the tenant's list.
const PAGE: u32 = 100;
/// Pages looked at, from the latest due time back: what was due earlier is hardly published in these minutes.
const PAGES: usize = 5;
/// Hours that a post may be due before it is published: as long as it may be late, and its horizon.
const BEFORE_H: i64 = HORIZON_H + MAX_LATENESS_S as i64 / 3600;

/// What the others hold.
pub(super) struct Siblings {
    /// Ids on the platform.
    pub(super) ids: Vec<String>,
    /// Whether one of them may hold a post whose id is not known.
    nameless: bool,
}

impl Siblings {
    /// Whether another delivery may hold this post.
    pub(super) fn may_hold(&self, receipt: &Receipt) -> bool {
        self.nameless || receipt.id.as_ref().is_some_and(|id| self.ids.contains(id))
    }
}

/// The other deliveries of the account whose posts may look like the part in doubt, among those due since shortly before
/// `since`. One query of the list, then a read of each that resembles.
pub(super) async fn siblings(
    deps: &Deps,
    delivery: &Delivery,
    text: &str,
    since: Timestamp,
) -> Result<Siblings, Error> {
    let mut out = Siblings { ids: Vec::new(), nameless: false };
    let (from, to) = (since - SignedDuration::from_hours(BEFORE_H), deps.clock.now());
    let mut query = PostQuery { from: Some(from), to: Some(to), limit: PAGE, ..PostQuery::default() };
    for _ in 0..PAGES {
        let page = deps.ledger.list_posts(delivery.tenant, &query).await?;
        for post in page.items.iter().filter(|post| post.id != delivery.post) {
            let there = post.targets.iter().any(|target| target.account == delivery.account);
            let planned = likeness(post.variant_for(&delivery.platform), text);
            // Of one whose words were changed, what the post says and what people see may be two things.
            if !there || (planned == Likeness::None && !post.amended) {
                continue;
            }
            if let Some(found) = deps.ledger.delivery(delivery.tenant, post.id, delivery.account).await? {
                let said = found.value.says.as_deref().map_or(Likeness::None, |says| likeness(says, text));
                out.add(&found.value, planned.max(said));
            }
        }
        query.cursor = page.next;
        if query.cursor.is_none() {
            return Ok(out);
        }
    }
    // One of those that were not looked at may hold what is found.
    out.nameless = true;
    Ok(out)
}

/// How much another post says the same.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Likeness {
    None,
    Resembles,
    Same,
}

/// How much what another post says there is the same.
fn likeness(theirs: &Variant, text: &str) -> Likeness {
    let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    let of = |part| match theirs.full_text(part, false) {
        other if words(&other) == words(text) => Likeness::Same,
        other if resembles(text, &other) => Likeness::Resembles,
        _ => Likeness::None,
    };
    (0..theirs.parts.len()).map(of).max().unwrap_or(Likeness::None)
}

impl Siblings {
    fn add(&mut self, other: &Delivery, likeness: Likeness) {
        let receipts = || other.parts.iter().filter_map(|part| part.receipt.as_ref());
        self.ids.extend(receipts().filter_map(|receipt| receipt.id.clone()));
        // One whose outcome is unknown as well looks for itself, and two that say the same are interchangeable.
        let out = matches!(other.state, State::Dispatching { .. } | State::Attention { .. });
        self.nameless |= likeness == Likeness::Same && (out || receipts().any(|receipt| receipt.id.is_none()));
    }
}
