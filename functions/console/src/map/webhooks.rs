//! Endpoints and what is the matter with them.

use super::endpoint_form::own_name;
use super::{Book, Reader};
use crate::view::{Action, ActionStyle, EndpointRow, Fact, Matter, NewSecret, RotateForm, Snippet};
use crate::words;
use app::webhooks::Health;
use domain::access::Permission;
use domain::webhooks::{Destination, Endpoint, EndpointStatus, FAILING, OFF_D, WebhookMessage};
use jiff::{SignedDuration, Timestamp};

/// An endpoint's page.
pub fn endpoint_href(endpoint: &Endpoint) -> String {
    format!("/console/webhooks/{}", endpoint.id)
}

/// One endpoint. `last` is its latest message.
pub fn endpoint_row(
    reader: &Reader<'_>,
    endpoint: &Endpoint,
    health: &Health,
    last: Option<&WebhookMessage>,
) -> EndpointRow {
    let at = endpoint_href(endpoint);
    let manages = reader.may(Permission::ManageWebhooks);
    let delete = reader.action(format!("{at}/delete"), "Delete", ActionStyle::Danger);
    EndpointRow {
        id: endpoint.id.to_string(),
        url: endpoint.url.clone(),
        name: own_name(endpoint),
        description: Some(endpoint.description.clone()).filter(|text| !text.is_empty()),
        status: words::endpoint(endpoint, health),
        events: endpoint.events.clone(),
        last: last.and_then(|m| m.attempts.last()).map(|attempt| reader.moment(attempt.at)),
        test: (manages && endpoint.is_on())
            .then(|| reader.action(format!("{at}/test"), "Send test", ActionStyle::Plain)),
        delete: manages.then(|| delete.asking("Events that still wait for this address are not sent any more.")),
        href: at,
    }
}

/// What is the matter with an endpoint, and since when.
pub fn matter(reader: &Reader<'_>, endpoint: &Endpoint, health: &Health) -> Option<Matter> {
    let (tone, title, text) = words::matter(endpoint, health)?;
    let at = match endpoint.status {
        EndpointStatus::Disabled { since, .. } => since,
        EndpointStatus::Active => health.failing_since.or(health.quiet_until)?,
    };
    Some(Matter { tone, title: title.into(), at: reader.precise(at), text: text.into() })
}

/// From when on an endpoint that is off, or fails, was not told of everything.
pub fn missed_since(endpoint: &Endpoint, health: &Health) -> Option<Timestamp> {
    match &endpoint.status {
        // What it did not take in the days before ended as dead, too.
        EndpointStatus::Disabled { since, reason } if reason == FAILING => {
            since.checked_sub(SignedDuration::from_hours(OFF_D * 24)).ok()
        }
        EndpointStatus::Disabled { since, .. } => Some(*since),
        EndpointStatus::Active => health.failing_since,
    }
}

/// Switches it off or on; of one that fails, or is left alone, that it is forgotten.
pub fn switches(reader: &Reader<'_>, endpoint: &Endpoint, health: &Health) -> Vec<Action> {
    if !reader.may(Permission::ManageWebhooks) {
        return Vec::new();
    }
    let act = |on: &str, label: &str, style| {
        reader.action(format!("{}/switch", endpoint_href(endpoint)), label, style).with("on", on)
    };
    if !endpoint.is_on() {
        return vec![act("1", "Switch on", ActionStyle::Primary)];
    }
    let off = act("0", "Switch off", ActionStyle::Plain).asking(
        "It is sent nothing until somebody switches it on. What happens meanwhile is kept, and can be sent then.",
    );
    let troubled = health.failing_since.is_some() || health.quiet_until.is_some();
    let forget = troubled.then(|| {
        act("1", "Forget failures", ActionStyle::Plain)
            .asking("Its failures and waits are forgotten: it is no more left alone, and its days until it is switched off begin anew.")
    });
    forget.into_iter().chain([off]).collect()
}

/// What else an endpoint is; `holds` is the limit that holds for it.
pub fn endpoint_facts(book: &Book, endpoint: &Endpoint, holds: Option<u32>) -> Vec<Fact> {
    let listed = |names: Vec<String>| if names.is_empty() { "All".to_owned() } else { names.join(", ") };
    let fact = |label: &str, value: String| Fact { label: label.into(), value };
    let account = |id: &domain::AccountId| {
        let known = book.accounts.iter().find(|account| account.id == *id);
        known.map_or_else(
            || id.to_string(),
            |account| {
                let named = book.named(account);
                format!("{} on {}", named.name, named.platform.name)
            },
        )
    };
    let order = words::ORDERS.iter().find(|(order, _)| *order == endpoint.order);
    let format = words::FORMATS.iter().find(|(format, _)| *format == endpoint.format);
    let signature = words::SIGNATURES.iter().find(|(signature, _)| *signature == endpoint.signature);
    let headers: Vec<String> = endpoint.headers.keys().cloned().collect();
    let way =
        words::WAYS.iter().find(|(kind, _)| kind.map_or("https", |kind| kind.name()) == endpoint.destination.name());
    let (https, chat) = (endpoint.destination.is_https(), matches!(endpoint.destination, Destination::Chat { .. }));
    let label = |label: Option<&str>| label.map(str::to_owned).unwrap_or_default();
    let facts = [
        Some(fact("Goes to", label(way.map(|(_, label)| *label)))),
        endpoint.destination.role_arn().map(|role| fact("By the role", role.to_owned())),
        endpoint.external_id().map(|id| fact("Whose trust policy asks for the external id", id)),
        Some(fact("Of accounts", listed(endpoint.accounts.iter().map(account).collect()))),
        Some(fact("Of platforms", listed(endpoint.platforms.iter().map(|slug| book.platform(slug).name).collect()))),
        Some(fact("Most a minute", most_a_minute(endpoint, holds))),
        Some(fact("Sent", label(order.map(|(_, label)| *label)))),
        (!chat).then(|| fact("Form", label(format.map(|(_, label)| *label)))),
        https.then(|| fact("Signed with", label(signature.map(|(_, label)| *label)))),
        https.then(|| fact("Headers of its own", if headers.is_empty() { "None".into() } else { headers.join(", ") })),
    ];
    facts.into_iter().flatten().collect()
}

/// The limit that holds, in words.
fn most_a_minute(endpoint: &Endpoint, holds: Option<u32>) -> String {
    let Some(holds) = holds else { return "No limit".into() };
    if endpoint.rate_per_minute == Some(holds) {
        holds.to_string()
    } else if endpoint.validated.is_some() {
        format!("{holds}: the receiver agreed to no more")
    } else {
        format!("{holds}: its platform takes no more")
    }
}

/// The public keys by which requests are verified now, the newest first.
pub fn public_keys(endpoint: &Endpoint, now: Timestamp) -> Vec<String> {
    let keys = [endpoint.public_key.as_deref(), endpoint.old_public_key(now)];
    keys.into_iter().flatten().map(str::to_owned).collect()
}

/// The form that changes the secret, where one signs.
pub fn rotate_form(reader: &Reader<'_>, endpoint: &Endpoint) -> Option<RotateForm> {
    let retiring = endpoint.retiring.as_ref().filter(|old| reader.now < old.until);
    let signed = endpoint.destination.is_https();
    (signed && reader.may(Permission::ManageWebhooks)).then(|| RotateForm {
        href: format!("{}/rotate", endpoint_href(endpoint)),
        idempotency_key: reader.fresh(),
        own: endpoint.public_key.is_none(),
        until: retiring.map(|old| reader.moment(old.until)),
    })
}

/// What was just made: a secret, which is shown this once, or the public key of a pair.
pub fn new_secret(url: String, secret: String, public_key: Option<String>) -> NewSecret {
    let public = public_key.is_some();
    NewSecret { url, secret: public_key.unwrap_or(secret), public }
}

/// The programs that verify what an endpoint gets; none where nothing is signed.
pub fn snippets(endpoint: &Endpoint) -> Vec<Snippet> {
    if !endpoint.destination.is_https() {
        return Vec::new();
    }
    let snippet = |(i, program): (usize, &words::Program)| Snippet {
        id: format!("snippet-{i}"),
        language: program.language.into(),
        text: program.text.into(),
    };
    words::snippets(endpoint.signature).iter().enumerate().map(snippet).collect()
}
