//! A mail as bytes: MIME, with the headers of law.
//!
//! Nothing of a header is believed to be harmless: what could begin another line is refused, not taken out, because who sends it should
//! know.

use crate::compiled::Rendered;
use crate::markup::encoded;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use mail_builder::MessageBuilder;
use mail_builder::headers::HeaderType;
use mail_builder::headers::address::Address;
use mail_builder::headers::content_type::ContentType;
use mail_builder::headers::date::Date;
use mail_builder::headers::raw::Raw;
use mail_builder::headers::text::Text;
use mail_builder::mime::{BodyPart, MimePart};
use std::borrow::Cow;
use std::fmt::Write as _;

/// Largest mail (SES, "Service quotas": 40 MB after encoding).
pub const MAX_MESSAGE_BYTES: usize = 40 * 1024 * 1024;
/// Longest value of a header (RFC 5322, section 2.1.1: 998 with its name).
const MAX_HEADER_BYTES: usize = 900;
/// Our own header: the message's id, which a provider may replace in `Message-ID`.
pub const ID_HEADER: &str = "X-Herald-Message";

/// Headers that are ours to set, or that lead a mail elsewhere.
const RESERVED_HEADERS: [&str; 18] = [
    "from",
    "to",
    "cc",
    "bcc",
    "sender",
    "reply-to",
    "subject",
    "date",
    "message-id",
    "return-path",
    "received",
    "mime-version",
    "dkim-signature",
    "list-unsubscribe",
    "list-unsubscribe-post",
    "list-id",
    "feedback-id",
    "x-herald-message",
];

/// Who sends or gets a mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mailbox {
    /// The name, in any script.
    pub name: Option<String>,
    /// The address.
    pub address: String,
}

/// A file in a mail.
#[derive(Debug, Clone)]
pub struct Attachment<'a> {
    /// Its name.
    pub name: &'a str,
    /// Its media type, such as `application/pdf`.
    pub media_type: &'a str,
    /// The id under which the HTML shows it (`cid:…`); without, it is attached.
    pub content_id: Option<&'a str>,
    /// What is in it.
    pub bytes: Cow<'a, [u8]>,
}

/// What advertising must say (RFC 2369, RFC 2919, RFC 8058; CAN-SPAM).
#[derive(Debug, Clone, Copy)]
pub struct Law<'a> {
    /// Where one POST unsubscribes, and where a person can: https.
    pub unsubscribe_url: &'a str,
    /// An address that unsubscribes whoever writes to it.
    pub unsubscribe_mailbox: Option<&'a str>,
    /// The list's id: a name under a domain of the sender's (`news.example.com`).
    pub list_id: &'a str,
    /// The list's name.
    pub list_name: Option<&'a str>,
    /// Who sends it, on paper: stands in both parts.
    pub postal_address: &'a str,
}

/// A mail to be.
#[derive(Debug, Clone)]
pub struct Outgoing<'a> {
    /// The message's own id, without brackets: `<something>@<domain>`.
    pub id: &'a str,
    /// When it is sent.
    pub date: Timestamp,
    /// Who sends it.
    pub from: &'a Mailbox,
    /// Who gets it: one, so that nobody learns of another.
    pub to: &'a Mailbox,
    /// Where answers go.
    pub reply_to: Option<&'a Mailbox>,
    /// What it says.
    pub content: &'a Rendered,
    /// What is in it.
    pub attachments: &'a [Attachment<'a>],
    /// Given for advertising.
    pub law: Option<Law<'a>>,
    /// Up to four words by which Gmail groups complaints, the sender's last.
    pub feedback_id: Option<&'a str>,
    /// More headers.
    pub headers: &'a [(String, String)],
}

/// Why there is no mail.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadMessage {
    /// A value has what would begin another line, or is too long, or is not of its header's form.
    #[error(
        "the value of `{header}` cannot stand in a header: it has control characters or line ends, is longer than {MAX_HEADER_BYTES} bytes, or is not of that header's form"
    )]
    Header {
        /// Which.
        header: String,
    },
    /// A header that is ours to set.
    #[error("the header `{header}` cannot be given")]
    Reserved {
        /// Which.
        header: String,
    },
    /// An address that no mail can be sent to or from.
    #[error("the address in `{header}` is none to which mail can be sent")]
    Address {
        /// Which.
        header: &'static str,
    },
    /// Advertising whose HTML or text lacks it.
    #[error("the {part} part does not say {what}")]
    Lacks {
        /// The part.
        part: &'static str,
        /// What.
        what: &'static str,
    },
    /// A file's name, type or id.
    #[error("the name, the type or the id of an attachment cannot stand in a mail")]
    Attachment,
    /// Larger than a provider takes.
    #[error("the mail is larger than {MAX_MESSAGE_BYTES} bytes")]
    TooLarge,
}

/// Whether a value can stand in a header: nothing that a mail program could take for the end of a line, or for nothing.
pub fn fits_header(value: &str) -> bool {
    value.len() <= MAX_HEADER_BYTES && !value.chars().any(|c| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}'))
}

fn value<'a>(header: &str, value: &'a str) -> Result<&'a str, BadMessage> {
    if fits_header(value) { Ok(value) } else { Err(BadMessage::Header { header: header.to_owned() }) }
}

/// The address as it goes out: the domain in ASCII (UTS 46). `None` for one that providers do not take: with quotes, comments, an IP
/// address, letters beyond ASCII before the `@`, or a domain without a dot.
pub fn address(text: &str) -> Option<String> {
    let (local, domain) = text.rsplit_once('@')?;
    let atom = |c: u8| c.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~.".contains(&c);
    let dots = local.starts_with('.') || local.ends_with('.') || local.contains("..");
    if local.is_empty() || local.len() > 64 || dots || !local.bytes().all(atom) {
        return None;
    }
    // What the parser of hosts would repair is not taken.
    if domain.contains(|c: char| {
        c.is_whitespace() || c.is_control() || matches!(c, '%' | '/' | '\\' | '?' | '#' | ':' | '@' | '[')
    }) {
        return None;
    }
    let url::Host::Domain(domain) = url::Host::parse(domain).ok()? else { return None };
    let fits = domain.contains('.') && !domain.ends_with('.') && domain.len() <= 253;
    fits.then(|| format!("{local}@{domain}"))
}

fn mailbox(header: &'static str, mailbox: &Mailbox) -> Result<Address<'static>, BadMessage> {
    let address = address(&mailbox.address).ok_or(BadMessage::Address { header })?;
    let name = mailbox.name.as_deref().map(|name| value(header, name)).transpose()?;
    let name = name.filter(|name| !name.trim().is_empty()).map(str::to_owned);
    Ok(Address::new_address(name, address))
}

/// The bytes of a mail.
pub fn build(mail: &Outgoing<'_>) -> Result<Vec<u8>, BadMessage> {
    let id = value("Message-ID", mail.id)?;
    if !id.is_ascii() || id.contains(['<', '>', ' ']) || !id.contains('@') {
        return Err(BadMessage::Header { header: "Message-ID".into() });
    }
    let mut message = MessageBuilder::new()
        .from(mailbox("From", mail.from)?)
        .to(mailbox("To", mail.to)?)
        .subject(value("Subject", &mail.content.subject)?)
        .date(Date::new(mail.date.as_second()))
        .message_id(id)
        .header(ID_HEADER, Raw::new(id));
    if let Some(reply_to) = mail.reply_to {
        message = message.reply_to(mailbox("Reply-To", reply_to)?);
    }
    if let Some(law) = &mail.law {
        message = lawful(message, law, mail.content)?;
    }
    if let Some(feedback) = mail.feedback_id {
        let fits = feedback.is_ascii() && !feedback.contains(' ') && feedback.split(':').count() <= 4;
        let feedback = value("Feedback-ID", feedback).ok().filter(|_| fits);
        message = message
            .header("Feedback-ID", Raw::new(feedback.ok_or(BadMessage::Header { header: "Feedback-ID".into() })?));
    }
    for (name, said) in mail.headers {
        let small = name.to_ascii_lowercase();
        if RESERVED_HEADERS.contains(&small.as_str())
            || ["content-", "resent-", "arc-"].iter().any(|start| small.starts_with(start))
        {
            return Err(BadMessage::Reserved { header: name.clone() });
        }
        // RFC 5322, section 3.6.8, and short.
        if name.is_empty() || name.len() > 76 || !name.bytes().all(|byte| byte.is_ascii_graphic() && byte != b':') {
            return Err(BadMessage::Header { header: "a header's name".into() });
        }
        message = message.header(name.clone(), HeaderType::Text(Text::new(value(name, said)?)));
    }
    let bytes = message.body(body(mail)?).write_to_vec().map_err(|_| BadMessage::TooLarge)?;
    if bytes.len() > MAX_MESSAGE_BYTES { Err(BadMessage::TooLarge) } else { Ok(bytes) }
}

fn lawful<'x>(
    message: MessageBuilder<'x>,
    law: &Law<'x>,
    content: &Rendered,
) -> Result<MessageBuilder<'x>, BadMessage> {
    let bad = |header: &str| BadMessage::Header { header: header.to_owned() };
    let url = value("List-Unsubscribe", law.unsubscribe_url)?;
    if !url.starts_with("https://") || !url.is_ascii() || url.contains(['<', '>', ' ', ',']) {
        return Err(bad("List-Unsubscribe"));
    }
    let mut ways = format!("<{url}>");
    if let Some(mailbox) = law.unsubscribe_mailbox {
        let mailbox = address(mailbox).ok_or(BadMessage::Address { header: "List-Unsubscribe" })?;
        let _ = write!(ways, ", <mailto:{mailbox}?subject=unsubscribe>");
    }
    let id = value("List-Id", law.list_id)?;
    let in_id = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    if !id.contains('.') || !id.bytes().all(in_id) {
        return Err(bad("List-Id"));
    }
    let name = law.list_name.map(|name| value("List-Id", name)).transpose()?.filter(|name| !name.trim().is_empty());
    let postal = law.postal_address.trim();
    for (part, said, what) in [
        ("HTML", content.html.contains(url), "how to unsubscribe"),
        ("text", content.text.contains(url), "how to unsubscribe"),
        ("HTML", !postal.is_empty() && says(&content.html, postal), "the sender's postal address"),
        ("text", !postal.is_empty() && content.text.contains(postal), "the sender's postal address"),
    ] {
        if !said {
            return Err(BadMessage::Lacks { part, what });
        }
    }
    Ok(message
        .header("List-Unsubscribe", Raw::new(ways))
        .header("List-Unsubscribe-Post", Raw::new("List-Unsubscribe=One-Click"))
        .header("List-Id", Address::new_address(name, id)))
}

/// Whether HTML says a text, as the engine escapes it or as people write it.
fn says(html: &str, text: &str) -> bool {
    let ours = encoded(text);
    html.contains(&ours) || html.contains(&ours.replace('\'', "&#x27;").replace('/', "&#x2f;"))
}

/// A boundary that no part has: `=_` stands in no quoted-printable and no base64 text.
fn multipart<'x>(kind: &'static str, id: &str, parts: Vec<MimePart<'x>>) -> MimePart<'x> {
    let word: String = id.bytes().filter(u8::is_ascii_alphanumeric).take(40).map(char::from).collect();
    let last = kind.rsplit('/').next().unwrap_or_default();
    MimePart::new(ContentType::new(kind).attribute("boundary", format!("=_{last}_{word}")), parts)
}

fn body<'x>(mail: &'x Outgoing<'x>) -> Result<MimePart<'x>, BadMessage> {
    let leaf = |kind: &'static str, text: &'x str| {
        MimePart::new(ContentType::new(kind).attribute("charset", "utf-8"), BodyPart::Text(text.into()))
    };
    let (shown, attached): (Vec<_>, Vec<_>) = mail.attachments.iter().partition(|file| file.content_id.is_some());
    let mut html = leaf("text/html", &mail.content.html);
    if !shown.is_empty() {
        let files = shown.into_iter().map(file).collect::<Result<Vec<_>, _>>()?;
        html = multipart("multipart/related", mail.id, std::iter::once(html).chain(files).collect());
    }
    let both = multipart("multipart/alternative", mail.id, vec![leaf("text/plain", &mail.content.text), html]);
    if attached.is_empty() {
        return Ok(both);
    }
    let files = attached.into_iter().map(file).collect::<Result<Vec<_>, _>>()?;
    Ok(multipart("multipart/mixed", mail.id, std::iter::once(both).chain(files).collect()))
}

fn file<'x>(file: &'x Attachment<'x>) -> Result<MimePart<'x>, BadMessage> {
    let token = |text: &str| {
        (1..=127).contains(&text.len())
            && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#$&-^_.+".contains(&byte))
    };
    let typed = file
        .media_type
        .split_once('/')
        .is_some_and(|(kind, rest)| token(kind) && token(rest) && kind != "multipart" && kind != "message");
    let named = !file.name.trim().is_empty()
        && fits_header(file.name)
        && file.name.len() <= 255
        && !file.name.contains(['/', '\\']);
    let known = file.content_id.is_none_or(|id| token(&id.replace('@', ".")));
    if !(typed && named && known) {
        return Err(BadMessage::Attachment);
    }
    let kind = ContentType::new(file.media_type).attribute("name", file.name);
    // Encoded here: the library would take a text for lines, and change how they end.
    let part = MimePart::new(kind, BodyPart::Binary(lines(&file.bytes).into())).transfer_encoding("base64");
    Ok(match file.content_id {
        Some(id) => part.inline().cid(id),
        None => part.attachment(file.name),
    })
}

/// Base64 in lines (RFC 2045, section 6.8: at most 76 characters).
fn lines(bytes: &[u8]) -> Vec<u8> {
    let encoded = STANDARD.encode(bytes);
    let mut out = Vec::with_capacity(encoded.len() + encoded.len() / 38 + 2);
    for line in encoded.as_bytes().chunks(76) {
        out.extend_from_slice(line);
        out.extend_from_slice(b"\r\n");
    }
    out
}
