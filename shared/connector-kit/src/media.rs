//! Media: what their first bytes say, and reading them from a public address or from our bucket.

mod file_name;
mod stream;

pub use file_name::file_name;

use crate::egress::Egress;
use crate::http::{File, Files};
use async_trait::async_trait;
use bytes::{Bytes, BytesMut};
use domain::egress::EgressPolicy;
use domain::publishing::{Failure, MAX_INDEX, Media, MediaRef, MediaSource, Piece};
use futures_util::stream::{BoxStream, StreamExt as _};
use http::{StatusCode, header};
use ports::{MediaBytes, MediaError, MediaReader, Peek, PublishCall, Uploads};
use reqwest::Response;
use secrecy::SecretString;
use std::sync::Arc;
use std::time::Duration;
use stream::{bounded, exactly, first_bytes};
use tokio::time::Instant;

/// Largest medium that is read, in bytes. Above every picture limit of a platform; a bound for streams that do not end.
pub const MAX_MEDIA_BYTES: u64 = 64 * 1024 * 1024;
/// Largest piece of a medium that is read into memory, in bytes: the index of a video, and more than any platform's part of an
/// upload.
pub const MAX_PIECE: u64 = MAX_INDEX;
/// How long reading a medium by address may take.
const TIMEOUT: Duration = Duration::from_secs(30);

/// What a medium that cannot be read means for the post that needs it.
pub fn media_failure(error: &MediaError) -> Failure {
    let code = match error {
        MediaError::Unavailable(_) => return Failure::Unavailable,
        MediaError::NotAllowed(_) => "url_not_allowed",
        MediaError::Absent => "media_not_found",
        MediaError::TooLarge(_) => "media_too_large",
        MediaError::Changed => "media_changed",
    };
    Failure::Rejected { code: code.into(), detail: error.to_string() }
}

/// The time that a step with pictures may take: a server that trickles or answers slowly must not be what ends the worker.
#[derive(Debug, Clone, Copy)]
pub struct Allowance(Instant);

impl Allowance {
    /// What `call` allows, from now on.
    pub fn of(call: &PublishCall<'_>) -> Self {
        Self(Instant::now() + Duration::try_from(call.until.duration_since(call.now)).unwrap_or_default())
    }

    /// Its first half, from now on.
    fn half(self) -> Self {
        let now = Instant::now();
        Self(now + self.0.saturating_duration_since(now) / 2)
    }

    /// What is left of it.
    pub fn left(self) -> Duration {
        self.0.saturating_duration_since(Instant::now())
    }

    /// Whether it is used up. What is prepared by then is for the next worker to go on with.
    pub fn is_over(self) -> bool {
        Instant::now() >= self.0
    }

    /// A step, ended when the time is over, and not begun after that.
    ///
    /// # Errors
    /// What the step came to, or that the time was over.
    pub async fn run<T>(self, step: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
        if self.is_over() {
            return Err(Failure::Unavailable);
        }
        tokio::time::timeout_at(self.0, step).await.unwrap_or(Err(Failure::Unavailable))
    }
}

/// The media of the part that `call` publishes, as files of a form, named `file0`, `file1` and so on: opened but not read, for
/// they are streamed while they are sent. Opening takes at most half of the call's time and sending what is left of it, or a
/// slow server of media would keep the worker past its life.
///
/// # Errors
/// One cannot be opened, or not in time. Nothing has left by then.
pub async fn files(call: &PublishCall<'_>) -> Result<Files, Failure> {
    let time = Allowance::of(call);
    Ok(Files { list: time.half().run(open_all(call)).await?, by: time.0 })
}

/// One of these pictures, as the only file of a form, named `name`: opened within half of what is left of `time`, and to be sent
/// within the rest.
///
/// # Errors
/// There is none, or it cannot be opened, or not in time. Nothing has left by then.
pub async fn file(call: &PublishCall<'_>, nth: usize, name: &str, time: Allowance) -> Result<Files, Failure> {
    let reference = call.variant.media_of(call.part).get(nth).ok_or(Failure::Unavailable)?;
    let file = time.half().run(open(call, nth, reference)).await?;
    Ok(Files { list: vec![File { name: name.to_owned(), ..file }], by: time.0 })
}

/// A piece of a medium of the call, as it was when it was probed.
///
/// # Errors
/// It cannot be read, or is not what it was.
pub async fn piece(call: &PublishCall<'_>, medium: &Media, piece: Piece) -> Result<Bytes, Failure> {
    call.bytes.piece(medium, piece, version_of(medium)).await.map_err(|error| media_failure(&error))
}

/// All bytes of a medium of the call that is small enough to be held, as it was when it was probed.
///
/// # Errors
/// It cannot be read, is not what it was, or is larger than a piece may be.
pub async fn whole(call: &PublishCall<'_>, medium: &Media) -> Result<Bytes, Failure> {
    let probe = medium.probe.as_ref().ok_or(Failure::Unavailable)?;
    if probe.bytes > MAX_PIECE {
        return Err(media_failure(&MediaError::TooLarge(MAX_PIECE)));
    }
    let mut stream = call.bytes.open(medium).await.map_err(|error| media_failure(&error))?.stream;
    let mut bytes = BytesMut::new();
    while let Some(piece) = stream.next().await {
        bytes.extend_from_slice(&piece.map_err(|error| media_failure(&error))?);
        if bytes.len() as u64 > probe.bytes {
            break;
        }
    }
    // Another file lies there than the one that was looked at, and perhaps approved.
    let same = bytes.len() as u64 == probe.bytes;
    same.then(|| bytes.freeze()).ok_or_else(|| media_failure(&MediaError::Changed))
}

async fn open_all(call: &PublishCall<'_>) -> Result<Vec<File>, Failure> {
    let mut files = Vec::new();
    for (n, reference) in call.variant.media_of(call.part).iter().enumerate() {
        files.push(open(call, n, reference).await?);
    }
    Ok(files)
}

async fn open(call: &PublishCall<'_>, n: usize, reference: &MediaRef) -> Result<File, Failure> {
    let medium = call.media.iter().find(|medium| medium.id == reference.id).ok_or(Failure::Unavailable)?;
    let opened = call.bytes.open(medium).await.map_err(|error| media_failure(&error))?;
    let probe = medium.probe.as_ref().ok_or(Failure::Unavailable)?;
    if opened.length.is_some_and(|length| length != probe.bytes) {
        // Another file lies there than the one that was looked at, and perhaps approved.
        return Err(media_failure(&MediaError::Changed));
    }
    Ok(File {
        name: format!("file{n}"),
        file_name: file_name(n, probe, reference.title.as_deref()),
        media_type: probe.media_type.clone(),
        length: opened.length.unwrap_or(probe.bytes),
        stream: opened.stream,
    })
}

/// More bytes than a form has around one of its fields.
const AROUND: u64 = 1_024;

impl Files {
    /// The same, if the request that holds them and `beside` bytes of texts has at most `most` bytes. What stands in front of a
    /// platform may refuse a larger one without the platform's words, and that would be a doubt.
    ///
    /// # Errors
    /// It is larger.
    pub fn within(self, beside: usize, most: u64) -> Result<Self, Failure> {
        let room = |total: u64, file: &File| total.saturating_add(file.length).saturating_add(AROUND);
        if self.list.iter().fold(beside as u64 + AROUND, room) > most {
            let detail =
                format!("the media of one post may have {most} bytes together here: use smaller ones, or fewer");
            return Err(Failure::Rejected { code: "media_too_large".into(), detail });
        }
        Ok(self)
    }
}

/// Reads media.
#[derive(Clone)]
pub struct Reader {
    egress: Arc<Egress>,
    uploads: Arc<dyn Uploads>,
}

impl Reader {
    /// Reads addresses through these clients and objects from this bucket.
    pub fn new(egress: Arc<Egress>, uploads: Arc<dyn Uploads>) -> Self {
        Self { egress, uploads }
    }

    async fn fetch(&self, url: &str, piece: Option<Piece>) -> Result<Response, MediaError> {
        let (client, url) = self.egress.customer(url, &EgressPolicy::STRICT)?;
        let mut request = client.get(url).timeout(self.egress.at_most(TIMEOUT)).header(header::ACCEPT, "*/*");
        if let Some(Piece { offset, length }) = piece {
            request = request.header(header::RANGE, format!("bytes={offset}-{}", offset + length.max(1) - 1));
        }
        // The words of the error may name what an inner name resolves to; ours do not.
        let response = request.send().await.map_err(|error| unavailable(&error))?;
        match response.status() {
            StatusCode::OK | StatusCode::PARTIAL_CONTENT => Ok(response),
            StatusCode::NOT_FOUND | StatusCode::GONE => Err(MediaError::Absent),
            other => Err(MediaError::Unavailable(format!("its server answered {}", other.as_u16()))),
        }
    }
}

fn unavailable(error: &reqwest::Error) -> MediaError {
    let what = if error.is_connect() {
        "its server could not be reached"
    } else if error.is_timeout() {
        "its server did not answer in time"
    } else {
        "the connection to its server broke"
    };
    MediaError::Unavailable(what.into())
}

/// The total length: of the whole where a range was answered.
fn total(response: &Response) -> Option<u64> {
    let text = |name| response.headers().get(name)?.to_str().ok();
    if response.status() == StatusCode::PARTIAL_CONTENT {
        return text(header::CONTENT_RANGE)?.rsplit('/').next()?.parse().ok();
    }
    text(header::CONTENT_LENGTH)?.parse().ok()
}

/// Where a range that was answered begins; none where the whole came.
fn begins(response: &Response) -> Option<u64> {
    let range = response.headers().get(header::CONTENT_RANGE)?.to_str().ok()?;
    range.trim().strip_prefix("bytes ")?.split('-').next()?.trim().parse().ok()
}

fn body(response: Response) -> BoxStream<'static, Result<Bytes, MediaError>> {
    response.bytes_stream().map(|piece| piece.map_err(|error| unavailable(&error))).boxed()
}

#[async_trait]
impl MediaReader for Reader {
    async fn open(&self, media: &Media) -> Result<MediaBytes, MediaError> {
        let (length, media_type, stream) = match &media.source {
            MediaSource::Upload { object } => {
                let found = self.uploads.read(object, None, version_of(media)).await?;
                (Some(found.length), media.probe.as_ref().map(|probe| probe.media_type.clone()), found.stream)
            }
            MediaSource::Url { url } => {
                let response = self.fetch(url, None).await?;
                let kind = response.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
                (total(&response), kind.map(str::to_owned), body(response))
            }
        };
        if length.is_some_and(|length| length > MAX_MEDIA_BYTES) {
            return Err(MediaError::TooLarge(MAX_MEDIA_BYTES));
        }
        let stream = bounded(stream);
        let stream = match &media.probe {
            Some(probe) if length.is_some_and(|length| length != probe.bytes) => return Err(MediaError::Changed),
            Some(probe) => exactly(stream, probe.bytes),
            None => stream,
        };
        Ok(MediaBytes { length, media_type, stream })
    }

    async fn peek(&self, media: &Media, n: u32) -> Result<Peek, MediaError> {
        match &media.source {
            MediaSource::Upload { object } => {
                let found = self.uploads.read(object, Some(first(n)), None).await?;
                let head = first_bytes(found.stream, n.into()).await?;
                Ok(Peek { head, length: Some(found.length), version: found.version })
            }
            MediaSource::Url { url } => {
                let response = self.fetch(url, Some(first(n))).await?;
                let (told, is_part) = (total(&response), response.status() == StatusCode::PARTIAL_CONTENT);
                // A server that ignores the range sends the whole; the rest is dropped with the connection.
                let head = first_bytes(body(response), n.into()).await?;
                // What ended by itself is all of it, though nobody told how much that is.
                let ended = !is_part && (head.len() as u64) < u64::from(n);
                let length = told.or_else(|| ended.then_some(head.len() as u64));
                Ok(Peek { head, length, version: None })
            }
        }
    }

    async fn piece(&self, media: &Media, piece: Piece, version: Option<&str>) -> Result<Bytes, MediaError> {
        if piece.length > MAX_PIECE {
            return Err(MediaError::TooLarge(MAX_PIECE));
        }
        let stream = match &media.source {
            MediaSource::Upload { object } => self.uploads.read(object, Some(piece), version).await?.stream,
            MediaSource::Url { url } => {
                let response = self.fetch(url, Some(piece)).await?;
                // Reading up to the piece, and for each piece again, would fetch a video hundreds of times over.
                if response.status() != StatusCode::PARTIAL_CONTENT || begins(&response) != Some(piece.offset) {
                    let why = "its server does not send parts of it: upload it instead";
                    return Err(MediaError::Unavailable(why.into()));
                }
                let probed = media.probe.as_ref().map(|probe| probe.bytes);
                if probed.is_some() && probed != total(&response) {
                    return Err(MediaError::Changed);
                }
                body(response)
            }
        };
        let bytes = first_bytes(stream, piece.length).await?;
        if bytes.len() as u64 == piece.length { Ok(bytes) } else { Err(unfinished()) }
    }

    async fn public_address(&self, media: &Media) -> Result<SecretString, MediaError> {
        match &media.source {
            MediaSource::Upload { object } => {
                // What is read there later cannot be compared, so at least it is now what was looked at.
                self.uploads.read(object, Some(first(1)), version_of(media)).await?;
                self.uploads.presign_get(object).await
            }
            MediaSource::Url { url } => {
                self.egress.customer(url, &EgressPolicy::STRICT)?;
                Ok(url.clone().into())
            }
        }
    }
}

/// Who holds the address of an upload may use it again until it ends: what was looked at counts.
fn version_of(media: &Media) -> Option<&str> {
    media.probe.as_ref()?.version.as_deref()
}

/// The first `n` bytes.
fn first(n: u32) -> Piece {
    Piece { offset: 0, length: n.into() }
}

fn unfinished() -> MediaError {
    MediaError::Unavailable("its bytes ended too early".into())
}

#[cfg(test)]
mod tests;
