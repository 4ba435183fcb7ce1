//! Calls to platforms. A call ends in an answer, or in one of two ways of having none: the request did not leave, or
//! it left and nobody knows. Which of the two it was decides whether a post may be sent again.

use crate::egress::Egress;
use crate::served::Served;
use crate::words::{encoded, words};
use bytes::{Bytes, BytesMut};
use domain::egress::EgressPolicy;
use domain::platform::Address;
use domain::publishing::Failure;
use futures_util::stream::BoxStream;
use http::{HeaderMap, Method, header};
use ports::{MediaError, PlatformApp};
use reqwest::{Body, RequestBuilder, Response, multipart};
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

/// Most bytes of an answer that are read (S21).
pub const MAX_ANSWER: usize = 1024 * 1024;
/// How long a call may take unless it says otherwise: with the connection's 5 s well inside a worker's lease.
pub const TIMEOUT: Duration = Duration::from_secs(20);

/// Why there is no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Lost {
    /// The request did not leave: no address, no connection, no TLS.
    #[error("the platform could not be reached")]
    Unsent,
    /// The request left, wholly or in part, and no answer came back.
    #[error("{0}")]
    Unanswered(&'static str),
}

impl From<Lost> for Failure {
    fn from(lost: Lost) -> Self {
        match lost {
            Lost::Unsent => Self::Unavailable,
            Lost::Unanswered(what) => Self::Unconfirmed { detail: what.into() },
        }
    }
}

impl Lost {
    fn of(error: &reqwest::Error) -> Self {
        if error.is_connect() || error.is_dns() || error.is_builder() {
            Self::Unsent
        } else if error.is_timeout() {
            Self::Unanswered("no answer in time")
        } else {
            Self::Unanswered("the connection broke before the answer")
        }
    }
}

enum Content {
    Nothing,
    Bytes(String, Vec<u8>),
    Form(multipart::Form),
    Stream { media_type: String, length: u64, stream: BoxStream<'static, Result<Bytes, MediaError>> },
}

/// One file of a multipart form.
pub struct File {
    /// The form field.
    pub name: String,
    /// What the platform is told it is called.
    pub file_name: String,
    /// Media type.
    pub media_type: String,
    /// Size in bytes.
    pub length: u64,
    /// The bytes.
    pub stream: BoxStream<'static, Result<Bytes, MediaError>>,
}

/// The files of a form, and until when they must have arrived: to open them takes from the time of the call that sends them.
pub struct Files {
    /// The files.
    pub list: Vec<File>,
    /// When the call is given up.
    pub by: Instant,
}

/// A request to a platform.
pub struct Call {
    method: Method,
    url: String,
    headers: Vec<(&'static str, String)>,
    bearer: Option<SecretString>,
    basic: Option<(String, SecretString)>,
    content: Content,
    timeout: Duration,
    most: usize,
    theirs: bool,
    hidden: Vec<SecretString>,
}

impl Call {
    /// A request without a body.
    pub fn new(method: Method, url: impl Into<String>) -> Self {
        Self {
            method,
            url: url.into(),
            headers: Vec::new(),
            bearer: None,
            basic: None,
            content: Content::Nothing,
            timeout: TIMEOUT,
            most: MAX_ANSWER,
            theirs: false,
            hidden: Vec::new(),
        }
    }

    /// A GET.
    pub fn get(url: impl Into<String>) -> Self {
        Self::new(Method::GET, url)
    }

    /// A HEAD: the headers that a GET would answer with.
    pub fn head(url: impl Into<String>) -> Self {
        Self::new(Method::HEAD, url)
    }

    /// A POST.
    pub fn post(url: impl Into<String>) -> Self {
        Self::new(Method::POST, url)
    }

    /// A PUT.
    pub fn put(url: impl Into<String>) -> Self {
        Self::new(Method::PUT, url)
    }

    /// A PATCH.
    pub fn patch(url: impl Into<String>) -> Self {
        Self::new(Method::PATCH, url)
    }

    /// A DELETE.
    pub fn delete(url: impl Into<String>) -> Self {
        Self::new(Method::DELETE, url)
    }

    /// With an access token.
    #[must_use]
    pub fn bearer(mut self, token: &SecretString) -> Self {
        self.bearer = Some(token.clone());
        self
    }

    /// With a name and a password (RFC 7617). A name has no colon in it.
    #[must_use]
    pub fn basic(mut self, name: &str, password: &SecretString) -> Self {
        self.basic = Some((name.to_owned(), password.clone()));
        self
    }

    /// With this secret in its address or body: what the platform says is told without it.
    #[must_use]
    pub fn hiding(mut self, secret: &SecretString) -> Self {
        self.hidden.push(secret.clone());
        self
    }

    /// To a server that a customer named, and not the operator: only a public address is called.
    #[must_use]
    pub fn theirs(mut self) -> Self {
        self.theirs = true;
        self
    }

    /// With a header.
    #[must_use]
    pub fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// With a JSON body. A value that cannot be serialised sends an empty body, which every platform refuses.
    #[must_use]
    pub fn json(mut self, value: &impl Serialize) -> Self {
        let bytes = serde_json::to_vec(value).unwrap_or_default();
        self.content = Content::Bytes("application/json".into(), bytes);
        self
    }

    /// With these bytes.
    #[must_use]
    pub fn bytes(mut self, media_type: &str, bytes: Vec<u8>) -> Self {
        self.content = Content::Bytes(media_type.into(), bytes);
        self
    }

    /// With these fields as a form.
    #[must_use]
    pub fn fields<'a>(self, pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        self.bytes("application/x-www-form-urlencoded", encoded(pairs).into_bytes())
    }

    /// With a multipart form: text fields, then one file.
    #[must_use]
    pub fn form(mut self, fields: &[(&'static str, String)], file: (&'static str, Bytes)) -> Self {
        let form = fields.iter().fold(multipart::Form::new(), |form, (name, value)| form.text(*name, value.clone()));
        let (name, bytes) = file;
        let length = bytes.len() as u64;
        // Platforms take a part for a file by its file name.
        let part = multipart::Part::stream_with_length(Body::from(bytes), length).file_name(name);
        self.content = Content::Form(form.part(name, part));
        self
    }

    /// With a multipart form: text fields, then files that are read while they are sent.
    #[must_use]
    pub fn files(mut self, fields: Vec<(&'static str, String)>, files: Files) -> Self {
        self.timeout = files.by.saturating_duration_since(Instant::now());
        let form = fields.into_iter().fold(multipart::Form::new(), |form, (name, value)| form.text(name, value));
        let form = files.list.into_iter().fold(form, |form, File { name, file_name, media_type, length, stream }| {
            let part = multipart::Part::stream_with_length(Body::wrap_stream(stream), length).file_name(file_name);
            match part.mime_str(&media_type) {
                Ok(part) => form.part(name, part),
                // Without its file the platform refuses the request.
                Err(_) => form,
            }
        });
        self.content = Content::Form(form);
        self
    }

    /// With a streamed body of a known length.
    #[must_use]
    pub fn stream(
        mut self,
        media_type: &str,
        length: u64,
        stream: BoxStream<'static, Result<Bytes, MediaError>>,
    ) -> Self {
        self.content = Content::Stream { media_type: media_type.into(), length, stream };
        self
    }

    /// With another time limit.
    #[must_use]
    pub fn within(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// With so many bytes read of its answer at most, instead of [`MAX_ANSWER`].
    #[must_use]
    pub fn at_most(mut self, bytes: usize) -> Self {
        self.most = bytes;
        self
    }

    fn fill(self, mut request: RequestBuilder) -> RequestBuilder {
        request = request.timeout(self.timeout).header(header::ACCEPT, "application/json");
        for (name, value) in self.headers {
            request = request.header(name, value);
        }
        if let Some(token) = &self.bearer {
            request = request.bearer_auth(token.expose_secret());
        }
        if let Some((name, password)) = &self.basic {
            request = request.basic_auth(name, Some(password.expose_secret()));
        }
        match self.content {
            Content::Nothing => request,
            Content::Bytes(media_type, bytes) => request.header(header::CONTENT_TYPE, media_type).body(bytes),
            Content::Form(form) => request.multipart(form),
            // The length is given because upload addresses seldom take chunked bodies.
            Content::Stream { media_type, length, stream } => request
                .header(header::CONTENT_TYPE, media_type)
                .header(header::CONTENT_LENGTH, length)
                .body(Body::wrap_stream(stream)),
        }
    }
}

/// A platform's answer.
#[derive(Debug)]
pub struct Answer {
    /// Status code.
    pub status: u16,
    /// Headers.
    pub headers: HeaderMap,
    /// The body, as far as it came.
    pub body: Bytes,
    /// Whether the body came to its end within what is read.
    pub whole: bool,
    /// Whether it was cut since it has more than is read: another request would bring no more of it.
    pub too_large: bool,
    secrets: Vec<SecretString>,
}

impl Answer {
    /// Whether the status is one of success.
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// A header's text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// A header's whole number.
    pub fn number(&self, name: &str) -> Option<i64> {
        self.header(name)?.trim().parse().ok()
    }

    /// The body as the type it should have; none when it is cut, not JSON by its content type, or of another shape.
    pub fn json<T: DeserializeOwned>(&self) -> Option<T> {
        let kind = self.header("content-type")?.split(';').next()?.trim().to_ascii_lowercase();
        let json = kind == "application/json" || kind.ends_with("+json");
        if json && self.whole { serde_json::from_slice(&self.body).ok() } else { None }
    }

    /// Words of this answer fit to be shown: short, one line, and without the secrets they may echo.
    pub fn words(&self, text: &str) -> String {
        let secrets = self.secrets.iter().map(ExposeSecret::expose_secret).filter(|secret| !secret.is_empty());
        words(&secrets.fold(text.to_owned(), |text, secret| text.replace(secret, "…")))
    }
}

/// Calls platforms. Clones share the connections.
#[derive(Clone)]
pub struct Http(Arc<Egress>);

impl Http {
    /// Calls through these clients.
    pub fn new(egress: Arc<Egress>) -> Self {
        Self(egress)
    }

    /// The address below which the world reads uploads; none where the operator gave none.
    pub fn served(&self) -> Option<&Served> {
        self.0.served()
    }

    /// Makes a call, once.
    ///
    /// # Errors
    /// No answer came.
    pub async fn call(&self, mut call: Call) -> Result<Answer, Lost> {
        call.timeout = self.0.at_most(call.timeout);
        let client = if call.theirs {
            self.0.customer(&call.url, &EgressPolicy::STRICT).map_err(|_| Lost::Unsent)?.0
        } else {
            self.0.platform().ok_or(Lost::Unsent)?
        };
        let password = call.basic.iter().map(|(_, password)| password);
        let secrets = call.bearer.iter().chain(password).chain(&call.hidden).cloned().collect();
        let request = client.request(call.method.clone(), &call.url);
        // Not the address: it holds ids, and at some platforms more.
        let method = call.method.as_str().to_owned();
        let most = call.most;
        let response = call.fill(request).send().await.map_err(|error| Lost::of(&error)).inspect_err(|lost| {
            tracing::info!(method, %lost, "platform called");
        })?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let (body, end) = read(response, most).await;
        let (whole, too_large) = (end == End::Whole, end == End::TooLarge);
        tracing::info!(method, status, whole, "platform called");
        Ok(Answer { status, headers, body, whole, too_large, secrets })
    }
}

/// How reading a body ended.
#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    Whole,
    TooLarge,
    Broken,
}

async fn read(mut response: Response, most: usize) -> (Bytes, End) {
    let mut body = BytesMut::new();
    loop {
        match response.chunk().await {
            Ok(Some(chunk)) if body.len() + chunk.len() <= most => body.extend_from_slice(&chunk),
            Ok(None) => return (body.freeze(), End::Whole),
            Ok(Some(_)) => return (body.freeze(), End::TooLarge),
            Err(_) => return (body.freeze(), End::Broken),
        }
    }
}

/// The failure of a call that publishes nothing and may simply be made again: there is no doubt to settle.
pub fn repeatable(failure: Failure) -> Failure {
    if matches!(failure, Failure::Unconfirmed { .. }) { Failure::Unavailable } else { failure }
}

/// A base address of a platform, spelled once: its calls and the addresses of its descriptor lie below it.
#[derive(Debug, Clone, Copy)]
pub struct Base {
    /// The name under which configuration replaces it.
    pub name: &'static str,
    /// The platform's own, without a slash at its end.
    pub default: &'static str,
}

impl Base {
    /// Where it is for this registration; without a slash at the end.
    pub fn of(&self, app: &PlatformApp) -> String {
        base(app, self.name, self.default)
    }

    /// An address below it, for the descriptor; `path` begins with its slash.
    pub fn at(&self, path: &str) -> Address {
        Address { base: self.name.into(), default: self.default.into(), path: path.into() }
    }
}

/// Where an address of the descriptor is for this registration.
pub fn locate(app: &PlatformApp, address: &Address) -> String {
    format!("{}{}", base(app, &address.base, &address.default), address.path)
}

fn base(app: &PlatformApp, name: &str, default: &str) -> String {
    app.bases.get(name).map_or(default, String::as_str).trim_end_matches('/').to_owned()
}

#[cfg(test)]
mod tests;
