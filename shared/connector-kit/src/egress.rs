//! The only place that makes HTTP clients. Both never repeat a request, never follow a redirect and never use a proxy
//! of the environment; the one for customers' addresses also refuses every address that is not public, at the moment
//! of connecting, so that a name which changes its mind between check and call gains nothing.

use crate::address::is_public;
use crate::served::Served;
use async_trait::async_trait;
use ports::UrlNotAllowed;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::{Client, redirect, retry};
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use url::{Host, Url};

/// How long a connection may take to come up.
const CONNECT: Duration = Duration::from_secs(5);
/// How long an idle connection is kept: long enough for one batch, shorter than any platform's own limit. A request on
/// a connection that died unnoticed, in a frozen function say, would leave us in doubt about a post.
const IDLE: Duration = Duration::from_secs(10);
/// How long a name may take to resolve when an address is registered.
const RESOLVE: Duration = Duration::from_secs(5);
/// Longest address taken from a customer.
const MAX_URL: usize = 2_048;
/// Names that mean the machine itself or its network, whatever they resolve to.
const LOCAL_NAMES: [&str; 6] = ["localhost", "localdomain", "local", "internal", "home.arpa", "lan"];

/// What customers' addresses may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Guard {
    /// Local stacks only: plain http, any port, and private addresses are allowed.
    pub allow_private: bool,
    /// The ports that may be called.
    pub ports: &'static [u16],
}

impl Guard {
    /// The guard of a deployed stack, or of a local one.
    pub fn new(allow_private: bool) -> Self {
        Self { allow_private, ports: &[443] }
    }

    /// Checks everything that can be told without resolving the name. The resolver of the HTTP client is not asked about
    /// hosts that are addresses already, so this must happen before every call.
    ///
    /// # Errors
    /// The address may not be called.
    pub fn admit(&self, url: &str) -> Result<Url, UrlNotAllowed> {
        let parsed = Url::parse(url).ok().filter(|_| url.len() <= MAX_URL).ok_or(UrlNotAllowed)?;
        let bare = parsed.username().is_empty() && parsed.password().is_none();
        let host = parsed.host().filter(|_| bare).ok_or(UrlNotAllowed)?;
        if self.allow_private {
            return if matches!(parsed.scheme(), "http" | "https") { Ok(parsed) } else { Err(UrlNotAllowed) };
        }
        let port = parsed.port_or_known_default().is_some_and(|port| self.ports.contains(&port));
        let public = match host {
            Host::Ipv4(address) => is_public(address.into()),
            Host::Ipv6(address) => is_public(address.into()),
            Host::Domain(name) => is_public_name(name),
        };
        if parsed.scheme() == "https" && port && public { Ok(parsed) } else { Err(UrlNotAllowed) }
    }

    /// Whether every one of the addresses a name resolved to may be called. One bad address spoils the name: the client
    /// would try them in turn.
    fn admits(&self, addresses: &[IpAddr]) -> bool {
        !addresses.is_empty() && (self.allow_private || addresses.iter().all(|a| is_public(*a)))
    }
}

fn is_public_name(name: &str) -> bool {
    let local = |end: &str| name.strip_suffix(end).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'));
    name.contains('.') && !name.ends_with('.') && !LOCAL_NAMES.iter().any(|end| local(end))
}

/// Resolves names; a trait so that a test can lie.
#[async_trait]
pub trait Names: Send + Sync {
    /// The addresses of a name.
    async fn addresses(&self, name: &str) -> io::Result<Vec<IpAddr>>;
}

/// The resolver of the operating system.
struct System;

#[async_trait]
impl Names for System {
    async fn addresses(&self, name: &str) -> io::Result<Vec<IpAddr>> {
        Ok(tokio::net::lookup_host((name, 0)).await?.map(|address| address.ip()).collect())
    }
}

/// Gives the HTTP client only what the guard admits.
struct Guarded {
    guard: Guard,
    names: Arc<dyn Names>,
}

impl Resolve for Guarded {
    fn resolve(&self, name: Name) -> Resolving {
        let (guard, names) = (self.guard, Arc::clone(&self.names));
        Box::pin(async move {
            let addresses = names.addresses(name.as_str()).await?;
            if !guard.admits(&addresses) {
                return Err(UrlNotAllowed.into());
            }
            let sockets: Addrs = Box::new(addresses.into_iter().map(|ip| SocketAddr::new(ip, 0)));
            Ok(sockets)
        })
    }
}

/// The two clients, made when first used.
pub struct Egress {
    guard: Guard,
    served: Option<Served>,
    names: Arc<dyn Names>,
    platform: OnceLock<Option<Client>>,
    customer: OnceLock<Option<Client>>,
}

impl Egress {
    /// Clients under a guard.
    pub fn new(guard: Guard) -> Arc<Self> {
        Self::serving(guard, None)
    }

    /// The same on a stack whose uploads the world reads below this address, if below any.
    pub fn serving(guard: Guard, served: Option<Served>) -> Arc<Self> {
        Self::made(guard, served, Arc::new(System))
    }

    /// The same with another resolver for customers' addresses.
    pub fn with_names(guard: Guard, names: Arc<dyn Names>) -> Arc<Self> {
        Self::made(guard, None, names)
    }

    fn made(guard: Guard, served: Option<Served>, names: Arc<dyn Names>) -> Arc<Self> {
        Arc::new(Self { guard, served, names, platform: OnceLock::new(), customer: OnceLock::new() })
    }

    /// The address below which the world reads uploads; none where the operator gave none.
    pub fn served(&self) -> Option<&Served> {
        self.served.as_ref()
    }

    /// The client for platforms. Their addresses come from this program or its operator, so any may be called, but over
    /// https unless the stack is a local one. None when the machine has no usable TLS setup.
    pub fn platform(&self) -> Option<&Client> {
        self.platform.get_or_init(|| build(self.guard, None)).as_ref()
    }

    /// The client for an address that a customer gave, with the address it may call.
    ///
    /// # Errors
    /// The address may not be called.
    pub fn customer(&self, url: &str) -> Result<(&Client, Url), UrlNotAllowed> {
        let url = self.guard.admit(url)?;
        let resolver = || Guarded { guard: self.guard, names: Arc::clone(&self.names) };
        let client = self.customer.get_or_init(|| build(self.guard, Some(resolver()))).as_ref().ok_or(UrlNotAllowed)?;
        Ok((client, url))
    }

    /// Whether a customer may register the address: what [`Guard::admit`] says, and what its name resolves to now.
    ///
    /// # Errors
    /// The address may not be called, or its name does not resolve.
    pub async fn check(&self, url: &str) -> Result<(), UrlNotAllowed> {
        let url = self.guard.admit(url)?;
        let Some(Host::Domain(name)) = url.host() else { return Ok(()) };
        let lookup = tokio::time::timeout(RESOLVE, self.names.addresses(name)).await;
        match lookup {
            Ok(Ok(addresses)) if self.guard.admits(&addresses) => Ok(()),
            _ => Err(UrlNotAllowed),
        }
    }
}

/// A client without retries, redirects, proxy and decompression (the features for it are not even compiled in).
// The one place where clients are made; the ban exists to keep it the only one.
#[allow(clippy::disallowed_methods)]
fn build(guard: Guard, resolver: Option<Guarded>) -> Option<Client> {
    let mut builder = Client::builder()
        .user_agent(concat!("Herald/", env!("CARGO_PKG_VERSION")))
        .retry(retry::never())
        .redirect(redirect::Policy::none())
        .no_proxy()
        .referer(false)
        .https_only(!guard.allow_private)
        .connect_timeout(CONNECT)
        .pool_idle_timeout(IDLE);
    if let Some(resolver) = resolver {
        builder = builder.dns_resolver(resolver);
    }
    match builder.build() {
        Ok(client) => Some(client),
        Err(error) => {
            tracing::error!(%error, "no HTTP client could be made");
            None
        }
    }
}

#[cfg(test)]
mod tests;
