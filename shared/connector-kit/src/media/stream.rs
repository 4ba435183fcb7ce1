//! Streams of media: bounded, and of exactly the bytes that were looked at.

use super::MAX_MEDIA_BYTES;
use bytes::{Bytes, BytesMut};
use futures_util::stream::{BoxStream, StreamExt as _, unfold};
use ports::MediaError;

type Stream = BoxStream<'static, Result<Bytes, MediaError>>;

/// Ends the stream with an error once it exceeds the bound.
pub(super) fn bounded(stream: Stream) -> Stream {
    let counted = stream.scan((0_u64, false), |(seen, over), piece| {
        if *over {
            return futures_util::future::ready(None);
        }
        *seen += piece.as_ref().map_or(0, |bytes| bytes.len() as u64);
        *over = *seen > MAX_MEDIA_BYTES;
        futures_util::future::ready(Some(if *over { Err(MediaError::TooLarge(MAX_MEDIA_BYTES)) } else { piece }))
    });
    counted.boxed()
}

/// Ends the stream with an error unless it has exactly so many bytes. The last of them wait until it is known that nothing
/// follows: a request that was told its length sends no more than that, and what it cut off would pass for the whole.
pub(super) fn exactly(stream: Stream, bytes: u64) -> Stream {
    unfold(Some((stream, bytes)), |state| async move {
        let (mut stream, left) = state?;
        let piece = match filled(&mut stream).await {
            None if left == 0 => return None,
            None => return Some((Err(MediaError::Changed), None)),
            Some(Err(error)) => return Some((Err(error), None)),
            Some(Ok(piece)) => piece,
        };
        Some(match left.checked_sub(piece.len() as u64) {
            None => (Err(MediaError::Changed), None),
            Some(0) => match filled(&mut stream).await {
                None => (Ok(piece), None),
                Some(more) => (more.and(Err(MediaError::Changed)), None),
            },
            Some(left) => (Ok(piece), Some((stream, left))),
        })
    })
    .boxed()
}

/// The next piece with something in it.
async fn filled(stream: &mut Stream) -> Option<Result<Bytes, MediaError>> {
    loop {
        let piece = stream.next().await?;
        if !matches!(&piece, Ok(bytes) if bytes.is_empty()) {
            return Some(piece);
        }
    }
}

/// The first `n` bytes, or all where there are fewer.
pub(super) async fn first_bytes(mut stream: Stream, n: u64) -> Result<Bytes, MediaError> {
    let most = usize::try_from(n).unwrap_or(usize::MAX);
    let mut out = BytesMut::new();
    while out.len() < most {
        let Some(piece) = stream.next().await else { break };
        let piece = piece?;
        out.extend_from_slice(&piece[..piece.len().min(most - out.len())]);
    }
    Ok(out.freeze())
}
