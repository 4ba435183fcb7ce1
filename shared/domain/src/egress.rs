//! Which addresses a tenant lets its webhook endpoints have, beyond https on its own port.

use crate::publishing::Violation;
use serde::{Deserialize, Serialize};
use url::Url;

/// The ports besides 443 and 80 that a tenant may allow: those that the Service Name and Transport Protocol Port Number
/// Registry of IANA gives to alternates of http and https. Any other would make Herald knock at services of other kinds.
pub const OTHER_PORTS: [u16; 4] = [8008, 8080, 8443, 9443];

/// What a tenant allows its webhook endpoints. Whatever it allows, only public addresses are called, and nothing but events
/// goes there: media and what carries an account's access keep to https and its own port.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct EgressPolicy {
    /// Whether plain http is allowed, on port 80. Events, and the headers of the endpoint, can be read and changed on their way.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub http: bool,
    /// Ports besides those of https and http.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ports: Vec<u16>,
}

impl EgressPolicy {
    /// What holds while a tenant has said nothing: https, on port 443.
    pub const STRICT: Self = Self { http: false, ports: Vec::new() };

    /// Whether it allows nothing beyond [`Self::STRICT`].
    pub fn is_strict(&self) -> bool {
        *self == Self::STRICT
    }

    /// Whether scheme and port of this address are allowed. Of its host this says nothing.
    pub fn allows(&self, url: &Url) -> bool {
        let Some(port) = url.port_or_known_default() else { return false };
        match url.scheme() {
            "https" => port == 443 || self.ports.contains(&port),
            "http" => self.http && (port == 80 || self.ports.contains(&port)),
            _ => false,
        }
    }

    /// The policy as it is kept: each port once, in their order. Or everything that is wrong with it.
    ///
    /// # Errors
    /// A port is none of [`OTHER_PORTS`].
    pub fn checked(mut self) -> Result<Self, Vec<Violation>> {
        let refused = self.ports.iter().enumerate().filter(|(_, port)| !OTHER_PORTS.contains(port));
        let wrong: Vec<_> = refused
            .map(|(i, port)| {
                let detail = format!(
                    "port {port} cannot be allowed: give some of {OTHER_PORTS:?}; 443 always is, and 80 with http"
                );
                Violation::new("port_not_allowed", format!("/ports/{i}"), detail)
            })
            .collect();
        self.ports.sort_unstable();
        self.ports.dedup();
        if wrong.is_empty() { Ok(self) } else { Err(wrong) }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn allowed(policy: &EgressPolicy) -> Vec<&'static str> {
        let all = [
            "https://a.example/",
            "https://a.example:443/",
            "https://a.example:80/",
            "https://a.example:8443/",
            "http://a.example/",
            "http://a.example:443/",
            "http://a.example:8443/",
            "ftp://a.example/",
            "ws://a.example/",
        ];
        all.into_iter().filter(|url| policy.allows(&url.parse().unwrap())).collect()
    }

    #[test]
    fn https_is_always_allowed_and_the_rest_as_the_policy_says() {
        let https = ["https://a.example/", "https://a.example:443/"];
        assert_eq!(allowed(&EgressPolicy::STRICT), https);
        assert_eq!(allowed(&EgressPolicy::default()), https);
        let http = EgressPolicy { http: true, ports: vec![] };
        assert_eq!(allowed(&http), [&https[..], &["http://a.example/"]].concat());
        let port = EgressPolicy { http: false, ports: vec![8443] };
        assert_eq!(allowed(&port), [&https[..], &["https://a.example:8443/"]].concat());
        let both = EgressPolicy { http: true, ports: vec![8443] };
        let more = ["https://a.example:8443/", "http://a.example/", "http://a.example:8443/"];
        assert_eq!(allowed(&both), [&https[..], &more].concat());
    }

    #[test]
    fn a_port_that_is_no_alternate_of_http_is_refused_where_it_stands() {
        let policy = |ports: &[u16]| EgressPolicy { http: true, ports: ports.to_vec() };
        assert_eq!(policy(&[8443, 8080, 8443]).checked(), Ok(policy(&[8080, 8443])));
        assert_eq!(policy(&OTHER_PORTS).checked(), Ok(policy(&OTHER_PORTS)));
        let wrong = policy(&[22, 8080, 0, 443, 65_535]).checked().unwrap_err();
        let found: Vec<_> = wrong.iter().map(|v| (v.code.as_ref(), v.field.as_ref())).collect();
        let at = |field| ("port_not_allowed", field);
        assert_eq!(found, [at("/ports/0"), at("/ports/2"), at("/ports/3"), at("/ports/4")]);
    }

    #[test]
    fn a_strict_policy_leaves_no_trace_in_what_is_stored() {
        assert_eq!(serde_json::to_string(&EgressPolicy::STRICT).unwrap(), "{}");
        assert_eq!(serde_json::from_str::<EgressPolicy>("{}").unwrap(), EgressPolicy::STRICT);
    }
}
