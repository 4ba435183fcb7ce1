//! Polls of messages: what they may be, and how they are read back.

use serde_json::{Value, json};

use crate::state::rfc3339;

const MAX_QUESTION: usize = 300;
const MAX_ANSWERS: usize = 10;
const MAX_ANSWER: usize = 55;
/// Hours that a poll is open, and those of one that does not say.
const HOURS: std::ops::RangeInclusive<i64> = 1..=768;
const USUAL_HOURS: i64 = 24;
const FIELDS: [&str; 5] = ["question", "answers", "duration", "allow_multiselect", "layout_type"];

/// The field that breaks a rule.
pub(super) fn wrong(asked: &Value) -> Option<&'static str> {
    let fits =
        |text: &Value, most: usize| text.as_str().is_some_and(|t| (1..=most).contains(&t.trim().chars().count()));
    let answers = asked["answers"].as_array().map(Vec::as_slice).unwrap_or_default();
    if !asked.as_object().is_some_and(|fields| fields.keys().all(|name| FIELDS.contains(&name.as_str()))) {
        return Some("_unknown");
    }
    if !fits(&asked["question"]["text"], MAX_QUESTION) {
        return Some("question");
    }
    let each = answers.iter().all(|answer| fits(&answer["poll_media"]["text"], MAX_ANSWER));
    if !(1..=MAX_ANSWERS).contains(&answers.len()) || !each {
        return Some("answers");
    }
    let hours = &asked["duration"];
    let open = hours.is_null() || hours.as_i64().is_some_and(|hours| HOURS.contains(&hours));
    (!open).then_some("duration")
}

/// The answers, as people see them.
pub(super) fn answers(asked: &Value) -> Vec<String> {
    let answers = asked["answers"].as_array().into_iter().flatten();
    answers.map(|answer| answer["poll_media"]["text"].as_str().unwrap_or_default().trim().to_owned()).collect()
}

/// The poll as the API gives it.
pub(super) fn shown(asked: &Value, now_ms: i64) -> Value {
    let media = |text: &str| json!({ "text": text.trim() });
    let answers: Vec<Value> = (1..)
        .zip(answers(asked))
        .map(|(id, text): (i64, String)| json!({ "answer_id": id, "poll_media": media(&text) }))
        .collect();
    let hours = asked["duration"].as_i64().unwrap_or(USUAL_HOURS);
    json!({
        "question": media(asked["question"]["text"].as_str().unwrap_or_default()), "answers": answers,
        "expiry": rfc3339(now_ms + hours * 3_600_000), "layout_type": 1,
        "allow_multiselect": asked["allow_multiselect"].as_bool().unwrap_or_default(),
        "results": { "answer_counts": [], "is_finalized": false },
    })
}
