//! Reading a rule, with everything that is wrong about it at its place.

use super::super::{AttributeKind, AttributeSet, AttributeValue, MAX_TEXT};
use super::condition::{Condition, Operand, Operator};
use super::field::{Field, FieldKind};
use super::{Node, Rule};
use crate::ListId;
use crate::publishing::Violation;
use jiff::Timestamp;
use serde_json::{Map, Value};

/// Most levels of `all`, `any` and `not`.
pub const MAX_DEPTH: usize = 6;
/// Most conditions of a rule.
pub const MAX_CONDITIONS: usize = 50;
/// Most values that a field is compared with.
pub const MAX_VALUES: usize = 100;
/// Most days that a rule looks back: ten years.
const MAX_DAYS: u64 = 3_650;

impl Rule {
    /// Reads a rule, such as `{"all": [{"field": "tags", "operator": "contains", "value": "vip"}, {"not": {…}}]}`. `at` is where it stands
    /// in what was sent (a JSON pointer).
    ///
    /// # Errors
    /// Everything that is wrong with it.
    pub fn read(json: &Value, at: &str, declared: &AttributeSet) -> Result<Self, Vec<Violation>> {
        let mut reader = Reader { declared, conditions: 0, wrong: Vec::new() };
        let node = reader.node(json, at, 1);
        if reader.conditions > MAX_CONDITIONS {
            let detail = format!("a rule has at most {MAX_CONDITIONS} conditions");
            reader.wrong.push(Violation::new("rule_too_large", at, detail));
        }
        match node {
            Some(node) if reader.wrong.is_empty() => Ok(Self(node)),
            _ => Err(reader.wrong),
        }
    }

    /// The lists that a rule names, each once.
    pub fn lists(&self) -> Vec<ListId> {
        let (mut found, mut left) = (Vec::new(), vec![&self.0]);
        while let Some(node) = left.pop() {
            match node {
                Node::All(nodes) | Node::Any(nodes) => left.extend(nodes),
                Node::Not(node) => left.push(node),
                Node::Is(condition) => {
                    if let Operand::Lists(lists) = &condition.operand {
                        found.extend(lists);
                    }
                }
            }
        }
        found.sort();
        found.dedup();
        found
    }
}

struct Reader<'a> {
    declared: &'a AttributeSet,
    conditions: usize,
    wrong: Vec<Violation>,
}

impl Reader<'_> {
    fn refuse<T>(&mut self, wrong: Violation) -> Option<T> {
        // Of a rule that is wrong everywhere not everything is told.
        if self.wrong.len() < MAX_CONDITIONS {
            self.wrong.push(wrong);
        }
        None
    }

    fn node(&mut self, json: &Value, at: &str, depth: usize) -> Option<Node> {
        let form = "give one of all, any, not, or a field with an operator and a value";
        let Some(fields) = json.as_object() else {
            return self.refuse(Violation::new("segment_rule_invalid", at, form));
        };
        if depth > MAX_DEPTH {
            let detail = format!("a rule has at most {MAX_DEPTH} levels");
            return self.refuse(Violation::new("rule_too_large", at, detail));
        }
        let only = |name: &str| fields.get(name).filter(|_| fields.len() == 1);
        if let Some(below) = only("not") {
            return Some(Node::Not(Box::new(self.node(below, &format!("{at}/not"), depth + 1)?)));
        }
        for (name, all) in [("all", true), ("any", false)] {
            let Some(below) = only(name) else { continue };
            let at = format!("{at}/{name}");
            let Some(items) = below.as_array().filter(|items| !items.is_empty()) else {
                return self.refuse(Violation::new("segment_rule_invalid", &at, "give a list of at least one rule"));
            };
            let nodes: Vec<Option<Node>> =
                items.iter().enumerate().map(|(n, item)| self.node(item, &format!("{at}/{n}"), depth + 1)).collect();
            let nodes = nodes.into_iter().collect::<Option<_>>()?;
            return Some(if all { Node::All(nodes) } else { Node::Any(nodes) });
        }
        self.conditions += 1;
        self.condition(fields, at).map(|condition| Node::Is(Box::new(condition)))
    }

    fn condition(&mut self, fields: &Map<String, Value>, at: &str) -> Option<Condition> {
        if let Some(other) = fields.keys().find(|name| !["field", "operator", "value"].contains(&name.as_str())) {
            let detail = format!("{other} is not known here: give field, operator and value, or all, any or not alone");
            return self.refuse(Violation::new("segment_rule_invalid", at, detail));
        }
        let text = |name: &str| fields.get(name).and_then(Value::as_str).unwrap_or_default();
        let Some(field) = Field::named(text("field"), self.declared) else {
            let detail = format!("name one of {}", Field::names(self.declared));
            return self.refuse(Violation::new("unknown_field_of_contacts", format!("{at}/field"), detail));
        };
        let kind = field.kind();
        let Some(operator) = Operator::named(text("operator")).filter(|operator| operator.fits(kind)) else {
            let fitting: Vec<&str> = Operator::ALL.into_iter().filter(|o| o.fits(kind)).map(Operator::name).collect();
            let detail = format!("of this field can be asked: {}", fitting.join(", "));
            return self.refuse(Violation::new("operator_invalid", format!("{at}/operator"), detail));
        };
        let at = format!("{at}/value");
        let operand = match operand(kind, operator, fields.get("value")) {
            Ok(operand) => operand,
            Err(detail) => return self.refuse(Violation::new("value_invalid", at, detail)),
        };
        Some(Condition { field, operator, operand })
    }
}

/// What a field of this kind is compared with; otherwise what to give.
fn operand(kind: FieldKind, operator: Operator, value: Option<&Value>) -> Result<Operand, String> {
    if matches!(operator, Operator::IsSet | Operator::IsNotSet) {
        let none = value.is_none_or(Value::is_null);
        return if none { Ok(Operand::Nothing) } else { Err("leave the value out".to_owned()) };
    }
    if operator == Operator::WithinDays {
        let days = value.and_then(Value::as_u64).filter(|days| (1..=MAX_DAYS).contains(days));
        let days = days.and_then(|days| u16::try_from(days).ok());
        return days.map(Operand::Days).ok_or_else(|| format!("give a number of days, 1 to {MAX_DAYS}"));
    }
    let one = match kind {
        FieldKind::Text | FieldKind::Set => "a text of at most 500 characters",
        FieldKind::Number => "a number; a decimal one as a text, such as \"19.90\"",
        FieldKind::Boolean => "true or false",
        FieldKind::Date => "a day such as \"2026-03-01\"",
        FieldKind::Instant => "an instant such as \"2026-03-01T12:00:00Z\"",
        FieldKind::Lists => "the id of a list",
    };
    let (least, most) = match operator {
        Operator::Between => (2, 2),
        Operator::In => (1, MAX_VALUES),
        _ => (1, 1),
    };
    let several = matches!(operator, Operator::Between | Operator::In);
    let wanted = || match operator {
        Operator::Between => format!("give a list of the lowest and the highest, each {one}"),
        Operator::In => format!("give a list of at most {MAX_VALUES}, each {one}"),
        _ => format!("give {one}"),
    };
    let values: Vec<&Value> = match value {
        Some(Value::Array(items)) if several => items.iter().collect(),
        Some(one) if !several => vec![one],
        _ => return Err(wanted()),
    };
    if !(least..=most).contains(&values.len()) {
        return Err(wanted());
    }
    let read = each(kind, &values).ok_or_else(wanted)?;
    let ordered = match &read {
        Operand::Numbers(with) => with.is_sorted(),
        Operand::Dates(with) => with.is_sorted(),
        Operand::Instants(with) => with.is_sorted(),
        _ => true,
    };
    if operator == Operator::Between && !ordered { Err(wanted()) } else { Ok(read) }
}

fn each(kind: FieldKind, values: &[&Value]) -> Option<Operand> {
    fn all<T>(values: &[&Value], read: impl Fn(&Value) -> Option<T>) -> Option<Vec<T>> {
        values.iter().map(|value| read(value)).collect()
    }
    let number = |value: &Value| match AttributeKind::Decimal.take(value) {
        Some(AttributeValue::Decimal(n)) => Some(n),
        _ => value.as_i64().map(Into::into),
    };
    let day = |value: &Value| match AttributeKind::Date.take(value) {
        Some(AttributeValue::Date(day)) => Some(day),
        _ => None,
    };
    let text = |value: &Value| {
        let text = value.as_str().filter(|text| !text.is_empty() && text.chars().count() <= MAX_TEXT)?;
        Some(text.to_lowercase())
    };
    Some(match kind {
        FieldKind::Text | FieldKind::Set => Operand::Texts(all(values, text)?),
        FieldKind::Number => Operand::Numbers(all(values, number)?),
        FieldKind::Boolean => Operand::Boolean(values.first()?.as_bool()?),
        FieldKind::Date => Operand::Dates(all(values, day)?),
        FieldKind::Instant => Operand::Instants(all(values, |value| value.as_str()?.parse::<Timestamp>().ok())?),
        FieldKind::Lists => Operand::Lists(all(values, |value| value.as_str()?.parse::<ListId>().ok())?),
    })
}
