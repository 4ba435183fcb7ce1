//! Where an endpoint is, as its form has it: an address of one's own, or a queue, a bus or a chat.

use super::Reader;
use super::endpoint_form::option;
use crate::view::{FieldError, WayForm};
use crate::words::{WAYS, sentence};
use app::webhooks::{DestinationKind, NewDestination};
use domain::publishing::Violation;
use domain::webhooks::Endpoint;
use secrecy::SecretString;

/// What stands in the form, but for the address of a chat, which is never shown again.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct WayDraft {
    kind: Option<DestinationKind>,
    url: String,
    queue: String,
    bus: String,
    role: String,
}

impl WayDraft {
    /// As it was typed. None when the way is none of ours.
    pub(super) fn typed<'a>(field: impl Fn(&str) -> &'a str) -> Option<Self> {
        let kind = match field("to") {
            "" => None,
            named => WAYS.iter().find(|(kind, _)| name(*kind) == named)?.0,
        };
        let text = |name: &str| field(name).trim().to_owned();
        Some(Self { kind, url: text("url"), queue: text("queue"), bus: text("bus"), role: text("role") })
    }

    /// As the endpoint is.
    pub(super) fn of(endpoint: &Endpoint) -> Self {
        let kind = WAYS.iter().find(|(kind, _)| name(*kind) == endpoint.destination.name()).and_then(|(kind, _)| *kind);
        let shown = |of: Option<DestinationKind>| if kind == of { endpoint.url.clone() } else { String::new() };
        Self {
            kind,
            url: shown(None),
            queue: shown(Some(DestinationKind::Queue)),
            bus: shown(Some(DestinationKind::Bus)),
            role: endpoint.destination.role_arn().unwrap_or_default().to_owned(),
        }
    }

    /// The address that people see of it, as far as the form knows it: not of a chat.
    pub(super) fn address(&self) -> &str {
        match self.kind {
            None => &self.url,
            Some(DestinationKind::Queue) => &self.queue,
            Some(DestinationKind::Bus) => &self.bus,
            Some(DestinationKind::Chat) => "",
        }
    }

    /// What a new endpoint gets: an https address, or a destination. What stands in the fields of other ways does not count.
    pub(super) fn given(&self, chat: Option<SecretString>) -> (String, Option<NewDestination>) {
        let Some(kind) = self.kind else { return (self.url.clone(), None) };
        let typed = |text: &String| Some(text.clone()).filter(|text| !text.is_empty());
        let url = match kind {
            DestinationKind::Queue => typed(&self.queue).map(SecretString::from),
            DestinationKind::Bus => None,
            DestinationKind::Chat => chat,
        };
        let arn = typed(&self.bus).filter(|_| kind == DestinationKind::Bus);
        let role_arn = typed(&self.role).filter(|_| kind != DestinationKind::Chat);
        (String::new(), Some(NewDestination { kind, url, arn, role_arn }))
    }

    /// What one that there is gets where the form differs; of a chat only where another address was entered.
    pub(super) fn changed(
        &self,
        old: &Endpoint,
        chat: Option<SecretString>,
    ) -> (Option<String>, Option<NewDestination>) {
        let was = Self::of(old);
        // One stays of its kind.
        let now = Self { kind: was.kind, ..self.clone() };
        let by_role = matches!(now.kind, Some(DestinationKind::Queue | DestinationKind::Bus));
        let differs = chat.is_some() || now.address() != was.address() || (by_role && now.role != was.role);
        match now.given(chat) {
            _ if !differs => (None, None),
            (url, None) => (Some(url), None),
            (_, some) => (None, some),
        }
    }

    /// The form. Where an endpoint is cannot become another kind of place: `old` is whether there is one.
    pub(super) fn form(&self, reader: &Reader<'_>, chats: String, old: bool) -> WayForm {
        let way = |(kind, label): &(Option<DestinationKind>, &str)| option(name(*kind), label, *kind == self.kind);
        WayForm {
            ways: if old { Vec::new() } else { WAYS.iter().map(way).collect() },
            kind: name(self.kind).into(),
            url: self.url.clone(),
            queue: self.queue.clone(),
            bus: self.bus.clone(),
            role: self.role.clone(),
            external_id: reader.caller.tenant.to_string(),
            chats,
        }
    }

    /// What is wrong, beside its fields. The address of a chat that was entered for another kind of address does not come back.
    pub(super) fn errors(&mut self, violations: &[Violation]) -> Vec<FieldError> {
        let place = match self.kind {
            None => "url",
            Some(kind) => kind.name(),
        };
        let error = |violation: &Violation| {
            let known = |field| FieldError { field: String::from(field), text: sentence(&violation.detail) };
            match violation.field.trim_start_matches('/') {
                "destination/role_arn" => known("role"),
                "url" if violation.code == "use_destination" => FieldError {
                    field: "url".into(),
                    text: "This is the address of a chat: choose that above, and enter it there.".into(),
                },
                "url" | "destination" | "destination/url" | "destination/arn" => known(place),
                path => known(super::fields::endpoint_field(path.split('/').next().unwrap_or_default())),
            }
        };
        if violations.iter().any(|violation| violation.code == "use_destination") {
            self.url.clear();
        }
        violations.iter().map(error).collect()
    }
}

fn name(kind: Option<DestinationKind>) -> &'static str {
    kind.map_or("https", DestinationKind::name)
}
