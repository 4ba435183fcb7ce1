//! Sources: who may call Herald, and what they told.

use serde::Serialize;

use super::{Action, FieldError, Moment};

/// `GET /console/webhooks/sources`.
#[derive(Debug, Clone, Default, Serialize)]
pub struct SourcesPage {
    /// The sources.
    pub items: Vec<SourceRow>,
    /// Whose calls can be taken; none for roles that may only look.
    pub options: Vec<SourceOption>,
    /// Accounts whose platform calls nobody, and that are not asked yet: each has a button for that.
    pub askable: Vec<Action>,
    /// The source that was just made; its address and secrets are shown this once.
    pub made: Option<MadeSource>,
}

/// A source in the list.
#[derive(Debug, Clone, Default, Serialize)]
pub struct SourceRow {
    /// Its page.
    pub href: String,
    /// What people call it.
    pub name: String,
    /// Who calls it, or is asked.
    pub platform: String,
    /// When it was made.
    pub created: Moment,
    /// Minutes between two askings; none where it is called.
    pub every_minutes: Option<u16>,
    /// When its platform last answered.
    pub heard: Option<Moment>,
    /// When it is asked next.
    pub next: Option<Moment>,
    /// Why it could not be asked, as a code.
    pub failing: Option<String>,
    /// Deletes it; asks first.
    pub delete: Option<Action>,
}

/// Somebody whose calls can be taken.
#[derive(Debug, Clone, Default, Serialize)]
pub struct SourceOption {
    /// The page of its form.
    pub href: String,
    /// Its name.
    pub name: String,
}

/// What is shown once of a source.
#[derive(Debug, Clone, Default, Serialize)]
pub struct MadeSource {
    /// What people call it.
    pub name: String,
    /// What to do with the rest.
    pub help: String,
    /// Its address, and the secrets that were made.
    pub shown: Vec<ShownOnce>,
}

/// Something that is shown once.
#[derive(Debug, Clone, Default, Serialize)]
pub struct ShownOnce {
    /// What makes it unique on the page.
    pub id: String,
    /// What it is.
    pub label: String,
    /// It.
    pub value: String,
}

/// `GET /console/webhooks/sources/new/{platform}`, and the answer to its form with errors.
///
/// The form posts `name`, `secret_{name}` per field, `csrf`, `idempotency_key`. Error fields: `source` (the whole form), `name` and
/// those of the secrets.
#[derive(Debug, Clone, Default, Serialize)]
pub struct SourceFormPage {
    /// Where it posts to.
    pub href: String,
    /// A fresh key per rendering.
    pub idempotency_key: String,
    /// Who will call.
    pub platform: String,
    /// What to do at the platform.
    pub help: String,
    /// The name as it was typed.
    pub name: String,
    /// What its callers prove themselves with.
    pub fields: Vec<SecretInput>,
    /// What was wrong with the last try.
    pub errors: Vec<FieldError>,
}

/// A secret to enter.
#[derive(Debug, Clone, Default, Serialize)]
pub struct SecretInput {
    /// The field's name and id.
    pub id: String,
    /// What it is, and where to find it.
    pub label: String,
    /// Whether Herald makes one when it is left empty.
    pub made: bool,
}

/// `GET /console/webhooks/sources/{source_id}`.
#[derive(Debug, Clone, Default, Serialize)]
pub struct SourcePage {
    /// What the list says of it; absent where it was deleted.
    pub row: Option<SourceRow>,
    /// What came in, the newest first.
    pub incoming: Vec<IncomingRow>,
    /// The next page.
    pub older_href: Option<String>,
    /// The first page, when this is not it.
    pub newest_href: Option<String>,
}

/// Something that came in.
#[derive(Debug, Clone, Default, Serialize)]
pub struct IncomingRow {
    /// When it happened.
    pub at: Moment,
    /// What it is, in a word or two.
    pub what: String,
    /// Who did it, or to whom it went.
    pub who: Option<String>,
    /// The words, the reaction, or where a message stands.
    pub text: Option<String>,
    /// The platform's id of what it is about.
    pub about: Option<String>,
    /// The account that it concerns.
    pub account: Option<String>,
}
