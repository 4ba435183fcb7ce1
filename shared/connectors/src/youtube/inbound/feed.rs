//! A feed of videos (Atom, RFC 4287, with YouTube's own names), read without trust: one with a document type is not read at all, no
//! entity is known but the five of XML itself, and depth, number and length of what is kept are bounded.

use domain::inbound::MAX_HEARD;
use quick_xml::escape::resolve_xml_entity;
use quick_xml::events::{BytesStart, Event};
use quick_xml::name::{Namespace, ResolveResult};
use quick_xml::reader::NsReader;

const ATOM: &str = "http://www.w3.org/2005/Atom";
const OWN: &str = "http://www.youtube.com/xml/schemas/2015";
/// Of what was taken away (RFC 6721).
const TOMBSTONES: &str = "http://purl.org/atompub/tombstones/1.0";

/// Elements within each other: a feed has four.
const MAX_DEPTH: usize = 16;
/// Bytes of an id or a time: none has more than forty.
const MAX_FIELD: usize = 256;

/// What a feed tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Item {
    /// A video that is there.
    Video {
        /// Its id.
        id: String,
        /// The id of its channel.
        channel: Option<String>,
        /// When it was published, as it says.
        published: Option<String>,
    },
    /// Something else.
    Other {
        /// What it is called.
        kind: String,
        /// What it names, if anything.
        id: Option<String>,
        /// When, as it says.
        at: Option<String>,
    },
}

/// An entry as far as it was read.
#[derive(Default)]
struct Entry {
    id: String,
    channel: String,
    published: String,
}

#[derive(Clone, Copy)]
enum Field {
    Id,
    Channel,
    Published,
}

impl Entry {
    fn push(&mut self, field: Field, text: &str) {
        let place = match field {
            Field::Id => &mut self.id,
            Field::Channel => &mut self.channel,
            Field::Published => &mut self.published,
        };
        if place.len() + text.len() <= MAX_FIELD {
            place.push_str(text);
        }
    }

    fn done(self) -> Item {
        let given = |text: String| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        match given(self.id) {
            Some(id) => Item::Video { id, channel: given(self.channel), published: given(self.published) },
            None => Item::Other { kind: "entry".into(), id: None, at: None },
        }
    }
}

/// What a feed tells, in its order; none where it is none, or not well formed. Of one that tells too much, one item more than is read.
pub(super) fn items(body: &[u8]) -> Option<Vec<Item>> {
    let mut reader = NsReader::from_str(std::str::from_utf8(body).ok()?);
    let (mut items, mut depth, mut is_feed) = (Vec::new(), 0_usize, false);
    let (mut entry, mut field): (Option<Entry>, Option<Field>) = (None, None);
    while items.len() <= MAX_HEARD {
        let (namespace, event) = reader.read_resolved_event().ok()?;
        match event {
            Event::Start(_) | Event::Empty(_) if depth >= MAX_DEPTH => return None,
            Event::Start(start) => {
                depth += 1;
                match depth {
                    1 if named(&namespace, &start, ATOM, "feed") && !is_feed => is_feed = true,
                    1 => return None,
                    2 if named(&namespace, &start, ATOM, "entry") => entry = Some(Entry::default()),
                    2 if named(&namespace, &start, TOMBSTONES, "deleted-entry") => items.push(deleted(&start)),
                    3 => field = field_of(&namespace, &start),
                    _ => {}
                }
            }
            Event::Empty(start) if depth == 1 && named(&namespace, &start, TOMBSTONES, "deleted-entry") => {
                items.push(deleted(&start));
            }
            Event::End(_) => {
                if depth == 2 {
                    items.extend(entry.take().map(Entry::done));
                }
                field = None;
                depth = depth.checked_sub(1)?;
            }
            Event::Text(text) => push(entry.as_mut(), field, depth, &text.xml10_content()),
            Event::CData(text) => push(entry.as_mut(), field, depth, &text.xml10_content()),
            Event::GeneralRef(reference) => {
                let mut own = [0; 4];
                let text = match reference.resolve_char_ref().ok()? {
                    Some(char) => &*char.encode_utf8(&mut own),
                    None => resolve_xml_entity(&reference)?,
                };
                push(entry.as_mut(), field, depth, text);
            }
            Event::DocType(_) => return None,
            Event::Eof => return (is_feed && depth == 0).then_some(items),
            _ => {}
        }
    }
    Some(items)
}

fn named(namespace: &ResolveResult<'_>, start: &BytesStart<'_>, of: &str, name: &str) -> bool {
    *namespace == ResolveResult::Bound(Namespace(of)) && start.local_name().into_inner() == name
}

fn field_of(namespace: &ResolveResult<'_>, start: &BytesStart<'_>) -> Option<Field> {
    let is = |of, name| named(namespace, start, of, name);
    if is(OWN, "videoId") {
        Some(Field::Id)
    } else if is(OWN, "channelId") {
        Some(Field::Channel)
    } else {
        is(ATOM, "published").then_some(Field::Published)
    }
}

fn push(entry: Option<&mut Entry>, field: Option<Field>, depth: usize, text: &str) {
    if let (Some(entry), Some(field), 3) = (entry, field, depth) {
        entry.push(field, text);
    }
}

/// What was taken away, and when. Google's page says nothing of it; feeds are said to have it.
fn deleted(start: &BytesStart<'_>) -> Item {
    let value = |name: &str| {
        let found = start.try_get_attribute(name).ok().flatten()?;
        Some(found.value.into_owned()).filter(|value| !value.is_empty() && value.len() <= MAX_FIELD)
    };
    Item::Other { kind: "deleted-entry".into(), id: value("ref"), at: value("when") }
}
