use crate::kit::{compiled, html, localised, recipient, rendered, token, tracked, variable};
use mail::{MAX_PART_BYTES, Options, RenderError, Variable, VariableType};
use proptest::prelude::*;
use serde_json::json;

/// Markup that would do something if it came through.
const HOSTILE: [&str; 8] = [
    "<script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)>",
    "' onmouseover='alert(1)",
    "</title><script>",
    "{{ 7 * 7 }}{% include 'x' %}",
    "javascript:alert(1)",
    "--><script>",
    "&lt;script&gt;",
];

#[test]
fn data_is_text_wherever_it_stands() {
    let body = "<html><head><title>{{ a }}</title></head><body><p title=\"{{ a }}\" lang='{{ a }}'>{{ a }}|{{ a | upper | lower }}|{{ [a, a] | join(a) }}|\
                {{ translate('t', name=a) }}|{{ a ~ '<i>' }}|{{ a | replace('x', a) }}|{% set b = a %}{{ b }}</p></body></html>";
    let mut template = html(body, &[("a", VariableType::Text)]);
    template.texts = [("t".to_owned(), localised(&[("en", "<b>{name}</b>")]))].into();
    for hostile in HOSTILE {
        let mail = rendered(&template, &Options::default(), json!({"a": hostile}));
        let small = mail.html.to_lowercase();
        for bad in ["<script", "<img", "\" on", "' on", "<b>", "<i>", "49"] {
            assert!(!small.contains(bad), "{hostile}: {}", mail.html);
        }
        // What is between the two quotes of an attribute has neither.
        let title = mail.html.split_once("title=\"").unwrap().1.split_once("\" lang='").unwrap();
        assert!(
            !title.0.contains(['"', '\'', '<']) && !title.1.split_once("'>").unwrap().0.contains(['"', '\'', '<']),
            "{}",
            mail.html
        );
        assert!(mail.text.contains(hostile), "the text part is no HTML: {}", mail.text);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn no_data_whatever_adds_an_element_or_an_attribute(text in ".{0,60}", marks in "[<>\"'&={}%#/a ]{0,40}") {
        let template = html("<p title=\"{{ a }}\">{{ a }}</p>", &[("a", VariableType::Text)]);
        for value in [&text, &marks] {
            let mail = compiled(&template, &Options::default()).render(recipient(json!({"a": value}), None)).unwrap();
            prop_assert_eq!(mail.html.matches('<').count(), 2, "{}", mail.html);
            prop_assert_eq!(mail.html.matches('"').count(), 2, "{}", mail.html);
        }
    }
}

#[test]
fn a_recipient_without_what_is_required_or_with_another_type_gets_nothing_and_the_reason_has_no_data_in_it() {
    let required = Variable { required: true, ..variable("code", VariableType::Text) };
    let mut template =
        html("{{ code }}{{ n | money('EUR') }}{% for p in list %}{{ p.name }}{% endfor %}{{ when | date }}", &[]);
    template.variables = vec![
        required,
        Variable { default: Some(json!(100)), ..variable("n", VariableType::Number) },
        variable("list", VariableType::List),
        Variable { default: Some(json!("2026-12-01")), ..variable("when", VariableType::Date) },
    ];
    let compiled = compiled(&template, &Options::default());
    let of = |value| compiled.render(recipient(value, None)).map(|mail| mail.html);
    assert_eq!(of(json!({"code": "x", "other": 1})).unwrap(), "x€1.00Dec 1, 2026");
    assert_eq!(of(json!({"code": null})), Err(RenderError::Missing { name: "code".into() }));
    assert_eq!(
        of(json!({"code": "x", "list": "secret"})),
        Err(RenderError::WrongType { name: "list".into(), kind: "list" })
    );
    assert_eq!(
        of(json!({"code": "x", "list": [{"secret": 1}]})),
        Err(RenderError::Undefined { part: "html", line: 1 })
    );
    assert_eq!(
        of(json!({"code": "x", "n": 1.5})),
        Err(RenderError::DoesNotFit { part: "html", line: 1 }),
        "money is whole units"
    );
    assert_eq!(of(json!({"code": "x", "when": "secret"})), Err(RenderError::DoesNotFit { part: "html", line: 1 }));
    for error in [of(json!({"code": "x", "list": [{"secret": 1}]})), of(json!({"code": "x", "when": "secret"}))] {
        assert!(!format!("{0} {0:?}", error.unwrap_err()).contains("secret"));
    }
}

#[test]
fn what_nobody_declared_cannot_be_said_and_fields_of_contacts_are_nothing_where_there_are_none() {
    let options = Options { known: ["first_name".to_owned()].into(), ..Options::default() };
    let compiled = compiled(&html("Hi {{ first_name }}!", &[]), &options);
    let of = |value| compiled.render(recipient(value, None)).unwrap().html;
    assert_eq!((of(json!({"first_name": "Ana", "x": 1})).as_str(), of(json!({})).as_str()), ("Hi Ana!", "Hi !"));
}

#[test]
fn a_subject_from_data_is_one_line_or_nothing_is_sent() {
    let mut template = html("{{ subject }}|{{ preheader }}", &[("a", VariableType::Text)]);
    template.subject = localised(&[("en", "For {{ a }}")]);
    template.preheader = localised(&[("en", "{{ a }} inside")]);
    let compiled = compiled(&template, &Options::default());
    let of = |a: &str| compiled.render(recipient(json!({"a": a}), None));
    let mail = of("Zoë & <b>").unwrap();
    assert_eq!((mail.subject.as_str(), mail.preheader.as_str()), ("For Zoë & <b>", "Zoë & <b> inside"));
    assert_eq!(mail.html, "For Zoë &amp; &lt;b&gt;|Zoë &amp; &lt;b&gt; inside");
    for bad in ["a\r\nBcc: x@example.com", "a\nb", "a\0b", "a\u{2028}b", "a\u{85}b", &"a".repeat(901)] {
        assert_eq!(of(bad), Err(RenderError::BadSubject), "{bad:?}");
    }
}

#[test]
fn more_than_a_part_may_have_ends_it() {
    let template = html(
        "{% for a in list %}{% for b in list %}{{ text }}{% endfor %}{% endfor %}",
        &[("list", VariableType::List), ("text", VariableType::Text)],
    );
    let value = json!({"list": vec![1; 100], "text": "x".repeat(MAX_PART_BYTES / 1_000)});
    assert_eq!(
        compiled(&template, &Options::default()).render(recipient(value, None)),
        Err(RenderError::TooMuch { part: "html" })
    );
    let value = json!({"list": vec![1; 1_000], "text": ""});
    assert_eq!(
        compiled(&template, &Options::default()).render(recipient(value, None)),
        Err(RenderError::TooMuch { part: "html" })
    );
}

#[test]
fn links_are_the_recipients_own_and_the_data_of_one_is_not_in_the_mail_of_another() {
    let template = html(
        "<a href=\"https://a.example/\">A</a><a href=\"{{ unsubscribe_url }}\">Out</a>{{ a }}",
        &[("a", VariableType::Text)],
    );
    let compiled = compiled(&template, &tracked());
    let (one, two) = (
        token(),
        mail::token::Token::new(
            &crate::kit::keys(),
            &mail::token::Subject { contact: [9; 16], ..crate::kit::subject() },
        )
        .unwrap(),
    );
    let first = compiled.render(recipient(json!({"a": "first"}), Some(&one))).unwrap();
    let second = compiled.render(recipient(json!({}), Some(&two))).unwrap();
    for mail in [&first.html, &first.text] {
        assert!(
            mail.contains(&format!("https://t.example.com/c/{}/0", one.text()))
                && mail.contains(&format!("/u/{}", one.text())),
            "{mail}"
        );
        assert!(!mail.contains(two.text()));
    }
    assert!(!second.html.contains(one.text()) && !second.html.contains("first"));
    let preview = compiled.render(recipient(json!({"a": ""}), None)).unwrap();
    assert!(!preview.html.contains("t.example.com"), "{}", preview.html);
}
