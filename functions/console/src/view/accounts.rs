//! Connected accounts, and the choice after consent.

use serde::Serialize;

use super::{AccountRef, Action, Badge, FieldError, Moment, Platform};

/// `GET /console/accounts`.
#[derive(Debug, Clone, Default, Serialize)]
pub struct AccountsPage {
    /// Connected accounts, those in trouble first.
    pub accounts: Vec<AccountCard>,
    /// What can be connected.
    pub platforms: Vec<ConnectOption>,
}

/// One connected account.
#[derive(Debug, Clone, Default, Serialize)]
pub struct AccountCard {
    /// Who it is.
    pub account: AccountRef,
    /// What it is, in words, such as `Member profile` or `Organisation page`.
    pub kind: String,
    /// Its health: `Connected`, `Expires soon`, `Reconnect needed`, …
    pub status: Badge,
    /// What the health means and what happens to its posts; absent when all is well.
    pub explanation: Option<String>,
    /// When the access ends; absent when the platform does not say or it is renewed for ever.
    pub expires: Option<Moment>,
    /// What is planned for after that, when there is something.
    pub at_risk: Option<PostsAtRisk>,
    /// How the access goes on, such as `Renewed automatically`.
    pub renewal: Option<String>,
    /// When it was connected.
    pub connected: Option<Moment>,
    /// Where to reconnect; a link, since it leads to the platform's own page. Given when it makes sense.
    pub reconnect_href: Option<String>,
    /// The slots of its queue.
    pub slots_href: Option<String>,
    /// Disconnects it; asks first.
    pub disconnect: Option<Action>,
}

/// Posts that are planned for after the end of an access.
#[derive(Debug, Clone, Default, Serialize)]
pub struct PostsAtRisk {
    /// The first of them.
    pub posts: Vec<PostLink>,
    /// How many more there are, such as `and 3 more`.
    pub more: Option<String>,
}

/// A post, by its time.
#[derive(Debug, Clone, Default, Serialize)]
pub struct PostLink {
    /// Its page.
    pub href: String,
    /// When it is due.
    pub when: Moment,
}

/// One platform that can be connected.
#[derive(Debug, Clone, Default, Serialize)]
pub struct ConnectOption {
    /// Which.
    pub platform: Platform,
    /// Where the flow starts (`GET`, redirects to the platform); absent when the operator has not set the platform up.
    pub href: Option<String>,
    /// One sentence: what gets connected, or why it cannot be.
    pub note: String,
}

/// `GET /console/accounts/connect/{platform}`, where an account is connected by what its owner enters.
///
/// Posts the entries by their names, and `csrf`. Error fields: the names, and `entries` for all.
#[derive(Debug, Clone, Default, Serialize)]
pub struct KeyPage {
    /// Which platform.
    pub platform: Platform,
    /// Where to get what is asked for.
    pub help: String,
    /// Where the platform's consent page is reached, which may be used instead; absent where it has none, or the operator has not set
    /// the platform up.
    pub consent_href: Option<String>,
    /// Where the form posts to.
    pub action: String,
    /// A fresh key per rendering.
    pub idempotency_key: String,
    /// What was wrong with the last try.
    pub errors: Vec<FieldError>,
    /// What is asked for.
    pub fields: Vec<KeyInput>,
}

/// One thing that is asked for.
#[derive(Debug, Clone, Default, Serialize)]
pub struct KeyInput {
    /// Its name.
    pub name: String,
    /// What stands before it.
    pub label: String,
    /// What it may look like.
    pub example: String,
    /// The input's type.
    pub input: &'static str,
    /// What was entered; never a secret.
    pub value: String,
}

/// `GET /console/accounts/choose/{platform}/{choice}`: after consent, when the person may act for several pages or organisations.
///
/// Posts `choice` (once per chosen id), `csrf`, `idempotency_key`. Error field: `choices`.
#[derive(Debug, Clone, Default, Serialize)]
pub struct ChoosePage {
    /// Which platform consented.
    pub platform: Platform,
    /// Where the form posts to.
    pub action: String,
    /// A fresh key per rendering.
    pub idempotency_key: String,
    /// What was wrong with the last try.
    pub errors: Vec<FieldError>,
    /// What can be connected; empty when the person administers nothing.
    pub choices: Vec<Choice>,
    /// Where the flow starts again.
    pub restart_href: String,
}

/// One page, organisation or profile.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Choice {
    /// The value of the field `choice`.
    pub id: String,
    /// Its name.
    pub name: String,
    /// What it is, such as `Organisation page` and the person's role there.
    pub kind: String,
    /// Whether it is ticked.
    pub checked: bool,
    /// Whether it is connected already (then choosing it renews the access).
    pub connected: bool,
}
