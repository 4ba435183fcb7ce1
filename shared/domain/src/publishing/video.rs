//! Reading what a video is from its boxes (ISO/IEC 14496-12; Apple's QuickTime File Format), by pieces: nobody holds the file.
//!
//! No I/O here: [`VideoWalk::wants`] names the piece to read next, [`VideoWalk::read`] takes it. A parser crate would bring less:
//! `mp4parse` 0.17 does not know HEVC, refuses QuickTime's handler names, and makes room for as many entries as a file claims to
//! have. Of a file's hundreds of boxes eight are needed, and of their tables the one that tells how long each picture is shown.

use super::{Audio, Probe};

/// Largest index (`moov`) that is read, in bytes. An hour at 60 pictures a second comes to about 4 MB: twelve bytes a
/// picture (`stsz`, `ctts`), four for each of 47 sounds a second, and the places of the chunks.
pub const MAX_INDEX: u64 = 8 * 1024 * 1024;
/// Most boxes looked at before the index. Real files have fewer than ten; each may cost a request.
const MAX_BOXES: u32 = 32;
/// A box's length, its name, and the long length or the first bytes of what is in it.
const HEADER: u64 = 16;

/// Why a video cannot be told by its boxes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum VideoError {
    /// A box is longer than what holds it, or shorter than its own header.
    #[error("this video is cut off or damaged: a length in it cannot be right")]
    Damaged,
    /// There is no index, or too much in front of it.
    #[error("this video has no index (moov): export it again as MP4")]
    NoIndex,
    /// The index is too large.
    #[error("the index of this video is larger than {MAX_INDEX} bytes: export it again, or shorter")]
    IndexTooLarge,
    /// The index says that the pictures come in fragments, whose length it does not tell.
    #[error("this video is fragmented, as for streaming: export it as a plain MP4")]
    Fragmented,
    /// It has sound only, or nothing.
    #[error("there are no moving pictures in this file")]
    NoPictures,
    /// It does not tell how long it plays, or nothing at all.
    #[error("this video does not tell how long it plays: export it again")]
    NoDuration,
    /// It tells no width or no height.
    #[error("this video does not tell its width and height: export it again")]
    NoSize,
    /// Only who has its key can see it.
    #[error("this video is encrypted: export it without protection")]
    Encrypted,
}

/// The piece of a file to read next. It lies within the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Piece {
    /// Where it begins, in bytes from the file's beginning.
    pub offset: u64,
    /// How long it is, in bytes.
    pub length: u64,
}

/// A walk over the boxes of a file, up to its index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VideoWalk {
    bytes: u64,
    at: u64,
    seen: u32,
    quicktime: bool,
    /// Whether pictures were met before the index.
    late: bool,
    /// Length of the index, without its header, once it is found.
    index: Option<u64>,
}

impl VideoWalk {
    /// A walk over a file of this size that begins with `head`; none where that is not the beginning of an MP4 or QuickTime file.
    pub fn begin(head: &[u8], bytes: u64) -> Option<Self> {
        // Files of QuickTime need not begin with their type; these are the boxes that old ones begin with.
        let old = matches!(head.get(4..8)?, b"moov" | b"mdat" | b"wide" | b"free" | b"skip" | b"pnot");
        let begins = old || head.get(4..8)? == b"ftyp";
        begins.then_some(Self { bytes, at: 0, seen: 0, quicktime: old, late: false, index: None })
    }

    /// What to read next.
    pub fn wants(&self) -> Piece {
        let most = self.index.unwrap_or(HEADER);
        Piece { offset: self.at, length: most.min(self.bytes.saturating_sub(self.at)) }
    }

    /// Takes what was wanted. A probe, once there is enough to tell; none while there is more to read.
    ///
    /// # Errors
    /// The file is damaged, or is none that can be told.
    pub fn read(&mut self, piece: &[u8]) -> Result<Option<Probe>, VideoError> {
        if (piece.len() as u64) < self.wants().length {
            return Err(VideoError::Damaged);
        }
        if self.index.is_some() {
            return self.told(piece).map(Some);
        }
        let (name, header, length) = opened(piece, self.bytes - self.at)?;
        self.seen += 1;
        match &name {
            b"moov" if length - header > MAX_INDEX => return Err(VideoError::IndexTooLarge),
            b"moov" => {
                self.index = Some(length - header);
                self.at += header;
                return Ok(None);
            }
            b"moof" => return Err(VideoError::Fragmented),
            b"mdat" => self.late = true,
            b"ftyp" => self.quicktime = piece.get(8..12) == Some(b"qt  "),
            _ => {}
        }
        // `opened` has seen that the box ends within the file, so this does not wrap.
        self.at += length;
        if self.at >= self.bytes || self.seen >= MAX_BOXES {
            return Err(VideoError::NoIndex);
        }
        Ok(None)
    }

    fn told(&self, index: &[u8]) -> Result<Probe, VideoError> {
        if child(index, *b"mvex")?.is_some() {
            return Err(VideoError::Fragmented);
        }
        let duration_ms = played(child(index, *b"mvhd")?.ok_or(VideoError::NoDuration)?)?;
        let (mut shown, mut heard, mut rest) = (None, None, index);
        while let Some((name, track)) = next(&mut rest)? {
            if &name != b"trak" {
                continue;
            }
            // The first track of each kind is what is played.
            shown = shown.map_or_else(|| Pictures::of(track), |known| Ok(Some(known)))?;
            heard = heard.map_or_else(|| audio(track), |known| Ok(Some(known)))?;
        }
        let pictures = shown.ok_or(VideoError::NoPictures)?;
        let media_type = if self.quicktime { "video/quicktime" } else { "video/mp4" };
        let probe = Probe::picture(media_type, self.bytes, pictures.width, pictures.height);
        Ok(Probe {
            duration_ms: Some(duration_ms),
            codec: Some(pictures.codec),
            frame_rate_milli: pictures.frame_rate_milli,
            audio: heard,
            index_last: self.late,
            ..probe
        })
    }
}

/// A track of pictures.
struct Pictures {
    width: u32,
    height: u32,
    codec: String,
    frame_rate_milli: Option<u32>,
}

impl Pictures {
    /// What a track shows; none of one that has no pictures.
    fn of(track: &[u8]) -> Result<Option<Self>, VideoError> {
        let Some(media) = child(track, *b"mdia")? else { return Ok(None) };
        if child(media, *b"hdlr")?.and_then(|handler| handler.get(8..12)) != Some(b"vide") {
            return Ok(None);
        }
        let table = within(media, &[*b"minf", *b"stbl"])?.ok_or(VideoError::Damaged)?;
        let (format, entry) = described(table)?;
        let codec = codec(format)?;
        let (width, height) = match shown(child(track, *b"tkhd")?.ok_or(VideoError::Damaged)?)? {
            (0, _) | (_, 0) => (number(entry, 24, 2)?, number(entry, 26, 2)?),
            (width, height) => (width, height),
        };
        let pixels = |n: u64| u32::try_from(n).ok().filter(|n| *n > 0).ok_or(VideoError::NoSize);
        let frame_rate_milli = rate(child(media, *b"mdhd")?, child(table, *b"stts")?);
        Ok(Some(Self { width: pixels(width)?, height: pixels(height)?, codec, frame_rate_milli }))
    }
}

/// Name and content of the first sample entry, which stands for the track (`stsd`; 14496-12, 8.5.2).
fn described(table: &[u8]) -> Result<Inner<'_>, VideoError> {
    // Version, flags and the number of entries.
    let mut entries = child(table, *b"stsd")?.and_then(|found| found.get(8..)).ok_or(VideoError::Damaged)?;
    next(&mut entries)?.ok_or(VideoError::Damaged)
}

/// How many pictures are shown in a thousand seconds, by the units of a second (`mdhd`; 14496-12, 8.4.2) and how many of them
/// each picture lasts (`stts`; 8.6.1.2). None where that is not told, comes to nothing, or is no steady rate: a recorded screen shows
/// a picture until something moves, and its average says nothing.
fn rate(header: Option<&[u8]>, durations: Option<&[u8]>) -> Option<u32> {
    let (header, durations) = (header?, durations?);
    let scale = match number(header, 0, 1).ok()? {
        0 => number(header, 12, 4).ok()?,
        _ => number(header, 20, 4).ok()?,
    };
    // Version, flags, the number of entries, and then the entries: how many pictures, and how long each.
    let entries = durations.get(8..)?.chunks_exact(8);
    let last = entries.len().saturating_sub(1);
    let (mut pictures, mut units, mut longest) = (0_u128, 0_u128, 0);
    for (i, entry) in entries.enumerate() {
        let (count, each) = (u128::from(number(entry, 0, 4).ok()?), u128::from(number(entry, 4, 4).ok()?));
        pictures += count;
        units += count * each;
        // The last picture stands until the sound ends.
        longest = if i == last && count == 1 { longest } else { each.max(longest) };
    }
    if longest * pictures > 2 * units {
        return None;
    }
    let rate = (pictures * u128::from(scale) * 1_000).checked_div(units)?;
    u32::try_from(rate).ok().filter(|rate| *rate > 0)
}

/// How a track sounds; none of one that has no sound.
fn audio(track: &[u8]) -> Result<Option<Audio>, VideoError> {
    let Some(media) = child(track, *b"mdia")? else { return Ok(None) };
    if child(media, *b"hdlr")?.and_then(|handler| handler.get(8..12)) != Some(b"soun") {
        return Ok(None);
    }
    let Some(table) = within(media, &[*b"minf", *b"stbl"])? else { return Ok(None) };
    // Who only listens to the pictures takes a file whose sound is not told.
    let Ok((format, entry)) = described(table) else { return Ok(None) };
    let codec = match &format {
        b"mp4a" => "aac".to_owned(),
        b".mp3" => "mp3".to_owned(),
        b"enca" => return Err(VideoError::Encrypted),
        other => codec(*other)?,
    };
    // A fixed-point number with 16 bits behind the point. QuickTime writes 1 where it keeps the number elsewhere.
    let rate = number(entry, 24, 4).ok().map(|n| n >> 16).filter(|n| *n >= 1_000);
    Ok(Some(Audio { codec, sample_rate_hz: rate.and_then(|n| u32::try_from(n).ok()) }))
}

/// How long a video plays, in milliseconds (`mvhd`; 14496-12, 8.2.2).
fn played(header: &[u8]) -> Result<u64, VideoError> {
    let (scale, units, unknown) = match number(header, 0, 1)? {
        0 => (number(header, 12, 4)?, number(header, 16, 4)?, u64::from(u32::MAX)),
        1 => (number(header, 20, 4)?, number(header, 24, 8)?, u64::MAX),
        _ => return Err(VideoError::Damaged),
    };
    if scale == 0 || units == unknown {
        return Err(VideoError::NoDuration);
    }
    let ms = u128::from(units) * 1_000 / u128::from(scale);
    u64::try_from(ms).ok().filter(|ms| *ms > 0).ok_or(VideoError::NoDuration)
}

/// Width and height as shown, turned where the track is turned by a quarter (`tkhd`; 14496-12, 8.3.2).
fn shown(header: &[u8]) -> Result<(u64, u64), VideoError> {
    let matrix = match number(header, 0, 1)? {
        0 => 40,
        1 => 52,
        _ => return Err(VideoError::Damaged),
    };
    // Fixed-point numbers with 16 bits behind the point.
    let (width, height) = (number(header, matrix + 36, 4)? >> 16, number(header, matrix + 40, 4)? >> 16);
    let turned = number(header, matrix, 4)? == 0 && number(header, matrix + 16, 4)? == 0;
    Ok(if turned { (height, width) } else { (width, height) })
}

/// The name of a coding by the name of its sample entry (the MP4 registration authority's list).
fn codec(format: [u8; 4]) -> Result<String, VideoError> {
    Ok(match &format {
        b"avc1" | b"avc2" | b"avc3" | b"avc4" => "h264".into(),
        b"hvc1" | b"hev1" | b"dvh1" | b"dvhe" => "hevc".into(),
        b"vp09" => "vp9".into(),
        b"av01" => "av1".into(),
        b"encv" => return Err(VideoError::Encrypted),
        other if other.iter().all(u8::is_ascii_alphanumeric) => String::from_utf8_lossy(other).to_ascii_lowercase(),
        _ => "unknown".into(),
    })
}

/// A big-endian number of `width` bytes.
fn number(bytes: &[u8], at: usize, width: usize) -> Result<u64, VideoError> {
    let found = bytes.get(at..at + width).ok_or(VideoError::Damaged)?;
    Ok(found.iter().fold(0, |n, byte| n << 8 | u64::from(*byte)))
}

/// Name, length of the header and length of the whole of the box that `bytes` begins with, within `room` bytes.
fn opened(bytes: &[u8], room: u64) -> Result<([u8; 4], u64, u64), VideoError> {
    let name = bytes.get(4..8).and_then(|name| name.try_into().ok()).ok_or(VideoError::Damaged)?;
    let (header, length) = match number(bytes, 0, 4)? {
        // Up to the end of what holds it.
        0 => (8, room),
        1 => (16, number(bytes, 8, 8)?),
        length => (8, length),
    };
    if length < header || length > room { Err(VideoError::Damaged) } else { Ok((name, header, length)) }
}

/// The name of a box and what is in it.
type Inner<'a> = ([u8; 4], &'a [u8]);

/// The next box and what is in it. What is too short for a box is padding: QuickTime ends lists with four zeros.
fn next<'a>(rest: &mut &'a [u8]) -> Result<Option<Inner<'a>>, VideoError> {
    if rest.len() < 8 {
        return Ok(None);
    }
    let (name, header, length) = opened(rest, rest.len() as u64)?;
    let at = |n: u64| usize::try_from(n).map_err(|_| VideoError::Damaged);
    let (header, length) = (at(header)?, at(length)?);
    let inner = &rest[header..length];
    *rest = &rest[length..];
    Ok(Some((name, inner)))
}

/// What is in the innermost of boxes that lie in each other.
fn within<'a>(mut inner: &'a [u8], names: &[[u8; 4]]) -> Result<Option<&'a [u8]>, VideoError> {
    for name in names {
        match child(inner, *name)? {
            Some(found) => inner = found,
            None => return Ok(None),
        }
    }
    Ok(Some(inner))
}

/// The first box of this name directly in these.
fn child(mut rest: &[u8], name: [u8; 4]) -> Result<Option<&[u8]>, VideoError> {
    while let Some((found, inner)) = next(&mut rest)? {
        if found == name {
            return Ok(Some(inner));
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests;
