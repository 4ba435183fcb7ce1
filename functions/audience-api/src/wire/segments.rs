//! Segments, as the API takes and shows them.

use super::ContactBody;
use super::contacts::any_value;
use app::audience::{NewSegment, Preview, SegmentEdit};
use domain::ContactId;
use domain::audience::{Operator, Segment};
use jiff::Timestamp;
use runtime::openapi::one_of;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;
use utoipa::ToSchema;
use utoipa::openapi::schema::Object;

/// Who belongs to a segment: `all`, `any` or `not` alone, or a condition of `field`, `operator` and `value`.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SegmentRuleBody {
    /// Those who belong to each of these rules.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(no_recursion, min_items = 1)]
    pub all: Option<Vec<SegmentRuleBody>>,
    /// Those who belong to any of these rules.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(no_recursion, min_items = 1)]
    pub any: Option<Vec<SegmentRuleBody>>,
    /// Those who do not belong to this rule.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(no_recursion)]
    pub not: Option<Box<SegmentRuleBody>>,
    /// What the condition is about: one of the fields that every contact has, or `attributes.` and a name that was declared.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "attributes.age")]
    pub field: Option<String>,
    /// What is asked of it.
    #[serde(default, deserialize_with = "known", skip_serializing_if = "Option::is_none")]
    #[schema(schema_with = operators)]
    pub operator: Option<String>,
    /// What it is compared with; left out of `is_set` and `is_not_set`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(schema_with = value)]
    pub value: Option<Value>,
}

impl From<SegmentRuleBody> for Value {
    fn from(body: SegmentRuleBody) -> Self {
        serde_json::to_value(body).unwrap_or_default()
    }
}

/// An operator that there is. Whether it can be asked of the field is for the rule's reader to say.
fn known<'de, D: Deserializer<'de>>(from: D) -> Result<Option<String>, D::Error> {
    let name = Option::<String>::deserialize(from)?;
    match &name {
        Some(name) if Operator::named(name).is_none() => {
            Err(D::Error::custom(format!("expected one of {}", Operator::NAMES.join(", "))))
        }
        _ => Ok(name),
    }
}

fn operators() -> Object {
    one_of(&Operator::NAMES)
}

fn value() -> Object {
    any_value().description(Some("What it is compared with; left out of is_set and is_not_set.")).build()
}

/// A segment to make.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewSegmentBody {
    /// What people call it.
    #[schema(min_length = 1, max_length = 100)]
    pub name: String,
    /// Who belongs to it: `all`, `any` or `not`, or a `field` with an `operator` and a `value`.
    pub rule: SegmentRuleBody,
}

impl From<NewSegmentBody> for NewSegment {
    fn from(body: NewSegmentBody) -> Self {
        Self { name: body.name, rule: body.rule.into() }
    }
}

/// What to change of a segment; what is left out stays.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SegmentEditBody {
    /// What people call it.
    #[schema(min_length = 1, max_length = 100)]
    pub name: Option<String>,
    /// Who belongs to it.
    pub rule: Option<SegmentRuleBody>,
}

impl From<SegmentEditBody> for SegmentEdit {
    fn from(body: SegmentEditBody) -> Self {
        Self { name: body.name, rule: body.rule.map(Into::into) }
    }
}

/// A rule to count.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SegmentAskBody {
    /// Who belongs to it.
    pub rule: SegmentRuleBody,
    /// Where counting stopped before: the `next` of that answer.
    #[schema(value_type = Option<String>, pattern = "^con_[0-9a-f]{32}$")]
    pub after: Option<ContactId>,
}

/// A segment.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct SegmentBody {
    /// Id.
    pub segment_id: String,
    /// What people call it.
    pub name: String,
    /// Who belongs to it.
    #[schema(value_type = SegmentRuleBody)]
    pub rule: Value,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
}

impl From<&Segment> for SegmentBody {
    fn from(segment: &Segment) -> Self {
        let (name, rule) = (segment.name.clone(), segment.rule.clone());
        Self { segment_id: segment.id.to_string(), name, rule, created_at: segment.created_at }
    }
}

/// All segments.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct SegmentsBody {
    /// The segments, the oldest first.
    pub items: Vec<SegmentBody>,
}

/// Who belongs to a rule, as far as was counted.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct SegmentCountBody {
    /// Whether everybody was counted.
    pub complete: bool,
    /// Contacts that were looked at.
    pub looked_at: u64,
    /// Those who belong to it.
    pub matched: u64,
    /// Those among them who may be sent a mail that they did not cause.
    pub mailable: u64,
    /// The others among them, by the reason.
    pub excluded: BTreeMap<&'static str, u64>,
    /// Some of them, at most ten.
    pub sample: Vec<ContactBody>,
    /// Where to go on counting; null where everybody was counted.
    pub next: Option<String>,
}

impl From<&Preview> for SegmentCountBody {
    fn from(found: &Preview) -> Self {
        Self {
            complete: found.next.is_none(),
            looked_at: found.seen,
            matched: found.matched,
            mailable: found.mailable,
            excluded: found.excluded.iter().map(|(why, n)| (why.name(), *n)).collect(),
            sample: found.sample.iter().map(Into::into).collect(),
            next: found.next.map(|id| id.to_string()),
        }
    }
}
