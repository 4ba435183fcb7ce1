use crate::kit::{html, localised, recipient, template, tracked, variable};
use mail::{Fault, Kind, Options, Severity, Template, Variable, VariableType, lint};
use serde_json::{Value, json};

fn codes(template: &Template, options: &Options, sample: Value) -> Vec<(String, Severity, usize)> {
    let said = |fault: Fault| {
        assert!(fault.words.len() > 20 && fault.words.ends_with('.'), "{fault}");
        (fault.code, fault.severity, fault.place.line)
    };
    lint(template, "en", options, recipient(sample, None)).into_iter().map(said).collect()
}

fn marketing() -> Options {
    Options { marketing: true, ..tracked() }
}

const LEGAL: &str = "<a href=\"{{ unsubscribe_url }}\">Leave</a> {{ postal_address }}";

#[test]
fn a_good_template_has_nothing_said_of_it() {
    let template = html(&format!("<p>{{{{ a }}}}</p>{LEGAL}"), &[("a", VariableType::Text)]);
    assert_eq!(codes(&template, &marketing(), json!({"a": "x"})), []);
    let footer = Options { footer: localised(&[("en", LEGAL)]), ..marketing() };
    assert_eq!(codes(&html("<p>a</p>", &[]), &footer, json!({})), [], "the footer of a campaign says it as well");
}

#[test]
fn what_the_law_wants_stops_advertising_and_is_only_noted_elsewhere() {
    let template = html("<p>a</p>", &[]);
    let said = |severity| {
        vec![("postal_address_missing".to_owned(), severity, 1), ("unsubscribe_missing".to_owned(), severity, 1)]
    };
    let sorted = |options: &Options| {
        let mut found = codes(&template, options, json!({}));
        found.sort();
        found
    };
    assert_eq!(sorted(&marketing()), said(Severity::Error));
    assert_eq!(sorted(&tracked()), said(Severity::Note));
}

#[test]
fn what_could_be_better_is_said_with_its_place() {
    for (body, code, severity, line) in [
        ("<p>\n<img src=\"https://a.example/x.png\"></p>", "image_alt", Severity::Warning, 2),
        ("<p>{{ a }}</p>\n<a href=\"{{ a }}\">x</a>", "link_untracked", Severity::Note, 2),
    ] {
        let template = html(&format!("{body}{LEGAL}"), &[("a", VariableType::Text)]);
        let found = codes(&template, &marketing(), json!({"a": "https://b.example/"}));
        assert!(found.contains(&(code.to_owned(), severity, line)), "{body}: {found:?}");
    }
    let mjml = "<mjml><mj-body><mj-section><mj-column>\n<mj-image src=\"https://a.example/x.png\"></mj-image></mj-column></mj-section></mj-body></mjml>";
    assert!(codes(&template(Kind::Mjml, mjml), &tracked(), json!({})).contains(&(
        "image_alt".to_owned(),
        Severity::Warning,
        2
    )));
}

#[test]
fn variables_are_declared_and_used_and_the_sample_has_what_is_required() {
    let with = |variables: Vec<Variable>| Template { variables, ..html(&format!("{{{{ a }}}}{LEGAL}"), &[]) };
    let required = Variable { required: true, ..variable("a", VariableType::Text) };
    let code = |code: &str, severity| vec![(code.to_owned(), severity, 1)];
    assert_eq!(codes(&with(vec![]), &marketing(), json!({})), code("variable_undeclared", Severity::Error));
    let unused = with(vec![variable("a", VariableType::Text), variable("b", VariableType::Text)]);
    assert_eq!(codes(&unused, &marketing(), json!({})), code("variable_unused", Severity::Warning));
    assert_eq!(
        codes(&with(vec![required.clone()]), &marketing(), json!({})),
        code("variable_missing", Severity::Error)
    );
    assert_eq!(codes(&with(vec![required.clone()]), &marketing(), json!({"a": "x"})), []);
    assert_eq!(codes(&with(vec![required]), &marketing(), json!({"a": 1.5})), []);
    let defaulted = Variable { required: true, default: Some(json!("x")), ..variable("a", VariableType::Text) };
    assert_eq!(codes(&with(vec![defaulted]), &marketing(), json!({})), []);
    assert_eq!(
        codes(&with(vec![variable("a", VariableType::List)]), &marketing(), json!({"a": "x"})),
        code("variable_type", Severity::Error)
    );
}

#[test]
fn what_mailboxes_cut_is_said() {
    let long = html(&format!("<p>{}</p>{LEGAL}", "word ".repeat(21_000)), &[]);
    assert_eq!(codes(&long, &marketing(), json!({})), [("html_clipped".to_owned(), Severity::Warning, 1)]);
    for (subject, code, severity) in [
        ("", "subject_empty", Severity::Error),
        ("  ", "subject_empty", Severity::Error),
        (&*"s".repeat(79), "subject_long", Severity::Warning),
        (&*"s".repeat(901), "subject_long", Severity::Error),
    ] {
        let template = Template { subject: localised(&[("en", subject)]), ..html(LEGAL, &[]) };
        assert_eq!(codes(&template, &marketing(), json!({})), [(code.to_owned(), severity, 1)], "{subject}");
    }
}
