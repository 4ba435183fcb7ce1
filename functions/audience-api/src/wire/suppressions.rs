//! Who is to be left alone, as the API takes it.

use super::ContactStateBody;
use app::Error;
use app::audience::{LiftedFrom, NewSuppression, Who};
use domain::ContactId;
use domain::audience::{Channel, SuppressionReason};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa::openapi::schema::{Object, ObjectBuilder, Type};

/// Somebody to leave alone. They are named by exactly one of `contact_id` and `address`.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewSuppressionBody {
    /// A contact.
    #[schema(value_type = Option<String>)]
    pub contact_id: Option<ContactId>,
    /// An address, whether or not it is a contact's.
    #[schema(max_length = 254)]
    pub address: Option<String>,
    /// On which channel.
    #[schema(schema_with = channels)]
    pub channel: Channel,
    /// Why. `complained` takes a reason to be lifted again.
    #[schema(schema_with = reasons)]
    pub reason: SuppressionReason,
    /// What proves it: a letter, a ticket.
    #[schema(max_length = 200)]
    pub evidence: Option<String>,
}

/// Somebody to write to again. They are named by exactly one of `contact_id` and `address`.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LiftBody {
    /// A contact.
    #[schema(value_type = Option<String>)]
    pub contact_id: Option<ContactId>,
    /// An address.
    #[schema(max_length = 254)]
    pub address: Option<String>,
    /// On which channel.
    #[schema(schema_with = channels)]
    pub channel: Channel,
    /// What makes it right. Needed where they complained or were forgotten.
    #[schema(max_length = 200)]
    pub why: Option<String>,
}

fn channels() -> Object {
    ObjectBuilder::new().schema_type(Type::String).enum_values(Some(Channel::NAMES)).build()
}

fn reasons() -> Object {
    // Forgetting somebody is another request.
    let names = SuppressionReason::NAMES.into_iter().filter(|name| *name != SuppressionReason::Erased.name());
    ObjectBuilder::new().schema_type(Type::String).enum_values(Some(names)).build()
}

fn who(contact: Option<ContactId>, address: Option<String>) -> Result<Who, Error> {
    match (contact, address) {
        (Some(id), None) => Ok(Who::Contact(id)),
        (None, Some(address)) => Ok(Who::Address(address)),
        _ => Err(Error::invalid("who_missing", "/contact_id", "give a contact_id or an address, and not both")),
    }
}

impl TryFrom<NewSuppressionBody> for NewSuppression {
    type Error = Error;

    fn try_from(body: NewSuppressionBody) -> Result<Self, Error> {
        let (channel, reason, evidence) = (body.channel, body.reason, body.evidence.unwrap_or_default());
        Ok(Self { who: who(body.contact_id, body.address)?, channel, reason, evidence })
    }
}

impl TryFrom<LiftBody> for LiftedFrom {
    type Error = Error;

    fn try_from(body: LiftBody) -> Result<Self, Error> {
        let (channel, why) = (body.channel, body.why.unwrap_or_default());
        Ok(Self { who: who(body.contact_id, body.address)?, channel, why })
    }
}

/// A page of those who are left alone.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct SuppressedBody {
    /// Who, the one for whom it was last said first.
    pub items: Vec<ContactStateBody>,
    /// Where the next page starts; none at the end.
    pub next_cursor: Option<String>,
}
