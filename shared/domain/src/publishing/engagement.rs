//! How an account's own posts did, so that its best time is not a table's alone: which posts are read, when, and what they prove.
//!
//! Reading begins when somebody first asks for the best time of an account, and ends when nobody has asked for a season. What is
//! counted is what people did with a post; what a machine can do alone, to look at it, is not.

use super::Evidence;
use crate::{AccountId, PlatformId, TenantId};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// How long after its time a post is read, once. Ours: by then most people who follow an account have been there.
const AFTER: SignedDuration = SignedDuration::from_hours(48);
/// How far back the first reading goes: a season, as habits of older posts may be of other people.
const BACK: SignedDuration = SignedDuration::from_hours(24 * 90);
/// Posts of an account that are kept, the newest. Ours: some eight for each hour of the day.
const KEPT: usize = 200;
/// Between two readings of an account.
const EVERY: SignedDuration = SignedDuration::from_hours(24);
/// Until the next one, where one did not reach the end, or the platform did not answer.
const SOON: SignedDuration = SignedDuration::from_mins(5);
const LATER: SignedDuration = SignedDuration::from_hours(1);
/// Failed readings in a row, an hour apart, after which the posts of a page are passed over. Ours: a day of them.
const PATIENCE: u32 = 24;
/// Failed readings in a row after which it is a post's own fault, where the platform answers for others. Ours: an outage that begins and
/// ends between two posts is over in the next hours.
const DOUBT: u32 = 3;
/// Without anybody asking for so long, reading ends.
const IDLE: SignedDuration = SignedDuration::from_hours(24 * 90);
/// How old the note that somebody asked may be before it is written anew.
const ASKED: SignedDuration = SignedDuration::from_hours(24 * 7);

/// How one post did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(from = "(i64, u64)", into = "(i64, u64)")]
pub struct Did {
    /// When it went out, to the second.
    pub at: Timestamp,
    /// What people did with it, counted alike: reactions, answers, and passing it on.
    pub people: u64,
}

impl From<(i64, u64)> for Did {
    fn from((second, people): (i64, u64)) -> Self {
        Self { at: Timestamp::from_second(second).unwrap_or(Timestamp::UNIX_EPOCH), people }
    }
}

impl From<Did> for (i64, u64) {
    fn from(did: Did) -> Self {
        (did.at.as_second(), did.people)
    }
}

// Serde calls it with a reference.
/// How the posts of an account did, and how far they are read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Engagement {
    /// Tenant.
    pub tenant: TenantId,
    /// Account.
    pub account: AccountId,
    /// Platform.
    pub platform: PlatformId,
    /// When somebody last asked for its best time, to the week.
    pub asked_at: Timestamp,
    /// Posts that were due before this are read, or never will be.
    pub through: Timestamp,
    /// The reading under way: until where it goes, and where its next page begins.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub under_way: Option<(Timestamp, String)>,
    /// What was read, the oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub posts: Vec<Did>,
    /// When it is read next; none when nobody asks any more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wake_at: Option<Timestamp>,
    /// How many readings failed since one did not, as the platform gave no answer.
    #[serde(default, skip_serializing_if = "crate::is_zero")]
    pub failures: u32,
}

impl Engagement {
    /// That of an account of which somebody asks the best time, and nobody did before: its first reading is due.
    pub fn asked_first(tenant: TenantId, account: AccountId, platform: PlatformId, now: Timestamp) -> Self {
        let through = now - AFTER - BACK;
        let wake_at = Some(now);
        Self {
            tenant,
            account,
            platform,
            asked_at: now,
            through,
            under_way: None,
            posts: Vec::new(),
            wake_at,
            failures: 0,
        }
    }

    /// What is to be kept when somebody asks again; none where it says so already.
    pub fn asked_again(&self, now: Timestamp) -> Option<Self> {
        let is_noted = self.wake_at.is_some() && now < self.asked_at + ASKED;
        (!is_noted).then(|| Self { asked_at: now, wake_at: self.wake_at.or(Some(now)), ..self.clone() })
    }

    /// Which posts are next, by the time they were due, and the page to begin with.
    pub fn window(&self, now: Timestamp) -> (Timestamp, Timestamp, Option<&str>) {
        match &self.under_way {
            Some((to, cursor)) => (self.through, *to, Some(cursor)),
            None => (self.through.max(now - AFTER - BACK), now - AFTER, None),
        }
    }

    /// After these were read up to a page, or to the end of the window.
    #[must_use]
    pub fn read(&self, did: impl IntoIterator<Item = Did>, next: Option<String>, now: Timestamp) -> Self {
        let (_, to, _) = self.window(now);
        let mut posts = self.posts.clone();
        posts.extend(did);
        posts.sort_unstable();
        posts.drain(..posts.len().saturating_sub(KEPT));
        let read = Self { posts, failures: 0, ..self.clone() };
        if let Some(cursor) = next {
            return Self { under_way: Some((to, cursor)), wake_at: Some(now + SOON), ..read };
        }
        let wake_at = (now < self.asked_at + IDLE).then(|| now + EVERY);
        Self { under_way: None, through: to, wake_at, ..read }
    }

    /// After the platform gave no answer.
    #[must_use]
    pub fn failed(&self, now: Timestamp) -> Self {
        Self { failures: self.failures.saturating_add(1), ..self.put_off(now) }
    }

    /// After the account could not be read for a reason that is none of its posts': its access, or that the platform asks to slow down.
    #[must_use]
    pub fn put_off(&self, now: Timestamp) -> Self {
        let wake_at = (now < self.asked_at + IDLE).then(|| now + LATER);
        Self { wake_at, ..self.clone() }
    }

    /// Whether each post is asked for by itself, as the last reading failed: it may be one post that the platform does not answer for.
    pub fn is_in_doubt(&self) -> bool {
        self.failures > 0
    }

    /// Whether posts that the platform does not answer for are passed over, and never asked for again: it failed for hours before, and
    /// answers for others, or has failed for a day.
    pub fn passes_over(&self, others_answered: bool) -> bool {
        self.failures >= if others_answered { DOUBT } else { PATIENCE }
    }

    /// What they prove, on the clocks of a zone. A post that did as well as the middle one says nothing of its hour; so does every
    /// post where all did alike.
    pub fn evidence(&self, zone: &TimeZone) -> Evidence {
        let mut figures: Vec<u64> = self.posts.iter().map(|did| did.people).collect();
        figures.sort_unstable();
        let Some(&middle) = figures.get(figures.len() / 2) else { return Evidence::none() };
        self.posts.iter().filter(|did| did.people != middle).fold(Evidence::none(), |evidence, did| {
            let local = zone.to_datetime(did.at);
            evidence.and(local.weekday(), local.hour(), 1, u32::from(did.people > middle))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::Weekday;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn asked(now: &str) -> Engagement {
        let id = uuid::Uuid::nil();
        let platform = "mastodon".parse().unwrap();
        Engagement::asked_first(TenantId::from_uuid(id), AccountId::from_uuid(id), platform, at(now))
    }

    const NOW: &str = "2027-01-11T12:00:00Z";

    #[test]
    fn the_first_reading_goes_back_a_season_and_each_next_one_to_where_the_last_ended() {
        let first = asked(NOW);
        let (from, to, cursor) = first.window(at(NOW));
        assert_eq!((from, to, cursor), (at("2026-10-11T12:00:00Z"), at("2027-01-09T12:00:00Z"), None));
        let read = first.read([], None, at(NOW));
        assert_eq!(read.wake_at, Some(at("2027-01-12T12:00:00Z")));
        assert_eq!(read.window(at("2027-01-12T12:03:00Z")), (to, at("2027-01-10T12:03:00Z"), None));
    }

    #[test]
    fn a_reading_that_goes_on_ends_where_it_was_to_end_when_it_began() {
        let half = asked(NOW).read([Did { at: at("2026-12-01T10:00:00Z"), people: 3 }], Some("p2".into()), at(NOW));
        let later = at("2027-01-11T12:05:00Z");
        assert_eq!(half.wake_at, Some(later));
        assert_eq!(half.window(later), (at("2026-10-11T12:00:00Z"), at("2027-01-09T12:00:00Z"), Some("p2")));
        let whole = half.read([], None, later);
        assert_eq!((whole.through, whole.under_way, whole.posts.len()), (at("2027-01-09T12:00:00Z"), None, 1));
    }

    #[test]
    fn reading_ends_when_nobody_has_asked_for_a_season_and_begins_again_when_somebody_does() {
        let idle = asked("2026-10-01T12:00:00Z").read([], None, at(NOW));
        assert_eq!((idle.wake_at, idle.failed(at(NOW)).wake_at), (None, None));
        let again = idle.asked_again(at(NOW)).unwrap();
        assert_eq!((again.asked_at, again.wake_at), (at(NOW), Some(at(NOW))));
        assert_eq!(again.asked_again(at("2027-01-18T11:59:00Z")), None, "noted for a week");
        assert_eq!(again.asked_again(at("2027-01-18T12:00:00Z")).unwrap().wake_at, Some(at(NOW)));
        // What lies further back than a season is left out.
        let (from, ..) = again.window(at("2027-12-01T12:00:00Z"));
        assert_eq!(from, at("2027-08-31T12:00:00Z"));
    }

    #[test]
    fn posts_without_an_answer_are_passed_over_after_hours_where_others_have_one_and_after_a_day_where_none_has() {
        let failed = |hours: u32| (0..hours).fold(asked(NOW), |known, _| known.failed(at(NOW)));
        let passes = |hours: u32| (failed(hours).passes_over(true), failed(hours).passes_over(false));
        assert_eq!(
            [0, 2, 3, 23, 24].map(passes),
            [(false, false), (false, false), (true, false), (true, false), (true, true)]
        );
    }

    #[test]
    fn what_is_put_off_is_due_an_hour_later_and_counts_as_no_failure() {
        let once = asked(NOW).failed(at(NOW));
        let off = once.put_off(at(NOW));
        assert_eq!((off.failures, off.wake_at), (1, Some(at("2027-01-11T13:00:00Z"))));
        assert_eq!(asked("2026-10-01T12:00:00Z").put_off(at(NOW)).wake_at, None, "nobody asks any more");
    }

    #[test]
    fn the_newest_posts_are_kept() {
        let many = (0..250).map(|n| Did { at: at(NOW) - SignedDuration::from_hours(n), people: 0 });
        let read = asked(NOW).read(many, None, at(NOW));
        assert_eq!((read.posts.len(), read.posts.last().unwrap().at), (KEPT, at(NOW)));
        assert_eq!(read.posts[0].at, at(NOW) - SignedDuration::from_hours(199));
    }

    #[test]
    fn a_post_speaks_for_its_local_hour_or_against_it_and_the_middle_one_says_nothing() {
        let did = |at_text: &str, people| Did { at: at(at_text), people };
        // In Berlin 15:30, 15:10 and 08:00 on a Wednesday.
        let posts = [did("2027-01-06T14:30:00Z", 9), did("2027-01-06T14:10:00Z", 4), did("2027-01-06T07:00:00Z", 1)];
        let found = asked(NOW).read(posts, None, at(NOW)).evidence(&TimeZone::get("Europe/Berlin").unwrap());
        let wanted = Evidence::none().and(Weekday::Wednesday, 15, 1, 1).and(Weekday::Wednesday, 8, 1, 0);
        assert_eq!(found, wanted);
        let alike = asked(NOW).read(posts.map(|did| Did { people: 2, ..did }), None, at(NOW));
        assert_eq!(alike.evidence(&TimeZone::UTC), Evidence::none());
        assert_eq!(asked(NOW).evidence(&TimeZone::UTC), Evidence::none());
    }

    #[test]
    fn it_is_written_down_in_few_letters_and_read_back() {
        let read = asked(NOW).read([Did { at: at("2027-01-06T14:30:00Z"), people: 9 }], None, at(NOW));
        let text = serde_json::to_string(&read).unwrap();
        assert!(text.contains("\"posts\":[[1799245800,9]]"), "{text}");
        assert_eq!(serde_json::from_str::<Engagement>(&text).unwrap(), read);
    }
}
