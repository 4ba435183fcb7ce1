//! Contacts, as the API takes them.

use app::audience::{ContactEdit, NewContact, PersonEdit, SubscriptionChange};
use domain::ListId;
use domain::audience::{Channel, MAX_ADDRESS, MAX_SUBSCRIPTIONS, MAX_TAG, MAX_TAGS, NewConsent, Preferences};
use jiff::Timestamp;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use utoipa::openapi::schema::{Array, ArrayBuilder, Object, ObjectBuilder, SchemaType, Type};
use utoipa::{IntoParams, ToSchema};

/// What a person agreed to.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ConsentBody {
    /// The version of the words that they read.
    #[schema(min_length = 1, max_length = 100, example = "newsletter-2026-03")]
    pub wording: String,
    /// Where they read them.
    #[schema(min_length = 1, max_length = 200, example = "https://example.com/newsletter")]
    pub source: String,
    /// When they agreed.
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// The internet address from which they did.
    #[schema(value_type = Option<String>, format = Ipv4, example = "203.0.113.7")]
    pub ip: Option<IpAddr>,
}

impl From<ConsentBody> for NewConsent {
    fn from(body: ConsentBody) -> Self {
        Self { wording: body.wording, source: body.source, at: body.at, ip: body.ip }
    }
}

/// A contact to make.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewContactBody {
    /// Their e-mail address.
    #[schema(min_length = 3, max_length = 254, example = "ada@example.com")]
    pub address: String,
    /// Given name.
    #[schema(max_length = 100)]
    pub given_name: Option<String>,
    /// Family name.
    #[schema(max_length = 100)]
    pub family_name: Option<String>,
    /// IANA time zone that they live in.
    #[schema(max_length = 64, example = "Europe/Berlin")]
    pub zone: Option<String>,
    /// The language they read, as a BCP 47 tag.
    #[schema(max_length = 35, example = "pt-BR")]
    pub locale: Option<String>,
    /// Words that they are grouped by.
    #[schema(schema_with = tags)]
    pub tags: Option<Vec<String>>,
    /// Attributes by the names that were declared, each of its kind; a decimal number is a text.
    #[schema(schema_with = attributes)]
    pub attributes: Option<BTreeMap<String, Value>>,
    /// Lists to put them on.
    #[schema(schema_with = list_ids)]
    pub list_ids: Option<Vec<ListId>>,
    /// What they agreed to for these lists.
    pub consent: Option<ConsentBody>,
    /// Whether they confirmed already, where a list asks for that. Without it they are `pending`.
    pub confirmed: Option<bool>,
}

impl From<NewContactBody> for NewContact {
    fn from(body: NewContactBody) -> Self {
        Self {
            address: body.address,
            person: PersonEdit {
                given_name: body.given_name,
                family_name: body.family_name,
                zone: body.zone,
                locale: body.locale,
                tags: body.tags,
                attributes: body.attributes.unwrap_or_default(),
            },
            lists: body.list_ids.unwrap_or_default(),
            consent: body.consent.map(Into::into),
            confirmed: body.confirmed.unwrap_or_default(),
        }
    }
}

/// Whom to find.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FindBody {
    /// Their e-mail address, however it is spelled.
    #[schema(min_length = 3, max_length = 254, example = "ada@example.com")]
    pub address: String,
}

/// What a contact wants.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PreferencesBody {
    /// Channels that they switched off.
    #[schema(schema_with = channels)]
    pub off: Option<BTreeSet<Channel>>,
    /// Until when they want nothing that they did not cause.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub paused_until: Option<Timestamp>,
    /// Topics, by name: whether they want to hear of it.
    pub topics: Option<BTreeMap<String, bool>>,
}

impl From<PreferencesBody> for Preferences {
    fn from(body: PreferencesBody) -> Self {
        let (off, topics) = (body.off.unwrap_or_default(), body.topics.unwrap_or_default());
        Self { off, paused_until: body.paused_until, topics }
    }
}

/// What to change of a contact; what is left out stays.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ContactEditBody {
    /// Given name; empty takes it away.
    #[schema(max_length = 100)]
    pub given_name: Option<String>,
    /// Family name; empty takes it away.
    #[schema(max_length = 100)]
    pub family_name: Option<String>,
    /// IANA time zone; empty takes it away.
    #[schema(max_length = 64)]
    pub zone: Option<String>,
    /// BCP 47 tag; empty takes it away.
    #[schema(max_length = 35)]
    pub locale: Option<String>,
    /// All tags from now on.
    #[schema(schema_with = tags)]
    pub tags: Option<Vec<String>>,
    /// Attributes to set, or with null to take away. The others stay.
    #[schema(schema_with = attributes)]
    pub attributes: Option<BTreeMap<String, Value>>,
    /// All of what they want from now on.
    pub preferences: Option<PreferencesBody>,
}

impl From<ContactEditBody> for ContactEdit {
    fn from(body: ContactEditBody) -> Self {
        let person = PersonEdit {
            given_name: body.given_name,
            family_name: body.family_name,
            zone: body.zone,
            locale: body.locale,
            tags: body.tags,
            attributes: body.attributes.unwrap_or_default(),
        };
        Self { person, preferences: body.preferences.map(Into::into) }
    }
}

/// Whether a contact is to be on a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Wanted {
    /// On it; `pending` first, where the list asks for a confirmation.
    Subscribed,
    /// Not on it.
    Unsubscribed,
}

/// How a contact is to stand to a list.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SubscriptionChangeBody {
    /// `subscribed` or `unsubscribed`.
    pub state: Wanted,
    /// What they agreed to. Who left the list comes back only with one that they gave after that.
    pub consent: Option<ConsentBody>,
    /// Whether they confirmed already, where the list asks for that; it takes a `consent`.
    pub confirmed: Option<bool>,
}

impl From<SubscriptionChangeBody> for SubscriptionChange {
    fn from(body: SubscriptionChangeBody) -> Self {
        match body.state {
            Wanted::Unsubscribed => Self::Unsubscribe,
            Wanted::Subscribed => {
                Self::Subscribe { consent: body.consent.map(Into::into), confirmed: body.confirmed.unwrap_or_default() }
            }
        }
    }
}

/// Which contacts.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ContactQuery {
    /// Those who are on this list.
    #[param(value_type = Option<String>)]
    pub list_id: Option<ListId>,
    /// Those who have this tag.
    #[serde(default, deserialize_with = "tag")]
    #[param(max_length = 50)]
    pub tag: Option<String>,
    /// Where the page before ended.
    pub cursor: Option<String>,
    /// Items per page, 1 to 100; 20 when left out.
    #[param(minimum = 1, maximum = 100)]
    pub limit: Option<u32>,
}

/// A tag that somebody may have.
fn tag<'de, D: Deserializer<'de>>(from: D) -> Result<Option<String>, D::Error> {
    let tag = Option::<String>::deserialize(from)?;
    match &tag {
        Some(tag) if tag.chars().count() > MAX_TAG => {
            Err(D::Error::custom(format!("a tag has up to {MAX_TAG} characters")))
        }
        _ => Ok(tag),
    }
}

fn several(item: ObjectBuilder, most: usize) -> Array {
    let kinds = SchemaType::from_iter([Type::Array, Type::Null]);
    ArrayBuilder::new().schema_type(kinds).items(item).max_items(Some(most)).build()
}

/// What an attribute, or a condition's value, may be in JSON.
pub(super) fn any_value() -> ObjectBuilder {
    let kinds = [Type::String, Type::Number, Type::Boolean, Type::Array, Type::Null];
    // Whole numbers go no further, and what is no whole number is a text.
    ObjectBuilder::new().schema_type(SchemaType::from_iter(kinds)).minimum(Some(i64::MIN)).maximum(Some(i64::MAX))
}

fn attributes() -> Object {
    let kinds = SchemaType::from_iter([Type::Object, Type::Null]);
    let about = "Attributes by the names that were declared, each of its kind; a decimal number is a text. Null takes one away.";
    ObjectBuilder::new().schema_type(kinds).additional_properties(Some(any_value())).description(Some(about)).build()
}

fn tags() -> Array {
    let tag = ObjectBuilder::new().schema_type(Type::String).min_length(Some(1)).max_length(Some(MAX_TAG));
    several(tag, MAX_TAGS)
}

fn list_ids() -> Array {
    let id = ObjectBuilder::new().schema_type(Type::String).pattern(Some("^lst_[0-9a-f]{32}$"));
    several(id, MAX_SUBSCRIPTIONS)
}

fn channels() -> Array {
    let channel = ObjectBuilder::new().schema_type(Type::String).enum_values(Some(Channel::NAMES));
    several(channel, Channel::NAMES.len())
}

const _: () = assert!(MAX_ADDRESS == 254, "as the forms say");
