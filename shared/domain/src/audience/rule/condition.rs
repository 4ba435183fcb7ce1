//! One condition of a rule.

use super::super::{Contact, Decimal, Person, SubscriptionState};
use super::Moment;
use super::field::{Field, FieldKind, Said};
use crate::ListId;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan};

/// What is asked of a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)] // each is what its name says; docs/api.md has the table
pub enum Operator {
    Equals,
    NotEquals,
    Contains,
    StartsWith,
    EndsWith,
    Greater,
    Less,
    Between,
    In,
    Before,
    After,
    WithinDays,
    IsSet,
    IsNotSet,
}

impl Operator {
    /// All of them.
    pub const ALL: [Self; 14] = [
        Self::Equals,
        Self::NotEquals,
        Self::Contains,
        Self::StartsWith,
        Self::EndsWith,
        Self::Greater,
        Self::Less,
        Self::Between,
        Self::In,
        Self::Before,
        Self::After,
        Self::WithinDays,
        Self::IsSet,
        Self::IsNotSet,
    ];
    /// Their names, as they stand on the wire.
    pub const NAMES: [&'static str; 14] = [
        "equals",
        "not_equals",
        "contains",
        "starts_with",
        "ends_with",
        "greater",
        "less",
        "between",
        "in",
        "before",
        "after",
        "within_days",
        "is_set",
        "is_not_set",
    ];

    /// In one word.
    pub fn name(self) -> &'static str {
        Self::NAMES[self as usize]
    }

    /// The one of this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|operator| operator.name() == name)
    }

    /// Whether it can be asked of such a field.
    pub fn fits(self, kind: FieldKind) -> bool {
        match self {
            Self::IsSet | Self::IsNotSet => true,
            Self::Equals | Self::NotEquals => {
                matches!(kind, FieldKind::Text | FieldKind::Number | FieldKind::Boolean | FieldKind::Date)
            }
            Self::Contains => matches!(kind, FieldKind::Text | FieldKind::Set | FieldKind::Lists),
            Self::StartsWith | Self::EndsWith => kind == FieldKind::Text,
            Self::Greater | Self::Less => kind == FieldKind::Number,
            Self::Between => matches!(kind, FieldKind::Number | FieldKind::Date | FieldKind::Instant),
            Self::In => matches!(kind, FieldKind::Text | FieldKind::Number | FieldKind::Set | FieldKind::Lists),
            Self::Before | Self::After | Self::WithinDays => matches!(kind, FieldKind::Date | FieldKind::Instant),
        }
    }
}

/// What a field is compared with. Texts are in lower case.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Operand {
    Nothing,
    Texts(Vec<String>),
    Numbers(Vec<Decimal>),
    Boolean(bool),
    Dates(Vec<Date>),
    Instants(Vec<Timestamp>),
    Lists(Vec<ListId>),
    Days(u16),
}

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Condition {
    pub(super) field: Field,
    pub(super) operator: Operator,
    pub(super) operand: Operand,
}

impl Condition {
    /// Whether it holds. Where nothing is known of the field, only "is not set" and "not equals" do.
    pub(super) fn holds(&self, contact: &Contact, person: &Person, moment: &Moment) -> bool {
        let said = self.field.of(contact, person);
        match (self.operator, said) {
            (Operator::IsSet, said) => said.is_some(),
            (Operator::IsNotSet, said) => said.is_none(),
            (Operator::NotEquals, said) => !said.is_some_and(|said| self.is(Operator::Equals, said, person, moment)),
            (operator, Some(said)) => self.is(operator, said, person, moment),
            (_, None) => false,
        }
    }

    fn is(&self, operator: Operator, said: Said<'_>, person: &Person, moment: &Moment) -> bool {
        match (said, &self.operand) {
            (Said::Text(text), Operand::Texts(with)) => is_text(operator, &text.to_lowercase(), with),
            (Said::Number(n), Operand::Numbers(with)) => is_number(operator, &n, with),
            (Said::Boolean(is), Operand::Boolean(with)) => is == *with,
            (Said::Date(day), Operand::Dates(with)) => in_order(operator, &day, with),
            (Said::Instant(at), Operand::Instants(with)) => in_order(operator, &at, with),
            // The texts of a set are compared whole, each.
            (Said::Set(texts), Operand::Texts(with)) => {
                texts.iter().any(|text| with.iter().any(|with| text.to_lowercase() == *with))
            }
            (Said::Lists(contact), Operand::Lists(with)) => with.iter().any(|list| {
                contact.subscriptions.get(list).is_some_and(|known| known.state == SubscriptionState::Subscribed)
            }),
            (Said::Date(day), Operand::Days(days)) => {
                // Today is where the person is.
                let own = person.zone.as_ref().and_then(|zone| TimeZone::get(zone).ok());
                let today = moment.now.to_zoned(own.unwrap_or_else(|| moment.zone.clone())).date();
                today.checked_sub(i32::from(*days).days()).is_ok_and(|first| first <= day && day <= today)
            }
            (Said::Instant(at), Operand::Days(days)) => {
                let back = SignedDuration::from_hours(24 * i64::from(*days));
                moment.now.checked_sub(back).is_ok_and(|first| first <= at && at <= moment.now)
            }
            _ => false,
        }
    }
}

fn is_text(operator: Operator, text: &str, with: &[String]) -> bool {
    let [first, ..] = with else { return false };
    match operator {
        Operator::Equals => text == first,
        Operator::Contains => text.contains(first.as_str()),
        Operator::StartsWith => text.starts_with(first.as_str()),
        Operator::EndsWith => text.ends_with(first.as_str()),
        Operator::In => with.iter().any(|with| text == with),
        _ => false,
    }
}

fn is_number(operator: Operator, n: &Decimal, with: &[Decimal]) -> bool {
    match operator {
        Operator::In => with.iter().any(|with| n.cmp(with).is_eq()),
        other => in_order(other, n, with),
    }
}

/// By order, so that 1.5 equals 1.50; "between" has both its ends.
fn in_order<T: Ord>(operator: Operator, said: &T, with: &[T]) -> bool {
    match (operator, with) {
        (Operator::Equals, [with]) => said.cmp(with).is_eq(),
        (Operator::Greater | Operator::After, [with]) => said.cmp(with).is_gt(),
        (Operator::Less | Operator::Before, [with]) => said.cmp(with).is_lt(),
        (Operator::Between, [low, high]) => said.cmp(low).is_ge() && said.cmp(high).is_le(),
        _ => false,
    }
}
