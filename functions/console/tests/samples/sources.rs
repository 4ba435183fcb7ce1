//! Sample data of sources and what came in.

use console::view::{
    ActionStyle, FieldError, IncomingRow, MadeSource, SecretInput, ShownOnce, SourceFormPage, SourceOption, SourcePage,
    SourceRow, SourcesPage,
};

use super::content::{action, at, precisely};

fn row() -> SourceRow {
    SourceRow {
        href: "/console/webhooks/sources/src_1".into(),
        name: "The shop".into(),
        platform: "Standard Webhooks".into(),
        created: at("2026-01-20T12:00:00Z"),
        every_minutes: None,
        heard: None,
        next: None,
        failing: None,
        delete: Some(action(
            "/console/webhooks/sources/src_1/delete",
            "Delete",
            ActionStyle::Danger,
            Some("Calls of it are refused."),
        )),
    }
}

/// An account that is asked, and cannot be.
fn asked() -> SourceRow {
    SourceRow {
        name: "Ada Demo".into(),
        platform: "mastodon".into(),
        every_minutes: Some(15),
        heard: Some(at("2026-01-20T12:00:00Z")),
        next: Some(at("2026-01-20T12:15:00Z")),
        failing: Some("needs_reconnect".into()),
        ..row()
    }
}

pub fn sources() -> SourcesPage {
    let once =
        |id: &str, label: &str, value: &str| ShownOnce { id: id.into(), label: label.into(), value: value.into() };
    let option = |name: &str| SourceOption { href: format!("/console/webhooks/sources/new/{name}"), name: name.into() };
    SourcesPage {
        items: vec![row(), asked()],
        options: vec![option("slack"), option("standard")],
        askable: vec![action("/console/webhooks/sources/ask/acc_1", "Bo Demo (mastodon)", ActionStyle::Plain, None)],
        made: Some(MadeSource {
            name: "The shop".into(),
            help: "Enter the address in the system that calls.".into(),
            shown: vec![
                once("once-0", "Address", "https://herald.example/api/inbound/standard/EXAMPLE"),
                once("once-1", "secret", "whsec_EXAMPLE"),
            ],
        }),
    }
}

pub fn form() -> SourceFormPage {
    let error = |field: &str, text: &str| FieldError { field: field.into(), text: text.into() };
    SourceFormPage {
        href: "/console/webhooks/sources/new/standard".into(),
        idempotency_key: "7d1f0c7e".into(),
        platform: "Standard Webhooks".into(),
        help: "Enter the address in the system that calls.".into(),
        name: "The shop".into(),
        fields: vec![SecretInput { id: "secret_secret".into(), label: "The signing secret".into(), made: true }],
        errors: vec![
            error("source", "A tenant has at most 20 sources: delete one first."),
            error("name", "Give a name of 1 to 100 characters."),
            error("secret_secret", "Give the signing secret."),
        ],
    }
}

pub fn source() -> SourcePage {
    let incoming = |what: &str, text: Option<&str>| IncomingRow {
        at: precisely("2026-03-10T08:00:02Z"),
        what: what.into(),
        who: text.map(|_| "@mira".into()),
        text: text.map(Into::into),
        about: Some("12345".into()),
        account: text.map(|_| "Northwind Coffee on X".into()),
    };
    SourcePage {
        row: Some(row()),
        incoming: vec![incoming("Comment", Some("How lovely <3")), incoming("Something else", None)],
        older_href: Some("/console/webhooks/sources/src_1?after=abc".into()),
        newest_href: Some("/console/webhooks/sources/src_1".into()),
    }
}
