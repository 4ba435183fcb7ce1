//! Cursors of lists: opaque to the client, versioned, and bound to the list they came from.
//!
//! The checksum finds mistakes (a cut cursor, one from another list), not forgery, and need not: a cursor carries no
//! right. The store builds every key from the caller's tenant and takes from a cursor only where to go on.

use super::fields::FieldError;
use super::problem::Problem;
use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

const VERSION: u8 = 1;
const SUM: usize = 8;

/// Wraps the store's cursor. `list` names the list and its owner (`posts ten_…`).
pub fn seal_cursor(list: &str, inner: &str) -> String {
    let mut bytes = vec![VERSION];
    bytes.extend_from_slice(&checksum(list, inner));
    bytes.extend_from_slice(inner.as_bytes());
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Unwraps a cursor.
///
/// # Errors
/// 400 `bad_cursor` when it is not one that [`seal_cursor`] made for this list.
pub fn open_cursor(list: &str, cursor: &str) -> Result<String, Problem> {
    let bad = || Problem::bad_request("bad_cursor", "this cursor is not one of this list: start again without it");
    let bytes = URL_SAFE_NO_PAD.decode(cursor).map_err(|_| bad())?;
    let (head, inner) = bytes.split_at_checked(1 + SUM).ok_or_else(bad)?;
    let inner = std::str::from_utf8(inner).map_err(|_| bad())?;
    if head[0] == VERSION && head[1..] == checksum(list, inner) { Ok(inner.to_owned()) } else { Err(bad()) }
}

fn checksum(list: &str, inner: &str) -> [u8; SUM] {
    let sum = digest(&SHA256, format!("herald cursor\0{list}\0{inner}").as_bytes());
    let mut short = [0; SUM];
    short.copy_from_slice(&sum.as_ref()[..SUM]);
    short
}

/// The page size: what was asked for, `default` when nothing was, `most` at most.
///
/// # Errors
/// 400 `validation` on 0 or more than `most`.
pub fn page_size(asked: Option<u32>, default: u32, most: u32) -> Result<u32, Problem> {
    match asked.unwrap_or(default) {
        n if (1..=most).contains(&n) => Ok(n),
        _ => Err(Problem::validation(vec![FieldError::new("?limit", "value", format!("expected 1 to {most}"))])),
    }
}

/// A page that was asked for.
#[derive(Debug)]
pub struct Page {
    /// The list and whose it is: a cursor belongs to it.
    list: String,
    /// Where the page before ended, as the store says it.
    pub cursor: Option<String>,
    /// Items of it: 1 to 100, and 20 when none were named.
    pub limit: u32,
}

impl Page {
    /// Reads what was asked for. `list` names the list and its owner.
    ///
    /// # Errors
    /// As [`open_cursor`] and [`page_size`].
    pub fn asked(list: String, cursor: Option<&str>, limit: Option<u32>) -> Result<Self, Problem> {
        let cursor = cursor.map(|cursor| open_cursor(&list, cursor)).transpose()?;
        Ok(Self { cursor, limit: page_size(limit, 20, 100)?, list })
    }

    /// The cursor of the next page.
    pub fn next(&self, next: Option<&str>) -> Option<String> {
        next.map(|next| seal_cursor(&self.list, next))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_cursor_opens_for_its_list_and_a_tampered_one_is_refused() {
        let cursor = seal_cursor("posts ten_1", "2026|post_1");
        assert_eq!(open_cursor("posts ten_1", &cursor).unwrap(), "2026|post_1");
        assert!(open_cursor("posts ten_2", &cursor).is_err() && open_cursor("attention ten_1", &cursor).is_err());
        for at in 0..cursor.len() {
            let mut changed = cursor.clone().into_bytes();
            changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(changed).unwrap();
            assert_eq!(open_cursor("posts ten_1", &changed).unwrap_err().code(), "bad_cursor", "{at}");
        }
        for bad in ["", "AA", "***", "ä", &cursor[..cursor.len() - 4]] {
            assert_eq!(open_cursor("posts ten_1", bad).unwrap_err().code(), "bad_cursor", "{bad}");
        }
    }

    #[test]
    fn a_page_has_one_to_the_most_items() {
        assert_eq!(page_size(None, 20, 100).unwrap(), 20);
        assert_eq!(page_size(Some(100), 20, 100).unwrap(), 100);
        assert!(page_size(Some(0), 20, 100).is_err() && page_size(Some(101), 20, 100).is_err());
    }
}
