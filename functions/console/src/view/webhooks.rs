//! Webhook endpoints: the list of them, and the form that makes or changes one.

use serde::Serialize;

use super::{AccountRef, Action, Badge, FieldError, Moment, SelectOption};

/// `GET /console/webhooks`.
#[derive(Debug, Clone, Default, Serialize)]
pub struct WebhooksPage {
    /// The form that makes one; absent for roles that may only look.
    pub form: Option<EndpointForm>,
    /// What was wrong with the last try.
    pub errors: Vec<FieldError>,
    /// What the endpoint that was just made is verified with; shown this once.
    pub made: Option<NewSecret>,
    /// The endpoints.
    pub endpoints: Vec<EndpointRow>,
}

/// The form of an endpoint.
///
/// It posts `to` (of a new one: `https`, `queue`, `bus` or `chat`), `url`, `queue`, `bus`, `role`, `chat`, `name`, `description`, `event`, `account`, `platform` (once per ticked one; none = all), `rate_per_minute`,
/// `validate`, `order`, `format`, `headers` (a line each, `Name: value`), `csrf`, `idempotency_key`; of a new one `signature` and `own_secret`, of one that is changed `rev` and `drop` (once per
/// header that is left out from now on). Error fields: `endpoint` (the whole form), `url`, `queue`, `bus`, `role`, `chat`, `name`, `description`, `events`, `accounts`,
/// `platforms`, `rate_per_minute`, `validate`, `format`, `signature`, `headers`, `own_secret`.
#[derive(Debug, Clone, Default, Serialize)]
pub struct EndpointForm {
    /// Where it posts to.
    pub href: String,
    /// A fresh key per rendering.
    pub idempotency_key: String,
    /// The revision that is changed; absent for a new one.
    pub rev: Option<u64>,
    /// Where it goes.
    pub way: WayForm,
    /// What people call it; empty: its address.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// The event types.
    pub events: Vec<EventOption>,
    /// The accounts of which it can hear.
    pub accounts: Vec<AccountTick>,
    /// The platforms of which it can hear.
    pub platforms: Vec<SelectOption>,
    /// Whether any account or platform is ticked.
    pub narrowed: bool,
    /// Most requests a minute; empty where there is no limit.
    pub rate: String,
    /// Whether the receiver is asked first whether it wants to be told.
    pub validate: bool,
    /// Whether it can be told in order.
    pub orders: Vec<SelectOption>,
    /// In which form it can be told.
    pub formats: Vec<SelectOption>,
    /// With what its requests can be signed; none where that cannot be changed.
    pub signatures: Vec<SelectOption>,
    /// The headers that it has, whose values are not shown.
    pub headers: Vec<String>,
}

/// The part of an endpoint's form that says where it goes. The fields of ways that are not chosen do not count.
#[derive(Debug, Clone, Default, Serialize)]
pub struct WayForm {
    /// The ways; none where that cannot be changed.
    pub ways: Vec<SelectOption>,
    /// The one that is chosen: `https`, `queue`, `bus` or `chat`.
    pub kind: String,
    /// An https address.
    pub url: String,
    /// The address of a queue.
    pub queue: String,
    /// The ARN of a bus.
    pub bus: String,
    /// The ARN of the role for either.
    pub role: String,
    /// What that role's trust policy has to ask for.
    pub external_id: String,
    /// Which addresses a chat may have, in words.
    pub chats: String,
}

/// A kind of event one can subscribe to.
#[derive(Debug, Clone, Default, Serialize)]
pub struct EventOption {
    /// The type on the wire, such as `post.published`.
    pub name: String,
    /// What it tells.
    pub text: String,
    /// Whether it is ticked.
    pub checked: bool,
}

/// An account of which an endpoint can hear.
#[derive(Debug, Clone, Default, Serialize)]
pub struct AccountTick {
    /// The account's id.
    pub id: String,
    /// The account.
    pub account: AccountRef,
    /// Whether it is ticked.
    pub checked: bool,
}

/// What an endpoint's requests are verified with, just made.
#[derive(Debug, Clone, Default, Serialize)]
pub struct NewSecret {
    /// The endpoint's address.
    pub url: String,
    /// The signing secret, or the public key.
    pub secret: String,
    /// Whether it is a public key, which can be seen later, too.
    pub public: bool,
}

/// One endpoint in the list.
#[derive(Debug, Clone, Default, Serialize)]
pub struct EndpointRow {
    /// The endpoint's id.
    pub id: String,
    /// Its page.
    pub href: String,
    /// Where events are sent.
    pub url: String,
    /// What people call it, where that is not its address.
    pub name: Option<String>,
    /// What it is for.
    pub description: Option<String>,
    /// `Active`, `Failing`, `Switched off`.
    pub status: Badge,
    /// The types it gets; empty = all.
    pub events: Vec<String>,
    /// The last attempt.
    pub last: Option<Moment>,
    /// Sends a test event.
    pub test: Option<Action>,
    /// Deletes it; asks first.
    pub delete: Option<Action>,
}

/// `GET /console/webhooks/{webhook_id}/edit`, and the answer to a form with errors.
#[derive(Debug, Clone, Default, Serialize)]
pub struct EndpointEditPage {
    /// The endpoint's page.
    pub back_href: String,
    /// Its address as it is.
    pub url: String,
    /// The form.
    pub form: EndpointForm,
    /// What was wrong with the last try.
    pub errors: Vec<FieldError>,
}
