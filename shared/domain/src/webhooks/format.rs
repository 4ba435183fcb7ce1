//! In which form an endpoint is told of events.

use serde::{Deserialize, Serialize};

/// The form of the requests to an endpoint. All are signed after Standard Webhooks, over the bytes of the body.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// The body that Standard Webhooks 1.0.0 recommends.
    #[default]
    Standard,
    /// `CloudEvents` 1.0.2 in the structured content mode of the HTTP binding: everything is in the body.
    Cloudevents,
    /// `CloudEvents` 1.0.2 in the binary content mode of the HTTP binding: the body is the data, the rest is in `ce-` headers.
    CloudeventsBinary,
}

impl Format {
    /// Every name on the wire.
    pub const NAMES: &[&str] = &["standard", "cloudevents", "cloudevents_binary"];

    /// Its name on the wire.
    pub fn name(self) -> &'static str {
        match self {
            Self::Standard => "standard",
            Self::Cloudevents => "cloudevents",
            Self::CloudeventsBinary => "cloudevents_binary",
        }
    }

    #[allow(clippy::trivially_copy_pass_by_ref)] // serde asks for a reference
    pub(super) fn is_standard(&self) -> bool {
        *self == Self::Standard
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn each_is_stored_by_its_name_on_the_wire() {
        let all = [Format::Standard, Format::Cloudevents, Format::CloudeventsBinary];
        assert_eq!(all.map(Format::name), Format::NAMES);
        for format in all {
            assert_eq!(serde_json::to_value(format).unwrap(), format.name());
        }
    }
}
