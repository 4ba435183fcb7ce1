//! The check of whom a post is shown to.

use super::Violation;
use crate::accounts::AccountKind;
use crate::platform::{Descriptor, Feature};
use crate::publishing::Variant;

/// Longest number of an entry.
const MAX_DIGITS: usize = 20;

pub(super) fn check(variant: &Variant, descriptor: &Descriptor, at: &str, out: &mut Vec<Violation>) {
    if variant.targeting.is_empty() {
        return;
    }
    let (field, name) = (format!("{at}/targeting"), &descriptor.name);
    let Some(rule) = &descriptor.limits.targeting else {
        out.push(Violation::unsupported(descriptor, Feature::Targeting, field));
        return;
    };
    for ((list, entries), prefix) in variant.targeting.lists().into_iter().zip(&rule.prefixes) {
        let field = format!("{field}/{list}");
        if entries.len() > usize::from(rule.most) {
            let detail = format!("at most {} {list} can be named: leave some out", rule.most);
            let v = Violation::of(descriptor, "targeting_invalid", field.clone(), detail);
            out.push(v.figures(rule.most.into(), entries.len() as u64));
        }
        for (i, entry) in entries.iter().enumerate() {
            let number = entry.strip_prefix(prefix.as_str()).unwrap_or_default();
            let is_named = (1..=MAX_DIGITS).contains(&number.len()) && number.bytes().all(|b| b.is_ascii_digit());
            let detail = if !is_named {
                format!("{name} names its {list} like {prefix}1: give such a name")
            } else if entries[..i].contains(entry) {
                "this is there twice: leave one of them out".to_owned()
            } else {
                continue;
            };
            out.push(Violation::of(descriptor, "targeting_invalid", format!("{field}/{i}"), detail));
        }
    }
}

/// What an author of this kind cannot ask for. It is no part of [`super::check`], which knows no account.
pub fn check_author(variant: &Variant, descriptor: &Descriptor, author: AccountKind, at: &str) -> Option<Violation> {
    let pages_alone = descriptor.limits.targeting.as_ref().is_some_and(|rule| rule.organisations_only);
    let refused = pages_alone && author == AccountKind::Person && !variant.targeting.is_empty();
    let detail = || {
        let name = &descriptor.name;
        format!("only posts of pages can be targeted on {name}: leave it out for a person, or make a post of its own")
    };
    refused.then(|| Violation::of(descriptor, "unsupported", format!("{at}/targeting"), detail()))
}
