//! Sample data of webhooks, members and keys.

use console::view::{
    ActionStyle, AttemptRow, Badge, BrandForm, BrandList, EgressForm, EndpointPage, EndpointRow, EventOption, Fact,
    FieldError, KeyRow, MemberRow, NewKey, NewSecret, RoleForm, SelectOption, TeamPage, Tone, WebhooksPage,
};

use super::content::{action, at, precisely};

fn endpoint_row(id: &str, url: &str, status: Badge, events: &[&str]) -> EndpointRow {
    EndpointRow {
        id: id.into(),
        href: format!("/console/webhooks/{id}"),
        url: url.into(),
        description: Some("Tells the shop what went out".into()),
        status,
        events: events.iter().map(|name| (*name).to_owned()).collect(),
        last: Some(at("2026-03-10T08:00:02Z")),
        test: Some(action("/console/webhooks/test", "Send test", ActionStyle::Plain, None)),
        delete: Some(action(
            "/console/webhooks/delete",
            "Delete",
            ActionStyle::Danger,
            Some("Events that still wait for this address are dropped."),
        )),
    }
}

pub fn webhooks() -> WebhooksPage {
    let event = |name: &str, text: &str, checked| EventOption { name: name.into(), text: text.into(), checked };
    WebhooksPage {
        create_action: Some("/console/webhooks".into()),
        idempotency_key: "7d1f0c7e".into(),
        errors: vec![FieldError {
            field: "url".into(),
            text: "Webhooks need an https address on the public internet.".into(),
        }],
        url: "http://10.0.0.7/hook".into(),
        description: String::new(),
        events: vec![
            event("post.published", "A delivery is live", true),
            event("post.failed", "A delivery will not happen", true),
            event("post.outcome_unknown", "A person has to look", false),
            event("account.reconnect_needed", "An account lost its access", false),
        ],
        created: Some(NewSecret {
            url: "https://hooks.northwind.example/herald".into(),
            secret: "whsec_EXAMPLEexampleEXAMPLEexample0123".into(),
        }),
        endpoints: vec![
            endpoint_row("whk_1", "https://hooks.northwind.example/herald", Badge::new("Active", Tone::Good), &[]),
            endpoint_row(
                "whk_2",
                "https://staging.northwind.example/a/rather/long/path/to/the/hook/of/the/staging/system",
                Badge::new("Failing", Tone::Warn),
                &["post.published", "post.failed"],
            ),
        ],
    }
}

pub fn endpoint() -> EndpointPage {
    let attempt =
        |number, state: (&str, Tone), status, latency_ms, excerpt: Option<&str>, next: Option<&str>| AttemptRow {
            at: precisely("2026-03-10T08:00:02Z"),
            event: "post.published".into(),
            webhook_id: "msg_0198f3c27b1e7c3a9a51".into(),
            number,
            state: Badge::new(state.0, state.1),
            status,
            latency_ms,
            excerpt: excerpt.map(Into::into),
            next: next.map(at),
        };
    EndpointPage {
        endpoint: webhooks().endpoints.remove(1),
        created: at("2026-01-20T12:00:00Z"),
        attempts: vec![
            attempt(3, ("Delivered", Tone::Good), Some(204), Some(88), None, None),
            attempt(
                2,
                ("Will retry", Tone::Warn),
                Some(503),
                Some(1204),
                Some("<html><head><title>503 Service Temporarily Unavailable</title></head>"),
                Some("2026-03-10T08:05:02Z"),
            ),
            attempt(
                1,
                ("Will retry", Tone::Warn),
                None,
                Some(15_000),
                Some("No answer within 15 seconds"),
                Some("2026-03-10T08:00:07Z"),
            ),
            attempt(8, ("Gave up", Tone::Bad), None, None, Some("The name does not resolve"), None),
        ],
        older_href: Some("/console/webhooks/whk_2?after=abc".into()),
    }
}

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
