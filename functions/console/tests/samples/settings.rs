//! Sample data of members, keys and rules.

use console::view::{
    ActionStyle, Badge, BrandForm, BrandList, EgressForm, Fact, FieldError, KeyRow, MemberRow, NewKey, RoleForm,
    SelectOption, TeamPage, Tone,
};

use super::content::{action, at};

fn brand() -> BrandForm {
    let list = |id: &str, label: &str, lines: &str| BrandList {
        id: id.into(),
        label: label.into(),
        hint: "Found as whole words, whatever their case.".into(),
        example: "example.com".into(),
        lines: lines.into(),
    };
    BrandForm {
        action: Some("/console/team/brand-rules".into()),
        idempotency_key: "key-brand".into(),
        lists: vec![
            list("required_words", "Every post says", "Northwind"),
            list("forbidden_words", "No post says", "cheap\nbest in town"),
            list("allowed_domains", "Links lead only to", "https://northwind.example/"),
            list("denied_domains", "No link leads to", ""),
        ],
        max_hashtags: "3".into(),
        facts: Vec::new(),
    }
}

fn egress() -> EgressForm {
    let port = |port: &str, selected| SelectOption { value: port.into(), label: format!("Port {port}"), selected };
    EgressForm {
        action: Some("/console/team/egress-policy".into()),
        idempotency_key: "key-egress".into(),
        http: true,
        ports: vec![port("8080", false), port("8443", true)],
        says: String::new(),
    }
}

/// The page as who may not change anything reads it.
pub fn team_read() -> TeamPage {
    let fact = |label: &str, value: &str| Fact { label: label.into(), value: value.into() };
    let facts = vec![fact("No post says", "cheap, best in town"), fact("Hashtags", "At most 3")];
    let egress = EgressForm { says: "plain http, port 8443".into(), ..EgressForm::default() };
    TeamPage { brand: BrandForm { facts, ..BrandForm::default() }, egress, ..TeamPage::default() }
}

pub fn team() -> TeamPage {
    let option =
        |value: &str, label: &str, selected| SelectOption { value: value.into(), label: label.into(), selected };
    let member = |name: &str, you, role: &str, may: &str| MemberRow {
        name: name.into(),
        you,
        role: Badge::new(role, Tone::Neutral),
        may: may.into(),
        change: (!you).then(|| RoleForm {
            href: "/console/team/members/mem_2/role".into(),
            idempotency_key: "3".into(),
            id: name.len().to_string(),
            roles: vec![option("owner", "Owner", false), option("editor", "Editor", true)],
        }),
        joined: at("2026-01-14T09:00:00Z"),
        remove: (!you).then(|| {
            action(
                "/console/team/members/mem_2/remove",
                "Remove",
                ActionStyle::Danger,
                Some("Their keys stop working at once. Their posts stay."),
            )
        }),
    };
    let key = |name: &str, prefix: &str, member: &str, expires: Option<&str>| KeyRow {
        name: name.into(),
        prefix: prefix.into(),
        member: member.into(),
        role: Badge::new("Editor", Tone::Neutral),
        created: at("2026-01-14T09:00:00Z"),
        expires: expires.map(at),
        revoke: Some(action(
            "/console/team/keys/key_1/revoke",
            "Revoke",
            ActionStyle::Danger,
            Some("Whatever uses this key stops working at once."),
        )),
    };
    TeamPage {
        rule_action: Some("/console/team/approval-rule".into()),
        rule_idempotency_key: "key-rule".into(),
        rules: vec![option("nobody", "Nobody’s", false), option("editors", "Editors’", true)],
        members: vec![
            member("Mira Lindqvist", true, "Owner", "Everything"),
            member("Jonas Ek", false, "Editor", "Write and schedule posts"),
            member("נועה לוי", false, "Viewer", "Look, change nothing"),
        ],
        keys: vec![
            key("Website", "hk_3fA9", "Mira Lindqvist", Some("2026-03-10T07:58:00Z")),
            key("Release script", "hk_8kQ2", "Jonas Ek", None),
        ],
        created: Some(NewKey {
            name: "Newsroom screen".into(),
            key: "hk_EXAMPLEexampleEXAMPLEexample0123456789".into(),
        }),
        brand: brand(),
        egress: egress(),
        errors: vec![
            FieldError { field: "key_name".into(), text: "Say what the key is for.".into() },
            FieldError {
                field: "allowed_domains".into(),
                text: "“https://northwind.example/”: Give a domain such as example.com.".into(),
            },
        ],
        member_action: Some("/console/team/members".into()),
        member_idempotency_key: "1".into(),
        member_name: String::new(),
        member_roles: vec![
            option("editor", "Editor: write and schedule", true),
            option("viewer", "Viewer: look only", false),
        ],
        key_action: Some("/console/team/keys".into()),
        key_idempotency_key: "2".into(),
        key_name: String::new(),
        key_roles: vec![option("editor", "Write and schedule", true), option("viewer", "Look only", false)],
        key_members: vec![option("mem_1", "Mira Lindqvist", true), option("mem_2", "Jonas Ek", false)],
    }
}
