//! The check of texts in which a platform would fill something in.

use super::Violation;
use crate::platform::Descriptor;
use crate::publishing::Variant;

/// People approve texts as they read them, so that nothing is sent that the platform would replace.
pub(super) fn check(variant: &Variant, descriptor: &Descriptor, at: &str, out: &mut Vec<Violation>) {
    let tags = &descriptor.limits.filled_in;
    if tags.is_empty() {
        return;
    }
    // A summary without a place is left out.
    let summary = variant.summary.as_deref().filter(|_| descriptor.limits.summary.is_some());
    let parts = variant.parts.iter().enumerate().map(|(i, part)| (format!("{at}/parts/{i}/text"), part.text.as_str()));
    let link = variant.link.iter().flat_map(|link| {
        [(format!("{at}/link/url"), Some(link.url.as_str())), (format!("{at}/link/title"), link.title.as_deref())]
    });
    let heads = [(format!("{at}/title"), variant.title.as_deref()), (format!("{at}/summary"), summary)];
    let given = heads.into_iter().chain(link).filter_map(|(field, text)| Some((field, text?)));
    for (field, _) in parts.chain(given).filter(|(_, text)| tags.iter().any(|tag| text.contains(tag.as_str()))) {
        let detail =
            format!("{} fills in what begins with {}: write the text without that", descriptor.name, tags.join(", "));
        out.push(Violation::of(descriptor, "merge_tag", field, detail));
    }
}
