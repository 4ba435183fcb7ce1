//! WhatsApp's Cloud API: messages from a business's number to one person. What is particular to it, with sources, is in this
//! folder's README.

mod api;
mod error;
mod keys;
mod message;
mod prepare;
mod publish;
mod status;
mod template;

#[cfg(test)]
mod tests;

use super::graph::{Graph, version};
use crate::words;
use connector_kit::http::{Base, repeatable};
use connector_kit::{Answer, Call, Http, is_number, is_word};
use domain::accounts::Account;
use domain::platform::{Descriptor, DocumentRule, EncodingRule, Feature, KeyForm, Limits, TemplateRule, VideoRule};
use domain::publishing::Failure;
use domain::text::TextRule;
use ports::{Connect, Connector, Keys, PlatformApp, PublishCall};
use secrecy::{ExposeSecret as _, SecretString};

/// Where the API is.
const GRAPH: Base = Base { name: "graph", default: "https://graph.facebook.com" };

/// Largest document in bytes; ours, what surely leaves in the time that a worker has. WhatsApp takes 100 MB.
const DOCUMENT: u64 = 50_000_000;

/// The connector.
pub(crate) struct WhatsApp {
    http: Http,
    descriptor: Descriptor,
    form: KeyForm,
}

impl WhatsApp {
    pub(crate) fn new(http: Http) -> Self {
        Self { http, descriptor: descriptor(), form: keys::form() }
    }

    fn graph<'a>(&'a self, app: &'a PlatformApp) -> Graph<'a> {
        // A token that its owner brought is of their application: there is no proof of ours.
        Graph { http: &self.http, app, base: GRAPH, proof: false, version: version(app) }
    }

    /// Makes a call that sends nothing to anybody, and wants success.
    async fn ask(&self, call: &PublishCall<'_>, with: &Conversation<'_>, request: Call) -> Result<Answer, Failure> {
        let request = request.hiding(&with.recipient).bearer(&with.token);
        let answer = self.http.call(request).await.map_err(|lost| repeatable(lost.into()))?;
        if answer.is_success() { Ok(answer) } else { Err(repeatable(error::refusal(&answer, call.now))) }
    }
}

impl Connector for WhatsApp {
    fn descriptor(&self) -> &Descriptor {
        &self.descriptor
    }
    fn hosts(&self) -> &'static [&'static str] {
        &["graph.facebook.com"]
    }
}

impl Connect for WhatsApp {
    fn keys(&self) -> Option<&dyn Keys> {
        Some(self)
    }
}

/// An account: whose number speaks, and to whom. The recipient's number is kept with the token, sealed, and nowhere else.
struct Conversation<'a> {
    /// The id of the number that messages are from.
    phone: &'a str,
    /// The id of its business account, which has the templates.
    business: &'a str,
    /// Digits of the number that they go to.
    recipient: SecretString,
    token: SecretString,
}

impl<'a> Conversation<'a> {
    fn of(account: &'a Account, secret: &SecretString) -> Result<Self, Failure> {
        Self::parsed(&account.profile.external_id, secret).ok_or_else(|| {
            let detail = "the account has no number to write from, or to".to_owned();
            Failure::Rejected { code: "account_invalid".into(), detail }
        })
    }

    /// Of the account's id, `PHONE/BUSINESS/MARK`, and what is sealed, `RECIPIENT:TOKEN`.
    fn parsed(external_id: &'a str, secret: &SecretString) -> Option<Self> {
        let [phone, business, mark] = external_id.split('/').collect::<Vec<_>>()[..] else { return None };
        let (recipient, token) = secret.expose_secret().split_once(':')?;
        let fits = is_number(phone, 20) && is_number(business, 20) && is_word(mark, 64) && is_recipient(recipient);
        fits.then(|| Self { phone, business, recipient: recipient.into(), token: token.into() })
    }
}

/// Whether it can be somebody's number: 7 to 15 digits (ITU-T E.164), of which the first are the country's and no zero.
fn is_recipient(text: &str) -> bool {
    is_number(text, 15) && text.len() >= 7 && !text.starts_with('0')
}

/// Whether it can be the id of a message. It is what WhatsApp gave, and goes back to it in an address.
fn is_message(id: &str) -> bool {
    let rest = id.strip_prefix("wamid.").unwrap_or_default();
    let fits = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'=' | b'-' | b'_' | b'.');
    (1..=250).contains(&rest.len()) && rest.bytes().all(fits)
}

/// What is said of whatever is no template.
const WITHOUT: &str = "WhatsApp delivers a free message only within 24 hours after the recipient last wrote: a template that it has \
                       approved reaches them at any time";

/// What is said of the money: Meta's prices go by what a message is for and where it goes, and are none of the API's.
const CHARGES: &str = "Meta may charge for a message on WhatsApp, by its template's category and the recipient's country: no price is \
                       known here";

/// What people expect of WhatsApp and do not get, with the rule.
const REASONS: [(Feature, &str); 10] = [
    (Feature::Article, MESSAGES),
    (Feature::Story, "WhatsApp's API has no status updates: post them in its app"),
    (Feature::Reel, MESSAGES),
    (Feature::Poll, "WhatsApp's API has no polls: ask in words"),
    (Feature::Quote, MESSAGES),
    (Feature::FirstComment, "nobody comments a message on WhatsApp: send it as one of its own"),
    (Feature::Draft, "WhatsApp keeps no drafts: keep it here as a draft"),
    (Feature::Visibility, "a message on WhatsApp is for its recipient alone: leave the visibility public"),
    (Feature::Mixed, "Herald sends one picture, video or document in a message on WhatsApp: make several posts"),
    (Feature::Amend, "WhatsApp's API has no way to change a message that was sent"),
];
const MESSAGES: &str = "there are only messages on WhatsApp: leave it out";

fn descriptor() -> Descriptor {
    Descriptor {
        id: crate::slug("whatsapp"),
        aliases: Vec::new(),
        name: "WhatsApp".into(),
        color: "#25d366".into(),
        queue: "chat".into(),
        limits: Limits {
            caption: Some(TextRule::Utf16 { limit: 1_024 }),
            images: 1,
            image_bytes: 5_000_000,
            image_types: words(&["image/jpeg", "image/png"]),
            video: Some(VideoRule {
                most: 1,
                bytes: 16_000_000,
                min_ms: 0,
                max_ms: u64::MAX,
                // WhatsApp takes 3GP, too, which Herald does not tell from MP4.
                types: words(&["video/mp4"]),
                codecs: words(&["h264"]),
                beside_pictures: false,
                alt_text: false,
                title: false,
                alt_chars: None,
                shape: None,
                captions: None,
                cover_at: false,
                encoding: EncodingRule { audio_codecs: words(&["aac"]), ..EncodingRule::default() },
            }),
            document: Some(DocumentRule {
                most: 1,
                bytes: DOCUMENT,
                // Of those that Herald reads.
                types: words(&["application/pdf"]),
                needs_title: false,
                beside_others: false,
            }),
            has: vec![Feature::Reply],
            unanswered: Vec::new(),
            // Meta's page of contextual replies: above a template the other message is not shown.
            answers_without: vec![Feature::Template],
            template: Some(TemplateRule { chars: template::MOST, without: WITHOUT.into() }),
            charges: Some(CHARGES.into()),
            reasons: crate::reasons(&REASONS),
            // Whether characters or UTF-16 units are counted is not documented; units never undercount.
            ..Limits::text_only(TextRule::Utf16 { limit: 4_096 })
        },
        // Nothing is documented: as long as the slowest platform we know.
        settle_s: 1_800,
    }
}
