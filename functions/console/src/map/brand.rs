//! Brand rules: what stands in their form, and back.

use super::Reader;
use crate::view::{BrandForm, BrandList, Fact, FieldError};
use crate::words::sentence;
use domain::access::Permission;
use domain::publishing::{BrandRules, Violation};

/// The lists of the form: name, what it is, what it does, an example.
const LISTS: [(&str, &str, &str, &str); 4] = [
    ("required_words", "Every post says", "Each word or phrase, all of them, somewhere in the post.", "Ad"),
    ("forbidden_words", "No post says", "Found as whole words, whatever their case.", "cheap"),
    ("allowed_domains", "Links lead only to", "These domains and all below them. None: anywhere.", "example.com"),
    ("denied_domains", "No link leads to", "These domains and all below them, whatever is allowed.", "old.example.com"),
];

/// What stands in the form.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BrandDraft {
    lists: [String; 4],
    max_hashtags: String,
}

impl BrandDraft {
    /// As it was typed; `field` reads a field by its name.
    pub fn typed<'a>(field: impl Fn(&str) -> &'a str) -> Self {
        Self {
            lists: LISTS.map(|(name, ..)| field(name).to_owned()),
            max_hashtags: field("max_hashtags").trim().to_owned(),
        }
    }

    /// As the rules are.
    pub fn of(rules: &BrandRules) -> Self {
        let lists = [&rules.required_words, &rules.forbidden_words, &rules.allowed_domains, &rules.denied_domains];
        Self {
            lists: lists.map(|entries| entries.join("\n")),
            max_hashtags: rules.max_hashtags.map(|most| most.to_string()).unwrap_or_default(),
        }
    }

    /// The rules it asks for, unchecked. A limit that is no number is more than is allowed, so that it is refused with the rest.
    pub fn rules(&self) -> BrandRules {
        let entries =
            |lines: &String| lines.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect();
        let [required_words, forbidden_words, allowed_domains, denied_domains] = self.lists.each_ref().map(entries);
        let most = Some(&self.max_hashtags).filter(|typed| !typed.is_empty());
        BrandRules {
            required_words,
            forbidden_words,
            allowed_domains,
            denied_domains,
            max_hashtags: most.map(|typed| typed.parse().unwrap_or(u16::MAX)),
        }
    }
}

/// The form, or what holds for who may not change it.
pub fn brand_form(reader: &Reader<'_>, draft: &BrandDraft) -> BrandForm {
    let lists = || LISTS.iter().zip(&draft.lists);
    let list = |((name, label, hint, example), lines): (&(&str, &str, &str, &str), &String)| BrandList {
        id: (*name).into(),
        label: (*label).into(),
        hint: (*hint).into(),
        example: (*example).into(),
        lines: lines.clone(),
    };
    let fact = |((_, label, ..), lines): (&(&str, &str, &str, &str), &String)| Fact {
        label: (*label).into(),
        value: lines.lines().collect::<Vec<_>>().join(", "),
    };
    let limit = Fact { label: "Hashtags".into(), value: format!("At most {}", draft.max_hashtags) };
    BrandForm {
        action: reader.may(Permission::Administer).then(|| "/console/team/brand-rules".to_owned()),
        idempotency_key: reader.fresh(),
        lists: lists().map(list).collect(),
        max_hashtags: draft.max_hashtags.clone(),
        facts: lists()
            .filter(|(_, lines)| !lines.is_empty())
            .map(fact)
            .chain(Some(limit).filter(|_| !draft.max_hashtags.is_empty()))
            .collect(),
    }
}

/// Violations of brand rules, beside the list they are of; one of an entry names it.
pub fn brand_errors(violations: &[Violation], rules: &BrandRules) -> Vec<FieldError> {
    let lists = [&rules.required_words, &rules.forbidden_words, &rules.allowed_domains, &rules.denied_domains];
    let error = |violation: &Violation| {
        let mut path = violation.field.trim_start_matches('/').split('/');
        let (name, at) = (path.next().unwrap_or_default(), path.next().and_then(|at| at.parse::<usize>().ok()));
        let list = LISTS.iter().position(|(list, ..)| *list == name);
        let entry = list.and_then(|list| lists[list].get(at?));
        let text = match entry {
            Some(entry) => format!("“{entry}”: {}", sentence(&violation.detail)),
            None => sentence(&violation.detail),
        };
        let known = list.is_some() || name == "max_hashtags";
        FieldError { field: if known { name } else { "brand" }.into(), text }
    };
    violations.iter().map(error).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_asks_for_the_rules_it_shows() {
        let words = |list: &[&str]| list.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
        let rules = BrandRules {
            required_words: words(&["Ad", "Northwind Coffee"]),
            forbidden_words: words(&["cheap"]),
            allowed_domains: words(&["example.com"]),
            denied_domains: words(&["old.example.com"]),
            max_hashtags: Some(0),
        };
        assert_eq!(BrandDraft::of(&rules).rules(), rules);
        assert_eq!(BrandDraft::default().rules(), BrandRules::default());
        let typed = BrandDraft::typed(|name| if name == "required_words" { " Ad \n\n sale\n" } else { "" });
        assert_eq!(typed.rules().required_words, ["Ad", "sale"]);
    }

    #[test]
    fn what_is_wrong_with_an_entry_names_it_beside_its_list() {
        let draft = BrandDraft::typed(|name| match name {
            "allowed_domains" => "example.com\nhttps://example.com/a",
            "max_hashtags" => "many",
            _ => "",
        });
        let rules = draft.rules();
        let errors = brand_errors(&rules.clone().checked().unwrap_err(), &rules);
        assert_eq!(errors.len(), 2, "{errors:?}");
        assert!(errors[0].field == "allowed_domains" && errors[0].text.starts_with("“https://example.com/a”: Give"));
        assert_eq!(errors[1].field, "max_hashtags");
    }
}
