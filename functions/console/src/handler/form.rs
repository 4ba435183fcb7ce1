//! A form that was sent: from our own page, by the session it was made for, once.

use super::Shared;
use super::session::{Session, proves};
use super::trouble::{Trouble, see_other};
use crate::words::Said;
use app::{Once, Reply, sha256_hex};
use axum::body::Bytes;
use axum::extract::multipart::MultipartError;
use axum::extract::{FromRequest, MatchedPath, Multipart, RawForm, Request};
use axum::http::HeaderMap;
use axum::http::header::{CONTENT_TYPE, ORIGIN};
use axum::http::request::Parts;
use axum::response::Response;
use domain::access::Permission;
use ports::StoredReply;
use runtime::http::{base_url, session_of};
use secrecy::ExposeSecret;

/// The fields of a form, in the order they were sent.
#[derive(Debug, Default)]
pub(super) struct Form {
    fields: Vec<(String, String)>,
    files: Vec<(String, Bytes)>,
}

impl Form {
    /// A field's value; empty when it was not sent.
    pub(super) fn get(&self, name: &str) -> &str {
        self.fields.iter().find(|(field, _)| field == name).map_or("", |(_, value)| value.as_str())
    }

    /// Every value of a field.
    pub(super) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.fields.iter().filter(move |(field, _)| field == name).map(|(_, value)| value.as_str())
    }

    /// Whether the field was sent at all.
    pub(super) fn has(&self, name: &str) -> bool {
        self.fields.iter().any(|(field, _)| field == name)
    }

    /// Whether anything was sent whose name begins so.
    pub(super) fn has_any(&self, prefix: &str) -> bool {
        let mut names = self.fields.iter().map(|(name, _)| name).chain(self.files.iter().map(|(name, _)| name));
        names.any(|name| name.starts_with(prefix))
    }

    /// A file; browsers send an empty one where none was chosen.
    pub(super) fn file(&self, name: &str) -> Option<&Bytes> {
        self.files.iter().find(|(field, bytes)| field == name && !bytes.is_empty()).map(|(_, bytes)| bytes)
    }

    /// What was sent, without what differs between two sendings of one form: the bytes themselves would, since browsers
    /// invent a new boundary each time.
    fn fingerprint(&self, parts: &Parts) -> String {
        let meant = self.fields.iter().filter(|(name, _)| name != "csrf" && name != "idempotency_key");
        let fields: Vec<_> = meant.collect();
        let files: Vec<_> = self.files.iter().map(|(name, bytes)| (name, sha256_hex(bytes))).collect();
        let asked = parts.uri.path_and_query().map_or("", |asked| asked.as_str());
        // Strings in tuples always serialise.
        sha256_hex(&serde_json::to_vec(&(asked, fields, files)).unwrap_or_default())
    }
}

/// A form of a signed-in member.
pub(super) struct Posted {
    /// Who sent it.
    pub(super) session: Session,
    /// What was sent.
    pub(super) form: Form,
    /// Our own address.
    pub(super) base_url: String,
    once: Once,
}

impl Posted {
    /// The key under which the form acts once.
    pub(super) fn once(&self) -> Result<&Once, Trouble> {
        let key = &self.once.key;
        let fits = (8..=64).contains(&key.len()) && key.bytes().all(|b| b.is_ascii_alphanumeric());
        if fits { Ok(&self.once) } else { Err(Trouble::Status(400)) }
    }

    /// Where this very form led, if it was sent before.
    pub(super) async fn sent_before(&self, console: &Shared, needs: Permission) -> Result<Option<Response>, Trouble> {
        let earlier = self.once()?.earlier_for(&console.deps, &self.session.caller, needs).await;
        Ok(earlier.unwrap_or_default().as_ref().map(follow))
    }
}

impl FromRequest<Shared> for Posted {
    type Rejection = Trouble;

    async fn from_request(request: Request, console: &Shared) -> Result<Self, Trouble> {
        let (mut parts, body) = request.into_parts();
        let base_url = base_url(&parts, &console.address);
        if !is_ours(&parts.headers, &base_url) {
            return Err(Trouble::Status(403));
        }
        let secret = session_of(&parts.headers);
        let session =
            <Session as axum::extract::FromRequestParts<Shared>>::from_request_parts(&mut parts, console).await?;
        let form = read(Request::from_parts(parts.clone(), body)).await?;
        if !secret.is_some_and(|secret| proves(secret.expose_secret(), form.get("csrf"))) {
            return Err(Trouble::Status(403));
        }
        let route = parts.extensions.get::<MatchedPath>().map_or("", MatchedPath::as_str);
        let once = Once {
            route: format!("POST {route}"),
            key: form.get("idempotency_key").to_owned(),
            fingerprint: form.fingerprint(&parts),
        };
        Ok(Self { session, form, base_url, once })
    }
}

/// Whether the browser says that one of our own pages sent this. A client that says nothing is no browser, and has no
/// session that could be abused; the form token is asked of it all the same.
pub(super) fn is_ours(headers: &HeaderMap, base_url: &str) -> bool {
    if let Some(site) = headers.get("sec-fetch-site") {
        return site == "same-origin";
    }
    headers.get(ORIGIN).is_none_or(|origin| origin == base_url)
}

/// Reads a form of either encoding.
pub(super) async fn read(request: Request) -> Result<Form, Trouble> {
    let kind = request.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let mut form = Form::default();
    if kind.starts_with("multipart/form-data") {
        let mut multipart =
            Multipart::from_request(request, &()).await.map_err(|e| Trouble::Status(e.status().as_u16()))?;
        let broken = |error: MultipartError| Trouble::Status(error.status().as_u16());
        while let Some(field) = multipart.next_field().await.map_err(broken)? {
            let (name, is_file) = (field.name().unwrap_or_default().to_owned(), field.file_name().is_some());
            let bytes = field.bytes().await.map_err(broken)?;
            if is_file {
                form.files.push((name, bytes));
            } else {
                let text = String::from_utf8(bytes.into()).map_err(|_| Trouble::Status(400))?;
                form.fields.push((name, text));
            }
        }
    } else {
        let RawForm(bytes) = RawForm::from_request(request, &()).await.map_err(|_| Trouble::Status(413))?;
        form.fields = url::form_urlencoded::parse(&bytes).into_owned().collect();
    }
    for (_, value) in &mut form.fields {
        *value = plain(value);
    }
    Ok(form)
}

/// A text without control characters. Forms send line ends as two characters; people and platforms count one.
pub(super) fn plain(text: &str) -> String {
    let mut text = text.replace("\r\n", "\n").replace('\r', "\n");
    text.retain(|c| !c.is_control() || c == '\n' || c == '\t');
    text
}

/// The answer that a use case remembers with its effect: where the browser goes.
pub(super) fn goes(to: &str, said: Said) -> StoredReply {
    let (path, anchor) = to.split_once('#').map_or((to, String::new()), |(path, anchor)| (path, format!("#{anchor}")));
    let joint = if path.contains('?') { '&' } else { '?' };
    StoredReply { status: 303, body: format!("{path}{joint}said={}{anchor}", said.code()) }
}

/// Follows it, the first time and every time.
pub(super) fn follow(reply: &Reply) -> Response {
    see_other(&reply.stored.body)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_form_of_another_site_is_not_ours() {
        let with = |name: &'static str, value: &str| {
            let headers = HeaderMap::from_iter([(axum::http::HeaderName::from_static(name), value.parse().unwrap())]);
            is_ours(&headers, "https://herald.example")
        };
        assert!(with("sec-fetch-site", "same-origin") && with("origin", "https://herald.example"));
        for site in ["cross-site", "same-site", "none"] {
            assert!(!with("sec-fetch-site", site), "{site}");
        }
        for origin in ["null", "https://evil.example", "http://herald.example", "https://herald.example.evil.example"] {
            assert!(!with("origin", origin), "{origin}");
        }
    }

    #[test]
    fn what_a_form_said_goes_before_the_anchor() {
        assert_eq!(goes("/a#b", Said::Saved).body, "/a?said=saved#b");
        assert_eq!(goes("/a?c=d", Said::Saved).body, "/a?c=d&said=saved");
    }
}
