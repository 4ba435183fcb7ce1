//! Rules that say who belongs to a segment: conditions on what is known of a contact, in any nesting of all, any and not.
//!
//! A rule is kept as it was written (JSON) and read anew before it is used, with the attributes that are declared by then: a condition
//! on one that is not there any more is told, and not taken for "nobody".

mod condition;
mod field;
mod read;
#[cfg(test)]
mod tests;

pub use condition::Operator;
pub use field::FieldKind;
pub use read::{MAX_CONDITIONS, MAX_DEPTH, MAX_VALUES};

use super::Contact;
use condition::Condition;
use jiff::Timestamp;
use jiff::tz::TimeZone;

/// A rule that was read: it can be asked of any contact.
#[derive(Debug, Clone, PartialEq)]
pub struct Rule(Node);

#[derive(Debug, Clone, PartialEq)]
enum Node {
    All(Vec<Node>),
    Any(Vec<Node>),
    Not(Box<Node>),
    Is(Box<Condition>),
}

/// When a rule is asked: what lies some days back depends on it.
#[derive(Debug, Clone)]
pub struct Moment {
    /// Now.
    pub now: Timestamp,
    /// The zone of those who have none of their own.
    pub zone: TimeZone,
}

impl Rule {
    /// Whether a contact belongs to it. Nobody does who was forgotten.
    pub fn matches(&self, contact: &Contact, moment: &Moment) -> bool {
        contact.person.as_ref().is_some_and(|person| holds(&self.0, contact, person, moment))
    }
}

fn holds(node: &Node, contact: &Contact, person: &super::Person, moment: &Moment) -> bool {
    match node {
        Node::All(nodes) => nodes.iter().all(|node| holds(node, contact, person, moment)),
        Node::Any(nodes) => nodes.iter().any(|node| holds(node, contact, person, moment)),
        Node::Not(node) => !holds(node, contact, person, moment),
        Node::Is(condition) => condition.holds(contact, person, moment),
    }
}
