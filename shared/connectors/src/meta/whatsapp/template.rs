//! The look at a template before anything is sent: whether WhatsApp has it, has approved it, and asks for what is given.

use super::api::{Approved, Button, Component, List};
use super::{Conversation, WhatsApp};
use connector_kit::{Call, words};
use domain::publishing::{Failure, MediaKind, Template};
use ports::PublishCall;
use std::collections::BTreeSet;

/// Pages of the list that are read: a template has not more languages than these hold.
const PAGES: usize = 10;
/// Most characters of a template's text, its parameters in their places (refused with 132005 where it is longer).
pub(super) const MOST: u16 = 1_024;
/// Buttons that ask for nothing.
const PLAIN: [&str; 3] = ["QUICK_REPLY", "PHONE_NUMBER", "URL"];

/// Looks whether the part's template can be sent as it is.
pub(super) async fn check(
    whatsapp: &WhatsApp,
    call: &PublishCall<'_>,
    with: &Conversation<'_>,
    template: &Template,
    medium: Option<MediaKind>,
) -> Result<(), Failure> {
    let all = named(whatsapp, call, with, &template.name).await?;
    let Some(found) = all.iter().find(|one| one.language == template.language) else {
        let languages: Vec<&str> = all.iter().map(|one| one.language.as_str()).collect();
        let name = &template.name;
        let detail = if languages.is_empty() {
            format!("the business account has no template named {name}")
        } else {
            format!("{name} is there in {}, and not in {}", words(&languages.join(", ")), template.language)
        };
        return Err(Failure::Rejected { code: "template_missing".into(), detail });
    };
    if found.status != "APPROVED" {
        let detail = format!("WhatsApp sends approved templates only, and this one is {}", words(&found.status));
        return Err(Failure::Rejected { code: "template_not_approved".into(), detail });
    }
    found.components.iter().try_for_each(plain)?;
    fits(found, template, medium)
}

/// The templates of this very name, in all their languages.
async fn named(
    whatsapp: &WhatsApp,
    call: &PublishCall<'_>,
    with: &Conversation<'_>,
    name: &str,
) -> Result<Vec<Approved>, Failure> {
    let (graph, path) = (whatsapp.graph(call.app), format!("{}/message_templates", with.business));
    let (mut all, mut after): (Vec<Approved>, Option<String>) = (Vec::new(), None);
    for _ in 0..PAGES {
        let mut query = vec![("name", name)];
        query.extend(after.as_deref().map(|cursor| ("after", cursor)));
        let answer = whatsapp.ask(call, with, Call::get(graph.at(&path, &query, &with.token))).await?;
        let list = answer.json::<List<Approved>>().ok_or(Failure::Unavailable)?;
        all.extend(list.data.into_iter().filter(|one| one.name == name));
        if list.paging.is_end() {
            return Ok(all);
        }
        after = Some(list.paging.next().ok_or(Failure::Unavailable)?);
    }
    Err(Failure::Unavailable)
}

/// The places of a text that vary: `{{1}}`.
fn places(text: &str) -> impl Iterator<Item = &str> {
    text.split("{{").skip(1).filter_map(|rest| rest.split_once("}}")).map(|(place, _)| place.trim())
}

/// Refuses what asks for something that a content cannot give.
fn plain(component: &Component) -> Result<(), Failure> {
    let told = |what: &str| {
        let detail = format!("this template has {what}, which Herald does not fill: use another");
        Err(Failure::Rejected { code: "template_unsupported".into(), detail })
    };
    let asks = |button: &Button| !PLAIN.contains(&button.kind.as_str()) || places(&button.url).next().is_some();
    match component.part.as_str() {
        "BODY" if places(&component.text).any(|place| place.parse::<u16>().is_err()) => told("places with names"),
        "HEADER" if places(&component.text).next().is_some() => told("a headline that varies"),
        "HEADER" if !matches!(component.format.as_str(), "TEXT" | "IMAGE" | "VIDEO" | "DOCUMENT") => {
            told("a header of another kind than text, picture, video and document")
        }
        "BUTTONS" if component.buttons.iter().any(asks) => told("buttons that vary"),
        "BODY" | "HEADER" | "FOOTER" | "BUTTONS" => Ok(()),
        _ => told("parts of a kind that is not known here"),
    }
}

/// Whether parameters and medium are those that it asks for.
fn fits(found: &Approved, template: &Template, medium: Option<MediaKind>) -> Result<(), Failure> {
    let of_part = |part: &str| found.components.iter().find(|component| component.part == part);
    let body = of_part("BODY").map_or("", |body| body.text.as_str());
    let (asked, given) = (places(body).collect::<BTreeSet<_>>().len(), template.parameters.len());
    if asked != given {
        let detail = format!("this template takes {asked} parameters, and {given} are given");
        return Err(Failure::Rejected { code: "template_parameters".into(), detail });
    }
    let filled = template
        .parameters
        .iter()
        .zip(1_usize..)
        .fold(body.to_owned(), |text, (parameter, place)| text.replace(&format!("{{{{{place}}}}}"), parameter));
    if filled.chars().count() > usize::from(MOST) {
        let detail =
            format!("with these parameters the text of this template has more than {MOST} characters: shorten them");
        return Err(Failure::Rejected { code: "content_too_long".into(), detail });
    }
    let wanted = match of_part("HEADER").map(|header| header.format.as_str()) {
        Some("IMAGE") => Some((MediaKind::Picture, "a picture")),
        Some("VIDEO") => Some((MediaKind::Video, "a video")),
        Some("DOCUMENT") => Some((MediaKind::Document, "a document")),
        _ => None,
    };
    if wanted.map(|(kind, _)| kind) == medium {
        return Ok(());
    }
    let what = wanted.map_or("no picture, video or document", |(_, what)| what);
    let detail = format!("the header of this template takes {what}: give that");
    Err(Failure::Rejected { code: "template_parameters".into(), detail })
}
