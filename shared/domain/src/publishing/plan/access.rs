//! The check of what an account was allowed to do when it was connected.

use super::Violation;
use crate::platform::{Descriptor, Feature};
use crate::publishing::Variant;

/// What `variant` asks for and the account may not, by the scopes that were `granted`, whatever its kind. It is no part of
/// [`super::check`], which knows no account. An account without scopes was connected by a key, of which nobody tells what it may do.
pub fn check_access(variant: &Variant, descriptor: &Descriptor, granted: &[String], at: &str) -> Vec<Violation> {
    let asked = [
        (Feature::Draft, variant.draft, "draft", "drafts"),
        (Feature::FirstComment, variant.first_comment.is_some(), "first_comment", "first comments"),
        (Feature::Reply, variant.reply_to.is_some(), "reply_to", "answers"),
    ];
    let mut out = Vec::new();
    for (feature, _, field, what) in asked.into_iter().filter(|(_, asked, ..)| *asked && !granted.is_empty()) {
        let Some(scopes) = descriptor.limits.scopes.get(&feature) else { continue };
        if scopes.iter().any(|scope| granted.contains(scope)) {
            continue;
        }
        let (name, scope) = (&descriptor.name, scopes.join(" or "));
        let detail = format!(
            "an account on {name} was connected without the permission for {what} ({scope}): connect it again and grant it, or \
             leave this out"
        );
        out.push(Violation::of(descriptor, "scope_missing", format!("{at}/{field}"), detail));
    }
    out
}
