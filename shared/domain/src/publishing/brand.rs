//! Brand rules: the words, links and hashtags that a tenant wants or does not want in what it says.
//!
//! Words are found as words, whatever their case and however their letters are composed; links by the host they lead to.

mod words;

use super::plan::shown;
use super::{ContentKind, Media, Variant, Violation};
use crate::platform::Descriptor;
use crate::text::{ascii_links, links};
use serde::{Deserialize, Serialize};
use url::{Host, Url};
use words::{has, hashtags, tokens};

/// Most words or domains of one list.
pub const MAX_BRAND_ENTRIES: usize = 100;
/// Most characters of a word or phrase.
pub const MAX_BRAND_CHARS: usize = 100;
/// Most characters of a domain (RFC 1035, section 2.3.4, without the dot of the root).
pub const MAX_DOMAIN_CHARS: usize = 253;
/// Most hashtags that a limit may allow: more than any text holds.
pub const MAX_BRAND_HASHTAGS: u16 = 1_000;

/// The brand rules of a tenant. Empty lists and no limit: no rules.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct BrandRules {
    /// Words or phrases that each post has, all of them, somewhere in its texts.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub required_words: Vec<String>,
    /// Words or phrases that no post has.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub forbidden_words: Vec<String>,
    /// Domains that links may lead to, and to whatever lies below them; empty: any.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub allowed_domains: Vec<String>,
    /// Domains that no link leads to, nor to anything below them, whatever is allowed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub denied_domains: Vec<String>,
    /// Most hashtags of a post.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_hashtags: Option<u16>,
}

impl BrandRules {
    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// The rules as they are kept: texts trimmed, domains in their ASCII form. Or everything that is wrong with them.
    pub fn checked(mut self) -> Result<Self, Vec<Violation>> {
        let mut wrong = Vec::new();
        for (name, words) in
            [("required_words", &mut self.required_words), ("forbidden_words", &mut self.forbidden_words)]
        {
            too_many(words, name, &mut wrong);
            for (i, word) in words.iter_mut().enumerate() {
                *word = word.trim().to_owned();
                let fits = (1..=MAX_BRAND_CHARS).contains(&word.chars().count());
                if !fits || tokens(word).is_empty() || word.chars().any(char::is_control) {
                    let detail = format!("give a word or phrase of 1 to {MAX_BRAND_CHARS} characters");
                    wrong.push(invalid(format!("/{name}/{i}"), detail));
                }
            }
        }
        for (name, domains) in
            [("allowed_domains", &mut self.allowed_domains), ("denied_domains", &mut self.denied_domains)]
        {
            too_many(domains, name, &mut wrong);
            for (i, domain) in domains.iter_mut().enumerate() {
                match normal_domain(domain) {
                    Some(normal) => *domain = normal,
                    None => wrong.push(invalid(
                        format!("/{name}/{i}"),
                        "give a domain such as example.com, of at most 253 characters, without scheme, path or asterisk",
                    )),
                }
            }
        }
        if self.max_hashtags.is_some_and(|most| most > MAX_BRAND_HASHTAGS) {
            wrong.push(invalid("/max_hashtags", format!("give 0 to {MAX_BRAND_HASHTAGS}, or leave it out")));
        }
        if wrong.is_empty() { Ok(self) } else { Err(wrong) }
    }

    /// Every rule that `variant` breaks on a platform: what is required stands in what people read there. `media` are the probed
    /// media of the variant; `at` is its JSON Pointer in the request.
    pub fn check_on(&self, descriptor: &Descriptor, variant: &Variant, media: &[Media], at: &str) -> Vec<Violation> {
        let mut out = self.check(variant, at);
        if self.required_words.is_empty() {
            return out;
        }
        let shown = shown(variant, descriptor, media);
        let read = |variant| texts(variant, at).iter().map(|(_, text)| tokens(text)).collect::<Vec<_>>();
        let (written, read) = (read(variant), read(&shown));
        for word in &self.required_words {
            let sought = tokens(word);
            let stands = |texts: &[Vec<String>]| texts.iter().any(|text| has(text, &sought));
            // What stands nowhere at all is told already.
            if stands(&written) && !stands(&read) {
                out.push(unseen(word, descriptor, variant, at));
            }
        }
        out
    }

    /// Every rule that `variant` breaks wherever it goes. `at` is the JSON Pointer of the variant in the request.
    pub fn check(&self, variant: &Variant, at: &str) -> Vec<Violation> {
        if self.is_empty() {
            return Vec::new();
        }
        let texts = texts(variant, at);
        let read: Vec<Vec<String>> = texts.iter().map(|(_, text)| tokens(text)).collect();
        let first = || first(&texts, at);
        let mut out = Vec::new();
        for word in &self.required_words {
            let sought = tokens(word);
            if !read.iter().any(|text| has(text, &sought)) {
                let detail = format!("your brand rules ask for “{word}” in every post: add it");
                out.push(Violation::new("brand_word_missing", first(), detail));
            }
        }
        for word in &self.forbidden_words {
            let sought = tokens(word);
            for ((field, _), _) in texts.iter().zip(&read).filter(|(_, text)| has(text, &sought)) {
                let detail = format!("your brand rules forbid “{word}”: take it out");
                out.push(Violation::new("brand_word_forbidden", field, detail));
            }
        }
        out.extend(self.links(variant, &texts, at));
        if let Some(most) = self.max_hashtags {
            let actual = variant.tags.len() + texts.iter().map(|(_, text)| hashtags(text)).sum::<usize>();
            if actual > usize::from(most) {
                let detail = format!("your brand rules allow {most} hashtags in a post, and this has {actual}");
                out.push(Violation {
                    limit: Some(most.into()),
                    actual: Some(actual as u64),
                    ..Violation::new("brand_hashtags", first(), detail)
                });
            }
        }
        out
    }

    fn links(&self, variant: &Variant, texts: &[(String, &str)], at: &str) -> Vec<Violation> {
        let mut out: Vec<Violation> = Vec::new();
        if self.allowed_domains.is_empty() && self.denied_domains.is_empty() {
            return out;
        }
        let card = variant.link.iter().map(|link| (format!("{at}/link/url"), link.url.clone(), true));
        let written = texts.iter().flat_map(|(field, text)| {
            let whole: Vec<_> = links(text).collect();
            // What lies in a link is allowed or not with that link; denied it is in either reading.
            let alone = |start| !whole.iter().any(|link| (link.start()..link.end()).contains(&start));
            let parts = ascii_links(text).map(|link| (field.clone(), link.as_str().to_owned(), alone(link.start())));
            let whole = whole.iter().map(|link| (field.clone(), link.as_str().to_owned(), true));
            whole.chain(parts).collect::<Vec<_>>()
        });
        for (field, link, whole) in card.chain(written) {
            let host = host_of(&link);
            let below = |domains: &[String]| host.as_ref().is_some_and(|host| domains.iter().any(|d| lies(host, d)));
            let allowed = self.allowed_domains.is_empty() || !whole || below(&self.allowed_domains);
            // Where an address leads to that has no host to read, nobody knows.
            if allowed && host.is_some() && !below(&self.denied_domains) {
                continue;
            }
            let host = host.unwrap_or_else(|| "this address".into());
            let detail = format!("your brand rules allow no link to {host}: take it out, or link elsewhere");
            let violation = Violation::new("brand_link_domain", field, detail);
            if !out.contains(&violation) {
                out.push(violation);
            }
        }
        out
    }
}

/// A required word that stands only where the platform shows nothing.
fn unseen(word: &str, descriptor: &Descriptor, variant: &Variant, at: &str) -> Violation {
    let name = &descriptor.name;
    let mend = match variant.kind {
        ContentKind::Story => format!("{name} shows a story without words: make it a post"),
        _ => format!("{name} does not show where it stands: write it in the text"),
    };
    let detail = format!("your brand rules ask for “{word}” in every post, and {mend}");
    Violation {
        platform: Some(descriptor.id.to_string()),
        ..Violation::new("brand_word_missing", first(&texts(variant, at), at), detail)
    }
}

fn invalid(field: impl Into<String>, detail: impl Into<String>) -> Violation {
    Violation::new("brand_rule_invalid", field, detail)
}

fn too_many(list: &[String], name: &str, wrong: &mut Vec<Violation>) {
    if list.len() > MAX_BRAND_ENTRIES {
        wrong.push(invalid(format!("/{name}"), format!("at most {MAX_BRAND_ENTRIES} of them: take some out")));
    }
}

/// Where something is missing.
fn first(texts: &[(String, &str)], at: &str) -> String {
    texts.first().map_or_else(|| at.to_owned(), |(field, _)| field.clone())
}

/// Every text of a variant that people read, with its JSON Pointer. The first is where something is missing.
fn texts<'a>(variant: &'a Variant, at: &str) -> Vec<(String, &'a str)> {
    let mut out: Vec<(String, &str)> = Vec::new();
    let mut add = |field: String, text: &'a str| out.push((field, text));
    for (i, part) in variant.parts.iter().enumerate() {
        add(format!("{at}/parts/{i}/text"), &part.text);
        for (j, medium) in part.media.iter().enumerate() {
            for (name, text) in [("alt_text", &medium.alt_text), ("title", &medium.title)] {
                if let Some(text) = text {
                    add(format!("{at}/parts/{i}/media/{j}/{name}"), text);
                }
            }
            for (k, track) in medium.captions.iter().enumerate() {
                if let Some(name) = &track.name {
                    add(format!("{at}/parts/{i}/media/{j}/captions/{k}/name"), name);
                }
            }
        }
    }
    let link = variant.link.as_ref();
    let poll = variant.poll.as_ref();
    for (name, text) in [
        ("link/title", link.and_then(|link| link.title.as_ref())),
        ("link/description", link.and_then(|link| link.description.as_ref())),
        ("title", variant.title.as_ref()),
        ("summary", variant.summary.as_ref()),
        ("poll/question", poll.and_then(|poll| poll.question.as_ref())),
        ("first_comment", variant.first_comment.as_ref()),
    ] {
        if let Some(text) = text {
            add(format!("{at}/{name}"), text);
        }
    }
    let lists = [("tags", &variant.tags), ("categories", &variant.categories)].into_iter();
    let template = variant.template.as_ref().map(|template| ("template/parameters", &template.parameters));
    for (name, list) in lists.chain(poll.map(|poll| ("poll/options", &poll.options))).chain(template) {
        list.iter().enumerate().for_each(|(i, text)| add(format!("{at}/{name}/{i}"), text));
    }
    out
}

/// The host that a link leads to, in its ASCII form (IDNA), without the dot of the root; none of what cannot be parsed.
fn host_of(link: &str) -> Option<String> {
    let web = |url: &Url| matches!(url.scheme(), "http" | "https");
    // Any other scheme: what stands before the first "://", if it can be one. A dot is of a host, as in "a.example/?u=https://b".
    let scheme = |text: &str| !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || "+-".contains(c));
    let rest = link.split_once("://").filter(|(before, _)| scheme(before)).map_or(link, |(_, rest)| rest);
    let url = Url::parse(link).ok().filter(web).or_else(|| Url::parse(&format!("https://{rest}")).ok())?;
    let host = url.host()?.to_string();
    Some(host.trim_end_matches('.').to_owned())
}

/// A domain in its ASCII form; none where it is none.
fn normal_domain(domain: &str) -> Option<String> {
    let domain = domain.trim().trim_end_matches('.');
    let plain = !domain.is_empty() && !domain.contains(['/', ':', '@', '*', '?', '#', ' ', '[']);
    let fits = |domain: &str| domain.len() <= MAX_DOMAIN_CHARS && domain.contains('.');
    match Host::parse(domain).ok().filter(|_| plain)? {
        Host::Domain(domain) if fits(&domain) && domain.split('.').all(|label| !label.is_empty()) => Some(domain),
        _ => None,
    }
}

/// Whether a host is the domain, or lies below it.
fn lies(host: &str, domain: &str) -> bool {
    host.strip_suffix(domain).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}
