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
    async fn read(&self, _: &str, piece: Option<Piece>, version: Option<&str>) -> Result<Object, MediaError> {
        if version.is_some_and(|version| version != self.1) {
            return Err(MediaError::Changed);
        }
        let at = |n: u64| usize::try_from(n).unwrap().min(self.0.len());
        let (from, to) = piece.map_or((0, self.0.len()), |p| (at(p.offset), at(p.offset + p.length)));
        let pieces: Vec<_> = self.0[from..to].chunks(3).map(|piece| Ok(Bytes::from_static(piece))).collect();
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

#[test]
fn a_file_is_called_by_its_kind_and_by_the_ending_that_programs_know() {
    for (media_type, name) in [
        ("image/jpeg", "picture0.jpeg"),
        ("video/mp4", "video0.mp4"),
        ("video/quicktime", "video0.mov"),
        ("application/pdf", "document0.pdf"),
    ] {
        assert_eq!(file_name(0, &Probe::picture(media_type, 1, 1, 1), None), name);
    }
}

#[test]
fn a_document_is_called_by_its_title_and_nothing_in_it_ends_a_header_or_a_path() {
    let paper = Probe::picture("application/pdf", 1, 0, 0);
    for (title, name) in [
        ("Menu of May", "Menu of May.pdf"),
        ("Menu.PDF", "Menu.pdf"),
        ("Speisekarte für 2 (neu)", "Speisekarte für 2 (neu).pdf"),
        ("../..\\a/b\r\nX: \"y\";z", "a b X y z.pdf"),
        (" . ", "document1.pdf"),
        ("", "document1.pdf"),
    ] {
        assert_eq!(file_name(1, &paper, Some(title)), name, "{title:?}");
    }
    assert_eq!(file_name(1, &paper, Some(&"é".repeat(99))), format!("{}.pdf", "é".repeat(60)));
    assert_eq!(file_name(1, &Probe::picture("image/png", 1, 1, 1), Some("x")), "picture1.png");
}

#[tokio::test]
async fn a_piece_of_an_upload_is_read_to_its_last_byte_and_only_of_the_version_that_was_looked_at() {
    let medium = medium(MediaSource::Upload { object: "o".into() });
    let read = async |offset, length, version| reader().piece(&medium, Piece { offset, length }, version).await;
    assert_eq!(read(4, 5, Some("v1")).await, Ok(Bytes::from_static(b"45678")));
    assert_eq!(read(0, 10, None).await, Ok(Bytes::from_static(b"0123456789")));
    assert_eq!(read(4, 5, Some("v0")).await, Err(MediaError::Changed));
    assert_eq!(read(8, 5, Some("v1")).await, Err(unfinished()), "what is cut off is no piece");
    assert_eq!(read(0, MAX_PIECE + 1, None).await, Err(MediaError::TooLarge(MAX_PIECE)));
}

#[tokio::test]
async fn a_piece_by_address_is_that_piece_of_a_medium_of_the_same_size_or_an_error() {
    let part = |range: &str, body: &'static [u8]| {
        answer("206 Partial Content", &format!("content-range: bytes {range}\r\n"), body)
    };
    let server = Script::start(vec![
        part("4-6/10", b"456"),
        answer("200 OK", "", b"0123456789"),
        part("0-2/10", b"012"),
        part("4-6/11", b"456"),
        part("4-6/10", b"45"),
    ])
    .await;
    let probe = Some(Probe::picture("video/mp4", 10, 1, 1));
    let medium = Media { probe, ..medium(MediaSource::Url { url: server.url("/v.mp4") }) };
    let read = async || reader().piece(&medium, Piece { offset: 4, length: 3 }, None).await;
    assert_eq!(read().await, Ok(Bytes::from_static(b"456")));
    assert!(server.seen()[0].to_ascii_lowercase().contains("range: bytes=4-6"));
    for why in ["the whole", "another piece"] {
        assert!(matches!(read().await, Err(MediaError::Unavailable(told)) if told.contains("upload it")), "{why}");
    }
    assert_eq!(read().await, Err(MediaError::Changed), "it has another size now");
    assert_eq!(read().await, Err(unfinished()));
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

/// An answer of these bytes whose length nobody tells.
fn chunked(body: &[u8]) -> Vec<u8> {
    let head = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\nconnection: close\r\n\r\n".to_vec();
    let chunk = |piece: &[u8]| [format!("{:x}\r\n", piece.len()).as_bytes(), piece, b"\r\n"].concat();
    [head, body.chunks(1_000).flat_map(chunk).collect(), b"0\r\n\r\n".to_vec()].concat()
}

#[tokio::test]
async fn how_large_a_medium_is_that_does_not_tell_is_known_only_where_it_ended() {
    let n: u32 = 64 * 1024;
    let whole = |bytes: usize| chunked(&vec![b'a'; bytes]);
    let part = |range: &str, bytes: usize| {
        answer("206 Partial Content", &format!("content-range: bytes {range}\r\n"), &vec![b'a'; bytes])
    };
    for (told, length) in [
        (whole(70_000), None),
        (whole(65_536), None),
        (whole(65_535), Some(65_535)),
        (part("0-65535/*", 65_536), None),
        (part("0-9/*", 10), None),
        (part("0-65535/70000", 65_536), Some(70_000)),
    ] {
        let server = Script::start(vec![told]).await;
        let medium = medium(MediaSource::Url { url: server.url("/p.png") });
        assert_eq!(reader().peek(&medium, n).await.unwrap().length, length);
    }
}

#[tokio::test]
async fn what_is_longer_or_shorter_than_it_was_when_it_was_looked_at_is_not_read_to_its_end() {
    for (bytes, same) in [(70_001, false), (70_000, true), (69_999, false), (140_000, false)] {
        let server = Script::start(vec![chunked(&vec![b'a'; bytes])]).await;
        let probe = Some(Probe::picture("image/png", 70_000, 1, 1));
        let medium = Media { probe, ..medium(MediaSource::Url { url: server.url("/p.png") }) };
        let opened = reader().open(&medium).await.unwrap();
        assert_eq!(opened.length, None);
        let read = all(opened).await.map(|read| read.len());
        assert_eq!(read, if same { Ok(70_000) } else { Err(MediaError::Changed) }, "{bytes}");
    }
    let server = Script::start(vec![answer("200 OK", "", b"0123456789")]).await;
    let probe = Some(Probe::picture("image/png", 9, 1, 1));
    let medium = Media { probe, ..medium(MediaSource::Url { url: server.url("/p.png") }) };
    assert_eq!(reader().open(&medium).await.err(), Some(MediaError::Changed), "its length is told");
}

#[tokio::test]
async fn an_upload_of_more_or_fewer_bytes_than_were_looked_at_fails_and_is_not_cut_to_them() {
    let http = crate::http::Http::new(Egress::new(Guard::new(true)));
    for (pieces, sent) in [
        (vec!["01234", "56789"], true),
        (vec!["01234", "56789", "", "x"], false),
        (vec!["01234", "56789x"], false),
        (vec!["01234", "5678"], false),
        (vec!["", "01234", "", "56789", ""], true),
    ] {
        let server = Script::json("{}").await;
        let stream = futures_util::stream::iter(pieces.clone()).map(|piece| Ok(Bytes::from_static(piece.as_bytes())));
        let stream = exactly(stream.boxed(), 10);
        let call = crate::http::Call::put(server.url("/")).stream("application/octet-stream", 10, stream);
        assert_eq!(http.call(call).await.is_ok(), sent, "{pieces:?}");
    }
}
