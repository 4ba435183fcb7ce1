//! What stands in the composer's form: read from the form or from a post, turned into a command or shown again.
//!
//! It holds texts as they were typed, so that a refused form comes back with everything in it.

use super::posts::texts;
use super::{Extras, RecurrenceDraft, Row};
use crate::view::When;
use domain::PlatformId;
use domain::platform::{Descriptor, Limits};
use domain::publishing::{LinkCard, MediaRef, Part, Post, Schedule, Target, Variant};
use domain::time::WallTime;
use jiff::civil::Date;
use jiff::{Timestamp, ToSpan, tz::TimeZone};
use std::collections::BTreeMap;

/// A line with only this starts the next part of a thread.
pub(super) const SEPARATOR: &str = "---";

/// The form's content.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Draft {
    /// The common text.
    pub text: String,
    /// The link.
    pub link: String,
    /// The title of its card.
    pub link_title: String,
    /// The text on its card.
    pub link_description: String,
    /// What else it has.
    pub extras: Extras,
    /// The ticked accounts.
    pub targets: Vec<String>,
    /// Texts of single platforms, by slug; empty ones are left out.
    pub variants: BTreeMap<String, String>,
    /// Media, those of earlier parts first.
    pub rows: Vec<Row>,
    /// When.
    pub when: When,
    /// The day.
    pub date: String,
    /// The time.
    pub time: String,
    /// The zone.
    pub zone: String,
    /// How often, of a series.
    pub often: RecurrenceDraft,
}

impl Draft {
    /// An empty form, with the next full hour (of `day`, when one was asked for) as its time.
    pub fn fresh(day: Option<Date>, zone: &str, now: Timestamp) -> Self {
        let local = now.to_zoned(TimeZone::get(zone).unwrap_or(TimeZone::UTC)).datetime();
        let next = local.saturating_add(1.hour());
        let today = day.is_none_or(|day| day == next.date());
        let hour = if today { next.hour() } else { 9 };
        Self {
            when: if day.is_some() { When::At } else { When::Now },
            date: day.unwrap_or(next.date()).to_string(),
            time: format!("{hour:02}:00"),
            zone: zone.to_owned(),
            ..Self::default()
        }
    }

    /// How many media are named so far for the first of so many parts; chosen files are not known before they are sent.
    pub fn pictures(&self, parts: usize) -> usize {
        let named = |row: &&Row| row.id.is_some() || !row.url.is_empty();
        self.rows.iter().filter(named).filter(|row| place(row.part(), parts) == 0).count()
    }

    /// The media of the rows as far as they are stored, each with the index of its part.
    pub fn references(&self) -> Vec<(usize, MediaRef)> {
        self.rows.iter().filter_map(|row| Some((row.part(), row.reference()?))).collect()
    }

    /// The form of what is said already, and where. It says nothing of when.
    pub fn saying(content: &Variant, variants: &BTreeMap<PlatformId, Variant>, targets: &[Target]) -> Self {
        let text = texts(content);
        let differing = variants.iter().map(|(id, variant)| (id.to_string(), texts(variant)));
        let link = content.link.as_ref();
        Self {
            link: link.map(|link| link.url.clone()).unwrap_or_default(),
            link_title: link.and_then(|link| link.title.clone()).unwrap_or_default(),
            link_description: link.and_then(|link| link.description.clone()).unwrap_or_default(),
            extras: Extras::of(content),
            targets: targets.iter().map(|t| t.account.to_string()).collect(),
            variants: differing.filter(|(_, own)| *own != text).collect(),
            rows: content
                .media()
                .zip(placed(content, variants))
                .map(|(medium, part)| Row::said(medium, part))
                .collect(),
            text,
            ..Self::default()
        }
    }

    /// The form of a post that is there already.
    pub fn of(post: &Post, zone: &str, now: Timestamp) -> Self {
        let Self { date, time, zone: named, .. } = Self::fresh(None, zone, now);
        let said = Self::saying(&post.content, &post.variants, &post.targets);
        let mut draft = Self { date, time, zone: named, ..said };
        draft.when = match &post.schedule {
            Schedule::Now { .. } => When::Now,
            Schedule::At { .. } => When::At,
            Schedule::Queue { best: Some(_), .. } => When::Best,
            Schedule::Queue { best: None, .. } => When::Queue,
            Schedule::Draft => When::Draft,
        };
        let wall = post.schedule.local().map(|(wall, _)| wall.clone()).or_else(|| {
            let at = post.schedule.due_at()?.to_zoned(TimeZone::get(zone).unwrap_or(TimeZone::UTC));
            Some(WallTime { local: at.datetime(), zone: zone.to_owned() })
        });
        if let Some(wall) = wall {
            draft.date = wall.local.date().to_string();
            let clock = if wall.local.second() == 0 { "%H:%M" } else { "%H:%M:%S" };
            draft.time = wall.local.strftime(clock).to_string();
            draft.zone = wall.zone;
        }
        draft
    }

    /// Whether the form can show all of a post.
    pub fn can_show(post: &Post) -> bool {
        Self::can_say(&post.content, &post.variants)
    }

    /// Whether the form can show all of a content. What was written through the API may hold more than the form has fields
    /// for, and editing it here would lose that.
    pub fn can_say(content: &Variant, variants: &BTreeMap<PlatformId, Variant>) -> bool {
        let fits = |v: &Variant| {
            // A field of the content that the form does not know stays out of this one, and so makes the difference.
            // So does what a browser sends back otherwise than it was.
            let mut shown = Variant { parts: v.parts.clone(), link: v.link.clone(), ..Variant::default() };
            for text in shown.link.iter_mut().flat_map(|link| [&mut link.title, &mut link.description]) {
                *text = text.take().map(|text| one_line(&text));
            }
            for medium in shown.parts.iter_mut().flat_map(|part| &mut part.media) {
                let back = Row::said(medium, 0).sent_back();
                *medium = back.reference().unwrap_or_else(|| MediaRef::new(medium.id));
            }
            Extras::of(v).sent_back().write_into(&mut shown);
            let there = placed(content, variants).into_iter().map(|part| place(part, v.parts.len()));
            *v == shown && parts_of_media(v).eq(there)
        };
        let extras = Extras::of(content);
        let same = |v: &Variant| v.link == content.link && v.media().eq(content.media()) && Extras::of(v) == extras;
        fits(content) && variants.values().all(|v| fits(v) && same(v))
    }

    /// The text that goes to a platform.
    pub fn text_for(&self, platform: &PlatformId) -> &str {
        self.variants.get(platform.as_str()).map_or(self.text.as_str(), String::as_str)
    }

    /// The link, when there is one.
    pub fn card(&self) -> Option<LinkCard> {
        let text = |value: &str| Some(value.trim().to_owned()).filter(|value| !value.is_empty());
        (!self.link.is_empty()).then(|| LinkCard {
            url: self.link.clone(),
            title: text(&self.link_title),
            description: text(&self.link_description),
        })
    }

    /// The common content and what differs on single platforms: their own texts, and threads where there are threads.
    ///
    /// Each of `media` has the index of its part; where there are fewer, it stands in the last.
    pub fn content(
        &self,
        platforms: &[Descriptor],
        media: &[(usize, MediaRef)],
    ) -> (Variant, BTreeMap<String, Variant>) {
        let variant = |texts: Vec<String>| {
            let mut parts: Vec<Part> = texts.into_iter().map(|text| Part { text, media: Vec::new() }).collect();
            let count = parts.len();
            for (part, medium) in media {
                if let Some(part) = parts.get_mut(place(*part, count)) {
                    part.media.push(medium.clone());
                }
            }
            let mut variant = Variant { parts, link: self.card(), ..Variant::default() };
            self.extras.write_into(&mut variant);
            variant
        };
        let mut own = BTreeMap::new();
        for descriptor in platforms {
            let parts = parts(self.text_for(&descriptor.id), descriptor.limits.of(self.extras.kind()));
            if parts.len() > 1 || self.variants.contains_key(descriptor.id.as_str()) {
                own.insert(descriptor.id.to_string(), variant(parts));
            }
        }
        (variant(vec![self.text.clone()]), own)
    }
}

/// Where a medium of the part of this index stands among so many parts.
fn place(part: usize, parts: usize) -> usize {
    part.min(parts.saturating_sub(1))
}

/// The index of its part, of each medium.
fn parts_of_media(variant: &Variant) -> impl Iterator<Item = usize> {
    variant.parts.iter().enumerate().flat_map(|(i, part)| std::iter::repeat_n(i, part.media.len()))
}

/// The same of a content that is a thread on some platforms alone: where there are fewer parts, media of later ones stand in the last.
fn placed(content: &Variant, variants: &BTreeMap<PlatformId, Variant>) -> Vec<usize> {
    let mut placed: Vec<usize> = parts_of_media(content).collect();
    for variant in variants.values() {
        for (known, there) in placed.iter_mut().zip(parts_of_media(variant)) {
            *known = there.max(*known);
        }
    }
    placed
}

/// What a field of one line sends back of a text.
pub(super) fn one_line(text: &str) -> String {
    text.replace(['\r', '\n'], "").trim().to_owned()
}

/// The parts of a text on a platform, as the page splits it. `limits` are those of its kind.
pub fn parts(text: &str, limits: &Limits) -> Vec<String> {
    let mut parts: Vec<Vec<&str>> = vec![Vec::new()];
    if limits.thread_parts > 1 {
        for line in text.split('\n') {
            match parts.last_mut() {
                Some(last) if line.trim() != SEPARATOR => last.push(line),
                _ => parts.push(Vec::new()),
            }
        }
    }
    if parts.len() == 1 {
        return vec![text.to_owned()];
    }
    parts.iter().map(|lines| lines.join("\n").trim().to_owned()).collect()
}
