//! One server that imitates the platforms at wire level, for the demo and the end-to-end tests.
//!
//! It exists so that the connectors run their production code against something that behaves like the platforms:
//! real consent and code exchange, rotating refresh tokens, duplicate refusals, rate-limit headers, silent text
//! truncation, and faults on request (an answer that never comes after the post went live, late commits, garbage).
//! Everything lives in memory and is bounded. Nothing is random: identifiers come from the clock and a counter.
//! [`GUIDE`] describes the control interface.

// LinkedIn is a name, not code; and a refusal here is a whole HTTP answer, passed as the error of a check.
#![allow(clippy::doc_markdown, clippy::result_large_err)]

mod bluesky;
mod consent;
mod control;
mod directory;
mod discord;
mod faults;
mod hooks;
mod html;
mod linkedin;
mod mailchimp;
mod mastodon;
mod medium;
mod meta;
mod net;
mod oauth;
mod ops;
mod pages;
mod registration;
mod sendgrid;
mod site;
mod slack;
mod state;
mod store;
mod telegram;
mod tiktok;
mod whatsapp;
mod wordpress;
mod x;
mod youtube;

use std::io;
use std::net::SocketAddr;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::from_fn_with_state;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

pub use registration::{Registration, registration};
pub use state::{Options, State};

/// How to drive the server: addresses, demo users, settings and the faults. The same text is served at `/guide`.
pub const GUIDE: &str = include_str!("../GUIDE.md");

/// Largest request body in bytes: above what any platform takes, so that each says itself what is too large.
const MAX_BODY_BYTES: usize = 128 * 1024 * 1024;

/// The whole server as a router. Served through [`serve`], connection-dropping faults really cut the TCP
/// connection; under any other server they end the answer's body with an error instead.
pub fn router(state: State) -> Router {
    Router::new()
        .merge(x::routes(&state))
        .merge(linkedin::routes(&state))
        .merge(site::SITES.into_iter().fold(Router::new(), |all, site| all.merge((site.routes)(&state))))
        .merge(hooks::routes())
        .merge(control::routes())
        .merge(pages::routes())
        .layer(from_fn_with_state(state.clone(), faults::apply))
        .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
        .with_state(state)
}

/// Starts the server on `listener` in a task of the current tokio runtime.
///
/// # Errors
/// The listener's own address cannot be read.
pub fn serve(listener: TcpListener, options: Options) -> io::Result<Handle> {
    let address = listener.local_addr()?;
    let state = State::new(options.public_url.unwrap_or_else(|| format!("http://{address}")));
    let service = router(state.clone()).into_make_service_with_connect_info::<net::Line>();
    let task = tokio::spawn(async move { axum::serve(net::Sockets(listener), service).await });
    Ok(Handle { address, state, task })
}

/// A running server. It stops accepting connections when this is dropped.
pub struct Handle {
    address: SocketAddr,
    state: State,
    task: JoinHandle<io::Result<()>>,
}

impl Handle {
    /// The socket address it listens on.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The address under which it names itself (upload addresses, links), without a slash at the end.
    pub fn base_url(&self) -> &str {
        self.state.public_url()
    }

    /// Waits until the server ends, which it does only on an error.
    ///
    /// # Errors
    /// The server task failed.
    pub async fn ended(mut self) -> io::Result<()> {
        match (&mut self.task).await {
            Ok(result) => result,
            Err(error) => Err(io::Error::other(error)),
        }
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        self.task.abort();
    }
}
