//! The pieces that several pages share.

use jiff::{Timestamp, tz::TimeZone};
use serde::Serialize;

/// What surrounds a page for a signed-in member.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Shell {
    /// The organisation's name.
    pub tenant: String,
    /// The signed-in member's name.
    pub member: String,
    /// The member's role, in words.
    pub role: String,
    /// Whether the member may write posts; who may not is not offered it.
    pub writes: bool,
    /// The session's form token; every form of a signed-in page sends it as `csrf`.
    pub csrf: String,
    /// How many things wait for a person's decision.
    pub attention: u32,
    /// How many posts wait for an approval, for who may approve.
    pub approvals: u32,
    /// The environment's name, when it is not production; shown so that nobody takes a test for the real thing.
    pub environment: Option<String>,
    /// What the last form did, said once.
    pub flash: Option<Flash>,
}

/// An entry of the navigation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Section {
    /// `/console`
    Home,
    /// `/console/compose`
    Compose,
    /// `/console/calendar`
    Calendar,
    /// `/console/queue` and a post's page
    Queue,
    /// `/console/series`
    Series,
    /// `/console/approvals`
    Approvals,
    /// `/console/media`
    Media,
    /// `/console/inbox`
    Inbox,
    /// `/console/attention`
    Attention,
    /// `/console/accounts`
    Accounts,
    /// `/console/webhooks`
    Webhooks,
    /// `/console/team`
    Team,
}

/// A message about what just happened.
#[derive(Debug, Clone, Serialize)]
pub struct Flash {
    /// How it is meant.
    pub tone: Tone,
    /// One sentence.
    pub text: String,
}

/// What a colour stands for; never the only carrier of a meaning.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Tone {
    /// Nothing to notice: draft, canceled.
    #[default]
    Neutral,
    /// On its way: scheduled, queued, sending.
    Info,
    /// Done: published, connected, delivered.
    Good,
    /// A person should look: outcome unknown, expires soon, retrying.
    Warn,
    /// It did not happen: failed, missed, disconnected.
    Bad,
}

/// A state in a word or two.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Badge {
    /// The state as people say it, such as `Published`.
    pub label: String,
    /// How it is meant.
    pub tone: Tone,
}

impl Badge {
    /// A badge that says `label`.
    pub fn new(label: impl Into<String>, tone: Tone) -> Self {
        Self { label: label.into(), tone }
    }
}

/// An instant, told in a named zone.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Moment {
    /// RFC 3339 in UTC, for machines.
    pub iso: String,
    /// Day and time in the zone, such as `Mon 2 Mar 2026, 09:00`.
    pub text: String,
    /// The time alone, such as `09:00`, or `09:00:01` where seconds matter.
    pub clock: String,
    /// The zone's IANA name.
    pub zone: String,
}

impl Moment {
    /// `at` as it is told in `zone` (an IANA name). A name the zone database does not know is told in UTC, and says so:
    /// a page with the right instant is better than no page.
    pub fn new(at: Timestamp, zone: &str) -> Self {
        Self::told(at, zone, "%H:%M")
    }

    /// The same to the second, for what happened and not for what is planned.
    pub fn precise(at: Timestamp, zone: &str) -> Self {
        Self::told(at, zone, "%H:%M:%S")
    }

    fn told(at: Timestamp, zone: &str, clock: &str) -> Self {
        let (zone, name) = TimeZone::get(zone).map_or((TimeZone::UTC, "UTC"), |found| (found, zone));
        let local = at.to_zoned(zone);
        let clock = local.strftime(clock).to_string();
        Self {
            iso: at.to_string(),
            text: format!("{}, {clock}", local.strftime("%a %-d %b %Y")),
            clock,
            zone: name.to_owned(),
        }
    }
}

/// A platform, as its descriptor tells it.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Platform {
    /// The slug, used in field names and addresses.
    pub slug: String,
    /// The name people know.
    pub name: String,
    /// The brand colour, `#rrggbb`.
    pub color: String,
    /// One or two letters that stand for it on its mark.
    pub mark: String,
}

/// An account of a platform, as lists name it.
#[derive(Debug, Clone, Default, Serialize)]
pub struct AccountRef {
    /// Where the account is.
    pub platform: Platform,
    /// The display name.
    pub name: String,
    /// The handle or page address, when the platform has one.
    pub handle: Option<String>,
}

/// A form that is one button.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Action {
    /// Where it posts to.
    pub href: String,
    /// What the button says.
    pub label: String,
    /// How it looks.
    pub style: ActionStyle,
    /// More hidden fields.
    pub fields: Vec<Hidden>,
    /// A fresh key per rendering, so that a double click acts once.
    pub idempotency_key: String,
    /// What is asked before it is done; with it, the button first opens the question (also without scripts).
    pub confirm: Option<String>,
}

/// How much a button asks for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ActionStyle {
    /// The expected next step.
    Primary,
    /// One of several.
    #[default]
    Plain,
    /// Cannot be undone.
    Danger,
}

/// A hidden form field.
#[derive(Debug, Clone, Serialize)]
pub struct Hidden {
    /// The field's name.
    pub name: String,
    /// Its value.
    pub value: String,
}

/// What is wrong with one field of a form. All of them are given at once; the page lists them on top, linked, and
/// repeats each beside its field.
#[derive(Debug, Clone, Serialize)]
pub struct FieldError {
    /// The id of the field, as the page's documentation names it.
    pub field: String,
    /// One sentence that says how to put it right.
    pub text: String,
}

/// Something worth telling, with the place where it is dealt with.
#[derive(Debug, Clone, Serialize)]
pub struct Notice {
    /// How it is meant.
    pub tone: Tone,
    /// What it is about.
    pub title: String,
    /// One or two sentences.
    pub text: String,
    /// Where to go.
    pub href: String,
    /// What the link says.
    pub link: String,
}

/// A post in a list.
#[derive(Debug, Clone, Default, Serialize)]
pub struct PostRow {
    /// The post's page.
    pub href: String,
    /// The beginning of the text; may be empty for a post that is only pictures.
    pub excerpt: String,
    /// When it goes or went out; absent for drafts.
    pub when: Option<Moment>,
    /// The state of the whole post.
    pub state: Badge,
    /// Where it goes.
    pub accounts: Vec<AccountRef>,
    /// One sentence more, when the state needs it.
    pub note: Option<String>,
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_moment_is_told_in_its_zone_and_names_it() {
        let moment = Moment::new("2026-03-02T08:00:00Z".parse().unwrap(), "Europe/Berlin");
        assert_eq!((moment.text.as_str(), moment.clock.as_str()), ("Mon 2 Mar 2026, 09:00", "09:00"));
        assert_eq!(
            Moment::precise("2026-03-02T08:00:01.25Z".parse().unwrap(), "Europe/Berlin").text,
            "Mon 2 Mar 2026, 09:00:01"
        );
        assert_eq!((moment.iso.as_str(), moment.zone.as_str()), ("2026-03-02T08:00:00Z", "Europe/Berlin"));
    }

    #[test]
    fn a_moment_in_an_unknown_zone_is_told_in_utc_and_says_so() {
        let moment = Moment::new("2026-03-02T08:00:00Z".parse().unwrap(), "Mars/Olympus");
        assert_eq!((moment.clock.as_str(), moment.zone.as_str()), ("08:00", "UTC"));
    }
}
