//! Event types as the API shows them.

use app::Error;
use app::webhooks::EventType;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

/// An event type.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct EventTypeBody {
    /// Its name.
    #[schema(example = "post.published")]
    pub event: &'static str,
    /// The version of its form. A change that could break a reader is a new version.
    pub version: u16,
    /// What it tells.
    pub description: &'static str,
}

impl From<&EventType> for EventTypeBody {
    fn from(kind: &EventType) -> Self {
        Self { event: kind.name, version: kind.version, description: kind.about }
    }
}

/// The event types.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct EventTypesBody {
    /// All there are.
    pub items: Vec<EventTypeBody>,
}

/// An event type with its form.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct WholeEventTypeBody {
    /// The event type.
    #[serde(flatten)]
    pub event_type: EventTypeBody,
    /// JSON Schema 2020-12 of a body in the format `standard`. What it says of `data` holds in the others, too.
    #[schema(value_type = Object)]
    pub schema: Value,
    /// A body in the format `standard`.
    #[schema(value_type = Object)]
    pub sample: Value,
}

impl WholeEventTypeBody {
    /// An event type as people see it, with its form.
    pub fn of(kind: &EventType) -> Result<Self, Error> {
        Ok(Self { event_type: kind.into(), schema: kind.schema(), sample: kind.sample_body()? })
    }
}
