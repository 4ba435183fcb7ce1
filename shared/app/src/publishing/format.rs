//! A text as one platform will get it: exactly what is sent, its length by the platform's rule, and the parts of a thread.

use super::command::slug;
use crate::mutate::require;
use crate::{Deps, Error};
use domain::access::{Caller, Permission};
use domain::platform::Descriptor;
use domain::publishing::{Media, Variant, Violation, check};
use ports::Connector;

/// A formatted content.
#[derive(Debug, Clone, PartialEq)]
pub struct Formatted {
    /// The platform's descriptor.
    pub descriptor: Descriptor,
    /// The most its first part may hold, in the platform's units.
    pub limit: u32,
    /// Each part's text as it is sent, and its length in the platform's units.
    pub parts: Vec<(String, u32)>,
    /// The rules it breaks as it stands here: as a thread, where it became one.
    pub violations: Vec<Violation>,
}

/// Formats `variant` for a platform. With `split`, a text that is too long becomes a thread where there are threads.
pub async fn format(
    deps: &Deps,
    caller: &Caller,
    platform: &str,
    variant: &Variant,
    split: bool,
) -> Result<Formatted, Error> {
    require(caller, Permission::Read)?;
    let id = slug(deps, platform).ok_or(Error::NotFound("platform"))?;
    let connector = deps.connectors.get(&id).ok_or(Error::NotFound("platform"))?;
    let descriptor = connector.descriptor().clone();
    let limits = descriptor.limits.of_content(variant);
    let mut ignored = Vec::new();
    let media =
        super::media::probed(deps, caller.tenant, [("/content".to_owned(), variant)].into_iter(), &mut ignored).await?;
    let variant = if split { variant.clone().in_parts(limits, &media) } else { variant.clone() };
    let mut violations = check(&variant, &descriptor, &media, "/content");
    let brand = super::rules::of(deps, caller.tenant).await?.brand;
    violations.extend(brand.check_on(&descriptor, &variant, &media, "/content"));
    let steps = texts(connector.as_ref(), &variant, &media);
    let limit = steps.first().map_or(limits.text.limit(), |(_, _, limit)| *limit);
    let parts = steps.into_iter().map(|(text, length, _)| (text, length)).collect();
    Ok(Formatted { descriptor, limit, parts, violations })
}

/// Each step's text exactly as it is sent, its length, and the most it may have, in the platform's units.
pub(super) fn texts(connector: &dyn Connector, variant: &Variant, media: &[Media]) -> Vec<(String, u32, u32)> {
    let posts = &connector.descriptor().limits;
    let limits = posts.of_content(variant);
    let rule = |step: usize| {
        let comment = variant.is_comment(step).then(|| posts.comment_rule()).flatten();
        comment.unwrap_or_else(|| limits.text_of(variant, step, media))
    };
    let one = |(step, text): (usize, String)| {
        let rule = rule(step);
        (text, rule.count(&variant.full_text(step, limits.link_card.is_some())), rule.limit())
    };
    connector.render(variant).into_iter().enumerate().map(one).collect()
}
