#![allow(clippy::unwrap_used)]

use super::*;
use crate::fakes::{FakeClock, World};
use async_trait::async_trait;
use bytes::Bytes;
use domain::publishing::{MediaKind, SUBRIP};
use domain::{MediaId, MemberId, TenantId};
use ports::{MediaBytes, MediaReader, Peek};
use std::sync::{Arc, Mutex};
use uuid::Uuid;

fn boxed(name: [u8; 4], inner: &[u8]) -> Vec<u8> {
    let length = u32::try_from(inner.len() + 8).unwrap();
    [&length.to_be_bytes(), name.as_slice(), inner].concat()
}

fn ftyp(brand: [u8; 4]) -> Vec<u8> {
    boxed(*b"ftyp", &[brand.as_slice(), &[0; 4], b"isom"].concat())
}

/// The index of a film of 640 × 360 that plays three seconds, coded as H.264.
fn moov() -> Vec<u8> {
    let be = |numbers: &[u32]| numbers.iter().flat_map(|n| n.to_be_bytes()).collect::<Vec<u8>>();
    let mvhd = boxed(*b"mvhd", &[be(&[0, 9, 9, 1_000, 3_000]), vec![0; 80]].concat());
    let matrix = be(&[0x1_0000, 0, 0, 0, 0x1_0000, 0, 0, 0, 0x4000_0000]);
    let head = [be(&[7, 9, 9, 1, 0, 3_000]), vec![0; 16], matrix, be(&[640 << 16, 360 << 16])].concat();
    let entry = boxed(*b"avc1", &[[0; 24].as_slice(), &[2, 128, 1, 104], &[0; 50]].concat());
    let stsd = boxed(*b"stsd", &[be(&[0, 1]), entry].concat());
    let hdlr = boxed(*b"hdlr", &[&[0; 8], b"vide".as_slice(), &[0; 13]].concat());
    let minf = boxed(*b"minf", &boxed(*b"stbl", &stsd));
    let trak = boxed(*b"trak", &[boxed(*b"tkhd", &head), boxed(*b"mdia", &[hdlr, minf].concat())].concat());
    boxed(*b"moov", &[mvhd, trak].concat())
}

/// A film whose pictures take so many bytes, in front of its index.
fn film(pictures: usize) -> Vec<u8> {
    [ftyp(*b"isom"), boxed(*b"mdat", &vec![7; pictures]), moov()].concat()
}

/// Where one file lies, in versions that follow each other: a version is replaced after so many reads.
struct Shelf {
    file: Vec<u8>,
    replaced_after: usize,
    /// Whether its size is told.
    told: bool,
    /// How long each read takes.
    slow_s: i64,
    clock: Arc<FakeClock>,
    read: Mutex<Vec<Piece>>,
}

#[async_trait]
impl MediaReader for Shelf {
    async fn open(&self, _: &Media) -> Result<MediaBytes, MediaError> {
        Err(MediaError::Absent)
    }
    async fn peek(&self, _: &Media, n: u32) -> Result<Peek, MediaError> {
        let most = self.file.len().min(n as usize);
        let head = Bytes::copy_from_slice(&self.file[..most]);
        let length = self.told.then_some(self.file.len() as u64);
        Ok(Peek { head, length, version: Some("v1".into()) })
    }
    async fn piece(&self, _: &Media, piece: Piece, version: Option<&str>) -> Result<Bytes, MediaError> {
        assert_eq!(version, Some("v1"), "the version of the beginning is asked for");
        self.clock.pass(self.slow_s);
        let mut read = self.read.lock().unwrap();
        if read.len() >= self.replaced_after {
            return Err(MediaError::Changed);
        }
        read.push(piece);
        let end = usize::try_from(piece.offset + piece.length).unwrap();
        Ok(Bytes::copy_from_slice(&self.file[usize::try_from(piece.offset).unwrap()..end]))
    }
}

/// The shelf's file, looked into; and what was read of it behind its beginning.
async fn probed(shelf: impl FnOnce(Arc<FakeClock>) -> Shelf) -> (Result<Probe, Unread>, Vec<Piece>) {
    probed_at(MediaSource::Upload { object: "t/m".into() }, shelf).await
}

async fn probed_at(
    source: MediaSource,
    shelf: impl FnOnce(Arc<FakeClock>) -> Shelf,
) -> (Result<Probe, Unread>, Vec<Piece>) {
    let mut world = World::new();
    let shelf = Arc::new(shelf(world.clock.clone()));
    world.deps.media = shelf.clone();
    let medium = Media {
        id: MediaId::from_uuid(Uuid::nil()),
        tenant: TenantId::from_uuid(Uuid::nil()),
        created_by: MemberId::from_uuid(Uuid::nil()),
        created_at: world.deps.clock.now(),
        source,
        probe: None,
        alt_text: None,
    };
    let result = probe(&world.deps, &medium).await;
    let read = shelf.read.lock().unwrap().clone();
    (result, read)
}

fn lying(file: Vec<u8>) -> impl FnOnce(Arc<FakeClock>) -> Shelf {
    |clock| Shelf { file, replaced_after: usize::MAX, told: true, slow_s: 0, clock, read: Mutex::default() }
}

fn seen(bytes: &[u8]) -> Option<(String, u32, u32)> {
    of_whole(bytes).ok().map(|p| (p.media_type, p.width, p.height))
}

#[test]
fn a_picture_and_a_document_are_told_by_their_bytes() {
    assert_eq!(seen(b"%PDF-1.7\n"), Some(("application/pdf".into(), 0, 0)));
    let png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x02\x80\0\0\x01\xe0\x08\x02\0\0\0";
    assert_eq!(seen(png), Some(("image/png".into(), 640, 480)));
    assert_eq!(seen(b"GIF89a\x40\x01\xf0\x00\xf7\0\0"), Some(("image/gif".into(), 320, 240)));
    let jpeg = b"\xff\xd8\xff\xe0\0\x10JFIF\0\x01\x01\0\0\x01\0\x01\0\0\xff\xc0\0\x11\x08\0\x64\0\xc8\x03\x01\x22\0\x02\x11\x01\x03\x11\x01\xff\xd9";
    assert_eq!(seen(jpeg), Some(("image/jpeg".into(), 200, 100)));
    for other in [b"<svg xmlns='http://www.w3.org/2000/svg'/>".as_slice(), b"", b"\x89PNG", b"MZ\0\0", &[0xff; 64]] {
        assert_eq!(of_whole(other).map_err(|unread| unread.code), Err("media_type"), "{other:?}");
    }
    // Pictures of phones begin as videos do.
    for brand in [b"heic", b"avif"] {
        assert_eq!(of_whole(&ftyp(*brand)).map_err(|unread| unread.code), Err("media_type"));
    }
}

#[tokio::test]
async fn a_video_by_address_whose_server_sends_no_parts_is_refused_also_where_its_index_stands_first() {
    let first = |pictures: usize| [ftyp(*b"isom"), moov(), boxed(*b"mdat", &vec![7; pictures])].concat();
    let address = || MediaSource::Url { url: "https://media.example/film.mp4".into() };
    let gives_no_parts =
        |file| |clock| Shelf { file, replaced_after: 0, told: true, slow_s: 0, clock, read: Mutex::default() };
    let (refused, _) = probed_at(address(), gives_no_parts(first(300_000))).await;
    assert_eq!(refused.unwrap_err().code, "media_unreachable");
    let (found, read) = probed_at(address(), lying(first(300_000))).await;
    assert_eq!((found.unwrap().width, read.len()), (640, 1));
    // Where all of it came at once, and where it lies with us, nothing needs to be tried.
    assert!(probed_at(address(), gives_no_parts(first(900))).await.0.is_ok());
    assert!(probed(gives_no_parts(first(300_000))).await.0.is_ok());
}

#[tokio::test]
async fn a_video_is_told_by_its_index_wherever_that_stands_and_its_pictures_are_not_read() {
    for (pictures, pieces) in [(900, 0), (300_000, 2)] {
        let file = film(pictures);
        let (index, total) = (moov().len() as u64, file.len() as u64);
        let (result, read) = probed(lying(file)).await;
        let found = result.unwrap();
        assert_eq!((found.media_type.as_str(), found.bytes, found.width, found.height), ("video/mp4", total, 640, 360));
        assert_eq!((found.duration_ms, found.codec.as_deref()), (Some(3_000), Some("h264")));
        assert_eq!(found.version.as_deref(), Some("v1"), "who replaces it afterwards is noticed");
        assert_eq!(read.len(), pieces, "{read:?}");
        assert!(read.iter().map(|piece| piece.length).sum::<u64>() <= 16 + index);
    }
    assert_eq!(seen(&film(900)), Some(("video/mp4".into(), 640, 360)));
}

#[tokio::test]
async fn a_file_that_is_no_video_or_lies_is_refused_with_what_is_wrong_after_a_bounded_number_of_reads() {
    let cut_index = film(300_000)[..300_100].to_vec();
    let cut_pictures = film(300_000)[..200_000].to_vec();
    let endless = [ftyp(*b"isom"), boxed(*b"free", &vec![0; 70_000]).repeat(40)].concat();
    let huge =
        [ftyp(*b"isom"), boxed(*b"mdat", &vec![7; 70_000]), 0x7fff_ffff_u32.to_be_bytes().to_vec(), b"moov".to_vec()];
    let fragmented = [ftyp(*b"isom"), boxed(*b"mdat", &vec![7; 70_000]), boxed(*b"moof", &[0; 90])].concat();
    for (file, reads, why) in [
        (cut_index, 1, VideoError::Damaged),
        (cut_pictures, 0, VideoError::Damaged),
        (endless, MAX_READS, VideoError::NoIndex),
        ([huge.concat(), vec![0; 90]].concat(), 1, VideoError::Damaged),
        (fragmented, 1, VideoError::Fragmented),
    ] {
        let (result, read) = probed(lying(file.clone())).await;
        let unread = result.unwrap_err();
        assert_eq!((unread.code, unread.detail), ("video_unreadable", why.to_string()));
        assert_eq!(read.len(), reads, "{why:?}");
    }
}

#[tokio::test]
async fn a_video_that_is_replaced_or_trickles_while_it_is_looked_into_is_not_told() {
    for replaced_after in [0, 1] {
        let (result, _) = probed(|clock| Shelf { replaced_after, ..lying(film(300_000))(clock) }).await;
        assert_eq!(result.map_err(|unread| unread.code), Err("media_unreachable"), "{replaced_after}");
    }
    let (result, read) = probed(|clock| Shelf { slow_s: PATIENCE_S + 1, ..lying(film(300_000))(clock) }).await;
    assert!(result.unwrap_err().detail.contains("too slowly"));
    assert_eq!(read.len(), 1);
}

#[tokio::test]
async fn captions_are_read_whole_however_long_and_held_to_their_size() {
    let shelf = |file: Vec<u8>| {
        move |clock| Shelf { file, replaced_after: 1, slow_s: 0, told: true, clock, read: Mutex::default() }
    };
    let cue = "1\n00:00:01,000 --> 00:00:02,000\nHello\n\n";
    let (short, read) = probed(shelf(cue.into())).await;
    let short = short.unwrap();
    assert_eq!((short.media_type.as_str(), short.bytes, short.kind()), (SUBRIP, cue.len() as u64, MediaKind::Captions));
    assert!(read.is_empty(), "its beginning is all of it");

    let long = cue.repeat(3_000);
    let (told, read) = probed(shelf(long.clone().into())).await;
    assert_eq!(told.unwrap().bytes, long.len() as u64);
    assert_eq!(read, [Piece { offset: 65_536, length: long.len() as u64 - 65_536 }]);

    // What is wrong stands behind what is looked at first.
    let wrong = format!("{long}2\n00:00:99,000 --> 00:01:40,000\nno such second\n");
    for (file, code) in [
        (wrong.into_bytes(), "captions_unreadable"),
        ([long.as_bytes(), b"caf\xe9\n"].concat(), "captions_unreadable"),
        (b"WEBVTT\n\n".to_vec(), "captions_unreadable"),
        ([cue.as_bytes(), &vec![b'a'; usize::try_from(MAX_CAPTIONS).unwrap()]].concat(), "media_too_large"),
    ] {
        assert_eq!(of_whole(&file).unwrap_err().code, code);
        assert_eq!(probed(shelf(file)).await.0.unwrap_err().code, code);
    }
    // Replaced between two reads.
    let changed = probed(|clock| Shelf { replaced_after: 0, ..shelf(long.into())(clock) }).await;
    assert_eq!(changed.0.unwrap_err().code, "media_unreachable");
}

#[tokio::test]
async fn what_does_not_tell_its_size_is_refused_and_its_beginning_is_not_taken_for_the_whole() {
    let png =
        [b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x02\x80\0\0\x01\xe0\x08\x02\0\0\0".to_vec(), vec![7; 70_000]].concat();
    for file in [png, [b"%PDF-1.7\n".to_vec(), vec![7; 70_000]].concat(), film(70_000)] {
        let (told, whole) = (probed(lying(file.clone())).await.0.unwrap(), file.len() as u64);
        assert_eq!(told.bytes, whole);
        let silent = |clock| Shelf { told: false, ..lying(file)(clock) };
        let unread = probed(silent).await.0.unwrap_err();
        assert!(unread.code == "media_unreachable" && unread.detail.contains("upload it"), "{unread:?}");
    }
}
