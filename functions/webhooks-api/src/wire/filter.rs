//! The lists of a filter as the description has them: plain strings in it would be refused by the reading of the body.

use domain::webhooks::MAX_FILTER;
use utoipa::openapi::schema::{Array, ArrayBuilder, ObjectBuilder, Type};

/// Ids of accounts.
pub(super) fn account_ids() -> Array {
    up_to_a_hundred(
        "^acc_[0-9a-f]{32}$",
        "Accounts of which it wants to hear; all when empty. Events that carry no account are told whatever is named.",
    )
}

/// Slugs of platforms, or their aliases.
pub(super) fn platforms() -> Array {
    up_to_a_hundred(
        "^[a-z0-9-]{1,32}$",
        "Platforms of which it wants to hear; all when empty. Events that carry no platform are told whatever is named.",
    )
}

fn up_to_a_hundred(pattern: &str, about: &str) -> Array {
    let item = ObjectBuilder::new().schema_type(Type::String).pattern(Some(pattern));
    ArrayBuilder::new().items(item).max_items(Some(MAX_FILTER)).description(Some(about)).build()
}
