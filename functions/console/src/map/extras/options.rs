//! What is chosen from in the composer: kinds of posts, who sees them and who may reply, how long a poll is open.

use crate::view::{FieldError, Pick, Select};
use domain::publishing::{ContentKind, ReplyRestriction, Visibility};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// How long a poll may be open, in the form: minutes, and in words.
const OPEN: &[(u32, &str)] = &[
    (5, "5 minutes"),
    (30, "30 minutes"),
    (60, "1 hour"),
    (6 * 60, "6 hours"),
    (12 * 60, "12 hours"),
    (24 * 60, "1 day"),
    (3 * 24 * 60, "3 days"),
    (7 * 24 * 60, "7 days"),
    (14 * 24 * 60, "14 days"),
];
const A_DAY: &str = "1440";

pub(super) const KINDS: &[(ContentKind, &str)] = &[
    (ContentKind::Post, "Post"),
    (ContentKind::Article, "Article"),
    (ContentKind::Story, "Story"),
    (ContentKind::Reel, "Reel"),
];
pub(super) const VISIBILITIES: &[(Visibility, &str)] = &[
    (Visibility::Public, "Everyone"),
    (Visibility::Connections, "The author’s connections"),
    (Visibility::LoggedIn, "People who are signed in there"),
    (Visibility::Unlisted, "Everyone who has the address"),
    (Visibility::Private, "The author alone"),
];
pub(super) const REPLIES: &[(ReplyRestriction, &str)] = &[
    (ReplyRestriction::Everyone, "Everyone"),
    (ReplyRestriction::Following, "Accounts the author follows"),
    (ReplyRestriction::Mentioned, "Accounts it mentions"),
];

/// How long a poll is open, among what the form offers.
pub(super) fn minutes(typed: &str) -> Vec<Pick> {
    let typed = if typed.is_empty() { A_DAY } else { typed };
    let pick = |value: String, label: &str| Pick { chosen: value == typed, value, label: label.to_owned() };
    let mut all: Vec<Pick> = OPEN.iter().map(|(minutes, label)| pick(minutes.to_string(), label)).collect();
    if !all.iter().any(|pick| pick.chosen) {
        all.push(pick(typed.to_owned(), &format!("{typed} minutes")));
    }
    all
}

/// One of the values as the wire names them; what is none becomes an error, and never the value that most people see.
pub(super) fn chosen<T: DeserializeOwned + Default>(value: &str, field: &str, errors: &mut Vec<FieldError>) -> T {
    if value.is_empty() {
        return T::default();
    }
    serde_json::from_value(value.into()).unwrap_or_else(|_| {
        errors.push(FieldError { field: field.into(), text: "Choose one of those that are offered.".into() });
        T::default()
    })
}

/// A choice of those that `has` offers. The first is everywhere, and what is chosen already stays.
pub(super) fn choice<T: Serialize + Copy + PartialEq>(
    now: T,
    all: &[(T, &str)],
    has: impl Fn(T) -> bool,
    on: String,
) -> Select {
    let named = |value: T| serde_json::to_value(value).ok().and_then(|name| name.as_str().map(str::to_owned));
    let offered = all.iter().enumerate().filter(|(n, (value, _))| *n == 0 || *value == now || has(*value));
    let pick = |(_, (value, label)): (usize, &(T, &str))| {
        Some(Pick { value: named(*value)?, label: (*label).to_owned(), chosen: *value == now })
    };
    Select { options: offered.filter_map(pick).collect(), on }
}
