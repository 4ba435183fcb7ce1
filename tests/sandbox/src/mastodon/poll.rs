//! Polls of statuses: what they may be, and how they are read back. Limits are those that a server is set up with.

use axum::response::Response;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::ops::RangeInclusive;

use super::invalid;
use crate::state::{now_ms, rfc3339};
use crate::store::Post;

pub(super) const MAX_OPTIONS: usize = 4;
pub(super) const MAX_OPTION: usize = 50;
/// Seconds that a poll is open.
pub(super) const OPEN_S: RangeInclusive<i64> = 300..=2_629_746;

/// A poll as it is sent.
#[derive(Deserialize, Serialize)]
pub(super) struct New {
    #[serde(default)]
    options: Vec<String>,
    expires_in: Option<i64>,
    #[serde(default)]
    multiple: bool,
    #[serde(default)]
    hide_totals: bool,
}

impl New {
    /// Its answers, as people see them: what is empty is none.
    pub(super) fn options(&self) -> Vec<String> {
        self.options.iter().map(|option| option.trim().to_owned()).filter(|option| !option.is_empty()).collect()
    }

    pub(super) fn check(&self) -> Result<(), Response> {
        let options = self.options();
        let twice = options.iter().enumerate().any(|(n, option)| options[..n].contains(option));
        let wrong = match self.expires_in {
            _ if options.len() < 2 => "Options must have more than one item".to_owned(),
            _ if options.len() > MAX_OPTIONS => format!("Options can't contain more than {MAX_OPTIONS} items"),
            _ if options.iter().any(|option| option.chars().count() > MAX_OPTION) => {
                format!("Options cannot be longer than {MAX_OPTION} characters each")
            }
            _ if twice => "Options contain duplicate items".to_owned(),
            None => "Expires at can't be blank".to_owned(),
            Some(open) if open < *OPEN_S.start() => "Expires at is too soon".to_owned(),
            Some(open) if open > *OPEN_S.end() => "Expires at is too far into the future".to_owned(),
            Some(_) => return Ok(()),
        };
        Err(invalid(&wrong))
    }
}

/// The poll as the API gives it.
pub(super) fn shown(post: &Post) -> Value {
    let Some(asked) = &post.asked else { return Value::Null };
    let ends_ms = post.created_ms + asked["expires_in"].as_i64().unwrap_or_default() * 1_000;
    let options = post.poll.iter().map(|title| json!({ "title": title, "votes_count": 0 }));
    json!({
        "id": post.id, "expires_at": rfc3339(ends_ms), "expired": ends_ms <= now_ms(), "multiple": asked["multiple"],
        "votes_count": 0, "voters_count": 0, "voted": true, "own_votes": [], "emojis": [],
        "options": options.collect::<Vec<_>>(),
    })
}
