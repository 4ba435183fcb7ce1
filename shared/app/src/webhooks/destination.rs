//! Where an endpoint's messages go, as people name it.

use super::{check, policy};
use crate::{Deps, Error};
use domain::publishing::Violation;
use domain::webhooks::{Destination, Endpoint, Format, ROLE_PREFIX, Signature, bus_region, is_role, queue_region};
use domain::{EndpointId, TenantId};
use ports::{Announce, Versioned};
use secrecy::{ExposeSecret, SecretString};
use url::Url;

/// Which way a destination is, besides https.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)] // each is the destination of its name
pub enum DestinationKind {
    Queue,
    Bus,
    Chat,
}

impl DestinationKind {
    /// Every name on the wire.
    pub const NAMES: &[&str] = &["queue", "bus", "chat"];

    /// Its name on the wire.
    pub fn name(self) -> &'static str {
        match self {
            Self::Queue => "queue",
            Self::Bus => "bus",
            Self::Chat => "chat",
        }
    }
}

/// A destination besides https, as somebody gave it.
#[derive(Debug, Clone)]
pub struct NewDestination {
    /// Which way it is.
    pub kind: DestinationKind,
    /// The queue's address, or the one by which a chat is written to, which is a secret.
    pub url: Option<SecretString>,
    /// The bus.
    pub arn: Option<String>,
    /// The role that is taken on in the customer's account.
    pub role_arn: Option<String>,
}

/// A destination that may be used.
pub(super) struct Way {
    /// What people see of it.
    pub(super) shown: String,
    /// With the address of a chat as it was given: it is not sealed yet.
    pub(super) destination: Destination,
}

/// Which way a given address or destination is. Nobody is asked anything.
pub(super) fn way(
    deps: &Deps,
    url: &str,
    given: Option<&NewDestination>,
    base_url: &str,
) -> Result<Way, Vec<Violation>> {
    match given {
        Some(_) if !url.is_empty() => {
            let detail = "give the url of an https endpoint or a destination, not both";
            Err(vec![Violation::new("destination_conflict", "/destination", detail)])
        }
        Some(given) => besides_https(deps, given),
        None if url.is_empty() => {
            let detail = "give the url of an https endpoint, or a destination";
            Err(vec![Violation::new("url_not_allowed", "/url", detail)])
        }
        None => match check::url(url, base_url).or_else(|| on_a_platform(deps, url)) {
            Some(wrong) => Err(vec![wrong]),
            None => Ok(Way { shown: url.to_owned(), destination: Destination::Https }),
        },
    }
}

/// The answer to an address on the host of a chat or of a platform's API. Whoever has a chat's address can write into that channel: as the
/// address of an https endpoint it would be kept and shown as it is. And what a platform refuses counts against the address from which we
/// ask it, for all tenants. The host is compared and not the text: it is the same in capitals, with its port, or with a dot at its end.
fn on_a_platform(deps: &Deps, url: &str) -> Option<Violation> {
    let parsed = Url::parse(url).ok()?;
    let host = parsed.host_str()?.trim_end_matches('.');
    let lies_on = |hosts: &[&str]| {
        let below =
            |theirs: &str| host.strip_suffix(theirs).is_some_and(|front| front.is_empty() || front.ends_with('.'));
        hosts.iter().any(|theirs| below(theirs))
    };
    if deps.announcers.iter().any(|place| lies_on(place.hosts())) {
        let detail = "this is an address of a chat's platform: give the one by which a channel is written to, as the url of a destination of the kind chat";
        return Some(Violation::new("use_destination", "/url", detail));
    }
    let detail =
        "this is an address of a platform's own API, which takes no webhooks: give the address of your receiver";
    let theirs = deps.connectors.all().iter().any(|connector| lies_on(connector.hosts()));
    theirs.then(|| Violation::new("url_not_allowed", "/url", detail))
}

fn besides_https(deps: &Deps, given: &NewDestination) -> Result<Way, Vec<Violation>> {
    let mut violations = Vec::new();
    let mut wrong = |field: &str, detail: String| {
        violations.push(Violation::new("destination_invalid", format!("/destination/{field}"), detail));
    };
    let kind = given.kind.name();
    let by_role = given.kind != DestinationKind::Chat;
    let role_arn = given.role_arn.clone().unwrap_or_default();
    if by_role && !is_role(&role_arn) {
        wrong("role_arn", format!("give the ARN of a role without a path whose name begins with {ROLE_PREFIX}"));
    } else if !by_role && given.role_arn.is_some() {
        wrong("role_arn", format!("a {kind} has no role: leave it out"));
    }
    let url = given.url.as_ref().map_or("", ExposeSecret::expose_secret);
    let arn = given.arn.as_deref().unwrap_or_default();
    if given.kind == DestinationKind::Bus {
        if given.url.is_some() {
            wrong("url", "a bus has no url: give its arn alone".into());
        }
        if bus_region(arn).is_none() {
            wrong("arn", "give the ARN of an event bus of your account, as EventBridge shows it".into());
        }
    } else if given.arn.is_some() {
        wrong("arn", format!("a {kind} has no arn: give its url alone"));
    }
    if given.kind == DestinationKind::Queue && queue_region(url).is_none() {
        let form = "https://sqs.<region>.amazonaws.com/<account>/<name>";
        wrong("url", format!("give the address of a queue of your account: {form}"));
    }
    let place = deps.announcers.iter().find_map(|place| Some((*place, place.shown(url)?)));
    let place = place.filter(|_| given.kind == DestinationKind::Chat);
    if given.kind == DestinationKind::Chat && place.is_none() {
        let all: Vec<&str> = deps.announcers.iter().map(|place| place.help()).collect();
        wrong("url", format!("give {}", all.join(", or ")));
    }
    if !violations.is_empty() {
        return Err(violations);
    }
    Ok(match (given.kind, place) {
        (DestinationKind::Bus, _) => Way { shown: arn.to_owned(), destination: Destination::Bus { role_arn } },
        (_, None) => Way { shown: url.to_owned(), destination: Destination::Queue { role_arn } },
        (_, Some((place, shown))) => {
            let platform = place.platform().parse().map_err(|_| Vec::new())?;
            Way { shown, destination: Destination::Chat { platform, address: url.to_owned() } }
        }
    })
}

/// Whether an https address may be called, which asks the name service: to be looked at when everything else is right.
pub(super) async fn reachable(deps: &Deps, tenant: TenantId, way: &Way) -> Result<Option<Violation>, Error> {
    if !way.destination.is_https() {
        return Ok(None);
    }
    let policy = policy::of(deps, tenant, &way.shown).await?;
    let allowed = deps.webhooks.check(&way.shown, &policy).await.is_ok();
    Ok((!allowed).then(|| check::not_allowed(&way.shown, &policy)))
}

/// A chat that another endpoint of the tenant tells already: what its platform takes there is counted for each endpoint, so that two would
/// send twice as much. What people see of its address tells one chat from another.
pub(super) fn told_already(way: &Way, others: &[Versioned<Endpoint>], own: Option<EndpointId>) -> Option<Violation> {
    let same = |other: &&Endpoint| other.destination.name() == way.destination.name() && other.url == way.shown;
    let others = others.iter().map(|other| &other.value).filter(|other| Some(other.id) != own);
    let other = others.filter(|_| matches!(way.destination, Destination::Chat { .. })).find(same)?;
    let detail = format!("the endpoint {} tells this chat already: change that one", other.id);
    Some(Violation::new("already_told", "/destination/url", detail))
}

/// What was given beside a destination.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Given {
    pub(super) headers: bool,
    pub(super) secret: bool,
    pub(super) signature: Signature,
    pub(super) format: Format,
    pub(super) validate: bool,
}

/// What was given that a destination besides https has no use for: nothing is signed there, and there are no headers.
pub(super) fn useless(destination: &Destination, given: Given) -> Vec<Violation> {
    if destination.is_https() {
        return Vec::new();
    }
    let kind = destination.name();
    let chat = matches!(destination, Destination::Chat { .. });
    let format = match given.format {
        Format::Standard => None,
        Format::Cloudevents if !chat => None,
        _ if chat => Some("a chat is told in words: leave the format out".to_owned()),
        _ => Some(format!("half of this format is in headers, which a {kind} does not have: choose another")),
    };
    let headers = given.headers.then(|| format!("a {kind} is told without headers: leave them out"));
    let unsigned = || format!("nothing is signed for a {kind}: leave it out");
    let secret = given.secret.then(unsigned);
    let signature = (given.signature != Signature::V1).then(unsigned);
    let validate = given.validate.then(|| format!("a {kind} cannot be asked: leave it out"));
    let all = [
        ("/headers", headers),
        ("/secret", secret),
        ("/signature", signature),
        ("/format", format),
        ("/validate", validate),
    ];
    let found = all.into_iter().filter_map(|(field, detail)| Some((field, detail?)));
    found.map(|(field, detail)| Violation::new("not_for_destination", field, detail)).collect()
}

/// The platform by which a chat is told.
pub(super) fn announcer(deps: &Deps, platform: &domain::PlatformId) -> Option<&'static dyn Announce> {
    deps.announcers.iter().copied().find(|place| place.platform() == platform.as_str())
}
