//! Who is asking: an API key in `Authorization`, or the console's session cookie.

use super::problem::Problem;
use crate::cid;
use async_trait::async_trait;
use axum::extract::{FromRef, FromRequestParts};
use domain::access::{Caller, Permission};
use http::header::{AUTHORIZATION, COOKIE};
use http::request::Parts;
use http::{HeaderMap, HeaderValue};
use secrecy::{ExposeSecret, SecretString};
use std::sync::Arc;

/// The session cookie. The prefix makes browsers insist on `Secure`, `Path=/` and no `Domain` (RFC 6265bis, 4.1.3.2).
pub const SESSION_COOKIE: &str = "__Host-herald";
/// Longest credential that is looked at: a key has 111 characters.
const MAX: usize = 256;

/// Turns what was presented into a caller. None for whatever does not hold, without saying why.
#[async_trait]
pub trait Authenticate: Send + Sync {
    /// By the text of an API key, `hk_<tenant>_<key>_<secret>`.
    async fn by_key(&self, key: &str, cid: &str) -> Result<Option<Caller>, Problem>;
    /// By the value of a session cookie, `<tenant>.<session>.<secret>`.
    async fn by_session(&self, cookie: &str, cid: &str) -> Result<Option<Caller>, Problem>;
}

/// A caller who has proven who they are. 401 otherwise.
///
/// A cookie is sent along by the browser whoever makes it ask, so that a change by cookie is refused when the browser
/// says that another site asked (`Sec-Fetch-Site`, Fetch Metadata).
#[derive(Debug, Clone)]
pub struct Authenticated(pub Caller);

impl Authenticated {
    /// The caller, if they may do this.
    ///
    /// # Errors
    /// 403 `forbidden`.
    pub fn may(self, permission: Permission) -> Result<Caller, Problem> {
        if self.0.may(permission) {
            return Ok(self.0);
        }
        let name = serde_json::to_value(permission).unwrap_or_default();
        Err(Problem::forbidden(format!("this needs the permission {}", name.as_str().unwrap_or_default())))
    }
}

impl<S> FromRequestParts<S> for Authenticated
where
    Arc<dyn Authenticate>: FromRef<S>,
    S: Send + Sync,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let authenticate = Arc::<dyn Authenticate>::from_ref(state);
        let cid = cid::current();
        // A key that does not hold is not made good by a cookie beside it.
        let caller = if parts.headers.contains_key(AUTHORIZATION) {
            match bearer(&parts.headers) {
                Some(key) => authenticate.by_key(key.expose_secret(), &cid).await?,
                None => None,
            }
        } else {
            let cookie = session_of(&parts.headers).ok_or_else(|| Problem::unauthenticated(false))?;
            if !parts.method.is_safe() && from_another_site(&parts.headers) {
                return Err(Problem::forbidden("a change by session must come from the console's own pages"));
            }
            authenticate.by_session(cookie.expose_secret(), &cid).await?
        };
        caller.map(Self).ok_or_else(|| Problem::unauthenticated(true))
    }
}

fn bearer(headers: &HeaderMap) -> Option<SecretString> {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let text = values.next()?.to_str().ok()?;
    let (scheme, token) = text.split_once(' ')?;
    let fits = scheme.eq_ignore_ascii_case("bearer") && token.len() <= MAX && values.next().is_none();
    fits.then(|| SecretString::from(token.trim()))
}

/// The value of the session cookie; none when it is absent or ambiguous.
pub fn session_of(headers: &HeaderMap) -> Option<SecretString> {
    let texts = headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut found = texts.flat_map(|text| text.split(';')).filter_map(|pair| {
        let (name, value) = pair.trim().split_once('=')?;
        (name == SESSION_COOKIE).then_some(value)
    });
    let value = found.next().filter(|value| !value.is_empty() && value.len() <= MAX)?;
    found.next().is_none().then(|| SecretString::from(value))
}

fn from_another_site(headers: &HeaderMap) -> bool {
    headers.get("sec-fetch-site").is_some_and(|site| site != "same-origin" && site != "none")
}

/// `Set-Cookie` that opens a session for `life_s` seconds.
pub fn session_cookie(value: &SecretString, life_s: i64) -> Option<HeaderValue> {
    let value = value.expose_secret();
    let text = format!("{SESSION_COOKIE}={value}; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age={life_s}");
    let mut header = HeaderValue::try_from(text).ok()?;
    header.set_sensitive(true);
    Some(header)
}

/// `Set-Cookie` that ends the session in the browser.
pub fn clear_session_cookie() -> HeaderValue {
    HeaderValue::from_static("__Host-herald=; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=0")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use domain::access::Role;
    use domain::{KeyId, MemberId, TenantId};
    use uuid::Uuid;

    struct Keys;

    #[async_trait]
    impl Authenticate for Keys {
        async fn by_key(&self, key: &str, cid: &str) -> Result<Option<Caller>, Problem> {
            Ok((key == "hk_good").then(|| caller(cid)))
        }
        async fn by_session(&self, cookie: &str, cid: &str) -> Result<Option<Caller>, Problem> {
            if cookie == "down" { Err(Problem::unavailable(1)) } else { Ok((cookie == "good").then(|| caller(cid))) }
        }
    }

    fn caller(cid: &str) -> Caller {
        Caller {
            tenant: TenantId::from_uuid(Uuid::nil()),
            member: MemberId::from_uuid(Uuid::nil()),
            role: Role::Editor,
            key: KeyId::from_uuid(Uuid::nil()),
            scopes: Vec::new(),
            cid: cid.to_owned(),
        }
    }

    async fn ask(method: &str, headers: &[(&str, &str)]) -> Result<Caller, u16> {
        let mut builder = http::Request::builder().method(method);
        for (name, value) in headers {
            builder = builder.header(*name, *value);
        }
        let state: Arc<dyn Authenticate> = Arc::new(Keys);
        let mut parts = builder.body(()).unwrap().into_parts().0;
        let work = async { Authenticated::from_request_parts(&mut parts, &state).await };
        cid::scope("c9".into(), work).await.map(|a| a.0).map_err(|problem| problem.status().as_u16())
    }

    #[tokio::test]
    async fn a_key_or_a_session_lets_in_and_nothing_else_does() {
        assert_eq!(ask("GET", &[("authorization", "Bearer hk_good")]).await.unwrap().cid, "c9");
        assert!(ask("GET", &[("authorization", "bearer hk_good")]).await.is_ok());
        assert!(ask("GET", &[("cookie", "a=b; __Host-herald=good; c=d")]).await.is_ok());
        let long = format!("Bearer {}", "x".repeat(300));
        let refused: &[&[(&str, &str)]] = &[
            &[],
            &[("authorization", "")],
            &[("authorization", "hk_good")],
            &[("authorization", "Basic hk_good")],
            &[("authorization", "Bearer hk_bad")],
            &[("authorization", &long)],
            &[("authorization", "Bearer hk_good"), ("authorization", "Bearer hk_bad")],
            &[("authorization", "Bearer hk_bad"), ("cookie", "__Host-herald=good")],
            &[("cookie", "herald=good")],
            &[("cookie", "__Host-herald=bad")],
            &[("cookie", "__Host-herald=good; __Host-herald=bad")],
        ];
        for headers in refused {
            assert_eq!(ask("GET", headers).await, Err(401), "{headers:?}");
        }
        assert_eq!(ask("GET", &[("cookie", "__Host-herald=down")]).await, Err(503));
    }

    #[tokio::test]
    async fn another_site_cannot_use_the_session_for_a_change() {
        let with = |site| [("cookie", "__Host-herald=good"), ("sec-fetch-site", site)];
        assert!(ask("POST", &with("same-origin")).await.is_ok());
        assert!(ask("GET", &with("cross-site")).await.is_ok());
        assert_eq!(ask("POST", &with("cross-site")).await, Err(403));
        assert_eq!(ask("DELETE", &with("same-site")).await, Err(403));
    }

    #[test]
    fn a_role_that_may_not_gets_403_with_the_name_of_the_permission() {
        assert!(Authenticated(caller("c")).may(Permission::Publish).is_ok());
        let problem = Authenticated(caller("c")).may(Permission::ManageAccounts).unwrap_err();
        assert_eq!((problem.status().as_u16(), problem.code()), (403, "forbidden"));
        assert_eq!(problem.detail(), "this needs the permission manage_accounts");
    }

    #[test]
    fn the_cookie_is_out_of_reach_of_scripts_and_other_sites() {
        let cookie = session_cookie(&SecretString::from("v"), 60).unwrap();
        assert!(cookie.is_sensitive());
        for part in ["__Host-herald=v;", "Path=/", "Secure", "HttpOnly", "SameSite=Lax", "Max-Age=60"] {
            assert!(cookie.to_str().unwrap().contains(part), "{part}");
        }
        assert!(clear_session_cookie().to_str().unwrap().starts_with(&format!("{SESSION_COOKIE}=;")));
    }
}
