//! E-mail addresses: which are taken, and when two of them are one.

use serde::{Deserialize, Serialize};
use std::fmt;
use unicode_normalization::UnicodeNormalization;
use url::Host;

/// Most octets before the `@` (RFC 5321, 4.5.3.1.1).
const MAX_LOCAL: usize = 64;
/// Most octets of an address: a path has 256 with its angle brackets (RFC 5321, 4.5.3.1.3; RFC 3696, erratum 1690).
pub const MAX_ADDRESS: usize = 254;
/// Most octets of a label of a host name (RFC 1035, 2.3.4).
const MAX_LABEL: usize = 63;

/// An e-mail address: what is before the `@` as it was written, the domain in lower case and in ASCII.
///
/// A dot-atom of RFC 5322 at a host name. What that standard knows besides (quoted text, comments, address literals) is refused: nobody who
/// fills in a form has such an address. Letters beyond ASCII before the `@` are refused, too, since they only arrive where every server on
/// the way knows RFC 6531.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Address(String);

/// Why a text is no address that is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadAddress {
    /// No `@`, or nothing beside it.
    #[error("give an e-mail address such as ada@example.com")]
    NoAddress,
    /// Too long.
    #[error("an address has at most {MAX_ADDRESS} characters, and {MAX_LOCAL} of them before the @")]
    TooLong,
    /// Something before the `@` that is not taken.
    #[error("before the @ there may be ASCII letters, digits and !#$%&'*+-/=?^_`{{|}}~, and single dots between them")]
    Local,
    /// No host name behind the `@`.
    #[error("behind the @ there must be a domain such as example.com")]
    Domain,
}

impl Address {
    /// Reads an address, with the space around it cut off.
    ///
    /// # Errors
    /// Why it is not taken.
    pub fn parse(text: &str) -> Result<Self, BadAddress> {
        let text: String = text.trim().nfc().collect();
        let (local, domain) = text.rsplit_once('@').ok_or(BadAddress::NoAddress)?;
        if local.is_empty() || domain.is_empty() {
            return Err(BadAddress::NoAddress);
        }
        if local.len() > MAX_LOCAL || text.len() > 4 * MAX_ADDRESS {
            return Err(BadAddress::TooLong);
        }
        if !local.split('.').all(|atom| !atom.is_empty() && atom.bytes().all(is_atext)) {
            return Err(BadAddress::Local);
        }
        let domain = host(domain).ok_or(BadAddress::Domain)?;
        let address = format!("{local}@{domain}");
        if address.len() > MAX_ADDRESS {
            return Err(BadAddress::TooLong);
        }
        Ok(Self(address))
    }

    /// As it is written to.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What is behind the `@`.
    pub fn domain(&self) -> &str {
        self.0.rsplit_once('@').map_or("", |(_, domain)| domain)
    }

    /// What two spellings of one address share: all of it in lower case. A server may tell `Ada@` from `ada@` (RFC 5321, 2.4); none that
    /// people have addresses at does.
    pub fn identity(&self) -> String {
        self.0.to_ascii_lowercase()
    }
}

/// What an atom may consist of (RFC 5322, 3.2.3).
fn is_atext(b: u8) -> bool {
    b.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~".contains(&b)
}

/// The host name in lower case and ASCII; none where it is none that mail goes to.
fn host(domain: &str) -> Option<String> {
    // It would be decoded, and what looks like one domain would be another.
    if domain.contains('%') || domain.ends_with('.') {
        return None;
    }
    let Host::Domain(name) = Host::parse(domain).ok()? else { return None };
    let labels: Vec<&str> = name.split('.').collect();
    let is_label = |label: &&str| {
        (1..=MAX_LABEL).contains(&label.len())
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    (labels.len() >= 2 && labels.iter().all(is_label)).then_some(name)
}

// Addresses stand in no log: whatever prints a contact prints none.
impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Address(…)")
    }
}

impl TryFrom<String> for Address {
    type Error = BadAddress;
    fn try_from(text: String) -> Result<Self, BadAddress> {
        Self::parse(&text)
    }
}

impl From<Address> for String {
    fn from(address: Address) -> Self {
        address.0
    }
}
