//! Looking into the bytes of a medium: what it is, how large, and of a video how long and how coded. A picture and a document
//! tell it in their beginning. A video tells it in its index, which may stand anywhere: what is read for it is bounded, and the
//! pictures of it are never read. Captions are read whole: what is wrong with a cue would else show only once they are published.

use crate::{Deps, Error};
use domain::publishing::{
    CaptionsError, MAX_CAPTIONS, Media, MediaSource, Piece, Probe, VideoError, VideoWalk, captions_type, check_captions,
};
use imagesize::ImageType;
use jiff::SignedDuration;
use ports::MediaError;

/// Bytes read to tell a picture's type and size; JPEG sizes can stand behind long metadata.
const PEEK: u32 = 64 * 1024;
/// Most pieces read of a video behind its beginning. Where its index stands at the end there are two: that it is one, and it.
const MAX_READS: usize = 8;
/// Seconds after which no other piece is asked for: whoever waits for the answer waits for half a minute at most.
const PATIENCE_S: i64 = 15;

/// Brands of pictures of phones (HEIF, ISO/IEC 23008-12; AVIF), whose files begin as those of videos do.
const STILL: [&[u8]; 8] = [b"heic", b"heix", b"heim", b"heis", b"mif1", b"msf1", b"avif", b"avis"];

/// Why a medium's bytes do not tell what it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unread {
    /// For machines.
    pub code: &'static str,
    /// What is wrong, and how to mend it.
    pub detail: String,
}

impl Unread {
    fn new(code: &'static str, detail: impl Into<String>) -> Self {
        Self { code, detail: detail.into() }
    }

    /// The same about a field of a request.
    pub(super) fn at(self, field: &str) -> Error {
        Error::invalid(self.code, field, self.detail)
    }

    /// The bytes of `medium` could not be had.
    fn of(error: &MediaError, medium: &Media) -> Self {
        let code = match error {
            MediaError::NotAllowed(_) => "url_not_allowed",
            MediaError::Absent if matches!(medium.source, MediaSource::Upload { .. }) => {
                return Unread::new("media_not_ready", "its bytes have not arrived: upload them first");
            }
            MediaError::TooLarge(_) => "media_too_large",
            MediaError::Absent | MediaError::Changed | MediaError::Unavailable(_) => "media_unreachable",
        };
        Self::new(code, error.to_string())
    }
}

impl From<VideoError> for Unread {
    fn from(error: VideoError) -> Self {
        Unread::new("video_unreadable", error.to_string())
    }
}

impl From<CaptionsError> for Unread {
    fn from(error: CaptionsError) -> Self {
        match error {
            CaptionsError::TooLarge => Unread::new("media_too_large", error.to_string()),
            _ => Unread::new("captions_unreadable", error.to_string()),
        }
    }
}

/// Looks into the bytes of a medium, wherever they are.
pub(super) async fn probe(deps: &Deps, medium: &Media) -> Result<Probe, Unread> {
    let began = deps.clock.now();
    let failed = |error: MediaError| Unread::of(&error, medium);
    let peek = deps.media.peek(medium, PEEK).await.map_err(failed)?;
    // The beginning must not pass for the whole: platforms would get no more than that.
    let untold = || Unread::new("media_unreachable", "its server does not tell how large it is: upload it instead");
    let bytes = peek.length.ok_or_else(untold)?;
    let probe = match told(&peek.head, bytes)? {
        Told::Whole(probe) => probe,
        Told::Captions(media_type) => {
            if bytes > MAX_CAPTIONS {
                return Err(CaptionsError::TooLarge.into());
            }
            let mut whole = peek.head.to_vec();
            let offset = whole.len() as u64;
            if offset < bytes {
                let rest = Piece { offset, length: bytes - offset };
                whole
                    .extend_from_slice(&deps.media.piece(medium, rest, peek.version.as_deref()).await.map_err(failed)?);
            }
            captions(media_type, &whole)?
        }
        Told::Video(mut walk) => {
            let mut reads = 0;
            let probe = loop {
                let piece = match advance(&mut walk, &peek.head)? {
                    Advance::Told(probe) => break probe,
                    Advance::Wants(piece) => piece,
                };
                if reads == MAX_READS {
                    return Err(VideoError::NoIndex.into());
                }
                if deps.clock.now().duration_since(began) > SignedDuration::from_secs(PATIENCE_S) {
                    return Err(Unread::new("media_unreachable", "its server sends it too slowly: upload it instead"));
                }
                reads += 1;
                let read = deps.media.piece(medium, piece, peek.version.as_deref()).await.map_err(failed)?;
                if let Some(probe) = walk.read(&read)? {
                    break probe;
                }
            };
            // It is sent by pieces. Where its index stands first, only asking shows whether its server gives any.
            let last = bytes.saturating_sub(1);
            if reads == 0 && last >= u64::from(PEEK) && matches!(medium.source, MediaSource::Url { .. }) {
                let piece = Piece { offset: last, length: 1 };
                deps.media.piece(medium, piece, peek.version.as_deref()).await.map_err(failed)?;
            }
            probe
        }
    };
    Ok(Probe { version: peek.version, ..probe })
}

/// The same of bytes that are all here.
pub(super) fn of_whole(bytes: &[u8]) -> Result<Probe, Unread> {
    match told(bytes, bytes.len() as u64)? {
        Told::Whole(probe) => Ok(probe),
        Told::Captions(media_type) => captions(media_type, bytes),
        Told::Video(mut walk) => match advance(&mut walk, bytes)? {
            Advance::Told(probe) => Ok(probe),
            // It wants nothing beyond the end.
            Advance::Wants(_) => Err(VideoError::Damaged.into()),
        },
    }
}

/// What captions are, of which all bytes are here.
fn captions(media_type: &str, bytes: &[u8]) -> Result<Probe, Unread> {
    check_captions(media_type, bytes)?;
    Ok(Probe { media_type: media_type.into(), ..Probe::picture("", bytes.len() as u64, 0, 0) })
}

enum Advance {
    Told(Probe),
    Wants(Piece),
}

/// Goes on as far as the beginning of the file reaches; then to the piece that is wanted.
fn advance(walk: &mut VideoWalk, head: &[u8]) -> Result<Advance, VideoError> {
    loop {
        let piece = walk.wants();
        let end = usize::try_from(piece.offset.saturating_add(piece.length)).unwrap_or(usize::MAX);
        let here = usize::try_from(piece.offset).ok().and_then(|from| head.get(from..end));
        match here {
            None => return Ok(Advance::Wants(piece)),
            Some(here) => {
                if let Some(probe) = walk.read(here)? {
                    return Ok(Advance::Told(probe));
                }
            }
        }
    }
}

/// What the beginning of a file tells.
enum Told {
    /// Everything.
    Whole(Probe),
    /// That it may be captions of this type, which are to be read whole.
    Captions(&'static str),
    /// That it may be a video, which is to be walked through.
    Video(VideoWalk),
}

fn told(head: &[u8], bytes: u64) -> Result<Told, Unread> {
    // PDF 32000-1, 7.5.2: the header is the file's first line.
    if head.starts_with(b"%PDF-") {
        return Ok(Told::Whole(Probe { media_type: "application/pdf".into(), ..Probe::picture("", bytes, 0, 0) }));
    }
    if let Some(media_type) = captions_type(head) {
        return Ok(Told::Captions(media_type));
    }
    let unreadable = || {
        let known = "this is nothing Herald can read (JPEG, PNG, GIF, WebP, PDF, MP4, QuickTime, SubRip, WebVTT)";
        Unread::new("media_type", known)
    };
    let media_type = match imagesize::image_type(head) {
        Ok(ImageType::Jpeg) => "image/jpeg",
        Ok(ImageType::Png) => "image/png",
        Ok(ImageType::Gif) => "image/gif",
        Ok(ImageType::Webp) => "image/webp",
        Err(_) if head.get(8..12).is_none_or(|brand| !STILL.contains(&brand)) => {
            return VideoWalk::begin(head, bytes).map(Told::Video).ok_or_else(unreadable);
        }
        Ok(_) | Err(_) => return Err(unreadable()),
    };
    let size = imagesize::blob_size(head).map_err(|_| unreadable())?;
    let pixels = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    Ok(Told::Whole(Probe::picture(media_type, bytes, pixels(size.width), pixels(size.height))))
}

#[cfg(test)]
mod tests;
