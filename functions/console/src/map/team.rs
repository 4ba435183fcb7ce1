//! Members and keys.

use super::Reader;
use crate::view::{ActionStyle, Badge, KeyRow, MemberRow, RoleForm, SelectOption, Tone};
use crate::words;
use domain::MemberId;
use domain::access::{ApiKey, Member, Permission, Role};

/// Characters of a key's id that tell it from others: the prefix and the id's time.
const PREFIX: usize = 16;

/// The members.
pub fn member_rows(reader: &Reader<'_>, members: &[Member]) -> Vec<MemberRow> {
    let manages = reader.may(Permission::Administer);
    let row = |member: &Member| {
        let (you, at) = (member.id == reader.caller.member, format!("/console/team/members/{}", member.id));
        let remove = reader.action(format!("{at}/remove"), "Remove", ActionStyle::Danger);
        MemberRow {
            name: member.name.clone(),
            you,
            role: Badge::new(words::role(member.role), Tone::Neutral),
            may: words::may(member.role).into(),
            change: manages.then(|| RoleForm {
                href: format!("{at}/role"),
                idempotency_key: reader.fresh(),
                id: member.id.to_string(),
                roles: role_options(member.role),
            }),
            joined: reader.moment(member.created_at),
            remove: (manages && !you)
                .then(|| remove.asking(format!("All keys of {} stop working at once. Posts stay.", member.name))),
        }
    };
    members.iter().map(row).collect()
}

/// The keys.
pub fn key_rows(reader: &Reader<'_>, keys: &[ApiKey], members: &[Member]) -> Vec<KeyRow> {
    let name = |id: MemberId| members.iter().find(|m| m.id == id).map_or("Somebody who has left", |m| m.name.as_str());
    let row = |key: &ApiKey| {
        let question = if key.id == reader.caller.key {
            "You are signed in with this key: revoking it signs you out."
        } else {
            "Whatever uses this key stops working at once."
        };
        let revoke = reader.action(format!("/console/team/keys/{}/revoke", key.id), "Revoke", ActionStyle::Danger);
        KeyRow {
            name: key.name.clone(),
            prefix: key.id.to_string().chars().take(PREFIX).collect(),
            member: name(key.member).to_owned(),
            role: Badge::new(words::limits(&key.scopes), Tone::Neutral),
            created: reader.moment(key.created_at),
            expires: key.expires_at.map(|at| reader.moment(at)),
            revoke: reader.may(Permission::Administer).then(|| revoke.asking(question)),
        }
    };
    keys.iter().map(row).collect()
}

/// The roles to choose from.
pub fn role_options(selected: Role) -> Vec<SelectOption> {
    let option = |role: &Role| SelectOption {
        value: words::role_slug(*role).into(),
        label: format!("{}: {}", words::role(*role), words::may(*role).to_lowercase()),
        selected: *role == selected,
    };
    words::ROLES.iter().map(option).collect()
}

/// The members to choose from.
pub fn member_options(members: &[Member], selected: &str) -> Vec<SelectOption> {
    let option = |member: &Member| {
        let value = member.id.to_string();
        SelectOption { selected: value == selected, value, label: member.name.clone() }
    };
    members.iter().map(option).collect()
}
