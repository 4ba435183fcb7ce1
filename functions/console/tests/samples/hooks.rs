//! Sample data of webhook endpoints, their messages and the catalogue of events.

use console::view::{
    AccountTick, ActionStyle, AgainForm, Badge, EndpointEditPage, EndpointForm, EndpointPage, EndpointRow, EventOption,
    EventTypePage, EventTypeRow, EventTypesPage, Fact, FieldError, LogForm, Matter, MessagePage, MessageRow, NewSecret,
    RecoveryRow, RotateForm, SelectOption, Snippet, Tone, TryRow, TryView, WayForm, WebhooksPage,
};

use super::content::{action, at, mira, on_x, precisely};

const BODY: &str =
    r#"{"id":"evt_0198f3c27b1e7c3a9a51","type":"post.published","version":1,"data":{"url":"https://x.example/1"}}"#;

fn endpoint_row(id: &str, url: &str, status: Badge, events: &[&str]) -> EndpointRow {
    EndpointRow {
        id: id.into(),
        href: format!("/console/webhooks/{id}"),
        url: url.into(),
        name: Some("The shop".into()),
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

fn option(value: &str, label: &str, selected: bool) -> SelectOption {
    SelectOption { value: value.into(), label: label.into(), selected }
}

fn error(field: &str, text: &str) -> FieldError {
    FieldError { field: field.into(), text: text.into() }
}

fn form() -> EndpointForm {
    let event = |name: &str, text: &str, checked| EventOption { name: name.into(), text: text.into(), checked };
    EndpointForm {
        href: "/console/webhooks".into(),
        idempotency_key: "7d1f0c7e".into(),
        rev: None,
        way: WayForm {
            ways: vec![option("https", "A server of yours", true), option("queue", "A queue of yours", false)],
            kind: "https".into(),
            url: "http://10.0.0.7/hook".into(),
            queue: "https://sqs.eu-west-1.amazonaws.com/123456789012/herald".into(),
            bus: "arn:aws:events:eu-west-1:123456789012:event-bus/herald".into(),
            role: "arn:aws:iam::123456789012:role/herald-events-crm".into(),
            external_id: "ten_0198f3c27b1e7c3a9a51".into(),
            chats: "the address of a channel’s webhook".into(),
        },
        name: String::new(),
        description: String::new(),
        events: vec![
            event("post.published", "A delivery is live", true),
            event("post.failed", "A delivery will not happen", true),
            event("post.outcome_unknown", "A person has to look", false),
        ],
        accounts: vec![
            AccountTick { id: "acc_1".into(), account: on_x(), checked: true },
            AccountTick { id: "acc_2".into(), account: mira(), checked: false },
        ],
        platforms: vec![option("linkedin", "LinkedIn", false), option("x", "X", true)],
        narrowed: true,
        rate: "60".into(),
        validate: true,
        orders: vec![option("none", "As soon as each can go", true), option("key", "In order", false)],
        formats: vec![option("standard", "Standard Webhooks", true), option("cloudevents", "CloudEvents", false)],
        signatures: vec![option("v1", "A secret", true), option("v1a", "A key pair", false)],
        headers: Vec::new(),
    }
}

pub fn webhooks() -> WebhooksPage {
    WebhooksPage {
        form: Some(form()),
        errors: vec![
            error("url", "Webhooks need an https address on the public internet."),
            error("queue", "Give the address of a queue of your account."),
            error("bus", "Give the ARN of an event bus of your account."),
            error("role", "Give the ARN of a role without a path."),
            error("chat", "Enter the address again: a page never shows it."),
            error("validate", "A queue cannot be asked: leave it out."),
            error("format", "A chat is told in words: leave the format out."),
            error("signature", "Nothing is signed for a queue: leave it out."),
            error("headers", "Type the headers again: a page never shows their values."),
            error("own_secret", "Enter the secret again: a page never shows it."),
        ],
        made: Some(NewSecret {
            url: "https://hooks.northwind.example/herald".into(),
            secret: "whsec_EXAMPLEexampleEXAMPLEexample0123".into(),
            public: false,
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

pub fn edit() -> EndpointEditPage {
    let form = EndpointForm {
        href: "/console/webhooks/whk_2/edit".into(),
        rev: Some(3),
        way: WayForm { ways: Vec::new(), ..form().way },
        signatures: Vec::new(),
        headers: vec!["Authorization".into(), "X-Of".into()],
        ..form()
    };
    let errors = vec![
        error("endpoint", "Somebody changed this endpoint after you opened the page."),
        error("name", "Give a name of 1 to 100 characters."),
        error("description", "A description has at most 500 characters."),
        error("events", "There is no such event type."),
        error("accounts", "There is no such account."),
        error("platforms", "There is no such platform."),
        error("rate_per_minute", "Give 1 to 1000 requests a minute."),
    ];
    EndpointEditPage { back_href: "/console/webhooks/whk_2".into(), url: "https://a.example".into(), form, errors }
}

fn tried(number: usize, status: Option<u16>, latency_ms: u32) -> TryRow {
    TryRow { at: precisely("2026-03-10T08:00:02Z"), number, status, taken: status == Some(204), latency_ms }
}

fn message(state: (&str, Tone), tries: Vec<TryRow>) -> MessageRow {
    MessageRow {
        href: "/console/webhooks/whk_2/messages/evt_1".into(),
        created: precisely("2026-03-10T08:00:01Z"),
        event: "post.published".into(),
        webhook_id: "evt_0198f3c27b1e7c3a9a51".into(),
        state: Badge::new(state.0, state.1),
        tries,
        ..MessageRow::default()
    }
}

fn dead() -> MessageRow {
    MessageRow {
        why: Some("Ten tries failed.".into()),
        earlier: 7,
        resend: Some(action("/console/webhooks/whk_2/messages/evt_1/resend", "Send again", ActionStyle::Plain, None)),
        ..message(("Gave up", Tone::Bad), vec![tried(10, None, 15_000), tried(9, Some(503), 1_204)])
    }
}

pub fn endpoint() -> EndpointPage {
    let fact = |label: &str, value: &str| Fact { label: label.into(), value: value.into() };
    EndpointPage {
        endpoint: webhooks().endpoints.remove(1),
        created: at("2026-01-20T12:00:00Z"),
        matter: Some(Matter {
            tone: Tone::Warn,
            title: "It has taken nothing since".into(),
            at: precisely("2026-03-10T08:00:02Z"),
            text: "The log says what it answers.".into(),
        }),
        made: Some(NewSecret {
            url: "https://staging.northwind.example".into(),
            secret: "whpk_EXAMPLEexampleEXAMPLEexample0123".into(),
            public: true,
        }),
        errors: vec![
            error("from", "Give a time."),
            error("to", "Give a time."),
            error("rotate", "The secret before this one still signs."),
            error("own_secret", "Give whsec_ and the base64 of 24 to 64 random bytes."),
            error("again", "The last recovery is not over: wait for its end."),
            error("since", "Give a date and a time."),
            error("until", "Give a date."),
        ],
        facts: vec![fact("Of accounts", "Northwind Coffee on X"), fact("Headers of its own", "None")],
        public_keys: vec!["whpk_EXAMPLE".into(), "whpk_BEFORE".into()],
        edit_href: Some("/console/webhooks/whk_2/edit".into()),
        switches: vec![action("/console/webhooks/whk_2/switch", "Switch off", ActionStyle::Plain, Some("Really?"))],
        rotate: Some(RotateForm {
            href: "/console/webhooks/whk_2/rotate".into(),
            idempotency_key: "7d1f0c7e".into(),
            own: true,
            until: Some(at("2026-03-11T08:00:00Z")),
        }),
        moving: true,
        filter: LogForm {
            href: "/console/webhooks/whk_2".into(),
            states: vec![option("", "Any", false), option("dead", "Gave up", true)],
            events: vec![option("", "Any", false), option("post.published", "post.published", true)],
            from: "2026-03-10T09:00".into(),
            to: "2026-03-10T10:00".into(),
            zone: "Europe/Berlin".into(),
            narrowed: true,
        },
        messages: vec![
            message(("Delivered", Tone::Good), vec![tried(1, Some(204), 88)]),
            MessageRow {
                next: Some(at("2026-03-10T08:05:02Z")),
                ..message(("Will retry", Tone::Warn), vec![tried(1, Some(503), 1_204)])
            },
            dead(),
            message(("Waits", Tone::Info), Vec::new()),
        ],
        older_href: Some("/console/webhooks/whk_2?after=abc".into()),
        newest_href: Some("/console/webhooks/whk_2".into()),
        again: Some(AgainForm {
            href: "/console/webhooks/whk_2/recover".into(),
            idempotency_key: "7d1f0c7e".into(),
            since: "2026-03-09T09:00".into(),
            until: "2026-03-10T09:00".into(),
            every: true,
            zone: "Europe/Berlin".into(),
        }),
        recoveries: vec![RecoveryRow {
            created: at("2026-03-10T09:00:00Z"),
            since: at("2026-03-09T08:00:00Z"),
            until: at("2026-03-10T08:00:00Z"),
            every: false,
            state: Badge::new("Under way", Tone::Info),
            text: "12 messages until now.".into(),
        }],
        snippets: vec![Snippet {
            id: "snippet-0".into(),
            language: "Python".into(),
            text: "if a < b and c > d:\n    print(\"&\")\n".into(),
        }],
    }
}

pub fn message_page() -> MessagePage {
    let fact = |label: &str, value: &str| Fact { label: label.into(), value: value.into() };
    MessagePage {
        back_href: Some("/console/webhooks/whk_2".into()),
        row: MessageRow { next: Some(precisely("2026-03-10T08:05:02Z")), ..dead() },
        give_up: Some(action(
            "/console/webhooks/whk_2/messages/evt_1/give_up",
            "Give up",
            ActionStyle::Plain,
            Some("It is not tried any more."),
        )),
        again: Some(precisely("2026-03-10T08:00:00Z")),
        moving: true,
        headers: vec![fact("content-type", "application/json")],
        body: BODY.into(),
        body_hint: "The body of every try, byte for byte.".into(),
        tries: vec![
            TryView { row: tried(2, Some(204), 88), headers: Vec::new(), excerpt: String::new() },
            TryView {
                row: tried(1, Some(503), 1_204),
                headers: vec![fact("retry-after", "5")],
                excerpt: "<html><head><title>503 Service Temporarily Unavailable</title></head>".into(),
            },
        ],
    }
}

fn type_row(name: &str, text: &str) -> EventTypeRow {
    EventTypeRow { href: format!("/console/webhooks/events/{name}"), name: name.into(), version: 1, text: text.into() }
}

pub fn event_types() -> EventTypesPage {
    EventTypesPage {
        items: vec![type_row("post.published", "A post is live"), type_row("post.failed", "A post will not go out")],
    }
}

pub fn event_type() -> EventTypePage {
    EventTypePage {
        row: type_row("post.published", "A post is live"),
        about: "A post is live on one account.".into(),
        sample: BODY.into(),
        schema: "{\n  \"type\": \"object\"\n}".into(),
        send_href: Some("/console/webhooks/events/post.published".into()),
        idempotency_key: "7d1f0c7e".into(),
        endpoints: vec![option("whk_1", "https://hooks.northwind.example/herald", true)],
        errors: vec![error("endpoint", "The endpoint is switched off: switch it on first.")],
    }
}
