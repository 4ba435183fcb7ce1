//! Uploaded media in S3. Clients write straight to the bucket through a presigned address; only the console's form, which
//! must work without scripts, brings small pictures through a function.
//!
//! A few kinds of request, signed by the SDK's own signer. The S3 client itself would add more than a tenth to every function
//! (docs/decisions/0017): checksums of algorithms and rules of endpoints that nothing here asks for.

use crate::{Aws, SystemClock};
use async_trait::async_trait;
use aws_config::SdkConfig;
use aws_sdk_sqs::config::ProvideCredentials;
use aws_sigv4::http_request::{
    PayloadChecksumKind, PercentEncodingMode, SignableBody, SignableRequest, SignatureLocation, SigningInstructions,
    SigningSettings, UriPathNormalizationMode, sign,
};
use aws_sigv4::sign::v4::SigningParams;
use aws_smithy_runtime_api::client::http::{HttpConnector, HttpConnectorSettings, SharedHttpConnector};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::byte_stream::ByteStream;
use bytes::Bytes;
use domain::publishing::Piece;
use futures_util::stream::{self, BoxStream, StreamExt};
use ports::{Clock, MediaError, Object, Uploads};
use secrecy::SecretString;
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use tokio::time::timeout;

/// How long a browser may use the address it was given.
const UPLOAD_WINDOW: Duration = Duration::from_mins(15);
/// How long whoever is given the address of an object may read it. (Credentials of a role that end sooner end it sooner.)
const READ_WINDOW: Duration = Duration::from_hours(1);
/// Time for an answer to begin, and for each piece of its body to come.
const ANSWER: Duration = Duration::from_secs(5);
/// Time for a picture to be stored.
const STORE: Duration = Duration::from_secs(12);
/// S3's words about an error are a few hundred bytes.
const MAX_ERROR: usize = 16 * 1024;
/// HTTP 412: the object has another entity tag than the request names.
const PRECONDITION_FAILED: u16 = 412;
/// HTTP 416: a range of an empty object.
const RANGE_NOT_SATISFIABLE: u16 = 416;

/// [`Uploads`] over an S3 bucket.
#[derive(Debug)]
pub struct S3Uploads {
    aws: Arc<Aws>,
    bucket: String,
    connector: OnceLock<Option<SharedHttpConnector>>,
}

impl S3Uploads {
    /// The bucket of this name.
    pub fn new(aws: Arc<Aws>, bucket: impl Into<String>) -> Self {
        Self { aws, bucket: bucket.into(), connector: OnceLock::new() }
    }

    /// Below the bucket's own host name; path-style when an endpoint is configured (the local emulator has no host name
    /// per bucket).
    fn address(&self, config: &SdkConfig, object: &str) -> Result<String, MediaError> {
        // Our own keys: ids and slashes. Anything else would have to be encoded, and signed as it was encoded.
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte);
        if !object.bytes().all(plain) {
            return Err(unavailable("an object's key has characters that keys do not have"));
        }
        if let Some(endpoint) = config.endpoint_url() {
            return Ok(format!("{}/{}/{object}", endpoint.trim_end_matches('/'), self.bucket));
        }
        let region = region(config)?;
        let suffix = if region.starts_with("cn-") { "amazonaws.com.cn" } else { "amazonaws.com" };
        Ok(format!("https://{}.s3.{region}.{suffix}/{object}", self.bucket))
    }

    async fn signed(
        &self,
        method: &str,
        address: &str,
        headers: &[(&str, &str)],
        settings: SigningSettings,
    ) -> Result<SigningInstructions, MediaError> {
        let config = self.aws.config().await;
        let provider = config.credentials_provider().ok_or_else(|| unavailable("no credentials"))?;
        let identity = provider.provide_credentials().await.map_err(|_| unavailable("no credentials"))?.into();
        let params = SigningParams::builder()
            .identity(&identity)
            .region(region(config)?)
            .name("s3")
            .time(SystemClock.now().into())
            .settings(settings)
            .build()
            .map_err(|_| unavailable("nothing to sign with"))?
            .into();
        let what = SignableRequest::new(method, address, headers.iter().copied(), SignableBody::UnsignedPayload);
        let signed = what.and_then(|request| sign(request, &params));
        Ok(signed.map_err(|_| unavailable("the request cannot be signed"))?.into_parts().0)
    }

    /// An address that carries its signature in its query.
    async fn presigned(
        &self,
        method: &str,
        object: &str,
        headers: &[(&str, &str)],
        window: Duration,
    ) -> Result<String, MediaError> {
        let address = self.address(self.aws.config().await, object)?;
        let mut settings = settings();
        settings.signature_location = SignatureLocation::QueryParams;
        settings.payload_checksum_kind = PayloadChecksumKind::NoHeader;
        settings.expires_in = Some(window);
        let (_, params) = self.signed(method, &address, headers, settings).await?.into_parts();
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(params);
        Ok(format!("{address}?{}", query.finish()))
    }

    /// Sends a signed request, once.
    async fn send(
        &self,
        method: &str,
        object: &str,
        headers: &[(&str, &str)],
        body: SdkBody,
        wait: Duration,
    ) -> Result<HttpResponse, MediaError> {
        let address = self.address(self.aws.config().await, object)?;
        let signature = self.signed(method, &address, headers, settings()).await?;
        let mut request = HttpRequest::new(body);
        let bad = |_| unavailable("the request could not be built");
        request.set_method(method).map_err(bad)?;
        request.set_uri(address).map_err(bad)?;
        let (signed, _) = signature.into_parts();
        for (name, value) in headers {
            request.headers_mut().append((*name).to_owned(), (*value).to_owned());
        }
        for header in signed {
            request.headers_mut().append(header.name(), header.value().to_owned());
        }
        let connector = self
            .connector
            .get_or_init(|| aws_smithy_http_client::default_connector(&HttpConnectorSettings::default(), None));
        let connector = connector.as_ref().ok_or_else(|| unavailable("no HTTP client"))?;
        let answer = timeout(wait, connector.call(request)).await.map_err(|_| unavailable("no answer in time"))?;
        answer.map_err(|_| unavailable("no connection"))
    }
}

/// S3 takes a path as it is, and wants the payload named in a header.
fn settings() -> SigningSettings {
    let mut settings = SigningSettings::default();
    settings.percent_encoding_mode = PercentEncodingMode::Single;
    settings.uri_path_normalization_mode = UriPathNormalizationMode::Disabled;
    settings.payload_checksum_kind = PayloadChecksumKind::XAmzSha256;
    settings
}

fn region(config: &SdkConfig) -> Result<&str, MediaError> {
    config.region().map(AsRef::as_ref).ok_or_else(|| unavailable("no region"))
}

fn unavailable(why: impl Into<String>) -> MediaError {
    MediaError::Unavailable(why.into())
}

#[async_trait]
impl Uploads for S3Uploads {
    /// The media type is part of the signature: the browser must send the same `Content-Type`.
    async fn presign_put(&self, object: &str, media_type: &str) -> Result<String, MediaError> {
        self.presigned("PUT", object, &[("content-type", media_type)], UPLOAD_WINDOW).await
    }

    async fn presign_get(&self, object: &str) -> Result<SecretString, MediaError> {
        Ok(self.presigned("GET", object, &[], READ_WINDOW).await?.into())
    }

    async fn origin(&self) -> Option<String> {
        let address = self.address(self.aws.config().await, "").ok()?;
        let (scheme, rest) = address.split_once("://")?;
        Some(format!("{scheme}://{}", rest.split('/').next()?))
    }

    async fn put(&self, object: &str, media_type: &str, bytes: Bytes) -> Result<(), MediaError> {
        let length = bytes.len().to_string();
        let headers = [("content-type", media_type), ("content-length", length.as_str())];
        let answer = self.send("PUT", object, &headers, SdkBody::from(bytes), STORE).await?;
        if answer.status().is_success() { Ok(()) } else { Err(unavailable(code(answer).await)) }
    }

    async fn read(&self, object: &str, piece: Option<Piece>, version: Option<&str>) -> Result<Object, MediaError> {
        // A range names its last byte.
        let range = piece.map(|piece| format!("bytes={}-{}", piece.offset, piece.offset + piece.length.max(1) - 1));
        let range = range.as_deref().map(|range| ("range", range));
        let headers: Vec<(&str, &str)> = range.into_iter().chain(version.map(|tag| ("if-match", tag))).collect();
        let answer = self.send("GET", object, &headers, SdkBody::empty(), ANSWER).await?;
        match answer.status().as_u16() {
            200 | 206 => {
                let whole =
                    answer.headers().get("content-range").and_then(|range| range.rsplit('/').next()?.parse().ok());
                let here = answer.headers().get("content-length").and_then(|length| length.parse().ok());
                let length = whole.or(here).ok_or_else(|| unavailable("S3 did not tell the length"))?;
                let found = answer.headers().get("etag").map(str::to_owned);
                // The condition is the bucket's to keep; what it says of the bytes it sends is looked at all the same.
                if version.is_some() && version != found.as_deref() {
                    return Err(MediaError::Changed);
                }
                Ok(Object { length, version: found, stream: chunks(ByteStream::new(answer.into_body())) })
            }
            PRECONDITION_FAILED => Err(MediaError::Changed),
            RANGE_NOT_SATISFIABLE => Ok(Object { length: 0, version: None, stream: stream::empty().boxed() }),
            _ => match code(answer).await {
                code if code == "NoSuchKey" => Err(MediaError::Absent),
                code => Err(unavailable(code)),
            },
        }
    }
}

/// S3's code for an error, never its message, which may name resources.
async fn code(answer: HttpResponse) -> String {
    let status = answer.status().as_u16();
    let mut body = chunks(ByteStream::new(answer.into_body()));
    let mut text = Vec::new();
    while let Some(Ok(chunk)) = body.next().await {
        text.extend_from_slice(&chunk);
        if text.len() > MAX_ERROR {
            break;
        }
    }
    let text = String::from_utf8_lossy(&text);
    let code = text.split_once("<Code>").and_then(|(_, rest)| rest.split_once("</Code>")).map(|(code, _)| code);
    match code.filter(|code| code.len() < 64 && code.bytes().all(|byte| byte.is_ascii_alphanumeric())) {
        Some(code) => code.to_owned(),
        None => format!("HTTP {status}"),
    }
}

fn chunks(body: ByteStream) -> BoxStream<'static, Result<Bytes, MediaError>> {
    stream::unfold(Some(body), async |body| {
        let mut body = body?;
        match timeout(ANSWER, body.next()).await {
            Ok(None) => None,
            Ok(Some(Ok(chunk))) => Some((Ok(chunk), Some(body))),
            // What a broken or stalled connection left is not the object: the stream ends with the error.
            Ok(Some(Err(_))) | Err(_) => Some((Err(unavailable("the bytes stopped coming")), None)),
        }
    })
    .boxed()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::loopback::{Answer, Loopback};
    use secrecy::ExposeSecret as _;

    async fn collect(stream: BoxStream<'static, Result<Bytes, MediaError>>) -> Vec<u8> {
        stream.map(|chunk| chunk.unwrap().to_vec()).concat().await
    }

    fn first(length: u64) -> Piece {
        Piece { offset: 0, length }
    }

    async fn bucket() -> (Loopback, S3Uploads) {
        let server = Loopback::start(|request| match (request.line.as_str(), request.header("range")) {
            _ if request.header("if-match").is_some_and(|tag| tag != "\"v1\"") => Answer {
                status: 412,
                headers: vec![("content-type", "application/xml".into())],
                body: "<Error><Code>PreconditionFailed</Code></Error>".into(),
            },
            (line, _) if line.contains("/absent") => Answer {
                status: 404,
                headers: vec![("content-type", "application/xml".into())],
                body: "<Error><Code>NoSuchKey</Code><Message>m</Message></Error>".into(),
            },
            (line, Some(_)) if line.contains("/empty") => Answer {
                status: 416,
                headers: vec![("content-type", "application/xml".into())],
                body: "<Error><Code>InvalidRange</Code></Error>".into(),
            },
            (_, Some("bytes=0-3")) => {
                let headers = vec![("content-range", "bytes 0-3/10".into()), ("etag", "\"v1\"".into())];
                Answer { status: 206, headers, body: "0123".into() }
            }
            (_, Some("bytes=4-6")) => {
                let headers = vec![("content-range", "bytes 4-6/10".into()), ("etag", "\"v1\"".into())];
                Answer { status: 206, headers, body: "456".into() }
            }
            _ => Answer { status: 200, headers: Vec::new(), body: "0123456789".into() },
        })
        .await;
        let uploads = S3Uploads::new(server.aws().await, "media");
        (server, uploads)
    }

    #[tokio::test]
    async fn the_origin_is_where_the_presigned_addresses_lead() {
        let (_server, uploads) = bucket().await;
        let origin = uploads.origin().await.unwrap();
        let address = uploads.presign_put("t/m", "image/png").await.unwrap();
        assert!(address.strip_prefix(&origin).unwrap().starts_with("/media/t/m?"), "{origin} {address}");
    }

    #[tokio::test]
    async fn an_object_is_read_whole_or_from_its_beginning_with_its_full_length_and_version() {
        let (_server, uploads) = bucket().await;
        let whole = uploads.read("t/m", None, None).await.unwrap();
        assert_eq!((whole.length, collect(whole.stream).await), (10, b"0123456789".to_vec()));
        let part = uploads.read("t/m", Some(first(4)), None).await.unwrap();
        assert_eq!((part.length, part.version.as_deref()), (10, Some("\"v1\"")));
        assert_eq!(collect(part.stream).await, b"0123");
        let empty = uploads.read("t/empty", Some(first(4)), None).await.unwrap();
        assert_eq!((empty.length, collect(empty.stream).await), (0, Vec::new()));
        assert_eq!(uploads.read("t/absent", None, None).await.err(), Some(MediaError::Absent));
    }

    #[tokio::test]
    async fn a_piece_is_read_of_the_version_that_is_named_and_of_no_other() {
        let (server, uploads) = bucket().await;
        let piece = Some(Piece { offset: 4, length: 3 });
        let found = uploads.read("t/m", piece, Some("\"v1\"")).await.unwrap();
        assert_eq!((found.length, collect(found.stream).await), (10, b"456".to_vec()));
        let seen = server.requests();
        let asked = seen.last().unwrap();
        assert_eq!((asked.header("range"), asked.header("if-match")), (Some("bytes=4-6"), Some("\"v1\"")));
        assert_eq!(uploads.read("t/m", piece, Some("\"v0\"")).await.err(), Some(MediaError::Changed));
        // A bucket that does not tell which version it sends does not prove that it is the one.
        assert_eq!(uploads.read("t/m", None, Some("\"v1\"")).await.err(), Some(MediaError::Changed));
    }

    #[tokio::test]
    async fn bytes_are_put_under_their_key_with_their_type() {
        let (server, uploads) = bucket().await;
        uploads.put("t/m", "image/png", Bytes::from_static(b"0123")).await.unwrap();
        let seen = server.requests();
        let put = seen.last().unwrap();
        assert!(put.line.starts_with("PUT /media/t/m"), "{}", put.line);
        assert_eq!((put.header("content-type"), put.body.as_str()), (Some("image/png"), "0123"));
    }

    #[tokio::test]
    async fn a_presigned_address_is_path_style_signs_the_type_and_lives_a_quarter_of_an_hour() {
        let (server, uploads) = bucket().await;
        let url = uploads.presign_put("t/m", "image/png").await.unwrap();
        assert!(url.starts_with(&format!("{}/media/t/m?", server.url)), "{url}");
        assert!(url.contains("X-Amz-Expires=900") && url.contains("content-type"), "{url}");
        assert!(!url.contains("checksum"), "{url}");
    }

    #[tokio::test]
    async fn an_address_to_read_from_is_signed_for_its_object_alone_and_lives_an_hour() {
        let (server, uploads) = bucket().await;
        let url = uploads.presign_get("t/m").await.unwrap().expose_secret().to_owned();
        assert!(url.starts_with(&format!("{}/media/t/m?", server.url)), "{url}");
        assert!(url.contains("X-Amz-Expires=3600") && url.contains("X-Amz-SignedHeaders=host&"), "{url}");
        let signature = |url: &str| url.split("X-Amz-Signature=").nth(1).unwrap().to_owned();
        let other = uploads.presign_get("t/n").await.unwrap().expose_secret().to_owned();
        assert_ne!(signature(&url), signature(&other));
        assert!(uploads.presign_get("t/m n").await.is_err(), "a key that would have to be encoded");
    }
}
