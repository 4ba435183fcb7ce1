//! The names of customers' addresses. What they resolve to is looked at here and nowhere else: the client connects to exactly
//! the addresses that were admitted, and asks nobody again.

use super::Guard;
use async_trait::async_trait;
use ports::UrlNotAllowed;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

/// Resolves names; a trait so that a test can lie.
#[async_trait]
pub trait Names: Send + Sync {
    /// The addresses of a name.
    async fn addresses(&self, name: &str) -> io::Result<Vec<IpAddr>>;
}

/// The resolver of the operating system.
pub(super) struct System;

#[async_trait]
impl Names for System {
    async fn addresses(&self, name: &str) -> io::Result<Vec<IpAddr>> {
        Ok(tokio::net::lookup_host((name, 0)).await?.map(|address| address.ip()).collect())
    }
}

/// Gives the HTTP client only what the guard admits.
#[derive(Clone)]
pub(super) struct Guarded {
    pub(super) guard: Guard,
    pub(super) names: Arc<dyn Names>,
    pub(super) within: Duration,
}

impl Guarded {
    /// The addresses of a name, if every one of them may be called.
    pub(super) async fn admitted(&self, name: &str) -> io::Result<Vec<IpAddr>> {
        let addresses = tokio::time::timeout(self.within, self.names.addresses(name)).await??;
        if self.guard.admits(&addresses) { Ok(addresses) } else { Err(io::Error::other(UrlNotAllowed)) }
    }
}

impl Resolve for Guarded {
    fn resolve(&self, name: Name) -> Resolving {
        let names = self.clone();
        Box::pin(async move {
            let addresses = names.admitted(name.as_str()).await?;
            let sockets: Addrs = Box::new(addresses.into_iter().map(|ip| SocketAddr::new(ip, 0)));
            Ok(sockets)
        })
    }
}
