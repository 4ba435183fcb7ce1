//! Uploaded media in S3. Clients write straight to the bucket through a presigned address; only the console's form, which
//! must work without scripts, brings small pictures through a function.

use crate::Aws;
use crate::config::why;
use async_trait::async_trait;
use aws_config::SdkConfig;
use aws_sdk_s3::config::{Builder, RequestChecksumCalculation};
use aws_sdk_s3::error::SdkError;
use aws_sdk_s3::operation::get_object::GetObjectError;
use aws_sdk_s3::presigning::PresigningConfig;
use aws_sdk_s3::primitives::ByteStream;
use bytes::Bytes;
use futures_util::stream::{self, BoxStream, StreamExt};
use ports::{MediaError, Uploads};
use std::sync::Arc;
use std::time::Duration;

/// How long a browser may use the address it was given.
const UPLOAD_WINDOW: Duration = Duration::from_mins(15);
/// HTTP 416: a range of an empty object.
const RANGE_NOT_SATISFIABLE: u16 = 416;

/// [`Uploads`] over an S3 bucket.
#[derive(Debug)]
pub struct S3Uploads {
    aws: Arc<Aws>,
    bucket: String,
}

impl S3Uploads {
    /// The bucket of this name.
    pub fn new(aws: Arc<Aws>, bucket: impl Into<String>) -> Self {
        Self { aws, bucket: bucket.into() }
    }
}

/// Path-style addresses when an endpoint is configured (the local emulator has no host name per bucket). Checksums only
/// where the operation demands one: otherwise the presigned address would fix the checksum of an empty body.
pub(crate) fn client(config: &SdkConfig) -> aws_sdk_s3::Client {
    let config = Builder::from(config)
        .force_path_style(config.endpoint_url().is_some())
        .request_checksum_calculation(RequestChecksumCalculation::WhenRequired)
        .build();
    aws_sdk_s3::Client::from_conf(config)
}

fn unavailable(why: impl Into<String>) -> MediaError {
    MediaError::Unavailable(why.into())
}

#[async_trait]
impl Uploads for S3Uploads {
    /// The media type is part of the signature: the browser must send the same `Content-Type`.
    async fn presign_put(&self, object: &str, media_type: &str) -> Result<String, MediaError> {
        let window = PresigningConfig::expires_in(UPLOAD_WINDOW).map_err(|_| unavailable("no presigning"))?;
        let put = self.aws.s3().await.put_object().bucket(&self.bucket).key(object).content_type(media_type);
        let signed = put.presigned(window).await.map_err(|error| unavailable(why(&error)))?;
        Ok(signed.uri().to_owned())
    }

    async fn put(&self, object: &str, media_type: &str, bytes: Bytes) -> Result<(), MediaError> {
        let put = self.aws.s3().await.put_object().bucket(&self.bucket).key(object).content_type(media_type);
        put.body(ByteStream::from(bytes)).send().await.map(drop).map_err(|error| unavailable(why(&error)))
    }

    async fn read(
        &self,
        object: &str,
        length: Option<u32>,
    ) -> Result<(u64, BoxStream<'static, Result<Bytes, MediaError>>), MediaError> {
        let range = length.map(|n| format!("bytes=0-{}", n.max(1) - 1));
        let get = self.aws.s3().await.get_object().bucket(&self.bucket).key(object).set_range(range);
        match get.send().await {
            Ok(answer) => {
                let whole = answer.content_range.as_deref().and_then(|range| range.rsplit('/').next()?.parse().ok());
                let here = answer.content_length.and_then(|n| u64::try_from(n).ok());
                let total = whole.or(here).ok_or_else(|| unavailable("S3 did not tell the length"))?;
                Ok((total, chunks(answer.body)))
            }
            Err(error) if error.as_service_error().is_some_and(GetObjectError::is_no_such_key) => {
                Err(MediaError::Absent)
            }
            Err(SdkError::ServiceError(failed)) if failed.raw().status().as_u16() == RANGE_NOT_SATISFIABLE => {
                Ok((0, stream::empty().boxed()))
            }
            Err(error) => Err(unavailable(why(&error))),
        }
    }
}

fn chunks(body: ByteStream) -> BoxStream<'static, Result<Bytes, MediaError>> {
    stream::unfold(Some(body), async |body| {
        let mut body = body?;
        match body.next().await? {
            Ok(chunk) => Some((Ok(chunk), Some(body))),
            // What a broken connection left is not the object: the stream ends with the error.
            Err(_) => Some((Err(unavailable("the bytes stopped coming")), None)),
        }
    })
    .boxed()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::loopback::{Answer, Loopback};

    async fn collect(stream: BoxStream<'static, Result<Bytes, MediaError>>) -> Vec<u8> {
        stream.map(|chunk| chunk.unwrap().to_vec()).concat().await
    }

    async fn bucket() -> (Loopback, S3Uploads) {
        let server = Loopback::start(|request| match (request.line.as_str(), request.header("range")) {
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
                Answer { status: 206, headers: vec![("content-range", "bytes 0-3/10".into())], body: "0123".into() }
            }
            _ => Answer { status: 200, headers: Vec::new(), body: "0123456789".into() },
        })
        .await;
        let uploads = S3Uploads::new(server.aws().await, "media");
        (server, uploads)
    }

    #[tokio::test]
    async fn an_object_is_read_whole_or_from_its_beginning_with_its_full_length() {
        let (_server, uploads) = bucket().await;
        let (length, stream) = uploads.read("t/m", None).await.unwrap();
        assert_eq!((length, collect(stream).await), (10, b"0123456789".to_vec()));
        let (length, stream) = uploads.read("t/m", Some(4)).await.unwrap();
        assert_eq!((length, collect(stream).await), (10, b"0123".to_vec()));
        let (length, stream) = uploads.read("t/empty", Some(4)).await.unwrap();
        assert_eq!((length, collect(stream).await), (0, Vec::new()));
        assert_eq!(uploads.read("t/absent", None).await.err(), Some(MediaError::Absent));
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
}
