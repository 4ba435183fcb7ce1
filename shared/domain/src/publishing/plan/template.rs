//! The check of a template that the platform has approved. What its text is, only the platform knows: a connector asks it.

use super::Violation;
use crate::platform::{Descriptor, Feature};
use crate::publishing::{Template, Variant};

/// Most characters of a name or a language; a bound for the fields, not a platform's.
const ANY_NAME: usize = 512;

pub(super) fn check(variant: &Variant, descriptor: &Descriptor, at: &str, out: &mut Vec<Violation>) {
    let Some(Template { name, language, parameters }) = &variant.template else { return };
    let field = format!("{at}/template");
    let Some(rule) = &descriptor.limits.template else {
        out.push(Violation::unsupported(descriptor, Feature::Template, field));
        return;
    };
    let mut wrong = |below: String, detail: String| {
        out.push(Violation::of(descriptor, "template_invalid", format!("{field}{below}"), detail));
    };
    let platform = &descriptor.name;
    let lower = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    if name.is_empty() || name.len() > ANY_NAME || !name.chars().all(lower) {
        wrong(
            "/name".into(),
            format!(
                "the name of a template on {platform} has lower-case letters, digits and _: give it as it is called there"
            ),
        );
    }
    let letters = |c: char| c.is_ascii_alphanumeric() || c == '_';
    if language.is_empty() || language.len() > ANY_NAME || !language.chars().all(letters) {
        wrong("/language".into(), format!("give the template's language as {platform} writes it, such as en or en_US"));
    }
    for (i, parameter) in parameters.iter().enumerate() {
        if parameter.trim().is_empty() {
            wrong(
                format!("/parameters/{i}"),
                "nothing would stand at this place of the template: write what does".into(),
            );
        }
    }
    let actual = parameters.iter().map(|parameter| parameter.chars().count()).sum::<usize>();
    let worded = variant.link.is_some() || variant.parts.iter().any(|part| !part.text.trim().is_empty());
    if worded {
        let detail = "a template says what was approved, and no text or link stands beside it: leave them out";
        wrong(String::new(), detail.into());
    }
    if variant.parts.len() > 1 {
        wrong(String::new(), "a template is a message of one part: leave the others out".into());
    }
    if actual > usize::from(rule.chars) {
        let detail = format!("{platform} takes parameters of {} characters together: shorten them", rule.chars);
        let v = Violation::of(descriptor, "content_too_long", format!("{field}/parameters"), detail);
        out.push(v.figures(rule.chars.into(), actual as u64));
    }
}

/// What is to be known of a content without a template where there are templates, in words.
pub fn without_template(variant: &Variant, descriptor: &Descriptor) -> Option<String> {
    let rule = descriptor.limits.of_content(variant).template.as_ref().filter(|_| variant.template.is_none())?;
    Some(rule.without.clone())
}
