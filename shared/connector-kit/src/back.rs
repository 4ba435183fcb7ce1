//! Listings that begin with the newest, heard back to where they were heard before.

use crate::http::{Answer, Call, MAX_ANSWER};
use domain::inbound::{Heard, What};
use jiff::{SignedDuration, Timestamp};
use ports::{HeardPage, ListenCall};
use serde::{Deserialize, Serialize};

/// What was said this long before the last walk began is looked at again: clocks differ, and a listing may show a thing only some time
/// after it was said. Ours.
const OVERLAP: SignedDuration = SignedDuration::from_hours(1);

/// Most bytes that are read of a page that has one thing. Ours: what one person may write is at most some hundred kilobytes with the
/// platforms that say, and a record of AT Protocol's a mebibyte, of which JSON may make six.
const MAX_ONE: usize = 8 * 1024 * 1024;

/// How far such a listing was heard.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Back {
    /// When the last walk began that reached its end: what was said before has been heard.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    through: Option<Timestamp>,
    /// The walk under way: when it began, and what its next page begins with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    walk: Option<(Timestamp, String)>,
    /// Things of a page, where larger ones were more than is read; none once a walk has ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    size: Option<usize>,
    #[serde(skip)]
    overlap: SignedDuration,
    #[serde(skip)]
    since: Option<Timestamp>,
    #[serde(skip)]
    now: Timestamp,
}

impl Back {
    /// Where the call goes on. A cursor that cannot be read is none: then all since the source was made is heard again.
    pub fn of(call: &ListenCall<'_>) -> Self {
        let read = call.cursor.and_then(|cursor| serde_json::from_str(cursor).ok());
        let known = read.unwrap_or(Self::unheard(call.now));
        Self { overlap: OVERLAP, since: Some(call.since), now: call.now, ..known }
    }

    fn unheard(now: Timestamp) -> Self {
        Self { through: None, walk: None, size: None, overlap: OVERLAP, since: None, now }
    }

    /// The same for a platform whose times are others' claims, or that shows things later: it goes so much further back.
    #[must_use]
    pub fn further(self, overlap: SignedDuration) -> Self {
        Self { overlap, ..self }
    }

    /// Things to ask for of the next page, of a platform that gives `most`.
    pub fn size(&self, most: usize) -> usize {
        self.size.map_or(most, |size| size.clamp(1, most))
    }

    /// The request for the next page, with what is read of its answer: of one thing more than of many.
    #[must_use]
    pub fn asks(&self, call: Call) -> Call {
        call.at_most(if self.size == Some(1) { MAX_ONE } else { MAX_ANSWER })
    }

    /// What becomes of a page that is more than is read, of a platform that gives `most` things of one; none where it is no such page. A
    /// smaller one is asked for. Where it has but one thing, what stands behind that cannot be reached: the walk ends with a word of it,
    /// so that nobody who writes so much hides what is said later.
    pub fn too_large(&self, answer: &Answer, most: usize) -> Option<HeardPage> {
        if answer.status != 200 || !answer.too_large {
            return None;
        }
        let (size, here) = (self.size(most), self.clone());
        if size > 1 || self.size.is_none() {
            let cursor = Self { size: Some((size / 4).max(1)), ..here }.text();
            return Some(HeardPage { heard: Vec::new(), cursor, more: true });
        }
        // Told once a day, as long as it stands there.
        let day = self.now.to_string();
        let id = format!("too_large/{}", day.split('T').next().unwrap_or_default());
        let told = Heard { id, at: None, to: None, what: What::Unknown { kind: "too_large".into() } };
        Some(here.read(vec![told], None))
    }

    /// What was said from here on is heard.
    pub fn from(&self) -> Timestamp {
        let since = self.since.unwrap_or(Timestamp::MIN);
        self.through.map_or(since, |through| since.max(through - self.overlap))
    }

    /// What the next page begins with; none for the first.
    pub fn page(&self) -> Option<&str> {
        self.walk.as_ref().map(|(_, page)| page.as_str())
    }

    /// After a page: what it told, and what the next one begins with; none where the walk is at its end, since the page was the last, or
    /// all that follows was said before [`Back::from`].
    pub fn read(self, heard: Vec<Heard>, next: Option<String>) -> HeardPage {
        let began = self.walk.as_ref().map_or(self.now, |(began, _)| *began);
        let more = next.is_some();
        let left = match next {
            Some(page) => Self { walk: Some((began, page)), ..self },
            None => Self { walk: None, size: None, through: Some(began), ..self },
        };
        HeardPage { heard, cursor: left.text(), more }
    }

    /// Where what the page began with is not there any more: the walk begins anew at the next asking, with nothing heard.
    pub fn anew(self) -> HeardPage {
        HeardPage { heard: Vec::new(), cursor: Self { walk: None, ..self }.text(), more: false }
    }

    fn text(&self) -> String {
        // Times and strings always serialise; without a cursor all is heard again.
        serde_json::to_string(self).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn back(cursor: Option<&str>, now: &str) -> Back {
        let read = cursor.map(|cursor| serde_json::from_str::<Back>(cursor).unwrap());
        let known = read.unwrap_or(Back::unheard(at(now)));
        Back { overlap: OVERLAP, since: Some(at("2027-01-11T12:00:00Z")), now: at(now), ..known }
    }

    #[test]
    fn the_first_walk_goes_back_to_where_the_source_was_made_and_the_next_ones_an_hour_before_the_last_began() {
        let first = back(None, "2027-01-11T14:30:00Z");
        assert_eq!((first.from(), first.page()), (at("2027-01-11T12:00:00Z"), None));
        let page = first.read(Vec::new(), Some("p2".into()));
        assert!(page.more);
        let second = back(Some(&page.cursor), "2027-01-11T14:35:00Z");
        assert_eq!((second.from(), second.page()), (at("2027-01-11T12:00:00Z"), Some("p2")));
        let end = second.read(Vec::new(), None);
        assert!(!end.more);
        let next = back(Some(&end.cursor), "2027-01-11T14:45:00Z");
        assert_eq!((next.from(), next.page()), (at("2027-01-11T13:30:00Z"), None), "of when the walk began");
    }

    #[test]
    fn nothing_is_heard_of_before_the_source_was_made_however_short_ago_that_was() {
        let end = back(None, "2027-01-11T12:10:00Z").read(Vec::new(), None);
        assert_eq!(back(Some(&end.cursor), "2027-01-11T12:25:00Z").from(), at("2027-01-11T12:00:00Z"));
    }

    #[test]
    fn a_page_that_is_not_known_any_more_begins_the_walk_anew_and_moves_nothing() {
        let end = back(None, "2027-01-11T14:00:00Z").read(Vec::new(), None);
        let under_way = back(Some(&end.cursor), "2027-01-11T15:00:00Z").read(Vec::new(), Some("p2".into()));
        let anew = back(Some(&under_way.cursor), "2027-01-11T15:01:00Z").anew();
        let again = back(Some(&anew.cursor), "2027-01-11T15:02:00Z");
        assert_eq!((again.from(), again.page(), anew.more), (at("2027-01-11T13:00:00Z"), None, false));
    }
}
