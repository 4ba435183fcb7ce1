//! The key ring: numbered keys, one of them active. Pure, so that every property of the seal is tested without AWS.
//!
//! A sealed value is `v1.<key number>.<base64url of nonce ‖ ciphertext ‖ tag>`: AES-256-GCM (NIST SP 800-38D) with a
//! random 96-bit nonce, so that one key may seal 2³² values; a token refreshed every two hours for a thousand accounts
//! takes a thousand years to get there, and rotation starts a new count.

use aws_lc_rs::aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey};
use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ports::SecretError;
use secrecy::{ExposeSecret, SecretString};
use serde::de::{Deserialize, Deserializer, Visitor};
use std::collections::BTreeMap;
use std::fmt;
use zeroize::{Zeroize, Zeroizing};

const FORM: &str = "v1";
const TAG_LEN: usize = 16;

/// The keys, ready to seal and open.
pub struct Ring {
    active: u32,
    keys: BTreeMap<u32, RandomizedNonceKey>,
}

impl fmt::Debug for Ring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ring").field("active", &self.active).field("keys", &self.keys.len()).finish()
    }
}

impl Ring {
    /// Reads the ring secret: `{"active":1,"1":"<text>"}`. Key n is the SHA-256 of its text: the text is made by
    /// `CloudFormation`, which makes strings and no bytes.
    ///
    /// # Errors
    /// [`SecretError::Malformed`] when it is not that, or the active key is not in it.
    pub fn parse(secret: &SecretString) -> Result<Self, SecretError> {
        RingText::parse(secret)?.ring()
    }

    /// The number of the key that seals.
    pub fn active(&self) -> u32 {
        self.active
    }

    /// Whether the ring has the key that `sealed` was sealed under.
    pub fn knows(&self, sealed: &str) -> bool {
        number_of(sealed).is_some_and(|n| self.keys.contains_key(&n))
    }

    /// Whether `sealed` was sealed under another key than the active one.
    ///
    /// # Errors
    /// [`SecretError::Unsealed`] when it is no sealed value.
    pub fn is_stale(&self, sealed: &str) -> Result<bool, SecretError> {
        number_of(sealed).map(|n| n != self.active).ok_or(SecretError::Unsealed)
    }

    /// Seals under the active key, for one place: `aad` is not stored, whoever opens must name the same place.
    ///
    /// # Errors
    /// [`SecretError::Unsealed`] when the cipher refuses, which only absurd lengths bring about.
    pub fn seal(&self, aad: &str, plain: &SecretString) -> Result<String, SecretError> {
        let key = self.keys.get(&self.active).ok_or(SecretError::Unsealed)?;
        let plain = plain.expose_secret().as_bytes();
        // Room for the tag from the start: growing would leave a copy of the plain text behind in freed memory.
        let mut in_out = Vec::with_capacity(plain.len() + TAG_LEN);
        in_out.extend_from_slice(plain);
        let Ok(nonce) = key.seal_in_place_append_tag(Aad::from(aad.as_bytes()), &mut in_out) else {
            in_out.zeroize();
            return Err(SecretError::Unsealed);
        };
        let mut bytes = nonce.as_ref().to_vec();
        bytes.append(&mut in_out);
        Ok(format!("{FORM}.{}.{}", self.active, URL_SAFE_NO_PAD.encode(bytes)))
    }

    /// Opens what was sealed for the place `aad` under any key of the ring.
    ///
    /// # Errors
    /// [`SecretError::Unsealed`]: another place, a key not in the ring, or a changed byte. Which one is not told.
    pub fn open(&self, aad: &str, sealed: &str) -> Result<SecretString, SecretError> {
        let key = number_of(sealed).and_then(|n| self.keys.get(&n)).ok_or(SecretError::Unsealed)?;
        let payload = sealed.rsplit('.').next().unwrap_or_default();
        let bytes = URL_SAFE_NO_PAD.decode(payload).map_err(|_| SecretError::Unsealed)?;
        let mut bytes = Zeroizing::new(bytes);
        if bytes.len() < NONCE_LEN + TAG_LEN {
            return Err(SecretError::Unsealed);
        }
        let (nonce, in_out) = bytes.split_at_mut(NONCE_LEN);
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| SecretError::Unsealed)?;
        let plain = key.open_in_place(nonce, Aad::from(aad.as_bytes()), in_out).map_err(|_| SecretError::Unsealed)?;
        std::str::from_utf8(plain).map(SecretString::from).map_err(|_| SecretError::Unsealed)
    }
}

fn number_of(sealed: &str) -> Option<u32> {
    let mut parts = sealed.split('.');
    let (form, number, _) = (parts.next()?, parts.next()?, parts.next()?);
    let number = number.parse().ok().filter(|n: &u32| n.to_string() == number)?;
    (form == FORM && parts.next().is_none()).then_some(number)
}

/// The ring secret as text, for rotation. Wiped when dropped.
pub(crate) struct RingText {
    active: u32,
    texts: BTreeMap<u32, Zeroizing<String>>,
}

impl RingText {
    pub(crate) fn parse(secret: &SecretString) -> Result<Self, SecretError> {
        const BAD: SecretError = SecretError::Malformed("the key ring is not {\"active\":1,\"1\":\"…\"}");
        let fields: BTreeMap<String, Field> = serde_json::from_str(secret.expose_secret()).map_err(|_| BAD)?;
        let (mut active, mut texts) = (None, BTreeMap::new());
        for (name, field) in fields {
            match (name.parse::<u32>(), field) {
                (Err(_), Field::Number(n)) if name == "active" => active = Some(n),
                (Ok(n), Field::Text(text)) if !text.is_empty() => {
                    texts.insert(n, text);
                }
                _ => return Err(BAD),
            }
        }
        let active = active.filter(|n| texts.contains_key(n)).ok_or(BAD)?;
        Ok(Self { active, texts })
    }

    pub(crate) fn active(&self) -> u32 {
        self.active
    }

    pub(crate) fn ring(&self) -> Result<Ring, SecretError> {
        let mut keys = BTreeMap::new();
        for (n, text) in &self.texts {
            let bytes =
                Zeroizing::new(<[u8; 32]>::try_from(digest(&SHA256, text.as_bytes()).as_ref()).unwrap_or_default());
            let key = RandomizedNonceKey::new(&AES_256_GCM, bytes.as_slice()).map_err(|_| SecretError::Unsealed)?;
            keys.insert(*n, key);
        }
        Ok(Ring { active: self.active, keys })
    }

    /// The ring with one more key, which is the active one.
    pub(crate) fn with_new(mut self, text: String) -> Self {
        let next = self.texts.keys().max().copied().unwrap_or(0) + 1;
        self.texts.insert(next, Zeroizing::new(text));
        self.active = next;
        self
    }

    pub(crate) fn to_secret(&self) -> SecretString {
        let quoted =
            |text: &Zeroizing<String>| Zeroizing::new(serde_json::to_string(text.as_str()).unwrap_or_default());
        let texts: Vec<_> = self.texts.iter().map(|(n, text)| (n.to_string(), quoted(text))).collect();
        // With room for all from the start: growing would leave unwiped copies behind.
        let room = 24 + texts.iter().map(|(n, text)| n.len() + text.len() + 4).sum::<usize>();
        let mut json = Zeroizing::new(String::with_capacity(room));
        json.push_str("{\"active\":");
        json.push_str(&self.active.to_string());
        for (n, text) in &texts {
            for piece in [",\"", n, "\":", text.as_str()] {
                json.push_str(piece);
            }
        }
        json.push('}');
        SecretString::from(json.as_str())
    }
}

enum Field {
    Number(u32),
    Text(Zeroizing<String>),
}

/// By hand, because the derived form of an untagged enum keeps an unwiped copy of the text.
impl<'de> Deserialize<'de> for Field {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either;
        impl Visitor<'_> for Either {
            type Value = Field;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a number or a text")
            }
            fn visit_u64<E: serde::de::Error>(self, n: u64) -> Result<Field, E> {
                u32::try_from(n).map(Field::Number).map_err(E::custom)
            }
            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Field, E> {
                Ok(Field::Text(Zeroizing::new(text.to_owned())))
            }
        }
        deserializer.deserialize_any(Either)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use std::collections::HashSet;

    const AAD: &str = "ten_1|acc_1|tokens|3";

    fn secret(text: &str) -> SecretString {
        SecretString::from(text)
    }

    fn ring(json: &str) -> Ring {
        Ring::parse(&secret(json)).unwrap()
    }

    fn one() -> Ring {
        ring(r#"{"active":1,"1":"first text"}"#)
    }

    #[test]
    fn what_is_sealed_for_one_place_opens_there_and_nowhere_else() {
        let ring = one();
        let sealed = ring.seal(AAD, &secret("the token")).unwrap();
        assert_eq!(ring.open(AAD, &sealed).unwrap().expose_secret(), "the token");
        for elsewhere in
            ["ten_2|acc_1|tokens|3", "ten_1|acc_2|tokens|3", "ten_1|acc_1|secret|3", "ten_1|acc_1|tokens|4", ""]
        {
            assert_eq!(ring.open(elsewhere, &sealed).unwrap_err(), SecretError::Unsealed, "{elsewhere}");
        }
    }

    #[test]
    fn a_changed_byte_anywhere_keeps_it_shut() {
        let ring = one();
        let sealed = ring.seal(AAD, &secret("the token")).unwrap();
        let payload = sealed.rsplit('.').next().unwrap();
        let bytes = URL_SAFE_NO_PAD.decode(payload).unwrap();
        for at in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[at] ^= 1;
            let changed = format!("v1.1.{}", URL_SAFE_NO_PAD.encode(changed));
            assert_eq!(ring.open(AAD, &changed).unwrap_err(), SecretError::Unsealed, "byte {at}");
        }
        let longer = format!("{sealed}AA");
        let as_another_key = sealed.replacen("v1.1.", "v1.2.", 1);
        for bad in ["", "v1", "v1.1.", "v2.1.AAAA", "v1.01.AAAA", "v1.1.****", &longer, &as_another_key] {
            assert_eq!(ring.open(AAD, bad).unwrap_err(), SecretError::Unsealed, "{bad}");
        }
    }

    #[test]
    fn a_million_seals_use_a_million_nonces() {
        let ring = one();
        let plain = secret("");
        let mut nonces = HashSet::with_capacity(1_000_000);
        for _ in 0..1_000_000 {
            let sealed = ring.seal("", &plain).unwrap();
            // 16 characters of base64 are the 12 bytes of the nonce.
            let mut nonce = [0; 16];
            nonce.copy_from_slice(&sealed.as_bytes()[5..21]);
            assert!(nonces.insert(nonce), "a nonce was used twice");
        }
    }

    #[test]
    fn after_a_rotation_both_keys_open_and_the_new_one_seals() {
        let before = RingText::parse(&secret(r#"{"active":1,"1":"first text"}"#)).unwrap();
        let old = before.ring().unwrap().seal(AAD, &secret("old")).unwrap();
        let rotated = Ring::parse(&before.with_new("second \"text\"".into()).to_secret()).unwrap();
        let new = rotated.seal(AAD, &secret("new")).unwrap();
        assert_eq!(rotated.active(), 2);
        assert!(new.starts_with("v1.2."));
        assert_eq!(rotated.open(AAD, &old).unwrap().expose_secret(), "old");
        assert_eq!(rotated.open(AAD, &new).unwrap().expose_secret(), "new");
        assert!(rotated.is_stale(&old).unwrap() && !rotated.is_stale(&new).unwrap());
        // With the old key taken off the ring, what was sealed again still opens and the rest does not.
        let only_new = ring(r#"{"active":2,"2":"second \"text\""}"#);
        assert_eq!(only_new.open(AAD, &new).unwrap().expose_secret(), "new");
        assert!(!only_new.knows(&old) && only_new.open(AAD, &old).is_err());
    }

    #[test]
    fn a_malformed_ring_is_refused() {
        for bad in [
            "",
            "[]",
            "{}",
            r#"{"active":1}"#,
            r#"{"active":2,"1":"a"}"#,
            r#"{"active":"1","1":"a"}"#,
            r#"{"1":"a"}"#,
            r#"{"active":1,"1":""}"#,
            r#"{"active":1,"1":"a","x":"b"}"#,
            r#"{"active":1,"1":5}"#,
            r#"{"active":-1,"1":"a"}"#,
        ] {
            assert!(matches!(Ring::parse(&secret(bad)), Err(SecretError::Malformed(_))), "{bad}");
        }
    }

    #[test]
    fn the_ring_shows_no_key_when_printed() {
        assert_eq!(format!("{:?}", one()), "Ring { active: 1, keys: 1 }");
    }
}
