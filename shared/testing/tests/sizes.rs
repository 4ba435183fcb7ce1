//! However a text escapes, it is kept or refused: never a defect of ours.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use app::publishing::{Accepted, PublishCommand, When, request};
use app::{Error, Once};
use domain::publishing::{Part, Variant};
use ports::StoredReply;
use std::collections::BTreeMap;
use testing::{World, now};

/// The answer says all that was asked, as an edit's does.
fn encode(accepted: &Accepted) -> StoredReply {
    let post = &accepted.post;
    StoredReply { status: 202, body: serde_json::to_string(&(&post.content, &post.variants)).unwrap() }
}

fn draft(parts: usize, text: &str, own: bool) -> PublishCommand {
    let part = || Part { text: text.to_owned(), media: Vec::new() };
    let content = Variant { parts: (0..parts).map(|_| part()).collect(), ..Variant::default() };
    let variants = if own { BTreeMap::from([("readable".to_owned(), content.clone())]) } else { BTreeMap::new() };
    PublishCommand { content, variants, targets: Vec::new(), when: When::Draft, max_lateness_s: None }
}

#[test]
fn a_text_of_any_size_and_escaping_is_kept_or_refused_with_its_place() {
    let world = World::new(7);
    let deps = world.deps();
    let (mut kept, mut refused) = (0, 0);
    for (i, text) in ["\"", "\\", "\u{1}", "\n", "a", "\u{e9}", "\u{1f468}"].into_iter().enumerate() {
        for (j, n) in [1_000, 18_000, 37_000, 65_000, 99_000, 101_000, 131_000, 262_000].into_iter().enumerate() {
            for (parts, own) in [(1, false), (2, true), (25, false)] {
                let key = format!("{i} {j} {parts}");
                let once = Once { route: "POST /publish".into(), key, fingerprint: "f".into() };
                let command = draft(parts, &text.repeat(n), own);
                match now(request(&deps, &world.caller, &command, &once, &encode)) {
                    Ok(_) => kept += 1,
                    Err(Error::Invalid(violations)) => {
                        assert!(violations.iter().all(|v| v.field.starts_with('/')), "{violations:?}");
                        refused += 1;
                    }
                    Err(other) => panic!("{text:?} x {n}, {parts} parts: {other}"),
                }
            }
        }
    }
    assert!(kept > 30 && refused > 30, "{kept} kept, {refused} refused");
}
