//! Where things stand: posts, deliveries and accounts.

use super::{counted, sentence};
use crate::view::{AccountRef, Badge, Moment, Tone};
use app::accounts::Horizon;
use domain::accounts::{Account, AccountStatus};
use domain::publishing::{
    ApprovalAct, ApprovalRule, Delivery, Doubt, PostStatus, RetryReason, Standing, State, remedy,
};
use jiff::Timestamp;

/// Hours before its end at which an access that is not renewed counts as ending soon.
const ENDS_SOON_H: i64 = 14 * 24;

/// What becomes of posts whose account must be connected again.
pub const WAITS: &str = "A post whose time comes waits for a reconnect until its latest start (an hour after its time, unless \
                         another was asked for); after that it is missed and not sent.";

/// A post's state.
pub fn post(status: PostStatus) -> Badge {
    let (label, tone) = match status {
        PostStatus::Draft => ("Draft", Tone::Neutral),
        PostStatus::Scheduled => ("Scheduled", Tone::Info),
        PostStatus::Publishing => ("On its way", Tone::Info),
        PostStatus::Attention => ("Needs you", Tone::Warn),
        PostStatus::Published => ("Published", Tone::Good),
        PostStatus::Partial => ("Partly published", Tone::Warn),
        PostStatus::Failed => ("Failed", Tone::Bad),
        PostStatus::Canceled => ("Canceled", Tone::Neutral),
    };
    Badge::new(label, tone)
}

/// How an approval stands.
pub fn standing(standing: Standing) -> (&'static str, Tone) {
    match standing {
        Standing::Waiting => ("Waits for approval", Tone::Warn),
        Standing::Approved => ("Approved", Tone::Good),
        Standing::Rejected => ("Rejected", Tone::Bad),
        Standing::CalledOff => ("Called off", Tone::Neutral),
    }
}

/// What another time does to the approval of a post.
pub const TAKES_BACK: &str =
    "It was approved for the time it has. Once moved, it waits until somebody approves it again.";

/// What somebody did about an approval; the name follows.
pub fn approval_act(act: ApprovalAct) -> (&'static str, Tone) {
    match act {
        ApprovalAct::Asked => ("Approval asked for", Tone::Info),
        ApprovalAct::Changed => ("Changed", Tone::Neutral),
        ApprovalAct::Approved => ("Approved", Tone::Good),
        ApprovalAct::Rejected => ("Rejected", Tone::Bad),
        ApprovalAct::CalledOff => ("Called off", Tone::Neutral),
    }
}

/// Whose posts somebody has to approve: name in forms, and words.
pub const APPROVAL_RULES: [(&str, &str, ApprovalRule); 3] = [
    ("nobody", "Nobody’s", ApprovalRule::Nobody),
    ("editors", "Editors’", ApprovalRule::Editors),
    ("everyone", "Everybody’s, owners’ too", ApprovalRule::Everyone),
];

/// A delivery's state.
pub fn delivery(delivery: &Delivery) -> Badge {
    let tone = match &delivery.state {
        State::Scheduled
        | State::Queued
        | State::Leased { .. }
        | State::Dispatching { .. }
        | State::Processing
        | State::Retry { .. } => Tone::Info,
        State::Unknown { .. } if delivery.doubt == Doubt::Taken => Tone::Info,
        State::Unknown { .. } | State::Attention { .. } | State::Partial { .. } => Tone::Warn,
        State::Published { .. } => Tone::Good,
        State::BlockedAuth { .. } | State::Failed { .. } | State::Missed { .. } => Tone::Bad,
        State::Canceled { .. } => Tone::Neutral,
    };
    Badge::new(delivery.label(), tone)
}

/// What a delivery's state means. `platform` is its name, `zone` where the reader plans.
pub fn summary(delivery: &Delivery, platform: &str, zone: &str) -> String {
    if let Some(at) = delivery.removed_at {
        return format!("It was live, and was deleted from {platform} on {}.", Moment::new(at, zone).text);
    }
    let stands = how_it_stands(delivery, platform, zone);
    match delivery.parts_gone() {
        (0, _) => stands,
        (1, of) => format!("{stands} 1 of {of} parts was deleted from {platform}."),
        (gone, of) => format!("{stands} {gone} of {of} parts were deleted from {platform}."),
    }
}

/// What its state means, whatever was deleted since.
fn how_it_stands(delivery: &Delivery, platform: &str, zone: &str) -> String {
    match &delivery.state {
        State::Scheduled if !delivery.is_cleared() => "It waits until somebody approves it.".into(),
        State::Scheduled => "It waits for its time.".into(),
        State::Queued => "It is due; a worker takes it within seconds.".into(),
        State::Leased { .. } => "A worker prepares it. Nothing has been sent yet.".into(),
        State::Dispatching { .. } => format!("The request is out, and {platform} has not answered yet."),
        State::Processing => {
            format!("Its media are being handed to {platform}. It is published as soon as they are ready there.")
        }
        State::Retry { reason } => again(*reason, platform, delivery.expected_at(), zone),
        State::BlockedAuth { .. } => parked(delivery, zone),
        State::Unknown { .. } if delivery.doubt == Doubt::Taken => format!(
            "{platform} has it and publishes it in its own time. Herald asks until it says what became of it, and sends \
             nothing again meanwhile."
        ),
        State::Unknown { .. } => format!(
            "{platform} gave no proof whether it took the post. Herald reads the account to find out, and sends \
             nothing again meanwhile."
        ),
        State::Attention { reason, .. } => format!("It may be live, or not. {}", sentence(reason)),
        State::Published { at } => live_since(*at, delivery, zone),
        State::Partial { code, detail, .. } => {
            format!("A part of it is live, the rest is not. {}", ended(code, detail))
        }
        State::Failed { code, detail, .. } => format!("Nothing of it is live. {}", ended(code, detail)),
        State::Missed { .. } => format!("Its time had passed before it could start, so nothing was sent. {MISSED}"),
        State::Canceled { .. } => "It was called off before anything was sent.".into(),
    }
}

/// Why a delivery ended without success, in the platform's words, and what to do about it.
pub fn ended(code: &str, detail: &str) -> String {
    [&*sentence(detail), remedy(code).unwrap_or_default()].join(" ").trim().to_owned()
}

/// What to do about a post that was missed.
pub const MISSED: &str = "Ask for another try, or make a new post for a later time.";

/// Until when a delivery waits for its account, and what becomes of it after that.
fn parked(delivery: &Delivery, zone: &str) -> String {
    let until = Moment::new(delivery.parked_until(), zone);
    let (by, zone) = (until.text, until.zone);
    let after = if delivery.doubt.stands() {
        "a person must find out what is live"
    } else if delivery.any_live() {
        "the rest of it is not sent"
    } else {
        "it is missed and not sent"
    };
    format!("The account must be connected again. Reconnect by {by} {zone}: after that {after}.")
}

fn again(reason: RetryReason, platform: &str, at: Option<Timestamp>, zone: &str) -> String {
    match reason {
        RetryReason::Throttled => {
            let at = at.map_or_else(
                || " Where it takes none by the latest time at which this may start, it is missed.".to_owned(),
                |at| format!(" It is expected to go out at about {}.", Moment::new(at, zone).text),
            );
            format!("{platform} takes no more posts at the moment. Nothing was lost, and sending it later is safe.{at}")
        }
        RetryReason::Asked => "Somebody asked for another try.".into(),
        RetryReason::Reconnected => "The account is connected again, so it goes out now.".into(),
        RetryReason::Absent => format!("{platform} does not have it, so sending it again is safe."),
        RetryReason::Resuming => "The parts before are live; the next one follows.".into(),
        RetryReason::Unavailable => {
            format!(
                "{platform}, or a picture, video or document of it, could not be reached. Nothing was taken, so trying again is safe."
            )
        }
        RetryReason::Unauthorized | RetryReason::Renewing => "The access is being renewed; then it is sent.".into(),
    }
}

fn live_since(at: Timestamp, delivery: &Delivery, zone: &str) -> String {
    let clock = Moment::precise(at, zone).clock;
    match at.duration_since(delivery.due_at).as_secs() {
        ..2 => format!("Live since {clock}, on time."),
        late @ 2..120 => format!("Live since {clock}, {late} seconds after its time."),
        late => format!("Live since {clock}, {} minutes after its time.", late / 60),
    }
}

/// An account's health, and what it means for its posts when not all is well. `horizon` says when its access ends, and what
/// is planned for later.
pub fn account(account: &Account, horizon: Option<&Horizon>, now: Timestamp) -> (Badge, Option<String>) {
    let late = horizon.map_or(0, |horizon| horizon.posts.len());
    let more = horizon.is_some_and(|horizon| horizon.more);
    let posts = if more { format!("More than {}", counted(late, "post")) } else { counted(late, "post") };
    let (is, keeps) = if late == 1 && !more { ("is", "it keeps its time") } else { ("are", "they keep their times") };
    match &account.status {
        AccountStatus::Active => match horizon.map(|horizon| horizon.ends_at.duration_since(now).as_hours()) {
            Some(_) if late > 0 => (
                Badge::new("Ends too soon", Tone::Warn),
                Some(format!(
                    "{posts} {is} planned for after this access ends, and would not go out. Reconnect before then: {keeps}."
                )),
            ),
            Some(hours) if hours < ENDS_SOON_H => (
                Badge::new("Ends soon", Tone::Warn),
                Some("Nothing goes out through this account once its access has ended. Reconnect before.".into()),
            ),
            _ => (Badge::new("Connected", Tone::Good), None),
        },
        AccountStatus::NeedsReconnect { .. } => {
            let waits =
                if late > 0 { format!(" {posts} {is} planned for it: reconnect, and {keeps}.") } else { String::new() };
            (
                Badge::new("Reconnect needed", Tone::Bad),
                Some(format!("The platform ended Herald’s access. {WAITS}{waits}")),
            )
        }
        AccountStatus::Disconnected { .. } => {
            (Badge::new("Disconnected", Tone::Neutral), Some(format!("Somebody disconnected it here. {WAITS}")))
        }
    }
}

/// That a post waits for a time after the end of an account's access.
pub fn ends_before(account: &AccountRef) -> String {
    format!("The access to {} on {} ends before this is due.", account.name, account.platform.name)
}

/// A post that waits for a time after the end of an access.
pub fn at_risk() -> Badge {
    Badge::new("Reconnect first", Tone::Warn)
}
