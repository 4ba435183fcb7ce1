use super::*;
use crate::{ListId, TenantId};
use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

fn now() -> Timestamp {
    "2026-03-01T12:00:00Z".parse().unwrap()
}

fn later(seconds: i64) -> Timestamp {
    now() + SignedDuration::from_secs(seconds)
}

fn ada() -> Contact {
    let person = Person::at(Address::parse("Ada@Example.com").unwrap());
    Contact::new(contact_id([7; 32]), TenantId::from_uuid(Uuid::from_u128(1)), person, now())
}

fn list(n: u128, opt_in: OptIn) -> ContactList {
    let (id, tenant) = (ListId::from_uuid(Uuid::from_u128(n)), TenantId::from_uuid(Uuid::from_u128(1)));
    ContactList { id, tenant, name: "News".into(), description: String::new(), opt_in, created_at: now() }
}

fn yes() -> NewConsent {
    let ip = "203.0.113.7".parse().ok();
    NewConsent { wording: "2026-01".into(), source: "form".into(), at: now(), ip }
}

fn suppressed(reason: SuppressionReason, since: Timestamp) -> Suppression {
    Suppression { reason, since, evidence: Some("550 ada@example.com".into()) }
}

#[test]
fn two_spellings_of_one_address_have_one_identity_and_each_is_written_to_as_it_is() {
    for (given, kept, identity) in [
        ("  Ada.Lovelace+news@EXAMPLE.com ", "Ada.Lovelace+news@example.com", "ada.lovelace+news@example.com"),
        ("ada@Bücher.example", "ada@xn--bcher-kva.example", "ada@xn--bcher-kva.example"),
        ("ada@bu\u{308}cher.example", "ada@xn--bcher-kva.example", "ada@xn--bcher-kva.example"),
        ("o'brien@mail.example.co.uk", "o'brien@mail.example.co.uk", "o'brien@mail.example.co.uk"),
    ] {
        let address = Address::parse(given).unwrap();
        assert_eq!((address.as_str(), address.identity().as_str()), (kept, identity), "{given}");
        assert_eq!(Address::parse(address.as_str()), Ok(address));
    }
}

#[test]
fn what_is_no_address_is_refused_with_what_is_wrong_about_it() {
    let long = |n: usize| "x".repeat(n);
    for (given, why) in [
        (String::new(), BadAddress::NoAddress),
        ("ada".into(), BadAddress::NoAddress),
        ("@example.com".into(), BadAddress::NoAddress),
        ("ada@".into(), BadAddress::NoAddress),
        (format!("{}@example.com", long(65)), BadAddress::TooLong),
        (format!("ada@{}.{}.{}.{}.example", long(60), long(60), long(60), long(60)), BadAddress::TooLong),
        (".ada@example.com".into(), BadAddress::Local),
        ("ada..l@example.com".into(), BadAddress::Local),
        ("ada l@example.com".into(), BadAddress::Local),
        ("\"ada\"@example.com".into(), BadAddress::Local),
        ("ada@work@example.com".into(), BadAddress::Local),
        ("ada\r\nBcc: x@example.com".into(), BadAddress::Local),
        ("ädä@example.com".into(), BadAddress::Local),
        ("ada@localhost".into(), BadAddress::Domain),
        ("ada@example.com.".into(), BadAddress::Domain),
        ("ada@-example.com".into(), BadAddress::Domain),
        ("ada@exa_mple.com".into(), BadAddress::Domain),
        ("ada@exam%70le.com".into(), BadAddress::Domain),
        ("ada@127.0.0.1".into(), BadAddress::Domain),
        ("ada@[::1]".into(), BadAddress::Domain),
        ("ada@example.com\r\nBcc: x".into(), BadAddress::Domain),
        (format!("ada@{}.example", long(64)), BadAddress::Domain),
    ] {
        assert_eq!(Address::parse(&given), Err(why), "{given:?}");
    }
}

#[test]
fn what_prints_a_contact_prints_no_address() {
    assert!(!format!("{:?}", ada()).to_lowercase().contains("example.com"));
}

#[test]
fn contacts_spread_over_the_partitions_by_the_first_digit_of_their_ids() {
    let mut mac = [0; 32];
    for first in 0..=255_u8 {
        mac[0] = first;
        let id = contact_id(mac);
        assert_eq!(id.to_string()[4..5], format!("{:x}", contact_shard(id)));
        assert_eq!(contact_shard(id), first / 16);
        assert!(id <= end_of_shard(first / 16) && contact_shard(end_of_shard(first / 16)) == first / 16);
    }
}

#[test]
fn a_decimal_keeps_its_digits_and_is_compared_by_its_value() {
    let decimal = |text| Decimal::parse(text).unwrap();
    assert_eq!(decimal("19.90").to_string(), "19.90");
    assert!(
        decimal("0.1") < decimal("0.10000001") && decimal("-2") < decimal("-1.5") && decimal("10") > decimal("9.99")
    );
    assert!(decimal("1.5").cmp(&decimal("1.50")).is_eq() && Decimal::from(3).cmp(&decimal("3.0")).is_eq());
    for bad in ["", "-", "1.", ".5", "1e3", "+1", "1,5", "1.0000000001", "1234567890123456789", "½", "--1"] {
        assert_eq!(Decimal::parse(bad), None, "{bad}");
    }
}

#[test]
fn who_is_on_a_list_may_be_mailed_and_who_has_not_confirmed_may_not() {
    let (single, double) = (list(1, OptIn::Single), list(2, OptIn::Double));
    let mut contact = ada();
    let may = |contact: &Contact, lists: &[ListId]| contact.may_be_mailed(MailKind::Marketing, lists, now());
    assert_eq!(may(&contact, &[]), Err(Exclusion::NoConsent));
    assert_eq!(may(&contact, &[single.id]), Err(Exclusion::NotOnList));
    contact.subscribe(&double, Some(yes()), false, now()).unwrap();
    assert_eq!(may(&contact, &[single.id, double.id]), Err(Exclusion::Unconfirmed));
    assert_eq!(may(&contact, &[]), Err(Exclusion::NoConsent), "a consent that waits for the answer is none yet");
    assert!(contact.confirm(double.id, yes(), later(5)));
    assert_eq!(may(&contact, &[single.id, double.id]), Ok(()));
    assert_eq!(contact.subscriptions[&double.id].since, later(5));
    assert!(!contact.confirm(double.id, yes(), later(9)), "once");
    contact.subscribe(&double, None, false, later(9)).unwrap();
    assert_eq!(may(&contact, &[double.id]), Ok(()), "who is on it stays");
    contact.subscribe(&single, None, false, now()).unwrap();
    assert_eq!(contact.unsubscribe(double.id, later(10)), Ok(true));
    assert_eq!(contact.unsubscribe(double.id, later(11)), Ok(false));
    assert_eq!(may(&contact, &[double.id]), Err(Exclusion::Unsubscribed));
    assert_eq!(may(&contact, &[double.id, single.id]), Ok(()), "the other list still counts");
    assert!(!contact.confirm(double.id, yes(), later(12)), "an old confirmation brings nobody back");
    assert!(contact.consents.iter().filter(|c| c.list == Some(double.id)).all(|c| c.withdrawn_at == Some(later(10))));
}

#[test]
fn each_reason_to_leave_somebody_alone_is_told_and_only_what_they_caused_passes_an_unsubscribing() {
    let single = list(1, OptIn::Single);
    let mut on = ada();
    on.subscribe(&single, Some(yes()), false, now()).unwrap();
    for (reason, excluded) in SuppressionReason::ALL.into_iter().zip([
        Exclusion::Suppressed,
        Exclusion::OptedOut,
        Exclusion::Bounced,
        Exclusion::Complained,
        Exclusion::ForgottenBefore,
    ]) {
        let mut contact = on.clone();
        contact.suppress(Channel::Sms, suppressed(reason, now()));
        assert_eq!(contact.may_be_mailed(MailKind::Marketing, &[single.id], now()), Ok(()), "another channel");
        contact.suppress(Channel::Email, suppressed(reason, now()));
        assert_eq!(contact.may_be_mailed(MailKind::Marketing, &[single.id], now()), Err(excluded));
        let caused = contact.may_be_mailed(MailKind::Transactional, &[], now());
        assert_eq!(caused, if excluded == Exclusion::OptedOut { Ok(()) } else { Err(excluded) });
    }
    let mut off = on.clone();
    off.preferences.off.insert(Channel::Email);
    assert_eq!(off.may_be_mailed(MailKind::Marketing, &[single.id], now()), Err(Exclusion::ChannelOff));
    let mut paused = on;
    paused.preferences.paused_until = Some(later(60));
    assert_eq!(paused.may_be_mailed(MailKind::Marketing, &[single.id], later(59)), Err(Exclusion::Paused));
    assert_eq!(paused.may_be_mailed(MailKind::Marketing, &[single.id], later(60)), Ok(()));
    assert_eq!(paused.may_be_mailed(MailKind::Transactional, &[], now()), Ok(()));
}

#[test]
fn in_whatever_order_suppressions_are_told_the_same_is_left() {
    let told: Vec<Suppression> = [
        (SuppressionReason::Bounced, 3),
        (SuppressionReason::Complained, 2),
        (SuppressionReason::Manual, 0),
        (SuppressionReason::Complained, 1),
    ]
    .map(|(reason, at)| suppressed(reason, later(at)))
    .into();
    for first in 0..told.len() {
        for second in 0..told.len() {
            let mut contact = ada();
            for one in [&told[first], &told[second]].into_iter().chain(&told) {
                contact.suppress(Channel::Email, one.clone());
            }
            assert_eq!(contact.suppressions[&Channel::Email], told[3]);
        }
    }
}

#[test]
fn of_somebody_who_was_forgotten_nothing_is_left_but_that_they_are_left_alone() {
    let single = list(1, OptIn::Single);
    let mut contact = ada();
    contact.subscribe(&single, Some(yes()), false, now()).unwrap();
    contact.suppress(Channel::Sms, suppressed(SuppressionReason::Complained, now()));
    contact.preferences.topics.insert("cats".into(), true);
    contact.responses.opens = 3;
    let gone = contact.erased(later(60));
    let json = serde_json::to_value(&gone).unwrap();
    let kept: Vec<&str> = json.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(kept, ["created_at", "erased_at", "id", "suppressions", "tenant"]);
    assert!(!json.to_string().contains("ada@"), "{json}");
    assert_eq!(gone.may_be_mailed(MailKind::Transactional, &[], now()), Err(Exclusion::Erased));
    assert_eq!(gone.clone().erased(later(90)), gone, "once is enough");

    let mut again = gone.again(ada().person.unwrap(), later(100));
    assert_eq!((again.created_at, again.erased_at), (later(100), None));
    again.subscribe(&single, Some(yes()), false, later(100)).unwrap();
    assert_eq!(again.may_be_mailed(MailKind::Marketing, &[single.id], now()), Err(Exclusion::ForgottenBefore));
    assert_eq!(again.suppressions[&Channel::Sms].reason, SuppressionReason::Complained);
}

#[test]
fn of_too_many_consents_the_oldest_goes_that_no_list_rests_on() {
    let single = list(1, OptIn::Single);
    let mut contact = ada();
    contact.subscribe(&single, Some(yes()), false, now()).unwrap();
    for n in 0..100 {
        assert_eq!(contact.consent(Channel::Sms, None, yes()), n + 1);
    }
    let kept: Vec<u32> = contact.consents.iter().map(|consent| consent.n).collect();
    assert_eq!(kept.len(), MAX_CONSENTS);
    assert_eq!((kept[0], kept[1], *kept.last().unwrap()), (0, 62, 100));
}

#[test]
fn a_contact_stands_to_so_many_lists_and_no_more() {
    let mut contact = ada();
    for n in 0..MAX_SUBSCRIPTIONS {
        contact.subscribe(&list(n as u128, OptIn::Single), None, false, now()).unwrap();
    }
    let other = list(999, OptIn::Single);
    assert_eq!(contact.subscribe(&other, None, false, now()), Err(TooManyLists));
    assert_eq!(contact.unsubscribe(other.id, now()), Err(TooManyLists));
    assert_eq!(contact.unsubscribe(list(0, OptIn::Single).id, now()), Ok(true));
}

#[test]
fn a_yes_to_mail_as_such_reaches_the_whole_audience_and_one_that_was_taken_back_does_not() {
    let mut contact = ada();
    let n = contact.consent(Channel::Email, None, yes());
    assert_eq!(contact.may_be_mailed(MailKind::Marketing, &[], now()), Ok(()));
    assert_eq!(n, 0);
    contact.consents[0].withdrawn_at = Some(now());
    assert_eq!(contact.may_be_mailed(MailKind::Marketing, &[], now()), Err(Exclusion::NoConsent));
    contact.consent(Channel::Sms, None, yes());
    assert_eq!(contact.may_be_mailed(MailKind::Marketing, &[], now()), Err(Exclusion::NoConsent));
}

#[test]
fn names_on_the_wire_are_those_that_are_stored() {
    let stored = |value: serde_json::Value| value.as_str().unwrap().to_owned();
    for channel in Channel::ALL {
        assert_eq!(stored(serde_json::to_value(channel).unwrap()), channel.name());
        assert_eq!(Channel::named(channel.name()), Some(channel));
    }
    for reason in SuppressionReason::ALL {
        assert_eq!(stored(serde_json::to_value(reason).unwrap()), reason.name());
    }
    for exclusion in Exclusion::ALL {
        assert_eq!(stored(serde_json::to_value(exclusion).unwrap()), exclusion.name());
    }
}
