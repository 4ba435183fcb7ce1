#![allow(clippy::unwrap_used)]

use super::*;
use crate::egress::Guard;
use crate::script::{Script, answer};
use domain::publishing::Probe;
use domain::{MediaId, MemberId, TenantId};
use ports::Object;
use secrecy::ExposeSecret as _;
use uuid::Uuid;

/// A bucket that holds one object, in this version.
struct Bucket(&'static [u8], &'static str);

#[async_trait]
impl Uploads for Bucket {
    async fn presign_put(&self, _: &str, _: &str) -> Result<String, MediaError> {
        Err(MediaError::Absent)
    }
    async fn presign_get(&self, object: &str) -> Result<SecretString, MediaError> {
        Ok(format!("https://bucket.example/{object}?signed").into())
    }
    async fn read(&self, _: &str, length: Option<u32>) -> Result<Object, MediaError> {
        let most = length.map_or(self.0.len(), |n| self.0.len().min(n as usize));
        let pieces: Vec<_> = self.0[..most].chunks(3).map(|piece| Ok(Bytes::from_static(piece))).collect();
        let (length, version) = (self.0.len() as u64, Some(self.1.to_owned()));
        Ok(Object { length, version, stream: futures_util::stream::iter(pieces).boxed() })
    }
}

fn medium(source: MediaSource) -> Media {
    Media {
        id: MediaId::from_uuid(Uuid::nil()),
        tenant: TenantId::from_uuid(Uuid::nil()),
        created_by: MemberId::from_uuid(Uuid::nil()),
        created_at: "2026-01-01T00:00:00Z".parse().unwrap(),
        source,
        probe: None,
        alt_text: None,
    }
}

fn reader() -> Reader {
    Reader::new(Egress::new(Guard::new(true)), Arc::new(Bucket(b"0123456789", "v1")))
}

fn peeked(head: &'static [u8], length: u64, version: Option<&str>) -> Peek {
    let version = version.map(str::to_owned);
    Peek { head: Bytes::from_static(head), length: Some(length), version }
}

async fn all(bytes: MediaBytes) -> Result<Vec<u8>, MediaError> {
    let pieces: Vec<_> = bytes.stream.collect().await;
    pieces.into_iter().try_fold(Vec::new(), |all, piece| Ok([all, piece?.to_vec()].concat()))
}

#[tokio::test]
async fn an_upload_is_peeked_and_read_with_its_length() {
    let medium = medium(MediaSource::Upload { object: "o".into() });
    assert_eq!(reader().peek(&medium, 4).await, Ok(peeked(b"0123", 10, Some("v1"))));
    let whole = reader().open(&medium).await.unwrap();
    assert_eq!(whole.length, Some(10));
    assert_eq!(all(whole).await.unwrap(), b"0123456789");
}

#[tokio::test]
async fn an_upload_that_was_replaced_after_it_was_looked_at_is_not_read() {
    let mut medium = medium(MediaSource::Upload { object: "o".into() });
    for (version, readable) in [(Some("v1"), true), (Some("v0"), false), (None, true)] {
        let version = version.map(str::to_owned);
        medium.probe = Some(Probe { version, ..Probe::picture("image/png", 10, 1, 1) });
        let found = reader().open(&medium).await.err();
        assert_eq!(found, (!readable).then_some(MediaError::Changed));
    }
    assert!(matches!(media_failure(&MediaError::Changed), Failure::Rejected { code, .. } if code == "media_changed"));
}

#[tokio::test]
async fn an_address_is_peeked_by_range_or_by_reading_the_beginning() {
    let part = answer("206 Partial Content", "content-range: bytes 0-3/999\r\n", b"abcd");
    let whole = answer("200 OK", "content-type: image/png\r\n", b"abcdefgh");
    let server = Script::start(vec![part, whole.clone(), whole]).await;
    let medium = medium(MediaSource::Url { url: server.url("/p.png") });
    assert_eq!(reader().peek(&medium, 4).await, Ok(peeked(b"abcd", 999, None)));
    assert!(server.seen()[0].to_ascii_lowercase().contains("range: bytes=0-3"));
    assert_eq!(reader().peek(&medium, 4).await, Ok(peeked(b"abcd", 8, None)));
    let bytes = reader().open(&medium).await.unwrap();
    assert_eq!((bytes.length, bytes.media_type.as_deref()), (Some(8), Some("image/png")));
    assert_eq!(all(bytes).await.unwrap(), b"abcdefgh");
}

#[tokio::test]
async fn an_address_without_a_picture_says_why() {
    let huge = b"HTTP/1.1 200 OK\r\ncontent-length: 99999999999\r\n\r\nabc".to_vec();
    let server = Script::start(vec![
        answer("404 Not Found", "", b""),
        answer("500 Broken", "", b""),
        huge,
        b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\nconnection: close\r\n\r\nabc".to_vec(),
    ])
    .await;
    let medium = medium(MediaSource::Url { url: server.url("/p.png") });
    assert_eq!(reader().peek(&medium, 4).await, Err(MediaError::Absent));
    assert!(matches!(reader().peek(&medium, 4).await, Err(MediaError::Unavailable(_))));
    assert_eq!(reader().open(&medium).await.err(), Some(MediaError::TooLarge(MAX_MEDIA_BYTES)));
    let cut = reader().open(&medium).await.unwrap();
    assert!(matches!(all(cut).await, Err(MediaError::Unavailable(_))));
}

#[tokio::test]
async fn a_stream_without_end_is_cut_at_the_bound() {
    let piece = Bytes::from(vec![0_u8; 1024 * 1024]);
    let endless = futures_util::stream::repeat(Ok(piece)).boxed();
    let pieces: Vec<_> = bounded(endless).collect().await;
    assert_eq!(pieces.len(), 65);
    assert_eq!(pieces.last(), Some(&Err(MediaError::TooLarge(MAX_MEDIA_BYTES))));
}

#[tokio::test]
async fn a_platform_gets_the_mediums_own_address_or_a_signed_one_and_never_that_of_a_changed_or_private_one() {
    let version = |version: &str| {
        let probe = Probe { version: Some(version.into()), ..Probe::picture("image/jpeg", 10, 1, 1) };
        Media { probe: Some(probe), ..medium(MediaSource::Upload { object: "t/m".into() }) }
    };
    let address =
        async |media: &Media| reader().public_address(media).await.map(|address| address.expose_secret().to_owned());
    assert_eq!(address(&version("v1")).await, Ok("https://bucket.example/t/m?signed".into()));
    assert_eq!(address(&version("v0")).await, Err(MediaError::Changed));
    let theirs = |url: &str| medium(MediaSource::Url { url: url.into() });
    let public = "https://example.com/a.jpg?b=c";
    assert_eq!(address(&theirs(public)).await, Ok(public.into()));
    let guarded = Reader::new(Egress::new(Guard::new(false)), Arc::new(Bucket(b"", "v1")));
    for private in ["http://example.com/a.jpg", "https://127.0.0.1/a.jpg", "https://me@example.com/a.jpg"] {
        let refused = guarded.public_address(&theirs(private)).await.map(drop);
        assert_eq!(refused, Err(MediaError::NotAllowed(ports::UrlNotAllowed)), "{private}");
    }
}
