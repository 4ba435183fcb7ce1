use super::super::{Address, AttributeKind, AttributeSet, Contact, ContactList, OptIn, Person, contact_id};
use super::*;
use crate::{ListId, TenantId};
use serde_json::{Value, json};
use uuid::Uuid;

fn tenant() -> TenantId {
    TenantId::from_uuid(Uuid::from_u128(1))
}

fn declared() -> AttributeSet {
    let kinds = [
        ("city", AttributeKind::Text),
        ("age", AttributeKind::Whole),
        ("spent", AttributeKind::Decimal),
        ("member", AttributeKind::Boolean),
        ("born", AttributeKind::Date),
        ("likes", AttributeKind::List),
    ];
    AttributeSet { tenant: tenant(), kinds: kinds.map(|(name, kind)| (name.to_owned(), kind)).into() }
}

fn moment() -> Moment {
    Moment { now: "2026-03-10T23:30:00Z".parse().unwrap(), zone: TimeZone::get("Europe/Berlin").unwrap() }
}

fn news() -> ListId {
    ListId::from_uuid(Uuid::from_u128(5))
}

fn ada() -> Contact {
    let mut person = Person::at(Address::parse("ada@mail.example.com").unwrap());
    person.given_name = Some("Ada".into());
    person.locale = Some("de-CH".into());
    person.tags.insert("VIP".into());
    for (name, value) in [
        ("city", json!("Zürich")),
        ("age", json!(36)),
        ("spent", json!("19.90")),
        ("member", json!(true)),
        ("born", json!("2026-03-11")),
        ("likes", json!(["Cats", "tea"])),
    ] {
        person.attributes.insert(name.into(), declared().kinds[name].take(&value).unwrap());
    }
    let mut contact = Contact::new(contact_id([3; 32]), tenant(), person, "2026-03-01T00:00:00Z".parse().unwrap());
    let list = ContactList {
        id: news(),
        tenant: tenant(),
        name: "News".into(),
        description: String::new(),
        opt_in: OptIn::Single,
        created_at: contact.created_at,
    };
    contact.subscribe(&list, None, false, contact.created_at).unwrap();
    contact.responses.opens = 4;
    contact.responses.last_open_at = Some("2026-03-08T23:30:00Z".parse().unwrap());
    contact
}

fn rule(json: &Value) -> Rule {
    Rule::read(json, "/rule", &declared()).unwrap_or_else(|wrong| panic!("{json}: {wrong:?}"))
}

/// A condition; null where it takes no value.
fn is(field: &str, operator: &str, value: Value) -> Value {
    let mut condition = json!({ "field": field, "operator": operator });
    if !value.is_null() {
        condition["value"] = value;
    }
    condition
}

#[test]
fn each_operator_tells_whom_it_is_true_of_and_whom_it_is_not() {
    let both = [
        (is("attributes.city", "equals", json!("ZÜRICH")), is("attributes.city", "equals", json!("Zug"))),
        (is("attributes.city", "not_equals", json!("Zug")), is("attributes.city", "not_equals", json!("zürich"))),
        (is("attributes.city", "contains", json!("üri")), is("attributes.city", "contains", json!("x"))),
        (is("attributes.city", "starts_with", json!("zü")), is("attributes.city", "starts_with", json!("rich"))),
        (is("attributes.city", "ends_with", json!("rich")), is("attributes.city", "ends_with", json!("zü"))),
        (is("attributes.city", "in", json!(["Zug", "Zürich"])), is("attributes.city", "in", json!(["Zug"]))),
        (is("attributes.age", "equals", json!("36.0")), is("attributes.age", "equals", json!(35))),
        (is("attributes.age", "greater", json!(35)), is("attributes.age", "greater", json!(36))),
        (is("attributes.age", "less", json!("36.1")), is("attributes.age", "less", json!(36))),
        (is("attributes.age", "between", json!([36, 40])), is("attributes.age", "between", json!([37, 40]))),
        (is("attributes.age", "in", json!([1, 36])), is("attributes.age", "in", json!([1, 2]))),
        (is("attributes.spent", "equals", json!("19.9")), is("attributes.spent", "greater", json!("19.90"))),
        (is("attributes.member", "equals", json!(true)), is("attributes.member", "equals", json!(false))),
        (is("attributes.born", "after", json!("2026-03-10")), is("attributes.born", "after", json!("2026-03-11"))),
        (is("attributes.born", "before", json!("2026-03-12")), is("attributes.born", "before", json!("2026-03-11"))),
        (is("attributes.likes", "contains", json!("cats")), is("attributes.likes", "contains", json!("cat"))),
        (is("attributes.likes", "in", json!(["dogs", "TEA"])), is("attributes.likes", "in", json!(["dogs"]))),
        (is("tags", "contains", json!("vip")), is("tags", "contains", json!("VI"))),
        (is("lists", "contains", json!(news().to_string())), is("lists", "is_not_set", json!(null))),
        (is("locale", "starts_with", json!("de")), is("locale", "equals", json!("de"))),
        (is("domain", "ends_with", json!("example.com")), is("domain", "equals", json!("example.com"))),
        (is("zone", "is_not_set", json!(null)), is("zone", "is_set", json!(null))),
        (is("opens", "greater", json!(3)), is("clicks", "greater", json!(0))),
        (is("last_open_at", "within_days", json!(2)), is("last_open_at", "within_days", json!(1))),
        (
            is("created_at", "between", json!(["2026-03-01T00:00:00Z", "2026-03-02T00:00:00Z"])),
            is("created_at", "after", json!("2026-03-01T00:00:00Z")),
        ),
    ];
    for (yes, no) in both {
        assert!(rule(&yes).matches(&ada(), &moment()), "{yes}");
        assert!(!rule(&no).matches(&ada(), &moment()), "{no}");
        assert!(!rule(&json!({ "not": yes })).matches(&ada(), &moment()));
        assert!(rule(&json!({ "not": no })).matches(&ada(), &moment()));
    }
}

#[test]
fn all_any_and_not_nest() {
    let (yes, no) = (is("tags", "contains", json!("vip")), is("zone", "is_set", json!(null)));
    for (json, matches) in [
        (json!({ "all": [yes, yes] }), true),
        (json!({ "all": [yes, no] }), false),
        (json!({ "any": [no, yes] }), true),
        (json!({ "any": [no, no] }), false),
        (json!({ "all": [{ "any": [no, { "not": no }] }, { "not": { "all": [yes, no] } }] }), true),
    ] {
        assert_eq!(rule(&json).matches(&ada(), &moment()), matches, "{json}");
    }
}

#[test]
fn where_nothing_is_known_only_what_asks_for_that_holds() {
    let nobody_knows = Contact { person: ada().person.map(|p| Person::at(p.address)), ..ada() };
    for (json, matches) in [
        (is("attributes.age", "equals", json!(36)), false),
        (is("attributes.age", "not_equals", json!(36)), true),
        (is("attributes.age", "less", json!(99)), false),
        (is("attributes.age", "is_not_set", json!(null)), true),
        (is("tags", "contains", json!("vip")), false),
        (is("last_click_at", "within_days", json!(3_650)), false),
    ] {
        assert_eq!(rule(&json).matches(&nobody_knows, &moment()), matches, "{json}");
    }
    let gone = ada().erased(moment().now);
    assert!(!rule(&is("tags", "is_not_set", json!(null))).matches(&gone, &moment()), "who was forgotten is nowhere");
}

#[test]
fn today_is_where_the_person_is() {
    // 23:30 UTC on the 10th is the 11th in Berlin, and the 10th in New York.
    let today = rule(&is("attributes.born", "within_days", json!(1)));
    let mut contact = ada();
    assert!(today.matches(&contact, &moment()), "where nothing is said, the tenant's zone counts");
    contact.person.as_mut().unwrap().zone = Some("America/New_York".into());
    assert!(!today.matches(&contact, &moment()), "the 11th has not come there");
}

#[test]
fn everything_that_is_wrong_with_a_rule_is_told_where_it_is() {
    let json = json!({ "all": [
        is("attributes.shoe", "equals", json!(42)),
        is("attributes.age", "contains", json!("3")),
        { "any": [is("attributes.age", "between", json!([40, 36])), is("tags", "in", json!([]))] },
        { "not": { "field": "tags", "operator": "contains", "value": "x", "also": 1 } },
        { "any": [] },
        is("attributes.born", "after", json!("2026-02-30")),
        is("zone", "is_set", json!("x")),
        is("last_open_at", "within_days", json!(0)),
        is("lists", "contains", json!("lst_1")),
        7,
    ] });
    let wrong = Rule::read(&json, "/rule", &declared()).unwrap_err();
    let told: Vec<(&str, &str)> = wrong.iter().map(|one| (one.code.as_str(), one.field.as_str())).collect();
    assert_eq!(
        told,
        [
            ("unknown_field_of_contacts", "/rule/all/0/field"),
            ("operator_invalid", "/rule/all/1/operator"),
            ("value_invalid", "/rule/all/2/any/0/value"),
            ("value_invalid", "/rule/all/2/any/1/value"),
            ("segment_rule_invalid", "/rule/all/3/not"),
            ("segment_rule_invalid", "/rule/all/4/any"),
            ("value_invalid", "/rule/all/5/value"),
            ("value_invalid", "/rule/all/6/value"),
            ("value_invalid", "/rule/all/7/value"),
            ("value_invalid", "/rule/all/8/value"),
            ("segment_rule_invalid", "/rule/all/9"),
        ]
    );
    assert!(wrong[0].detail.contains("attributes.age") && wrong[1].detail.contains("greater"));
}

#[test]
fn a_rule_has_its_bounds() {
    let yes = is("tags", "contains", json!("vip"));
    let deep = |levels: usize| (1..levels).fold(yes.clone(), |below, _| json!({ "not": below }));
    assert!(Rule::read(&deep(MAX_DEPTH), "", &declared()).is_ok());
    assert_eq!(Rule::read(&deep(MAX_DEPTH + 1), "", &declared()).unwrap_err()[0].code, "rule_too_large");
    let wide = |n: usize| json!({ "any": vec![yes.clone(); n] });
    assert!(Rule::read(&wide(MAX_CONDITIONS), "", &declared()).is_ok());
    assert_eq!(Rule::read(&wide(MAX_CONDITIONS + 1), "", &declared()).unwrap_err()[0].code, "rule_too_large");
    let many = is("attributes.city", "in", json!(vec!["x"; MAX_VALUES + 1]));
    assert_eq!(Rule::read(&many, "", &declared()).unwrap_err()[0].code, "value_invalid");
}

#[test]
fn a_rule_names_its_lists_and_holds_for_those_who_are_on_them_alone() {
    let on = is("lists", "in", json!([news().to_string(), ListId::from_uuid(Uuid::from_u128(6)).to_string()]));
    let both = rule(&json!({ "all": [on, { "not": is("lists", "contains", json!(news().to_string())) }] }));
    assert_eq!(both.lists(), [news(), ListId::from_uuid(Uuid::from_u128(6))]);
    let on = rule(&is("lists", "contains", json!(news().to_string())));
    let mut contact = ada();
    assert!(on.matches(&contact, &moment()));
    contact.unsubscribe(news(), moment().now).unwrap();
    assert!(!on.matches(&contact, &moment()));
}
