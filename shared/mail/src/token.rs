//! Whose link it is: one token for each recipient, and a seal for each address that comes from data.
//!
//! A token is for one recipient of one run. It opens nothing by itself: what a link leads to is looked up on our side by its index. The
//! one exception, addresses from a recipient's data, carries the address under a seal of its own
//! (docs/decisions/0051-a-mail-is-made-once.md).

use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::TenantId;
use std::collections::BTreeMap;
use uuid::Uuid;

/// What of an HMAC-SHA-256 stands in a token: 128 bits, half of it, as RFC 2104 (section 5) allows.
const MAC_BYTES: usize = 16;
/// Key number, edition, tenant, run and contact.
const BODY_BYTES: usize = 2 + 3 * 16;
/// Longest address under a seal, in bytes: browsers and gateways take URLs of 8 KB.
pub const MAX_TARGET_BYTES: usize = 2_000;

/// Whose links they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Subject {
    /// The tenant, without whom nothing can be looked up.
    pub tenant: TenantId,
    /// The run: one edition of a campaign.
    pub run: [u8; 16],
    /// The contact.
    pub contact: [u8; 16],
    /// Which of the run's compiled contents (variant and locale) this recipient got: an index means another link in each.
    pub edition: u8,
}

/// The keys of tokens by their number: one signs, the others still prove what was sent before.
pub struct Keys {
    signing: u8,
    keys: BTreeMap<u8, hmac::Key>,
}

impl std::fmt::Debug for Keys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Keys").field("signing", &self.signing).finish_non_exhaustive()
    }
}

impl Keys {
    /// Keys that sign with the first.
    pub fn new(kid: u8, key: &[u8]) -> Self {
        Self { signing: kid, keys: [(kid, hmac::Key::new(hmac::HMAC_SHA256, key))].into() }
    }

    /// With one more that proves what it signed before.
    pub fn and(mut self, kid: u8, key: &[u8]) -> Self {
        self.keys.entry(kid).or_insert_with(|| hmac::Key::new(hmac::HMAC_SHA256, key));
        self
    }

    fn signing(&self) -> Option<&hmac::Key> {
        self.keys.get(&self.signing)
    }
}

/// A recipient's token and what seals their addresses.
#[derive(Clone)]
pub struct Token {
    text: String,
    key: hmac::Key,
}

impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Token")
    }
}

impl Token {
    /// The token of a recipient. `None` if the keys have none that signs, which [`Keys::new`] rules out.
    pub fn new(keys: &Keys, subject: &Subject) -> Option<Self> {
        let key = keys.signing()?;
        let mut bytes = [0_u8; BODY_BYTES + MAC_BYTES];
        let (body, mac) = bytes.split_at_mut(BODY_BYTES);
        body[0] = keys.signing;
        body[1] = subject.edition;
        body[2..18].copy_from_slice(subject.tenant.uuid().as_bytes());
        body[18..34].copy_from_slice(&subject.run);
        body[34..50].copy_from_slice(&subject.contact);
        mac.copy_from_slice(&token_mac(key, body));
        Some(Self { text: URL_SAFE_NO_PAD.encode(bytes), key: key.clone() })
    }

    /// As it stands in addresses: base64url.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// An address from data, sealed for this recipient and this link: base64url of the seal and the address.
    pub fn seal(&self, index: usize, target: &str) -> String {
        let mut bytes = Vec::with_capacity(MAC_BYTES + target.len());
        bytes.extend_from_slice(&target_mac(&self.key, &self.text, index, target));
        bytes.extend_from_slice(target.as_bytes());
        URL_SAFE_NO_PAD.encode(bytes)
    }
}

/// Whose token it is; `None` for whatever we did not make exactly so.
pub fn verify(keys: &Keys, token: &str) -> Option<Subject> {
    proved(keys, token).map(|(subject, _)| subject)
}

/// The address under a seal, for whoever's token it is; `None` for whatever we did not make exactly so. The caller still asks
/// [`Link::leads_to`](crate::Link::leads_to).
pub fn open(keys: &Keys, token: &str, index: usize, sealed: &str) -> Option<String> {
    let (_, key) = proved(keys, token)?;
    // No longer than what we make, so that nobody has us compute over megabytes.
    if sealed.len() > (MAX_TARGET_BYTES + MAC_BYTES).div_ceil(3) * 4 {
        return None;
    }
    let bytes = URL_SAFE_NO_PAD.decode(sealed).ok()?;
    let (mac, target) = bytes.split_at_checked(MAC_BYTES)?;
    let target = std::str::from_utf8(target).ok()?;
    verify_slices_are_equal(mac, &target_mac(key, token, index, target)).ok()?;
    Some(target.to_owned())
}

fn proved<'a>(keys: &'a Keys, token: &str) -> Option<(Subject, &'a hmac::Key)> {
    // The decoder refuses bits that are left over: each token has one spelling.
    let mut bytes = [0_u8; BODY_BYTES + MAC_BYTES];
    let read = URL_SAFE_NO_PAD.decode_slice(token, &mut bytes).ok()?;
    let (body, mac) = (read == bytes.len()).then(|| bytes.split_at(BODY_BYTES))?;
    let key = keys.keys.get(&body[0])?;
    verify_slices_are_equal(mac, &token_mac(key, body)).ok()?;
    let id = |at: usize| body.get(at..at + 16).and_then(|id| id.try_into().ok());
    let tenant = TenantId::from_uuid(Uuid::from_bytes(id(2)?));
    Some((Subject { edition: body[1], tenant, run: id(18)?, contact: id(34)? }, key))
}

/// A word before each kind, so that one can never be taken for the other.
fn token_mac(key: &hmac::Key, body: &[u8]) -> [u8; MAC_BYTES] {
    mac(key, &[b"mail token\0", body])
}

fn target_mac(key: &hmac::Key, token: &str, index: usize, target: &str) -> [u8; MAC_BYTES] {
    // The token has one length and the index eight bytes: nothing can move from one field into the next.
    mac(key, &[b"mail target\0", token.as_bytes(), &(index as u64).to_be_bytes(), target.as_bytes()])
}

fn mac(key: &hmac::Key, parts: &[&[u8]]) -> [u8; MAC_BYTES] {
    let mut context = hmac::Context::with_key(key);
    for part in parts {
        context.update(part);
    }
    let mut short = [0; MAC_BYTES];
    short.copy_from_slice(&context.sign().as_ref()[..MAC_BYTES]);
    short
}
