//! The links of a compiled body: found once, numbered, and led over us.

use crate::fault::{Fault, Place};
use crate::markup::{Attribute, Piece, decoded, encoded};
use crate::tags::{Does, Tag, within};
use serde::{Deserialize, Serialize};
use std::fmt::Write as _;
use std::ops::Range;
use url::Url;

/// Parameters that are added to where links lead, so that the website's own statistics know the campaign.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Utm {
    /// Names and values (`utm_source`, `newsletter`), in order.
    pub parameters: Vec<(String, String)>,
}

impl Utm {
    /// The address with those parameters that it has not.
    pub fn on(&self, target: &str) -> String {
        let Ok(mut url) = Url::parse(target) else { return target.to_owned() };
        let has: Vec<String> = url.query_pairs().map(|(name, _)| name.into_owned()).collect();
        let new: Vec<_> = self.parameters.iter().filter(|(name, _)| !has.contains(name)).collect();
        if new.is_empty() {
            return target.to_owned();
        }
        for (name, value) in new {
            url.query_pairs_mut().append_pair(name, value);
        }
        url.into()
    }
}

/// A link of a compiled body, under its index.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// Where it leads; `None` where that comes from a recipient's data.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<String>,
    /// The hosts it may lead to, where that comes from data.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hosts: Vec<String>,
    /// What stands in it, for people: the text, or the picture's alternative text.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub label: String,
}

impl Link {
    /// Whether we may lead somebody there: to what the template says, or to a host that it names.
    pub fn leads_to(&self, target: &str) -> bool {
        match &self.target {
            Some(own) => own == target,
            None => host(target).is_some_and(|host| self.hosts.contains(&host)),
        }
    }
}

/// The host of an http or https address without user and password, in the form in which hosts are compared.
pub(crate) fn host(target: &str) -> Option<String> {
    let url = Url::parse(target).ok().filter(|url| matches!(url.scheme(), "http" | "https"))?;
    let bare = url.username().is_empty() && url.password().is_none();
    url.host_str().filter(|_| bare).map(str::to_owned)
}

/// An expression that stands for the value of an attribute with tags in it, or why there is none.
fn expression(text: &str, value: &Range<usize>, tags: &[Tag]) -> Result<String, (usize, &'static str)> {
    let mut parts = Vec::new();
    let mut at = value.start;
    let literal = |range: Range<usize>| {
        let said = decoded(text.get(range).unwrap_or_default());
        // A text of JSON is a text of the template language.
        (!said.is_empty()).then(|| serde_json::to_string(&said).unwrap_or_default())
    };
    for tag in within(tags, value) {
        parts.extend(literal(at..tag.range.start));
        at = tag.range.end;
        match tag.does {
            Does::Says => parts.push(format!("({})", text.get(tag.inner.clone()).unwrap_or_default().trim())),
            Does::Notes | Does::Decides => {
                return Err((
                    tag.range.start,
                    "A condition cannot stand in an address; put it around the whole element.",
                ));
            }
        }
    }
    parts.extend(literal(at..value.end));
    Ok(parts.join(" ~ "))
}

/// What was found, and the text with it led over us.
pub(crate) struct Linked {
    pub(crate) html: String,
    pub(crate) links: Vec<Link>,
    pub(crate) faults: Vec<Fault>,
}

/// How links are to be led.
pub(crate) struct Leading<'a> {
    pub(crate) clicks: bool,
    pub(crate) utm: &'a Utm,
    /// Hosts that addresses from data may lead to.
    pub(crate) hosts: &'a [String],
    /// Where in the source an address stands.
    pub(crate) place: &'a dyn Fn(&str) -> Place,
}

/// Numbers the links and leads them over us: `{{ _c }}<index>` for a link whose target the template says, `{{ _link(<index>, …) }}`
/// for one whose target comes from data, and `{{ _source(…) }}` for a picture from data.
pub(crate) fn link(html: &str, pieces: &[Piece], tags: &[Tag], leading: &Leading<'_>) -> Linked {
    let mut found = Linked { html: String::new(), links: Vec::new(), faults: Vec::new() };
    let mut edits: Vec<(Range<usize>, String)> = Vec::new();
    let mut hidden = false;
    for (n, piece) in pieces.iter().enumerate() {
        match piece {
            Piece::HideBegin(_) => hidden = true,
            Piece::HideEnd(_) => hidden = false,
            Piece::Open { name, .. } => {
                let linking = matches!(name.as_str(), "a" | "area" | "v:rect" | "v:roundrect");
                if let Some(href) = piece.attribute("href").filter(|_| linking) {
                    let label = || label(html, pieces.get(n + 1..).unwrap_or_default());
                    if let Some(new) = led(html, href, tags, leading, &mut found, hidden, label) {
                        edits.push((href.value.clone(), new));
                    }
                }
                for source in ["src", "background"].iter().filter_map(|name| piece.attribute(name)) {
                    if has_tags(tags, &source.value) {
                        match expression(html, &source.value, tags) {
                            Ok(said) => edits.push((source.value.clone(), format!("{{{{ _source({said}) }}}}"))),
                            Err((_, words)) => found.faults.push(misplaced(html, source, leading, words)),
                        }
                    }
                }
            }
            _ => {}
        }
    }
    let mut at = 0;
    for (range, new) in edits {
        found.html.push_str(html.get(at..range.start).unwrap_or_default());
        found.html.push_str(&new);
        at = range.end;
    }
    found.html.push_str(html.get(at..).unwrap_or_default());
    found
}

fn has_tags(tags: &[Tag], range: &Range<usize>) -> bool {
    within(tags, range).next().is_some()
}

fn misplaced(html: &str, attribute: &Attribute, leading: &Leading<'_>, words: &str) -> Fault {
    Fault::error("tag_misplaced", (leading.place)(html.get(attribute.value.clone()).unwrap_or_default()), words)
}

/// The new value of a link's `href`, if it gets one.
fn led(
    html: &str,
    href: &Attribute,
    tags: &[Tag],
    leading: &Leading<'_>,
    found: &mut Linked,
    hidden: bool,
    label: impl Fn() -> String,
) -> Option<String> {
    let raw = html.get(href.value.clone()).unwrap_or_default();
    let said = decoded(raw).trim().to_owned();
    let place = || (leading.place)(raw);
    // Ours already, and what is no web address: they lead where they lead.
    let ours = ["{{ unsubscribe_url }}", "{{ preferences_url }}"];
    let spaced = said.replace("{{", "{{ ").replace("}}", " }}");
    let plain = spaced.split_whitespace().collect::<Vec<_>>().join(" ");
    let small = said.to_ascii_lowercase();
    if ours.contains(&plain.as_str())
        || small.starts_with('#')
        || ["mailto:", "tel:", "sms:"].iter().any(|s| small.starts_with(s))
    {
        return None;
    }
    if !has_tags(tags, &href.value) {
        let (code, words) = match Url::parse(&said) {
            Ok(url) if matches!(url.scheme(), "http" | "https") && host(&said).is_some() => {
                let target = leading.utm.on(&said);
                if !leading.clicks {
                    return Some(encoded(&target));
                }
                let known = found.links.iter().position(|link| hidden && link.target.as_ref() == Some(&target));
                let index = known.unwrap_or_else(|| {
                    found.links.push(Link { target: Some(target), hosts: Vec::new(), label: label() });
                    found.links.len() - 1
                });
                return Some(format!("{{{{ _c }}}}{index}"));
            }
            Ok(_) => {
                ("link_scheme", "A link of a mail leads to an http or https address, mailto:, tel: or sms:.".to_owned())
            }
            Err(_) if said.is_empty() => ("link_empty", "The link leads nowhere; give its address.".to_owned()),
            Err(_) => (
                "link_relative",
                format!("`{said}` is no whole address; a mail has no page that it could be on. Begin by https://."),
            ),
        };
        found.faults.push(Fault::error(code, place(), words));
        return None;
    }
    let said = match expression(html, &href.value, tags) {
        Ok(said) => said,
        Err((_, words)) => {
            found.faults.push(misplaced(html, href, leading, words));
            return None;
        }
    };
    let own = own_host(raw);
    let mut hosts = own.iter().cloned().collect::<Vec<_>>();
    if own.is_none() {
        hosts.extend(leading.hosts.iter().map(|host| host.to_ascii_lowercase()));
        if hosts.is_empty() && leading.clicks {
            let words = "Where this link leads comes from data alone, so it is not led over us and clicks on it are not seen. Name its host in the template's link hosts.";
            found.faults.push(Fault::note("link_untracked", place(), words));
        }
    }
    found.links.push(Link { target: None, hosts, label: label() });
    Some(format!("{{{{ _link({}, {said}) }}}}", found.links.len() - 1))
}

/// The host that an address says before its first tag.
fn own_host(raw: &str) -> Option<String> {
    let before = decoded(raw.split("{{").next().unwrap_or_default());
    let after_scheme = before.split_once("://")?.1;
    // Without a slash after it, data could make the host longer.
    after_scheme.contains(['/', '?', '#']).then(|| host(&before)).flatten()
}

/// What stands in a link: its text, or the alternative text of its picture.
fn label(html: &str, after: &[Piece]) -> String {
    let mut said = String::new();
    for piece in after {
        match piece {
            Piece::Close { name, .. } | Piece::Open { name, .. } if name == "a" => break,
            Piece::Text(range) => said.push_str(&decoded(html.get(range.clone()).unwrap_or_default())),
            Piece::Open { name, .. } if name == "img" => {
                if let Some(alt) = piece.attribute("alt") {
                    said.push(' ');
                    said.push_str(&decoded(html.get(alt.value.clone()).unwrap_or_default()));
                }
            }
            Piece::Tag(_) => said.push('…'),
            _ => {}
        }
        if said.len() > 200 {
            break;
        }
    }
    said.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(80).collect()
}

/// The web addresses of a text part, led over us; one that the body has too keeps its index.
pub(crate) fn link_text(text: &str, tags: &[Tag], leading: &Leading<'_>, links: &mut Vec<Link>) -> String {
    if !leading.clicks {
        return text.to_owned();
    }
    let (mut out, mut at) = (String::with_capacity(text.len()), 0);
    let mut finder = linkify::LinkFinder::new();
    finder.kinds(&[linkify::LinkKind::Url]);
    for found in finder.links(text) {
        let touches = tags.iter().any(|tag| tag.range.start <= found.end() && found.start() <= tag.range.end);
        if touches || host(found.as_str()).is_none() {
            continue;
        }
        let target = leading.utm.on(found.as_str());
        let index = links.iter().position(|link| link.target.as_ref() == Some(&target)).unwrap_or_else(|| {
            links.push(Link {
                target: Some(target),
                hosts: Vec::new(),
                label: found.as_str().chars().take(80).collect(),
            });
            links.len() - 1
        });
        out.push_str(text.get(at..found.start()).unwrap_or_default());
        let _ = write!(out, "{{{{ _c }}}}{index}");
        at = found.end();
    }
    out.push_str(text.get(at..).unwrap_or_default());
    out
}
