//! What endpoints may be: what stands in the form, and back.

use super::Reader;
use crate::view::{EgressForm, SelectOption};
use domain::access::Permission;
use domain::egress::{EgressPolicy, OTHER_PORTS};

/// The policy that a form asks for, unchecked. What is no port is one that is refused with the rest.
pub fn egress_typed<'a>(http: bool, ports: impl Iterator<Item = &'a str>) -> EgressPolicy {
    EgressPolicy { http, ports: ports.map(|port| port.parse().unwrap_or(0)).collect() }
}

/// The form, or what holds for who may not change it.
pub fn egress_form(reader: &Reader<'_>, policy: &EgressPolicy) -> EgressForm {
    let port = |port: &u16| SelectOption {
        value: port.to_string(),
        label: format!("Port {port}"),
        selected: policy.ports.contains(port),
    };
    let http = policy.http.then(|| "plain http".to_owned());
    let ports = policy.ports.iter().map(|port| format!("port {port}"));
    EgressForm {
        action: reader.may(Permission::Administer).then(|| "/console/team/egress-policy".to_owned()),
        idempotency_key: reader.fresh(),
        http: policy.http,
        ports: OTHER_PORTS.iter().map(port).collect(),
        says: http.into_iter().chain(ports).collect::<Vec<_>>().join(", "),
    }
}
