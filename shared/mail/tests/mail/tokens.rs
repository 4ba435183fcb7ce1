use crate::kit::{keys, subject, token};
use mail::token::{Keys, Subject, Token, open, verify};
use proptest::prelude::*;

#[test]
fn a_token_is_compact_and_says_whose_it_is_to_us_alone() {
    let token = token();
    assert_eq!(token.text().len(), 88);
    assert!(token.text().bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_'));
    assert_eq!(verify(&keys(), token.text()), Some(subject()));
    assert_eq!(verify(&Keys::new(1, b"another key of the same number..."), token.text()), None);
    assert_eq!(format!("{token:?} {:?}", keys()), "Token Keys { signing: 1, .. }", "neither is told by accident");
}

#[test]
fn what_an_older_key_signed_is_proved_until_the_key_is_gone() {
    let old = token();
    let both = Keys::new(2, b"a new key of the second number..").and(1, b"0123456789abcdef0123456789abcdef");
    assert_eq!(verify(&both, old.text()), Some(subject()));
    assert_eq!(open(&both, old.text(), 3, &old.seal(3, "https://a.example/")), Some("https://a.example/".into()));
    let new = Token::new(&both, &subject()).unwrap();
    assert_eq!(verify(&both, new.text()), Some(subject()));
    assert_eq!(verify(&keys(), new.text()), None, "a worker that has not heard of the new key yet");
    assert_eq!(verify(&Keys::new(2, b"a new key of the second number.."), old.text()), None);
}

proptest! {
    #[test]
    fn any_token_with_any_changed_byte_is_nobodys(at in 0_usize..88, other in any::<u8>(), contact in any::<[u8; 16]>(), edition: u8) {
        let subject = Subject { contact, edition, ..subject() };
        let token = Token::new(&keys(), &subject).unwrap();
        prop_assert_eq!(verify(&keys(), token.text()), Some(subject));
        let mut bytes = token.text().as_bytes().to_vec();
        prop_assume!(bytes[at] != other);
        bytes[at] = other;
        if let Ok(text) = String::from_utf8(bytes) {
            prop_assert_eq!(verify(&keys(), &text), None);
        }
    }

    #[test]
    fn any_seal_with_any_changed_byte_on_another_link_or_for_another_recipient_opens_nothing(
        path in "[a-z0-9/?=&]{0,60}", index in 0_usize..40, other in 0_usize..40, at: prop::sample::Index, byte in any::<u8>()
    ) {
        let token = token();
        let target = format!("https://shop.example.com/{path}");
        let sealed = token.seal(index, &target);
        prop_assert_eq!(open(&keys(), token.text(), index, &sealed), Some(target.clone()));
        if other != index {
            prop_assert_eq!(open(&keys(), token.text(), other, &sealed), None);
        }
        let stranger = Token::new(&keys(), &Subject { contact: [9; 16], ..subject() }).unwrap();
        prop_assert_eq!(open(&keys(), stranger.text(), index, &sealed), None);
        let mut bytes = sealed.into_bytes();
        let at = at.index(bytes.len());
        prop_assume!(bytes[at] != byte);
        bytes[at] = byte;
        if let Ok(text) = String::from_utf8(bytes) {
            prop_assert_eq!(open(&keys(), token.text(), index, &text), None);
        }
    }

    #[test]
    fn nothing_that_anybody_sends_is_taken_for_a_token_or_a_seal(text in ".{0,200}", sealed in "[A-Za-z0-9_-]{0,200}") {
        prop_assert_eq!(verify(&keys(), &text), None);
        prop_assert_eq!(open(&keys(), token().text(), 0, &sealed), None);
    }
}

#[test]
fn what_is_cut_or_longer_is_nobodys() {
    let token = token();
    for end in 0..token.text().len() {
        assert_eq!(verify(&keys(), &token.text()[..end]), None);
    }
    assert_eq!(verify(&keys(), &format!("{}A", token.text())), None);
    assert_eq!(verify(&keys(), &format!("{}=", token.text())), None);
    let sealed = token.seal(0, "https://a.example/");
    for end in 0..sealed.len() {
        assert_eq!(open(&keys(), token.text(), 0, &sealed[..end]), None);
    }
    assert_eq!(open(&keys(), token.text(), 0, &"A".repeat(1_000_000)), None);
}
