//! The only place that makes HTTP clients. None of them repeats a request, follows a redirect, uses a proxy of the
//! environment or unpacks a compressed answer; those for customers' addresses also refuse every address that is not public, at
//! the moment of connecting, so that a name which changes its mind between check and call gains nothing.
//!
//! What bounds an answer: the time of [`Limits`] for head and body together; for the head, 100 headers and 408 KiB, which are
//! the HTTP library's own; for the body, what the caller reads of it. Interim answers (1xx) are read past and kept nowhere, so
//! that they end with the time alone.

mod names;

use crate::address::is_public;
pub use names::Names;
use names::{Guarded, System};

use crate::served::Served;
use domain::egress::EgressPolicy;
use ports::UrlNotAllowed;
use reqwest::{Certificate, Client, redirect, retry};
use std::net::IpAddr;
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use url::{Host, Url};

/// Longest address taken from a customer.
const MAX_URL: usize = 2_048;
/// Names that mean the machine itself or its network, whatever they resolve to.
const LOCAL_NAMES: [&str; 6] = ["localhost", "localdomain", "local", "internal", "home.arpa", "lan"];

/// How long things may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// A connection, with the look-up of its name and TLS.
    pub connect: Duration,
    /// The look-up of a name.
    pub resolve: Duration,
    /// How long an idle connection is kept: long enough for one batch, shorter than any platform's own limit. A request on a
    /// connection that died unnoticed, in a frozen function say, would leave us in doubt about a post.
    pub idle: Duration,
    /// A whole exchange, whatever its caller asks for: from connecting to the last byte of the answer.
    pub exchange: Duration,
}

impl Default for Limits {
    /// Those of a stack. No exchange outlasts the longest life of a function.
    fn default() -> Self {
        let s = Duration::from_secs;
        Self { connect: s(5), resolve: s(5), idle: s(10), exchange: s(900) }
    }
}

/// What customers' addresses may be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Guard {
    /// Local stacks only: plain http, any port, and private addresses are allowed.
    pub allow_private: bool,
    /// Which schemes and ports are allowed to every tenant.
    pub always: EgressPolicy,
}

impl Guard {
    /// The guard of a deployed stack, or of a local one.
    pub fn new(allow_private: bool) -> Self {
        Self { allow_private, always: EgressPolicy::STRICT }
    }

    /// Checks everything that can be told without resolving the name. The resolver of the HTTP client is not asked about
    /// hosts that are addresses already, so this must happen before every call.
    ///
    /// # Errors
    /// The address may not be called.
    pub fn admit(&self, url: &str, policy: &EgressPolicy) -> Result<Url, UrlNotAllowed> {
        let parsed = Url::parse(url).ok().filter(|_| url.len() <= MAX_URL).ok_or(UrlNotAllowed)?;
        let bare = parsed.username().is_empty() && parsed.password().is_none();
        let host = parsed.host().filter(|_| bare).ok_or(UrlNotAllowed)?;
        if self.allow_private {
            return if matches!(parsed.scheme(), "http" | "https") { Ok(parsed) } else { Err(UrlNotAllowed) };
        }
        let way = self.always.allows(&parsed) || policy.allows(&parsed);
        let public = match host {
            Host::Ipv4(address) => is_public(address.into()),
            Host::Ipv6(address) => is_public(address.into()),
            Host::Domain(name) => is_public_name(name),
        };
        if way && public { Ok(parsed) } else { Err(UrlNotAllowed) }
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

/// What clients are made with.
pub struct Setup {
    /// Who resolves the names of customers' addresses.
    pub names: Arc<dyn Names>,
    /// How long things may take.
    pub limits: Limits,
    /// The authorities whose certificates are trusted, instead of the machine's; empty: the machine's.
    pub roots: Vec<Certificate>,
}

impl Default for Setup {
    fn default() -> Self {
        Self { names: Arc::new(System), limits: Limits::default(), roots: Vec::new() }
    }
}

/// The clients, made when first used.
pub struct Egress {
    guard: Guard,
    setup: Setup,
    served: Option<Served>,
    platform: OnceLock<Option<Client>>,
    customer: OnceLock<Option<Client>>,
    /// For customers' addresses without TLS, where the policy has them.
    plain: OnceLock<Option<Client>>,
}

impl Egress {
    /// Clients under a guard.
    pub fn new(guard: Guard) -> Arc<Self> {
        Self::with(guard, Setup::default())
    }

    /// The same on a stack whose uploads the world reads below this address, if below any.
    pub fn serving(guard: Guard, served: Option<Served>) -> Arc<Self> {
        Self::made(guard, Setup::default(), served)
    }

    /// The same with another resolver for customers' addresses.
    pub fn with_names(guard: Guard, names: Arc<dyn Names>) -> Arc<Self> {
        Self::with(guard, Setup { names, ..Setup::default() })
    }

    /// The same, made with all of this.
    pub fn with(guard: Guard, setup: Setup) -> Arc<Self> {
        Self::made(guard, setup, None)
    }

    fn made(guard: Guard, setup: Setup, served: Option<Served>) -> Arc<Self> {
        let (platform, customer, plain) = (OnceLock::new(), OnceLock::new(), OnceLock::new());
        Arc::new(Self { guard, setup, served, platform, customer, plain })
    }

    /// The address below which the world reads uploads; none where the operator gave none.
    pub fn served(&self) -> Option<&Served> {
        self.served.as_ref()
    }

    /// The client for platforms. Their addresses come from this program or its operator, so any may be called, but over
    /// https unless the stack is a local one. None when the machine has no usable TLS setup.
    pub fn platform(&self) -> Option<&Client> {
        self.platform.get_or_init(|| self.build(!self.guard.allow_private, None)).as_ref()
    }

    /// The client for an address that a customer gave, with the address it may call. `policy` is what the tenant allows there.
    ///
    /// # Errors
    /// The address may not be called.
    pub fn customer(&self, url: &str, policy: &EgressPolicy) -> Result<(&Client, Url), UrlNotAllowed> {
        let url = self.guard.admit(url, policy)?;
        let tls = url.scheme() == "https";
        let place = if tls { &self.customer } else { &self.plain };
        let client = place.get_or_init(|| self.build(tls, Some(self.names()))).as_ref().ok_or(UrlNotAllowed)?;
        Ok((client, url))
    }

    /// Whether a customer may register the address: what [`Guard::admit`] says, and what its name resolves to now.
    ///
    /// # Errors
    /// The address may not be called, or its name does not resolve.
    pub async fn check(&self, url: &str, policy: &EgressPolicy) -> Result<(), UrlNotAllowed> {
        let url = self.guard.admit(url, policy)?;
        let Some(Host::Domain(name)) = url.host() else { return Ok(()) };
        self.names().admitted(name).await.map(|_| ()).map_err(|_| UrlNotAllowed)
    }

    /// The time that an exchange gets whose caller asks for this much.
    pub fn at_most(&self, asked: Duration) -> Duration {
        asked.min(self.setup.limits.exchange)
    }

    fn names(&self) -> Guarded {
        Guarded { guard: self.guard.clone(), names: Arc::clone(&self.setup.names), within: self.setup.limits.resolve }
    }

    /// A client without retries, redirects, proxy and decompression (the features for it are not even compiled in).
    // The one place where clients are made; the ban exists to keep it the only one.
    #[allow(clippy::disallowed_methods)]
    fn build(&self, https_only: bool, names: Option<Guarded>) -> Option<Client> {
        let Limits { connect, idle, exchange, .. } = self.setup.limits;
        let mut builder = Client::builder()
            .user_agent(concat!("Herald/", env!("CARGO_PKG_VERSION")))
            .retry(retry::never())
            .redirect(redirect::Policy::none())
            .no_proxy()
            .referer(false)
            .https_only(https_only)
            .connect_timeout(connect)
            .timeout(exchange)
            .pool_idle_timeout(idle);
        if let Some(names) = names {
            builder = builder.dns_resolver(names);
        }
        if !self.setup.roots.is_empty() {
            builder = builder.tls_certs_only(self.setup.roots.clone());
        }
        match builder.build() {
            Ok(client) => Some(client),
            Err(error) => {
                tracing::error!(%error, "no HTTP client could be made");
                None
            }
        }
    }
}
