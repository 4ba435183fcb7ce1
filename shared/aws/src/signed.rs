//! One request to a service, signed by the SDK's own signer and sent once. For the few requests that need no client
//! (docs/decisions/0017): a client repeats what it thinks may be repeated, and what comes of an attempt is decided elsewhere.

use aws_sdk_sqs::config::Credentials;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4::SigningParams;
use aws_smithy_runtime_api::client::http::{HttpConnector, HttpConnectorSettings, SharedHttpConnector};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::byte_stream::ByteStream;
use jiff::Timestamp;
use std::sync::OnceLock;

/// Bytes of an answer that are read. The longest that is understood, the credentials of a role, has a few thousand.
const MAX_ANSWER: usize = 64 * 1024;

/// A request.
pub(crate) struct Post<'a> {
    /// The service's name, as it is signed.
    pub(crate) service: &'a str,
    /// The region, as it is signed.
    pub(crate) region: &'a str,
    /// The absolute address.
    pub(crate) address: &'a str,
    /// Headers, names in small letters.
    pub(crate) headers: &'a [(&'a str, &'a str)],
    /// The body.
    pub(crate) body: String,
}

/// An answer: its status, and the beginning of its body.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: String,
}

/// Why there was no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NoAnswer {
    /// Nothing was sent.
    Unsent(&'static str),
    /// It may have been.
    Lost(&'static str),
}

/// What sends; made when first used.
#[derive(Debug, Default)]
pub(crate) struct Signed(OnceLock<Option<SharedHttpConnector>>);

impl Signed {
    /// Signs and sends. How long it may take is the caller's affair.
    pub(crate) async fn post(
        &self,
        post: Post<'_>,
        credentials: Credentials,
        now: Timestamp,
    ) -> Result<Answer, NoAnswer> {
        let connector = self
            .0
            .get_or_init(|| aws_smithy_http_client::default_connector(&HttpConnectorSettings::default(), None))
            .as_ref()
            .ok_or(NoAnswer::Unsent("no HTTP client"))?;
        let request = request(post, credentials, now)?;
        let answer = connector.call(request).await.map_err(|_| NoAnswer::Lost("no connection, or it broke"))?;
        let status = answer.status().as_u16();
        let mut body = ByteStream::new(answer.into_body());
        let mut bytes = Vec::new();
        while bytes.len() < MAX_ANSWER {
            match body.next().await {
                Some(Ok(chunk)) => bytes.extend_from_slice(&chunk[..chunk.len().min(MAX_ANSWER - bytes.len())]),
                Some(Err(_)) => return Err(NoAnswer::Lost("the answer broke off")),
                None => break,
            }
        }
        Ok(Answer { status, body: String::from_utf8_lossy(&bytes).into_owned() })
    }
}

fn request(post: Post<'_>, credentials: Credentials, now: Timestamp) -> Result<HttpRequest, NoAnswer> {
    let unsigned = NoAnswer::Unsent("the request could not be signed");
    let identity = credentials.into();
    let params = SigningParams::builder()
        .identity(&identity)
        .region(post.region)
        .name(post.service)
        .time(now.into())
        .settings(SigningSettings::default())
        .build()
        .map_err(|_| unsigned)?
        .into();
    let body = SignableBody::Bytes(post.body.as_bytes());
    let signable = SignableRequest::new("POST", post.address, post.headers.iter().copied(), body);
    let signed = signable.and_then(|request| sign(request, &params)).map_err(|_| unsigned)?;
    let (headers, _) = signed.into_parts().0.into_parts();
    let mut request = HttpRequest::new(SdkBody::from(post.body));
    request.set_method("POST").map_err(|_| unsigned)?;
    request.set_uri(post.address.to_owned()).map_err(|_| unsigned)?;
    for (name, value) in post.headers {
        request.headers_mut().append((*name).to_owned(), (*value).to_owned());
    }
    for header in headers {
        request.headers_mut().append(header.name(), header.value().to_owned());
    }
    Ok(request)
}
