//! Destinations besides https, as the API takes and shows them.

use app::webhooks::{DestinationKind, NewDestination};
use domain::webhooks::{Destination, Endpoint};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa::openapi::schema::{Object, ObjectBuilder, Type};

/// A queue, bus or chat.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewDestinationBody {
    /// Which way it is.
    #[schema(schema_with = kinds)]
    pub kind: Kind,
    /// The address: of a queue as SQS shows it, of a chat the webhook's, which is a secret. Not with a bus.
    #[schema(value_type = Option<String>, write_only, example = "https://sqs.eu-west-1.amazonaws.com/123456789012/herald")]
    pub url: Option<SecretString>,
    /// The ARN of a bus.
    #[schema(example = "arn:aws:events:eu-west-1:123456789012:event-bus/herald")]
    pub arn: Option<String>,
    /// The ARN of the role that may send there, without a path. Its name begins with `herald-events-`, and its trust policy asks for
    /// the `external_id` that the endpoint shows. Not with a chat.
    #[schema(example = "arn:aws:iam::123456789012:role/herald-events-crm")]
    pub role_arn: Option<String>,
}

/// Which way a destination is.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)] // each is the destination of its name
pub enum Kind {
    Queue,
    Bus,
    Chat,
}

fn kinds() -> Object {
    let about = "`queue`: a queue of your AWS account (SQS). `bus`: an event bus of your AWS account (EventBridge). `chat`: a channel that \
                 people read, by the address of a webhook into it.";
    let names = DestinationKind::NAMES.iter().copied();
    ObjectBuilder::new().schema_type(Type::String).enum_values(Some(names)).description(Some(about)).build()
}

impl From<NewDestinationBody> for NewDestination {
    fn from(body: NewDestinationBody) -> Self {
        let kind = match body.kind {
            Kind::Queue => DestinationKind::Queue,
            Kind::Bus => DestinationKind::Bus,
            Kind::Chat => DestinationKind::Chat,
        };
        Self { kind, url: body.url, arn: body.arn, role_arn: body.role_arn }
    }
}

/// Which way events go to an endpoint.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct DestinationBody {
    /// `https`, `queue`, `bus` or `chat`.
    #[schema(example = "https")]
    pub kind: &'static str,
    /// The platform of a chat.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false)]
    pub platform: Option<String>,
    /// The role that is taken on for a queue or bus.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false)]
    pub role_arn: Option<String>,
    /// What the role's trust policy has to ask for (`sts:ExternalId`): it is yours alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false)]
    pub external_id: Option<String>,
}

impl DestinationBody {
    /// The way to an endpoint, without what is secret of it.
    pub fn of(endpoint: &Endpoint) -> Self {
        let platform = match &endpoint.destination {
            Destination::Chat { platform, .. } => Some(platform.to_string()),
            _ => None,
        };
        Self {
            kind: endpoint.destination.name(),
            platform,
            role_arn: endpoint.destination.role_arn().map(str::to_owned),
            external_id: endpoint.external_id(),
        }
    }
}
