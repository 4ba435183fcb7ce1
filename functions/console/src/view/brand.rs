//! Brand rules, on the page of members and keys.

use serde::Serialize;

use super::Fact;

/// The brand rules of `GET /console/team`.
///
/// The form posts the names of the lists (one entry in each line), `max_hashtags`, `csrf`, `idempotency_key`. Error fields are those
/// names, and `brand` for all of them.
#[derive(Debug, Clone, Default, Serialize)]
pub struct BrandForm {
    /// Where it posts to; absent for roles that may only look.
    pub action: Option<String>,
    /// A fresh key per rendering.
    pub idempotency_key: String,
    /// The lists.
    pub lists: Vec<BrandList>,
    /// The limit as it was typed; empty where there is none.
    pub max_hashtags: String,
    /// The rules there are, for who may not change them.
    pub facts: Vec<Fact>,
}

/// One list of words or domains.
#[derive(Debug, Clone, Default, Serialize)]
pub struct BrandList {
    /// Its field's name.
    pub id: String,
    /// What it is.
    pub label: String,
    /// What it does.
    pub hint: String,
    /// What an entry may look like.
    pub example: String,
    /// Its entries, one in each line.
    pub lines: String,
}
