//! The check of words that a platform refuses because the account has said them before.

use super::Violation;
use crate::platform::Descriptor;
use crate::publishing::Variant;

/// No part of a thread, nor its first comment, says and shows what one before it does. What was said in other posts the platform knows alone.
pub(super) fn check(variant: &Variant, descriptor: &Descriptor, at: &str, out: &mut Vec<Violation>) {
    let limits = &descriptor.limits;
    // Where comments are no posts, what they say is counted apart.
    if !limits.refuses_repeats || limits.thread_parts <= 1 {
        return;
    }
    let said =
        |step: usize| (variant.full_text(step, limits.link_card.is_some()).trim().to_owned(), variant.media_of(step));
    let steps: Vec<_> = (0..variant.steps()).map(said).collect();
    for (i, step) in steps.iter().enumerate() {
        // What shows other pictures is another post, whatever stands beside them.
        if step.0.is_empty() || !steps[..i].contains(step) {
            continue;
        }
        let comment = variant.is_comment(i);
        let field = if comment { format!("{at}/first_comment") } else { format!("{at}/parts/{i}/text") };
        let detail = format!("{} refuses the same words twice from one account: write it otherwise", descriptor.name);
        out.push(Violation::of(descriptor, "duplicate_content", field, detail));
    }
}

/// What is to be known of a series on a platform that refuses what the account said before, in words.
pub fn said_again(descriptor: &Descriptor) -> Option<String> {
    let name = &descriptor.name;
    descriptor.limits.refuses_repeats.then(|| {
        format!("{name} refuses words that the account has said before: change what the series says before each run, or a run may be refused there")
    })
}
