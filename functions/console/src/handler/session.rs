//! Who is signed in, and the token that proves a form to be ours.

use super::trouble::Trouble;
use super::{Console, Shared};
use crate::view::Flash;
use crate::words;
use aws_lc_rs::hmac::{HMAC_SHA256, Key, sign, verify};
use axum::extract::{FromRequestParts, Query};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::access::Caller;
use runtime::http::session_of;
use secrecy::ExposeSecret;
use serde::Deserialize;

/// A signed-in member.
pub(super) struct Session {
    /// Who.
    pub(super) caller: Caller,
    /// The token of every form of this session.
    pub(super) csrf: String,
    /// What the last form did.
    pub(super) flash: Option<Flash>,
}

#[derive(Default, Deserialize)]
struct Said {
    said: Option<String>,
}

impl Session {
    /// The session of these cookies, if it holds.
    pub(super) async fn of(console: &Console, headers: &HeaderMap) -> Result<Option<Self>, Trouble> {
        let Some(cookie) = session_of(headers) else { return Ok(None) };
        let cid = runtime::cid::current();
        let caller = app::access::by_session(&console.deps, cookie.expose_secret(), &cid).await?;
        let csrf = token(cookie.expose_secret());
        Ok(caller.map(|caller| Self { caller, csrf, flash: None }))
    }
}

impl FromRequestParts<Shared> for Session {
    type Rejection = Trouble;

    async fn from_request_parts(parts: &mut Parts, console: &Shared) -> Result<Self, Trouble> {
        let Some(mut session) = Self::of(console, &parts.headers).await? else {
            let asked = parts.uri.path_and_query().map(|asked| asked.as_str().to_owned());
            return Err(Trouble::SignIn(asked.filter(|asked| parts.method == Method::GET && is_local(asked))));
        };
        let said = Query::<Said>::try_from_uri(&parts.uri).map(|said| said.0).unwrap_or_default();
        session.flash = said.said.as_deref().and_then(words::said);
        Ok(session)
    }
}

/// Whether a person may be sent to this address after signing in: a page of the console and nothing else (S10).
pub(super) fn is_local(path: &str) -> bool {
    let rest = path.strip_prefix("/console");
    let page = rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '?']));
    let plain = path.len() <= 512 && path.bytes().all(|b| b.is_ascii_graphic() && b != b'\\');
    page && plain && !path.contains("//") && !path.starts_with("/console/sign-")
}

/// The form token of whoever holds `secret`: nobody else can make it, and it tells nothing of the secret.
pub(super) fn token(secret: &str) -> String {
    URL_SAFE_NO_PAD.encode(sign(&Key::new(HMAC_SHA256, secret.as_bytes()), PURPOSE))
}

/// Whether `presented` is the form token of `secret`, in constant time.
pub(super) fn proves(secret: &str, presented: &str) -> bool {
    let tag = URL_SAFE_NO_PAD.decode(presented).unwrap_or_default();
    verify(&Key::new(HMAC_SHA256, secret.as_bytes()), PURPOSE, &tag).is_ok()
}

const PURPOSE: &[u8] = b"herald console form";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_proves_only_its_own_session() {
        assert!(proves("a", &token("a")));
        assert!(!proves("b", &token("a")) && !proves("a", "") && !proves("a", "a"));
    }

    #[test]
    fn only_pages_of_the_console_are_returned_to() {
        for good in ["/console", "/console/queue?state=failed", "/console/posts/post_1", "/console?said=x"] {
            assert!(is_local(good), "{good}");
        }
        for bad in [
            "",
            "/",
            "//evil.example",
            "/console.evil.example",
            "https://evil.example/console",
            "/console//evil.example",
            "/console\\evil",
            "/console/\r\nset-cookie: a",
            "/console/sign-out",
            "/consolex",
            "/console/ä",
        ] {
            assert!(!is_local(bad), "{bad}");
        }
    }
}
