//! Accounts and consents as the API shows them.

use app::accounts::{AtRisk, Begun, Callback, Finished, Horizon, Offer, Offered};
use domain::AccountId;
use domain::accounts::{Account, AccountKind, AccountStatus};
use domain::platform::{KeyField, KeyForm, KeyKind};
use jiff::Timestamp;
use ports::Connect;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// A consent that was begun.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct BegunBody {
    /// The platform's consent page: send the person there.
    pub auth_url: String,
    /// The `state` in it, which the way back must carry.
    pub state: String,
    /// Where the platform sends the browser back to; it must be registered with the platform exactly so.
    pub redirect_uri: String,
    /// Seconds within which the person must be back.
    #[schema(example = 600)]
    pub expires_in: i64,
}

impl BegunBody {
    /// The body of a consent begun just now.
    pub fn of(begun: Begun, now: Timestamp) -> Self {
        Self {
            expires_in: begun.expires_at.duration_since(now).as_secs(),
            auth_url: begun.authorize_url,
            state: begun.state,
            redirect_uri: begun.redirect_uri,
        }
    }
}

/// What the platform sent the browser back with, for clients that take the way back themselves.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CallbackRequest {
    /// `code`.
    pub code: Option<String>,
    /// `state`.
    pub state: Option<String>,
    /// `error`, when the person said no.
    pub error: Option<String>,
    /// `error_description`; not looked at.
    #[allow(dead_code)] // known, so that a client may pass on all it got
    pub error_description: Option<String>,
    /// `iss` (RFC 9207).
    pub iss: Option<String>,
    /// The platform's ids of the profiles to connect; when left out and there are several, the answer holds a `choice`.
    #[schema(max_items = 100)]
    pub selection: Option<Vec<String>>,
}

impl From<CallbackRequest> for Callback {
    fn from(body: CallbackRequest) -> Self {
        let CallbackRequest { code, state, error, iss, selection, .. } = body;
        Self { state, code, error, iss, selection }
    }
}

/// One of several profiles that a consent is for.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct OfferedBody {
    /// The platform's id of it, as a selection names it.
    pub profile_id: String,
    /// The name people see.
    pub name: String,
    /// The handle, where the platform has handles.
    pub handle: Option<String>,
    /// `person` or `organisation`.
    #[schema(example = "organisation")]
    pub kind: &'static str,
    /// Whether it is connected already; choosing it renews the access.
    pub connected: bool,
}

/// What a person may choose from.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ChoiceBody {
    /// Names this choice. It counts once, for the member who gave the consent.
    pub choice_id: String,
    /// Platform slug.
    pub platform: String,
    /// Seconds within which to choose.
    #[schema(example = 600)]
    pub expires_in: i64,
    /// The profiles, the person first.
    pub profiles: Vec<OfferedBody>,
}

impl ChoiceBody {
    /// A choice as it stands now.
    pub fn of(offer: &Offer, now: Timestamp) -> Self {
        let profiles = offer.profiles.iter().map(|Offered { profile, connected }| OfferedBody {
            profile_id: profile.external_id.clone(),
            name: profile.name.clone(),
            handle: profile.handle.clone(),
            kind: kind(profile.kind),
            connected: *connected,
        });
        Self {
            choice_id: offer.id.clone(),
            platform: offer.platform.to_string(),
            expires_in: offer.expires_at.duration_since(now).as_secs(),
            profiles: profiles.collect(),
        }
    }
}

fn kind(kind: AccountKind) -> &'static str {
    match kind {
        AccountKind::Person => "person",
        AccountKind::Organisation => "organisation",
    }
}

/// The profiles to connect.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChooseRequest {
    /// Their `profile_id`s; at least one.
    #[schema(min_items = 1, max_items = 100)]
    pub selection: Vec<String>,
}

/// What the owner of an account enters, by the names of the platform's form.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct KeyRequest {
    /// The entries: every field of the platform's `key_form`.
    #[schema(value_type = std::collections::HashMap<String, String>)]
    pub entries: BTreeMap<String, String>,
}

/// A platform of this stack.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PlatformBody {
    /// Slug.
    pub platform: String,
    /// The name people know.
    pub name: String,
    /// Whether its accounts are connected on a consent page. A platform may have a `key_form` as well: either way will do.
    pub by_consent: bool,
    /// What is entered to connect an account without one, if that is possible.
    pub key_form: Option<KeyFormBody>,
}

/// What to enter to connect an account.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct KeyFormBody {
    /// Where to get what is asked for.
    pub help: String,
    /// The entries; all are needed.
    pub fields: Vec<KeyFieldBody>,
}

/// One entry.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct KeyFieldBody {
    /// Its name in `entries`.
    pub name: String,
    /// What people read before it.
    pub label: String,
    /// What it may look like.
    pub example: String,
    /// `secret`, `text` or `server`.
    #[schema(example = "secret")]
    pub kind: &'static str,
}

impl PlatformBody {
    /// A platform as people connect it.
    pub fn of(connector: &dyn Connect) -> Self {
        let descriptor = connector.descriptor();
        let field = |field: &KeyField| KeyFieldBody {
            name: field.name.clone(),
            label: field.label.clone(),
            example: field.example.clone(),
            kind: match field.kind {
                KeyKind::Secret => "secret",
                KeyKind::Text => "text",
                KeyKind::Server => "server",
            },
        };
        let form =
            |form: &KeyForm| KeyFormBody { help: form.help.clone(), fields: form.fields.iter().map(field).collect() };
        Self {
            platform: descriptor.id.to_string(),
            name: descriptor.name.clone(),
            by_consent: connector.auth().is_some(),
            key_form: connector.keys().map(|keys| form(keys.form())),
        }
    }
}

/// The platforms of this stack.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PlatformsBody {
    /// The platforms.
    pub items: Vec<PlatformBody>,
}

/// A connected account.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct CredentialBody {
    /// Id; the same as `account_id`, under the name of the requirement documents.
    pub credential_id: String,
    /// Id, as posts name the account.
    pub account_id: String,
    /// Platform slug.
    pub platform: String,
    /// The name people see.
    pub name: String,
    /// The handle, where the platform has handles.
    pub handle: Option<String>,
    /// The server it lives on, where the platform has many.
    pub server: Option<String>,
    /// `person` or `organisation`.
    #[schema(example = "person")]
    pub kind: &'static str,
    /// `active`, `needs_reconnect` or `disconnected`.
    #[schema(example = "active")]
    pub status: &'static str,
    /// Why it must be connected again: a stable code.
    pub reason: Option<String>,
    /// Since when it has been so.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub since: Option<Timestamp>,
    /// What the platform granted.
    pub scopes: Vec<String>,
    /// When the access token ends; it is renewed before, where `renews` says so.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub expires_at: Option<Timestamp>,
    /// Whether the access is renewed without a person.
    pub renews: bool,
    /// In the list: from when on nothing can go out through it unless somebody connects it again; none where the access is
    /// renewed, or does not end.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false, value_type = Option<String>, format = DateTime)]
    pub access_ends_at: Option<Timestamp>,
    /// In the list, where the access ends: what waits for a time after that. Connecting the account again before keeps
    /// the schedule.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false)]
    pub posts_at_risk: Option<PostsAtRiskBody>,
    /// The account with whose consent it came, and whose access it uses.
    pub shares_access_of: Option<String>,
    /// The member who connected it.
    pub connected_by: String,
    /// When it was first connected.
    #[schema(value_type = String, format = DateTime)]
    pub connected_at: Timestamp,
}

impl CredentialBody {
    /// An account as people see it: never its tokens.
    pub fn of(account: &Account) -> Self {
        let (status, reason, since) = match &account.status {
            AccountStatus::Active => ("active", None, None),
            AccountStatus::NeedsReconnect { since, reason } => ("needs_reconnect", Some(reason.clone()), Some(*since)),
            AccountStatus::Disconnected { since } => ("disconnected", None, Some(*since)),
        };
        Self {
            credential_id: account.id.to_string(),
            account_id: account.id.to_string(),
            platform: account.platform.to_string(),
            name: account.profile.name.clone(),
            handle: account.profile.handle.clone(),
            server: account.profile.home.clone(),
            kind: kind(account.profile.kind),
            status,
            reason,
            since,
            scopes: account.scopes.clone(),
            expires_at: account.token.expires_at,
            renews: account.token.refreshable,
            access_ends_at: None,
            posts_at_risk: None,
            shares_access_of: account.holder.map(|id| id.to_string()),
            connected_by: account.connected_by.to_string(),
            connected_at: account.connected_at,
        }
    }

    /// Accounts with how far they reach.
    pub fn with_horizons(accounts: &[Account], horizons: &BTreeMap<AccountId, Horizon>) -> Vec<Self> {
        let one = |account: &Account| {
            let horizon = horizons.get(&account.id);
            Self {
                access_ends_at: horizon.map(|horizon| horizon.ends_at),
                posts_at_risk: horizon.map(PostsAtRiskBody::of),
                ..Self::of(account)
            }
        };
        accounts.iter().map(one).collect()
    }

    /// Several.
    pub fn all(accounts: &[Account]) -> Vec<Self> {
        accounts.iter().map(Self::of).collect()
    }
}

/// Posts that wait for a time after the end of an access.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PostsAtRiskBody {
    /// The posts, soonest first; at most twenty.
    pub items: Vec<PostAtRiskBody>,
    /// Whether there may be more.
    pub more: bool,
}

/// A post that waits for a time after the end of an access.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PostAtRiskBody {
    /// The post.
    pub pack_id: String,
    /// When it is due.
    #[schema(value_type = String, format = DateTime)]
    pub due_at: Timestamp,
}

impl PostsAtRiskBody {
    fn of(horizon: &Horizon) -> Self {
        let one = |AtRisk { post, due_at }: &AtRisk| PostAtRiskBody { pack_id: post.to_string(), due_at: *due_at };
        Self { items: horizon.posts.iter().map(one).collect(), more: horizon.more }
    }
}

/// A list of accounts.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct CredentialsBody {
    /// The accounts, oldest first.
    pub items: Vec<CredentialBody>,
}

/// Accounts that were connected.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ConnectedBody {
    /// The accounts, the person first.
    pub items: Vec<CredentialBody>,
    /// The console's page the consent was begun from.
    pub return_to: String,
    /// What to choose from, where the consent is for several profiles; nothing is connected before.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false)]
    pub choice: Option<ChoiceBody>,
}

impl ConnectedBody {
    /// What was connected.
    pub fn of(finished: Finished) -> Self {
        Self { items: CredentialBody::all(&finished.accounts), return_to: finished.return_to, choice: None }
    }
}

/// Accounts that were disconnected.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct DisconnectedBody {
    /// The ids of the accounts.
    pub account_ids: Vec<String>,
}
