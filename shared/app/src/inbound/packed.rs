//! How the body of a call lies in its record: an item has 400 KB, and a batch of events may have megabytes.

use crate::Error;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use domain::inbound::{MAX_CALL, MAX_KEPT, Receipt};
use flate2::Compression;
use flate2::read::{DeflateDecoder, DeflateEncoder};
use std::borrow::Cow;
use std::io::Read;

/// Bodies of so many bytes are kept deflated; what is usual stays readable as it is.
const LARGE: usize = 64 * 1024;

/// A body as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Packed {
    /// The text of the record.
    pub(super) body: String,
    /// Whether it is base64.
    pub(super) base64: bool,
    /// Whether that is deflated.
    pub(super) deflated: bool,
}

/// A body as it is kept; none where it does not fit.
pub(super) fn pack(body: &[u8]) -> Option<Packed> {
    let packed = if body.len() < LARGE {
        let (body, base64) = text(body);
        Packed { body, base64, deflated: false }
    } else {
        Packed { body: deflated(body)?, base64: true, deflated: true }
    };
    (packed.body.len() <= MAX_KEPT).then_some(packed)
}

/// The base64 of a body deflated.
pub(super) fn deflated(body: &[u8]) -> Option<String> {
    let mut small = Vec::new();
    DeflateEncoder::new(body, Compression::default()).read_to_end(&mut small).ok()?;
    Some(STANDARD.encode(small))
}

/// The body as it came.
pub(super) fn unpack(receipt: &Receipt) -> Result<Cow<'_, [u8]>, Error> {
    if !receipt.base64 {
        return Ok(Cow::Borrowed(receipt.body.as_bytes()));
    }
    let wrong = || Error::Internal("a call that was kept cannot be unpacked".into());
    let bytes = STANDARD.decode(&receipt.body).map_err(|_| wrong())?;
    if !receipt.deflated {
        return Ok(Cow::Owned(bytes));
    }
    // No call was larger, so what becomes larger is none of ours.
    let mut body = Vec::new();
    let most = u64::try_from(MAX_CALL).unwrap_or(u64::MAX).saturating_add(1);
    DeflateDecoder::new(bytes.as_slice()).take(most).read_to_end(&mut body).map_err(|_| wrong())?;
    if body.len() > MAX_CALL { Err(wrong()) } else { Ok(Cow::Owned(body)) }
}

/// The body as text, or as base64 where it is none, or where that is shorter: a body of only quotation marks would double in a
/// document.
fn text(body: &[u8]) -> (String, bool) {
    let escaped: usize = body
        .iter()
        .map(|byte| match byte {
            b'"' | b'\\' | b'\n' | b'\r' | b'\t' => 2,
            0..32 => 6,
            _ => 1,
        })
        .sum();
    match std::str::from_utf8(body) {
        Ok(text) if escaped <= body.len().div_ceil(3) * 4 => (text.to_owned(), false),
        _ => (STANDARD.encode(body), true),
    }
}
