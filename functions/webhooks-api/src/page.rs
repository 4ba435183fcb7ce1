//! Pages of a list, as a caller asks for them.

use runtime::http::{Problem, open_cursor, page_size, seal_cursor};

/// A page that was asked for.
pub(crate) struct Page {
    /// The list and whose it is: a cursor belongs to it.
    list: String,
    /// Where the page before ended, as the store says it.
    pub(crate) cursor: Option<String>,
    /// Items of it: 1 to 100, and 20 when none were named.
    pub(crate) limit: u32,
}

impl Page {
    /// Reads what was asked for.
    pub(crate) fn asked(list: String, cursor: Option<&str>, limit: Option<u32>) -> Result<Self, Problem> {
        let cursor = cursor.map(|cursor| open_cursor(&list, cursor)).transpose()?;
        Ok(Self { cursor, limit: page_size(limit, 20, 100)?, list })
    }

    /// The cursor of the next page.
    pub(crate) fn next(&self, next: Option<&str>) -> Option<String> {
        next.map(|next| seal_cursor(&self.list, next))
    }
}
