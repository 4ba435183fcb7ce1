//! What an endpoint may look like.

use crate::{Deps, Error};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use domain::egress::EgressPolicy;
use domain::events::EVENT_TYPES;
use domain::publishing::Violation;
use domain::webhooks::{Endpoint, MAX_DESCRIPTION, MAX_FILTER, MAX_RATE, Signature};
use domain::{AccountId, PlatformId, TenantId};
use secrecy::{ExposeSecret, SecretString};
use std::collections::{BTreeMap, BTreeSet};
use url::Url;

/// Longest address in characters.
const MAX_URL: usize = 2_048;
/// Most headers of an endpoint.
const MAX_HEADERS: usize = 10;
/// Longest header value in characters.
const MAX_HEADER: usize = 1_024;
/// Header names we set ourselves, or that belong to the connection.
const RESERVED: [&str; 10] = [
    "host",
    "user-agent",
    "connection",
    "keep-alive",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];
/// Bytes of a signing secret (Standard Webhooks 1.0.0).
const SECRET_BYTES: std::ops::RangeInclusive<usize> = 24..=64;

/// The answer to an address that may not be called: that it is the tenant's own policy, where scheme or port are not allowed, and
/// nothing of why its host is not.
pub(super) fn not_allowed(url: &str, policy: &EgressPolicy) -> Violation {
    let way = Url::parse(url).is_ok_and(|url| matches!(url.scheme(), "http" | "https") && !policy.allows(&url));
    if !way {
        return url_violation();
    }
    let detail =
        "plain http and ports besides 443 are not allowed here: give an https address, or have an owner allow them";
    Violation::new("url_not_allowed", "/url", detail)
}

/// The one answer to an address whose host may not be called; it never says why.
fn url_violation() -> Violation {
    Violation::new("url_not_allowed", "/url", "this address may not be called: give a public https address")
}

/// An endpoint that is off gets nothing, whoever asks for it.
pub(super) fn listening(endpoint: &Endpoint) -> Result<(), Error> {
    let detail = "the endpoint is switched off: switch it on first";
    if endpoint.is_on() { Ok(()) } else { Err(Error::conflict("endpoint_disabled", detail)) }
}

/// Whether the address can be looked at further: not too long, and not our own.
pub(super) fn url(url: &str, base_url: &str) -> Option<Violation> {
    let parsed = Url::parse(url).ok();
    let own = Url::parse(base_url).ok().map(|b| b.origin());
    let fine = parsed.is_some_and(|u| own.is_none_or(|own| u.origin() != own));
    (url.len() > MAX_URL || !fine).then(url_violation)
}

/// More event types than an endpoint may name, or some that do not exist.
pub(super) fn events(events: &[String]) -> Vec<Violation> {
    if let Some(long) = too_long("/events", events.len()) {
        return vec![long];
    }
    let unknown = events.iter().enumerate().filter(|(_, e)| !EVENT_TYPES.contains(&e.as_str()));
    unknown.map(|(i, _)| no_such_event(&format!("/events/{i}"))).collect()
}

/// A list that is too long. Nothing more is said of such a list: an answer that told of each of its parts would be as long.
fn too_long(field: &str, n: usize) -> Option<Violation> {
    (n > MAX_FILTER).then(|| Violation::new("out_of_range", field, format!("name at most {MAX_FILTER}")))
}

/// The answer to an event type that does not exist.
pub(super) fn unknown_event(field: &str) -> Error {
    Error::Invalid(vec![no_such_event(field)])
}

fn no_such_event(field: &str) -> Violation {
    let detail = format!("there is no such event type: name some of {}", EVENT_TYPES.join(", "));
    Violation::new("unknown_event", field, detail)
}

/// Accounts that the tenant does not have, and platforms that there are none of: nothing would ever be told of them.
pub(super) async fn filter(
    deps: &Deps,
    tenant: TenantId,
    accounts: &[AccountId],
    platforms: &[PlatformId],
) -> Result<Vec<Violation>, Error> {
    let lists = [("/accounts", accounts.len()), ("/platforms", platforms.len())];
    let mut found: Vec<Violation> = lists.into_iter().filter_map(|(field, n)| too_long(field, n)).collect();
    if !found.is_empty() {
        return Ok(found);
    }
    let known = if accounts.is_empty() { Vec::new() } else { deps.ledger.accounts(tenant).await? };
    for (i, id) in accounts.iter().enumerate().filter(|(_, id)| !known.iter().any(|known| known.value.id == **id)) {
        found.push(Violation::new("account_not_found", format!("/accounts/{i}"), format!("there is no account {id}")));
    }
    let tells = |slug: &PlatformId| {
        deps.connectors.named(slug.as_str()).is_some() || deps.sources.iter().any(|form| form.slug == slug.as_str())
    };
    for (i, slug) in platforms.iter().enumerate().filter(|(_, slug)| !tells(slug)) {
        let detail = format!("there is no platform {slug}");
        found.push(Violation::new("unknown_platform", format!("/platforms/{i}"), detail));
    }
    Ok(found)
}

/// Platforms by their own slugs, in order, each once: a request may name one by its alias.
pub(super) fn own_slugs(deps: &Deps, platforms: &[PlatformId]) -> Vec<PlatformId> {
    let own = |slug: &PlatformId| {
        let named = deps.connectors.named(slug.as_str());
        named.map_or_else(|| slug.clone(), |connector| connector.descriptor().id.clone())
    };
    each_once(&platforms.iter().map(own).collect::<Vec<_>>())
}

/// A limit of requests that is none.
pub(super) fn rate(rate: u32, least: u32) -> Option<Violation> {
    let detail = || format!("give {least} to {MAX_RATE} requests a minute");
    (!(least..=MAX_RATE).contains(&rate)).then(|| Violation::new("out_of_range", "/rate_per_minute", detail()))
}

/// A list in order, each of it once.
pub(super) fn each_once<T: Clone + Ord>(list: &[T]) -> Vec<T> {
    list.iter().cloned().collect::<BTreeSet<T>>().into_iter().collect()
}

/// A description that is too long.
pub(super) fn description(description: &str) -> Option<Violation> {
    let detail = || format!("a description has at most {MAX_DESCRIPTION} characters");
    let long = description.chars().count() > MAX_DESCRIPTION;
    long.then(|| Violation::new("description_too_long", "/description", detail()))
}

/// Headers that may not be set, or cannot be sent.
pub(super) fn headers(headers: &BTreeMap<String, String>) -> Vec<Violation> {
    if headers.len() > MAX_HEADERS {
        let detail = format!("an endpoint has at most {MAX_HEADERS} headers");
        return vec![Violation::new("too_many_headers", "/headers", detail)];
    }
    let mut found = Vec::new();
    let mut seen: Vec<String> = Vec::new();
    for (name, value) in headers {
        let lower = name.to_ascii_lowercase();
        let ours = ["webhook-", "content-", "ce-"].iter().any(|prefix| lower.starts_with(prefix));
        let reserved = ours || RESERVED.contains(&lower.as_str());
        let field = format!("/headers/{}", name.replace('~', "~0").replace('/', "~1"));
        if !is_token(name) || value.chars().count() > MAX_HEADER || !value.chars().all(|c| (' '..='~').contains(&c)) {
            found.push(Violation::new("header_invalid", field, "this header cannot be sent as it is"));
        } else if reserved || seen.contains(&lower) {
            found.push(Violation::new("header_reserved", field, "this header is set by us, or twice: leave it out"));
        }
        seen.push(lower);
    }
    found
}

/// RFC 9110 5.6.2.
fn is_token(name: &str) -> bool {
    !name.is_empty()
        && name.len() <= 100
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b))
}

/// A signing secret somebody brings along. A private key is never taken: who made it could have kept it.
pub(super) fn secret(signature: Signature, given: Option<&SecretString>) -> Option<Violation> {
    let given = given?.expose_secret();
    if signature == Signature::V1a {
        return Some(Violation::new("secret_malformed", "/secret", "the key pair of v1a is made here: leave it out"));
    }
    let bytes = given.strip_prefix("whsec_").and_then(|b64| STANDARD.decode(b64).ok());
    let fine = bytes.is_some_and(|b| SECRET_BYTES.contains(&b.len()));
    let detail = "give whsec_ and the base64 of 24 to 64 random bytes";
    (!fine).then(|| Violation::new("secret_malformed", "/secret", detail))
}
