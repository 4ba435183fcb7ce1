//! Who looks at a page: in which zone times are told, and what may be done.

use crate::view::{Action, ActionStyle, Hidden, Moment};
use domain::access::{Caller, Permission};
use jiff::{Timestamp, Zoned, tz::TimeZone};
use ports::Entropy;

/// The reader of a page.
#[derive(Clone, Copy)]
pub struct Reader<'a> {
    /// Who.
    pub caller: &'a Caller,
    /// The IANA zone times are told in.
    pub zone: &'a str,
    /// When the page is made.
    pub now: Timestamp,
    /// Where idempotency keys come from.
    pub entropy: &'a dyn Entropy,
}

impl Reader<'_> {
    /// An instant, to the minute.
    pub fn moment(&self, at: Timestamp) -> Moment {
        Moment::new(at, self.zone)
    }

    /// An instant, to the second.
    pub fn precise(&self, at: Timestamp) -> Moment {
        Moment::precise(at, self.zone)
    }

    /// An instant on the reader's calendar.
    pub fn local(&self, at: Timestamp) -> Zoned {
        at.to_zoned(TimeZone::get(self.zone).unwrap_or(TimeZone::UTC))
    }

    /// Whether the reader may do this.
    pub fn may(&self, permission: Permission) -> bool {
        self.caller.may(permission)
    }

    /// A key that makes one rendered form act once.
    pub fn fresh(&self) -> String {
        self.entropy.token()
    }

    /// A button.
    pub fn action(&self, href: String, label: &str, style: ActionStyle) -> Action {
        Action { href, label: label.into(), style, idempotency_key: self.fresh(), ..Action::default() }
    }
}

impl Action {
    /// Asks before it acts.
    #[must_use]
    pub fn asking(self, question: impl Into<String>) -> Self {
        Self { confirm: Some(question.into()), ..self }
    }

    /// Sends a hidden field along.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.fields.push(Hidden { name: name.into(), value: value.into() });
        self
    }
}
