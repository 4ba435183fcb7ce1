//! Everything Herald knows as codes and states, in people's words. No page shows a code where a sentence belongs, and
//! no sentence is written twice.

mod flash;
mod import;
mod inbound;
mod series;
mod snippets;
mod states;
mod timeline;
mod trouble;
mod webhooks;

pub use flash::{Said, said, trouble_said};
pub use import::{Tally, columns, download, imported, too_many_to_export};
pub use inbound::{incoming, message_standing};
pub use series::{WEEKDAYS, clock_changes, fall, is_plain as is_plain_rule, missed as missed_run, recurrence, series};
pub use snippets::{Program, snippets};
pub use states::{
    APPROVAL_RULES, MISSED, TAKES_BACK, WAITS, account, approval_act, at_risk, delivery, ended, ends_before, post,
    standing, summary,
};
pub use timeline::{title, tone};
pub use trouble::{Explained, moving, of_status, told};
pub use webhooks::{
    FORMATS, MESSAGE_STATES, ORDERS, SIGNATURES, WAYS, body, endpoint, gave_up, given_up_by, matter, message, recovery,
};

use domain::access::{Permission, Role};

/// A sentence begins with a capital letter and ends with a full stop, whoever wrote it.
pub fn sentence(words: &str) -> String {
    let words = words.trim();
    let mut letters = words.chars();
    let Some(first) = letters.next() else { return String::new() };
    let end = if words.ends_with(['.', '!', '?', '…']) { "" } else { "." };
    format!("{}{}{end}", first.to_uppercase(), letters.as_str())
}

/// `1 post`, `2 posts`.
pub fn counted(number: usize, thing: &str) -> String {
    format!("{number} {thing}{}", if number == 1 { "" } else { "s" })
}

/// Bytes in the unit people read.
pub fn size(bytes: u64) -> String {
    match bytes {
        0..1_000 => format!("{bytes} bytes"),
        1_000..1_000_000 => format!("{} KB", bytes / 1_000),
        _ if bytes % 1_000_000 < 100_000 => format!("{} MB", bytes / 1_000_000),
        _ => format!("{}.{} MB", bytes / 1_000_000, bytes % 1_000_000 / 100_000),
    }
}

/// Millionths of a US dollar: with cents, and with what is smaller where there is something.
pub fn dollars(micros: u64) -> String {
    let digits = format!("{:06}", micros % 1_000_000);
    let (cents, smaller) = digits.split_at(2);
    format!("${}.{cents}{}", micros / 1_000_000, smaller.trim_end_matches('0'))
}

/// How long a video plays, `1:05`; of one that is over in a second, `0:01`.
pub fn played(ms: u64) -> String {
    let seconds = ms.div_ceil(1_000);
    format!("{}:{:02}", seconds / 60, seconds % 60)
}

/// A role's name.
pub fn role(role: Role) -> &'static str {
    match role {
        Role::Viewer => "Viewer",
        Role::Approver => "Approver",
        Role::Editor => "Editor",
        Role::Owner => "Owner",
    }
}

/// What a role may do.
pub fn may(role: Role) -> &'static str {
    match role {
        Role::Viewer => "Look, change nothing",
        Role::Approver => "Look, approve, and decide unknown outcomes",
        Role::Editor => "Write, schedule and publish",
        Role::Owner => "Everything, also accounts, members, keys and webhooks",
    }
}

/// A role's name in forms.
pub fn role_slug(role: Role) -> &'static str {
    match role {
        Role::Viewer => "viewer",
        Role::Approver => "approver",
        Role::Editor => "editor",
        Role::Owner => "owner",
    }
}

/// The roles, least first.
pub const ROLES: [Role; 4] = [Role::Viewer, Role::Approver, Role::Editor, Role::Owner];

/// What a key can be limited to: name in forms, words, and the permissions behind it (none of them: no limit).
pub const LIMITS: [(&str, &str, &[Permission]); 5] = [
    ("all", "Everything its member may do", &[]),
    ("publish", "Write, schedule and publish", &[Permission::Read, Permission::Publish]),
    ("approve", "Look, approve and reject", &[Permission::Read, Permission::Approve]),
    ("resolve", "Look, and decide unknown outcomes", &[Permission::Read, Permission::Resolve]),
    ("read", "Look only", &[Permission::Read]),
];

/// What a key may do, in words.
pub fn limits(scopes: &[Permission]) -> String {
    let same = |of: &[Permission]| of.len() == scopes.len() && of.iter().all(|one| scopes.contains(one));
    match LIMITS.iter().find(|(_, _, of)| same(of)) {
        Some((_, words, _)) => (*words).to_owned(),
        None => scopes.iter().map(|scope| scope.name().replace('_', " ")).collect::<Vec<_>>().join(", "),
    }
}

/// What an event type tells; types that are newer than these words stand for themselves.
pub fn event(kind: &str) -> &'static str {
    match kind {
        "post.scheduled" => "A post was accepted for its time",
        "post.published" => "A post is live on one account",
        "post.failed" => "A post will not go out on one account",
        "post.missed" => "A post’s time passed before it could start",
        "post.canceled" => "A post was called off on one account",
        "post.outcome_unknown" => "A person has to look whether a post is live",
        "post.approval_requested" => "Somebody has to approve a post",
        "post.approved" => "A post was approved",
        "post.rejected" => "A post was rejected",
        "series.run_waits" => "A run of a series waits for a person",
        "series.run_skipped" => "A run of a series was left out",
        "series.paused" => "A series was paused and needs a person",
        "series.ended" => "A series has had its last run",
        "account.connected" => "An account was connected",
        "account.disconnected" => "An account was disconnected",
        "account.needs_reconnect" => "An account must be connected again",
        "account.expiring" => "An account's access ends soon",
        "endpoint.disabled" => "An endpoint was switched off",
        "endpoint.failing" => "An endpoint has taken nothing for days",
        "interaction.received" => "Somebody commented, named an account, wrote to it or reacted",
        "message.status_changed" => "More is known of what became of a message",
        "contact.opted_out" => "Somebody wants no more messages",
        "mail.bounced" => "A mail came back",
        "mail.complained" => "Somebody called a mail spam",
        "webhook.test" => "Somebody pressed “Send test”",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_event_a_customer_can_subscribe_to_is_told_in_words() {
        for kind in domain::events::EVENT_TYPES {
            assert!(!event(kind).is_empty(), "{kind}");
        }
    }

    #[test]
    fn whatever_a_part_says_becomes_a_sentence() {
        assert_eq!(sentence("write a text or add a picture"), "Write a text or add a picture.");
        assert_eq!(sentence("Done!"), "Done!");
        assert_eq!(sentence(" "), "");
    }

    #[test]
    fn a_keys_limits_are_told_by_their_name_or_one_by_one() {
        assert_eq!(limits(&[]), "Everything its member may do");
        assert_eq!(limits(&[Permission::Publish, Permission::Read]), "Write, schedule and publish");
        assert_eq!(limits(&[Permission::ManageAccounts]), "manage accounts");
    }
}
