//! What the last form did, said once. A redirect carries only a code: a link somebody else made up must not be able to
//! put words into our pages.

use super::Explained;
use crate::view::{Flash, Tone};

/// What a form did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Said {
    /// A post for now was accepted.
    Posted,
    /// A post for a time was accepted.
    Scheduled,
    /// A post got a slot of the queue.
    Queued,
    /// A post got the best time of its accounts.
    Best,
    /// A draft was kept.
    Draft,
    /// A post was changed.
    Saved,
    /// A medium was added to the library.
    Uploaded,
    /// It was said what a medium shows.
    Described,
    /// A post has another time.
    Moved,
    /// A post has another time, and waits for an approval.
    MovedWaits,
    /// A post was called off.
    Canceled,
    /// A post was accepted, and waits for an approval.
    Waits,
    /// A post was changed, and waits for an approval.
    SavedWaits,
    /// A post was approved.
    Approved,
    /// A post was rejected.
    Rejected,
    /// An approval was asked for.
    Asked,
    /// The rule for approvals was changed.
    RuleChanged,
    /// The brand rules were changed.
    BrandSaved,
    /// What endpoints may be was changed.
    EgressSaved,
    /// An account has other slots.
    SlotsSaved,
    /// A series was made.
    SeriesMade,
    /// A series was made whose runs wait for an approval.
    SeriesWaits,
    /// A series has other times.
    SeriesMoved,
    /// A series says something else.
    SeriesRewritten,
    /// A series was paused.
    SeriesPaused,
    /// A series goes on.
    SeriesResumed,
    /// A series was ended.
    SeriesEnded,
    /// Another try was asked for.
    Retried,
    /// A person said: it is live.
    Live,
    /// A person said: send it again.
    Again,
    /// A person said that it is not there, and nothing awaits it any more.
    NotSent,
    /// What is live says something else now.
    Amended,
    /// It does not everywhere.
    AmendedInPart,
    /// A post was deleted.
    Deleted,
    /// An account was connected.
    Connected,
    /// An account was disconnected.
    Disconnected,
    /// A test message is on its way.
    Tested,
    /// A message is sent again.
    Resent,
    /// A message was given up.
    GivenUp,
    /// The messages of a time are sent again.
    Recovering,
    /// An endpoint was added of which nothing is shown once.
    EndpointAdded,
    /// An endpoint was changed.
    EndpointSaved,
    /// An endpoint was switched on.
    SwitchedOn,
    /// An endpoint was switched off.
    SwitchedOff,
    /// An endpoint was deleted.
    EndpointDeleted,
    /// A source was deleted.
    SourceDeleted,
    /// An account is asked from now on.
    SourceAsked,
    /// A member was added.
    MemberAdded,
    /// A member has another role.
    RoleChanged,
    /// A member was removed.
    MemberRemoved,
    /// A key was revoked.
    KeyRevoked,
}

const ALL: [(&str, Said, Tone, &str); 51] = [
    ("posted", Said::Posted, Tone::Info, "It is on its way. This page tells what becomes of it."),
    ("scheduled", Said::Scheduled, Tone::Good, "Scheduled."),
    ("queued", Said::Queued, Tone::Good, "It has the next free slot of the queue."),
    (
        "best-time",
        Said::Best,
        Tone::Good,
        "Scheduled for the best time that was free. Why it is that one stands beside its text.",
    ),
    ("draft", Said::Draft, Tone::Neutral, "Kept as a draft. Nothing goes out before you say when."),
    ("saved", Said::Saved, Tone::Good, "Your changes are saved."),
    ("uploaded", Said::Uploaded, Tone::Good, "It is in the library."),
    ("described", Said::Described, Tone::Good, "Noted. Posts that take it from here start with this text."),
    ("moved", Said::Moved, Tone::Good, "Moved. It goes out at its new time."),
    ("moved-waits", Said::MovedWaits, Tone::Info, "Moved. It waits until somebody approves it with its new time."),
    ("canceled", Said::Canceled, Tone::Neutral, "Called off: what had not left will not leave."),
    ("waits", Said::Waits, Tone::Info, "It waits until somebody approves it. Nothing goes out before."),
    (
        "saved-waits",
        Said::SavedWaits,
        Tone::Info,
        "Your changes are saved. It waits until somebody approves it as it is now.",
    ),
    ("approved", Said::Approved, Tone::Good, "Approved: it goes out at its time."),
    ("rejected", Said::Rejected, Tone::Neutral, "Rejected: it does not go out. Its author sees why."),
    ("asked", Said::Asked, Tone::Info, "It waits until somebody approves it. Nothing goes out before."),
    ("rule-changed", Said::RuleChanged, Tone::Good, "The rule for approvals was changed; it counts from now on."),
    ("brand-saved", Said::BrandSaved, Tone::Good, "The brand rules are saved; they count from now on."),
    ("egress-saved", Said::EgressSaved, Tone::Good, "Saved. It counts for every endpoint from now on."),
    ("slots-saved", Said::SlotsSaved, Tone::Good, "The slots are saved. Posts that had one keep it."),
    ("series-made", Said::SeriesMade, Tone::Good, "The series is made. Its next runs are on this page."),
    (
        "series-waits",
        Said::SeriesWaits,
        Tone::Info,
        "The series is made. Each run waits, from two hours before its time, until somebody approves it.",
    ),
    ("series-moved", Said::SeriesMoved, Tone::Good, "The times are changed, for the runs that have no post yet."),
    ("series-rewritten", Said::SeriesRewritten, Tone::Good, "Saved. It counts for the runs that have no post yet."),
    ("series-paused", Said::SeriesPaused, Tone::Neutral, "Paused: no run gets a post until somebody resumes it."),
    ("series-resumed", Said::SeriesResumed, Tone::Good, "It goes on. What lay in the pause is left out."),
    ("series-ended", Said::SeriesEnded, Tone::Neutral, "The series was ended. Posts that were there keep their times."),
    ("retried", Said::Retried, Tone::Info, "It is tried again."),
    ("live", Said::Live, Tone::Good, "Noted: it is live. Nothing was sent."),
    (
        "not-sent",
        Said::NotSent,
        Tone::Neutral,
        "Noted: it is not there. What it answers awaits no answer any more, so nothing was sent.",
    ),
    ("again", Said::Again, Tone::Info, "Noted: it is not there. It is sent once more."),
    ("amended", Said::Amended, Tone::Good, "Changed: people see the new words."),
    (
        "amended-in-part",
        Said::AmendedInPart,
        Tone::Warn,
        "Not everywhere: below stands what became of it on each platform. Saving the same words again is safe.",
    ),
    ("deleted", Said::Deleted, Tone::Neutral, "The post was deleted."),
    ("connected", Said::Connected, Tone::Good, "The account is connected. You can publish to it now."),
    (
        "disconnected",
        Said::Disconnected,
        Tone::Neutral,
        "The account was disconnected. What was planned for it waits until its latest start, and is missed after that.",
    ),
    ("tested", Said::Tested, Tone::Info, "A test message is on its way. Its attempts appear in the list."),
    ("resent", Said::Resent, Tone::Info, "It is sent again. Its tries appear on this page."),
    ("given-up", Said::GivenUp, Tone::Neutral, "It is given up. What waited behind it goes within a minute or so."),
    (
        "recovering",
        Said::Recovering,
        Tone::Info,
        "It goes through the log and has what it finds sent again. How far it is stands below.",
    ),
    ("endpoint-added", Said::EndpointAdded, Tone::Good, "The endpoint was added. “Send test” tries it."),
    ("endpoint-saved", Said::EndpointSaved, Tone::Good, "Saved. It counts from the next try on."),
    (
        "switched-on",
        Said::SwitchedOn,
        Tone::Good,
        "It is on, and its failures are forgotten. What it was not told can be sent again: see below.",
    ),
    (
        "switched-off",
        Said::SwitchedOff,
        Tone::Neutral,
        "It is off. What happens meanwhile is kept, and can be sent again.",
    ),
    ("endpoint-deleted", Said::EndpointDeleted, Tone::Neutral, "The endpoint was deleted."),
    ("source-asked", Said::SourceAsked, Tone::Good, "The account is asked from now on."),
    ("source-deleted", Said::SourceDeleted, Tone::Neutral, "The source was deleted. What came in stays."),
    ("member-added", Said::MemberAdded, Tone::Good, "The member was added. Create a key for them to sign in with."),
    ("role-changed", Said::RoleChanged, Tone::Good, "The role was changed; it counts from now on."),
    ("member-removed", Said::MemberRemoved, Tone::Neutral, "The member was removed, with all of their keys."),
    ("key-revoked", Said::KeyRevoked, Tone::Neutral, "The key was revoked."),
];

impl Said {
    /// The code in an address.
    pub fn code(self) -> &'static str {
        ALL.iter().find(|(_, said, ..)| *said == self).map_or("", |(code, ..)| code)
    }
}

/// The words of a code; codes we do not know say nothing.
pub fn said(code: &str) -> Option<Flash> {
    let (_, _, tone, text) = ALL.iter().find(|(known, ..)| *known == code)?;
    Some(Flash { tone: *tone, text: (*text).to_owned() })
}

/// The words for a code with which connecting an account came back unfinished.
pub fn trouble_said(code: &str) -> Flash {
    let text = match code {
        "consent_denied" => "Access was not given, so nothing was connected. Start again and confirm it there.",
        "oauth_state" => "That consent was too old or already used. Start again; nothing was connected.",
        "oauth_code" => "The platform did not accept its own answer any more. Start again; nothing was connected.",
        "oauth_mixup" => {
            "The answer came from another place than you were sent to. Nothing was connected; start again."
        }
        "no_profile" => {
            "The platform named no profile to publish for. Sign in there with another login and start again."
        }
        "platform_not_configured" | "platform_misconfigured" => {
            "This platform is not set up correctly here. The operator has to check its app credentials."
        }
        "forbidden" => "Only owners connect accounts. Ask one of them.",
        "unavailable" => "The platform did not answer. Nothing was connected; try again in a minute.",
        _ => "Connecting did not work, and nothing was changed. Start again.",
    };
    Flash { tone: Tone::Bad, text: text.to_owned() }
}

impl From<&Explained> for Flash {
    fn from(told: &Explained) -> Self {
        Self { tone: Tone::Bad, text: told.text.clone() }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_code_says_its_words_and_anything_else_says_nothing() {
        for (code, one, ..) in ALL {
            assert_eq!(one.code(), code);
            assert!(said(code).unwrap().text.ends_with('.'));
        }
        assert!(said("<script>").is_none() && said("").is_none());
    }
}
