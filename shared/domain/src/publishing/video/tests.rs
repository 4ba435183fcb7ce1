#![allow(clippy::unwrap_used)]

use super::*;

fn boxed(name: [u8; 4], inner: &[u8]) -> Vec<u8> {
    let length = u32::try_from(inner.len() + 8).unwrap();
    [&length.to_be_bytes(), name.as_slice(), inner].concat()
}

/// What a film is made of. The default is one of 1280 × 720 that plays two and a half seconds.
#[derive(Clone)]
struct Film {
    brand: &'static [u8; 4],
    handler: &'static [u8; 4],
    format: &'static [u8; 4],
    scale: u32,
    units: u32,
    size: (u32, u32),
    turned: bool,
    long: bool,
    more: Vec<u8>,
    /// Units of a second of its pictures, and how many of them last how many units.
    frames: Option<(u32, Vec<(u32, u32)>)>,
}

impl Default for Film {
    fn default() -> Self {
        let (brand, handler, format) = (b"isom", b"vide", b"avc1");
        let (scale, units, size) = (600, 1_500, (1280, 720));
        Self { brand, handler, format, scale, units, size, turned: false, long: false, more: Vec::new(), frames: None }
    }
}

impl Film {
    fn ftyp(&self) -> Vec<u8> {
        boxed(*b"ftyp", &[self.brand.as_slice(), &[0; 8]].concat())
    }

    fn moov(&self) -> Vec<u8> {
        let times = if self.long { 16 } else { 8 };
        let version = [u8::from(self.long), 0, 0, 7];
        let wide = |n: u32| if self.long { u64::from(n).to_be_bytes().to_vec() } else { n.to_be_bytes().to_vec() };
        let mvhd = [&version[..], &vec![9; times], &self.scale.to_be_bytes(), &wide(self.units), &[0; 80]].concat();
        let one = 0x1_0000_u32;
        let (straight, turn) = if self.turned { (0, one) } else { (one, 0) };
        let matrix = [straight, turn, 0, turn, straight, 0, 0, 0, 0x4000_0000].map(u32::to_be_bytes).concat();
        let (width, height) = ((self.size.0 << 16).to_be_bytes(), (self.size.1 << 16).to_be_bytes());
        let head = [&version[..], &vec![9; times], &[0, 0, 0, 1, 0, 0, 0, 0], &wide(self.units), &[0; 16]].concat();
        let tkhd = [&head[..], &matrix, &width, &height].concat();
        let entry = boxed(*self.format, &[[0; 24].as_slice(), &[0x02, 0x80, 0x01, 0xe0], &[0; 50]].concat());
        let stsd = boxed(*b"stsd", &[&[0, 0, 0, 0, 0, 0, 0, 1], entry.as_slice()].concat());
        let (clock, stts) = self.frames.as_ref().map(|(scale, runs)| self.times(*scale, runs)).unwrap_or_default();
        let minf = boxed(*b"minf", &boxed(*b"stbl", &[stsd, stts].concat()));
        let hdlr = boxed(*b"hdlr", &[&[0; 8], self.handler.as_slice(), &[0; 13]].concat());
        let trak = boxed(*b"trak", &[boxed(*b"tkhd", &tkhd), boxed(*b"mdia", &[clock, hdlr, minf].concat())].concat());
        boxed(*b"moov", &[boxed(*b"mvhd", &mvhd), trak, self.more.clone()].concat())
    }

    /// What a track tells of its time, and of that of its pictures.
    fn times(&self, scale: u32, runs: &[(u32, u32)]) -> (Vec<u8>, Vec<u8>) {
        let times = if self.long { 16 } else { 8 };
        let mdhd = [&[u8::from(self.long), 0, 0, 0][..], &vec![9; times], &scale.to_be_bytes(), &[0; 12]].concat();
        let entries: Vec<u8> =
            runs.iter().flat_map(|(count, each)| [count.to_be_bytes(), each.to_be_bytes()].concat()).collect();
        let count = u32::try_from(runs.len()).unwrap().to_be_bytes();
        (boxed(*b"mdhd", &mdhd), boxed(*b"stts", &[&[0; 4], &count[..], &entries].concat()))
    }

    fn file(&self) -> Vec<u8> {
        [self.ftyp(), boxed(*b"mdat", &[7; 900]), self.moov()].concat()
    }
}

fn at(n: u64) -> usize {
    usize::try_from(n).unwrap()
}

/// The probe, and the pieces that were read for it.
fn walk(bytes: &[u8]) -> (Result<Probe, VideoError>, Vec<Piece>) {
    let mut walk = VideoWalk::begin(bytes, bytes.len() as u64).unwrap();
    let mut pieces = Vec::new();
    loop {
        let piece = walk.wants();
        pieces.push(piece);
        assert!(pieces.len() <= 40, "it does not end");
        let end = piece.offset + piece.length;
        match walk.read(&bytes[at(piece.offset)..at(end)]) {
            Ok(None) => {}
            Ok(Some(probe)) => return (Ok(probe), pieces),
            Err(error) => return (Err(error), pieces),
        }
    }
}

fn error(bytes: &[u8]) -> Option<VideoError> {
    walk(bytes).0.err()
}

fn told(film: &Film) -> (String, u32, u32, Option<u64>, Option<String>) {
    let probe = walk(&film.file()).0.unwrap();
    (probe.media_type, probe.width, probe.height, probe.duration_ms, probe.codec)
}

#[test]
fn a_video_is_told_by_its_index_wherever_that_stands_and_the_pictures_are_not_read() {
    let film = Film::default();
    let expected = ("video/mp4".to_owned(), 1280, 720, Some(2_500), Some("h264".to_owned()));
    assert_eq!(told(&film), expected);
    let bytes = film.file();
    let (probe, pieces) = walk(&bytes);
    assert_eq!(probe.unwrap().bytes, bytes.len() as u64);
    let read: u64 = pieces.iter().map(|piece| piece.length).sum();
    assert_eq!((pieces.len(), read), (4, 3 * HEADER + film.moov().len() as u64 - 8));
    let early = [film.ftyp(), film.moov(), boxed(*b"mdat", &[7; 900])].concat();
    assert_eq!(walk(&early).0.unwrap().duration_ms, Some(2_500));
    assert_eq!(told(&Film { long: true, ..film }), expected);
}

#[test]
fn a_video_of_more_than_four_gigabytes_is_walked_by_its_long_lengths() {
    let (film, pictures) = (Film::default(), 5_u64 << 30);
    let (ftyp, moov) = (film.ftyp(), film.moov());
    let total = ftyp.len() as u64 + pictures + moov.len() as u64;
    let mut walk = VideoWalk::begin(&ftyp, total).unwrap();
    assert_eq!(walk.read(&ftyp[..16]), Ok(None));
    let long = [&1_u32.to_be_bytes(), b"mdat".as_slice(), &pictures.to_be_bytes()].concat();
    assert_eq!(walk.read(&long), Ok(None));
    assert_eq!(walk.wants(), Piece { offset: ftyp.len() as u64 + pictures, length: HEADER });
    assert_eq!(walk.read(&moov[..16]), Ok(None));
    assert_eq!(walk.read(&moov[8..]).unwrap().unwrap().bytes, total);
}

#[test]
fn the_type_the_coding_and_a_quarter_turn_are_told() {
    for (brand, media_type) in [(b"qt  ", "video/quicktime"), (b"isom", "video/mp4"), (b"mp42", "video/mp4")] {
        assert_eq!(told(&Film { brand, ..Film::default() }).0, media_type);
    }
    let film = Film::default();
    let old = [boxed(*b"wide", &[]), boxed(*b"mdat", &[7; 9]), film.moov()].concat();
    assert_eq!(walk(&old).0.unwrap().media_type, "video/quicktime");
    for (format, name) in
        [(b"hvc1", "hevc"), (b"vp09", "vp9"), (b"av01", "av1"), (b"apcn", "apcn"), (b"\0\0\0\0", "unknown")]
    {
        assert_eq!(told(&Film { format, ..Film::default() }).4.as_deref(), Some(name));
    }
    let turned = told(&Film { turned: true, ..Film::default() });
    assert_eq!((turned.1, turned.2), (720, 1280));
    let unsized_track = told(&Film { size: (0, 0), ..Film::default() });
    assert_eq!((unsized_track.1, unsized_track.2), (640, 480), "then the size that is coded counts");
}

#[test]
fn what_is_no_plain_video_is_refused_with_its_reason() {
    let film = Film::default();
    let with = |film: Film| error(&film.file());
    assert_eq!(with(Film { more: boxed(*b"mvex", &[]), ..film.clone() }), Some(VideoError::Fragmented));
    assert_eq!(error(&[film.ftyp(), boxed(*b"moof", &[0; 9])].concat()), Some(VideoError::Fragmented));
    assert_eq!(with(Film { handler: b"soun", ..film.clone() }), Some(VideoError::NoPictures));
    assert_eq!(with(Film { format: b"encv", ..film.clone() }), Some(VideoError::Encrypted));
    for (scale, units) in [(600, 0), (0, 600), (600, u32::MAX), (u32::MAX, 1)] {
        assert_eq!(with(Film { scale, units, ..film.clone() }), Some(VideoError::NoDuration), "{scale} {units}");
    }
    assert_eq!(error(&[film.ftyp(), boxed(*b"mdat", &[7; 90])].concat()), Some(VideoError::NoIndex));
    for other in [b"\x89PNG\r\n\x1a\n".as_slice(), b"%PDF-1.7", b"RIFF", b""] {
        assert_eq!(VideoWalk::begin(other, 99), None);
    }
}

#[test]
fn lengths_that_lie_end_the_walk_before_anything_is_read_for_them() {
    let ftyp = Film::default().ftyp();
    let lying =
        |length: u32, long: u64, name: &[u8]| [&ftyp, &length.to_be_bytes()[..], name, &long.to_be_bytes()].concat();
    // Shorter than their own header, longer than the file, and long enough to wrap.
    for (length, long) in [(2, 0), (7, 0), (17, 0), (u32::MAX, 0), (1, 0), (1, 15), (1, u64::MAX), (1, 1 << 40)] {
        for name in [b"mdat", b"moov", b"free"] {
            assert_eq!(error(&lying(length, long, name)), Some(VideoError::Damaged), "{length} {long}");
        }
    }
    let head = [&4_000_000_000_u32.to_be_bytes(), b"moov".as_slice(), &[0; 8]].concat();
    let mut large = VideoWalk::begin(&head, 5_000_000_000).unwrap();
    assert_eq!(large.read(&head), Err(VideoError::IndexTooLarge));
    let empty = [ftyp.clone(), boxed(*b"free", &[]).repeat(10_000)].concat();
    let (result, pieces) = walk(&empty);
    assert_eq!((result, pieces.len()), (Err(VideoError::NoIndex), MAX_BOXES as usize));
}

#[test]
fn no_byte_of_an_index_and_no_end_of_it_can_do_more_than_make_it_unreadable() {
    let film = Film::default();
    let (bytes, start) = (film.file(), film.ftyp().len());
    for at in 0..bytes.len() {
        for byte in [0, 1, 7, 0x7f, 0xff] {
            let mut hostile = bytes.clone();
            hostile[at] = byte;
            if VideoWalk::begin(&hostile, hostile.len() as u64).is_some() {
                let (result, pieces) = walk(&hostile);
                assert!(pieces.iter().all(|piece| piece.offset + piece.length <= bytes.len() as u64));
                assert!(result.is_err() || result.is_ok_and(|probe| probe.width > 0 && probe.duration_ms > Some(0)));
            }
        }
    }
    for end in start..bytes.len() {
        assert!(error(&bytes[..end]).is_some(), "cut off at {end}");
    }
}

#[test]
fn how_many_pictures_a_second_has_is_told_on_average_or_not_at_all() {
    let rate =
        |frames, long| walk(&Film { frames: Some(frames), long, ..Film::default() }.file()).0.unwrap().frame_rate_milli;
    for long in [false, true] {
        assert_eq!(rate((30_000, vec![(900, 1_001)]), long), Some(29_970));
        assert_eq!(rate((600, vec![(10, 10), (20, 20), (1, 100)]), long), Some(31 * 600_000 / 600));
    }
    assert_eq!(walk(&Film::default().file()).0.unwrap().frame_rate_milli, None);
    let screen = (600, vec![(100, 10), (3, 6_000), (50, 10)]);
    assert_eq!(rate(screen, false), None, "an average of pictures that stand says nothing");
    for nothing in [(0, vec![(10, 10)]), (600, vec![]), (600, vec![(10, 0)]), (u32::MAX, vec![(u32::MAX, 1); 9])] {
        assert_eq!(rate(nothing.clone(), false), None, "{nothing:?}");
    }
}

/// A track of sound in this form.
fn sound(format: [u8; 4], hertz: u32) -> Vec<u8> {
    let entry = boxed(format, &[&[0; 24][..], &(hertz << 16).to_be_bytes(), &[0; 8]].concat());
    let stsd = boxed(*b"stsd", &[&[0, 0, 0, 0, 0, 0, 0, 1], entry.as_slice()].concat());
    let hdlr = boxed(*b"hdlr", &[&[0; 8][..], b"soun", &[0; 13]].concat());
    let minf = boxed(*b"minf", &boxed(*b"stbl", &stsd));
    boxed(*b"trak", &boxed(*b"mdia", &[hdlr, minf].concat()))
}

#[test]
fn the_first_track_of_sound_is_told_by_its_coding_and_what_is_not_told_of_it_hinders_nothing() {
    let heard = |more: Vec<u8>| walk(&Film { more, ..Film::default() }.file()).0.map(|probe| probe.audio);
    let told = |codec: &str, hertz| Ok(Some(Audio { codec: codec.into(), sample_rate_hz: hertz }));
    assert_eq!(heard(Vec::new()), Ok(None), "silent");
    assert_eq!(heard([sound(*b"mp4a", 48_000), sound(*b"ac-3", 44_100)].concat()), told("aac", Some(48_000)));
    assert_eq!(heard(sound(*b".mp3", 44_100)), told("mp3", Some(44_100)));
    assert_eq!(heard(sound(*b"Opus", 48_000)), told("opus", Some(48_000)));
    assert_eq!(heard(sound(*b"\0\xa9 <", 1)), told("unknown", None), "QuickTime keeps the rate elsewhere");
    assert_eq!(heard(sound(*b"enca", 48_000)), Err(VideoError::Encrypted));
    let empty = boxed(*b"stbl", &boxed(*b"stsd", &[0; 8]));
    let hdlr = boxed(*b"hdlr", &[&[0; 8][..], b"soun", &[0; 13]].concat());
    let bare = boxed(*b"trak", &boxed(*b"mdia", &[hdlr, boxed(*b"minf", &empty)].concat()));
    assert_eq!(heard(bare), Ok(None));
}

#[test]
fn whether_the_index_stands_behind_the_pictures_is_told() {
    let film = Film::default();
    assert!(walk(&film.file()).0.unwrap().index_last);
    let early = [film.ftyp(), film.moov(), boxed(*b"mdat", &[7; 900])].concat();
    assert!(!walk(&early).0.unwrap().index_last);
}
