//! The message of a part, as it is sent.

use super::api::{Attached, Content, Context, Filled, Language, Message, Named, Parameter, Text};
use super::{Conversation, is_message};
use connector_kit::{answered, file_name};
use domain::publishing::{Failure, MediaKind, MediaRef, Probe, Template};
use domain::text::links;
use ports::PublishCall;
use secrecy::ExposeSecret as _;

/// The part's medium, where it has one.
pub(super) fn medium<'a>(call: &PublishCall<'a>) -> Result<Option<(&'a MediaRef, &'a Probe)>, Failure> {
    let Some(reference) = call.variant.media_of(call.part).first() else { return Ok(None) };
    let medium = call.media.iter().find(|medium| medium.id == reference.id);
    let probe = medium.and_then(|medium| medium.probe.as_ref()).ok_or(Failure::Unavailable)?;
    Ok(Some((reference, probe)))
}

/// The id of the message that the part answers, where it answers one.
pub(super) fn context(call: &PublishCall<'_>) -> Result<Option<String>, Failure> {
    let named = |given: &str| is_message(given).then(|| given.to_owned());
    answered(call, named, "what is answered is named by no message: WhatsApp's ids begin with wamid.")
}

/// The message; `uploaded` is the id of its medium, and `answers` that of what it answers. `text` is what it says where it is no template.
pub(super) fn message<'a>(
    call: &'a PublishCall<'_>,
    with: &'a Conversation<'_>,
    text: &'a str,
    uploaded: Option<&'a str>,
    answers: Option<&'a str>,
) -> Result<Message<'a>, Failure> {
    let shown = match medium(call)? {
        // A medium that is not uploaded was not prepared.
        Some(found) => Some((found, uploaded.ok_or(Failure::Unavailable)?)),
        None => None,
    };
    let (kind, content) = match (&call.variant.template, shown) {
        (Some(template), shown) => ("template", Content::Template(named(template, shown))),
        (None, Some(((reference, probe), id))) => {
            let caption = Some(text).filter(|text| !text.is_empty());
            let attached = Attached { id, caption, filename: file(reference, probe) };
            match probe.kind() {
                MediaKind::Picture => ("image", Content::Image(attached)),
                MediaKind::Video => ("video", Content::Video(attached)),
                MediaKind::Document | MediaKind::Captions => ("document", Content::Document(attached)),
            }
        }
        // The first link of a text is shown as a card, if it is asked for.
        (None, None) => ("text", Content::Text(Text { body: text, preview_url: links(text).next().is_some() })),
    };
    Ok(Message {
        messaging_product: "whatsapp",
        recipient_type: "individual",
        to: with.recipient.expose_secret(),
        kind,
        biz_opaque_callback_data: &call.key,
        context: answers.map(|message_id| Context { message_id }),
        content,
    })
}

/// What readers see a document called.
fn file(reference: &MediaRef, probe: &Probe) -> Option<String> {
    let is_document = probe.kind() == MediaKind::Document;
    is_document.then(|| file_name(0, probe, reference.title.as_deref()))
}

fn named<'a>(template: &'a Template, shown: Option<((&'a MediaRef, &'a Probe), &'a str)>) -> Named<'a> {
    let header = shown.map(|((reference, probe), id)| {
        let attached = Attached { id, caption: None, filename: file(reference, probe) };
        let parameter = match probe.kind() {
            MediaKind::Picture => Parameter::Image { image: attached },
            MediaKind::Video => Parameter::Video { video: attached },
            MediaKind::Document | MediaKind::Captions => Parameter::Document { document: attached },
        };
        Filled { part: "header", parameters: vec![parameter] }
    });
    let texts: Vec<Parameter> = template.parameters.iter().map(|text| Parameter::Text { text }).collect();
    let body = (!texts.is_empty()).then_some(Filled { part: "body", parameters: texts });
    Named {
        name: &template.name,
        language: Language { policy: "deterministic", code: &template.language },
        components: header.into_iter().chain(body).collect(),
    }
}
