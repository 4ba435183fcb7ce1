//! A post's content as cells of a table that people open in a spreadsheet: what an export writes, an import reads as the same.

use crate::content::ContentBody;
use app::Error;
use domain::publishing::Variant;
use runtime::http::is_strict_json;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// The columns of an import, in the order in which a file for people has them.
pub const COLUMNS: [&str; 16] = [
    "text",
    "platforms",
    "accounts",
    "option",
    "scheduled_at",
    "timezone",
    "link",
    "link_title",
    "title",
    "summary",
    "hashtags",
    "first_comment",
    "media",
    "alt_texts",
    "content",
    "variants",
];

/// What an export tells beside them. An import passes over it.
pub const TOLD: [&str; 4] = ["pack_id", "status", "created_at", "urls"];

/// The cells of a row that hold something, by their columns.
pub type Cells = BTreeMap<&'static str, String>;

/// Fields of a content that have a column of their name.
const TEXTS: [&str; 4] = ["text", "title", "summary", "first_comment"];

/// With which a spreadsheet takes a cell for a formula (OWASP, "CSV Injection"). Cells have no white space at their ends.
const FORMULA: [char; 4] = ['=', '+', '-', '@'];

fn is_formula(cell: &str) -> bool {
    cell.trim_start_matches('\'').starts_with(FORMULA)
}

/// The cell as a file holds it: with an apostrophe before what a spreadsheet would take for a formula.
pub fn guarded(cell: &str) -> String {
    if is_formula(cell) { format!("'{cell}") } else { cell.to_owned() }
}

/// What a file's cell means, without that apostrophe.
pub fn meant(cell: &str) -> &str {
    cell.strip_prefix('\'').filter(|rest| is_formula(rest)).unwrap_or(cell)
}

/// Takes a file whose quotes are as RFC 4180 has them; of another, tells the line on which the cell begins that breaks it. A reader that
/// guesses would take whatever follows for that cell's text.
pub fn quotes_in_pairs(text: &str, delimiter: char) -> Result<(), usize> {
    #[derive(Clone, Copy, PartialEq)]
    enum At {
        Start,
        Plain,
        Quoted,
        /// After a quote within quotes: its end, or the first of two.
        Quote,
    }
    let (mut at, mut line, mut began) = (At::Start, 1, 1);
    for c in text.chars() {
        let ends = c == delimiter || c == '\n' || c == '\r';
        at = match at {
            At::Start if c == '"' => {
                began = line;
                At::Quoted
            }
            At::Start | At::Plain if c == '"' => return Err(line),
            At::Start | At::Plain | At::Quote if ends => At::Start,
            At::Start | At::Plain => At::Plain,
            At::Quoted if c == '"' => At::Quote,
            At::Quoted => At::Quoted,
            At::Quote if c == '"' => At::Quoted,
            At::Quote => return Err(began),
        };
        line += usize::from(c == '\n');
    }
    if at == At::Quoted { Err(began) } else { Ok(()) }
}

/// The values of a cell that has several.
pub fn words(cell: Option<&str>) -> impl Iterator<Item = &str> {
    cell.unwrap_or_default().split([' ', '\n', '\t', '|', ';', ',']).filter(|word| !word.is_empty())
}

/// The content that a row's cells say: those of its columns, and in `content` whatever else it has.
pub fn content<'a>(cell: &dyn Fn(&str) -> Option<&'a str>) -> Result<ContentBody, Error> {
    let unreadable = "no JSON object with the fields that the content of a post has in the API";
    let wrong = || Error::invalid("not_a_content", "/content", unreadable);
    let mut fields: Map<String, Value> =
        cell("content").map_or_else(|| Ok(Map::new()), |text| strict(text).ok_or_else(wrong))?;
    let alone = [("link_title", "link"), ("alt_texts", "media")];
    if let Some((name, needs)) = alone.iter().find(|(name, needs)| cell(name).is_some() && cell(needs).is_none()) {
        return Err(Error::invalid(
            "cell_unused",
            &format!("/{name}"),
            format!("{name} belongs to {needs}, which is empty"),
        ));
    }
    if cell("alt_texts").is_some_and(|texts| texts.split('|').count() > words(cell("media")).count()) {
        return Err(Error::invalid("cell_unused", "/alt_texts", "there are more texts than media"));
    }
    let mut own: Vec<(&str, Value)> = Vec::new();
    for name in TEXTS {
        own.extend(cell(name).map(|text| (name, json!(text))));
    }
    own.extend(cell("hashtags").map(|tags| ("hashtags", words(Some(tags)).collect())));
    own.extend(cell("link").map(|url| match cell("link_title") {
        Some(title) => ("link", json!({ "url": url, "title": title })),
        None => ("link", json!({ "url": url })),
    }));
    own.extend(cell("media").map(|ids| ("media", media(ids, cell("alt_texts")))));
    for (name, value) in own {
        if fields.insert(name.to_owned(), value).is_some() {
            let detail = format!("{name} stands in a column of its own and in content: say it once");
            return Err(Error::invalid("content_ambiguous", "/content", detail));
        }
    }
    serde_json::from_value(Value::Object(fields)).map_err(|_| wrong())
}

fn media(ids: &str, alt_texts: Option<&str>) -> Value {
    let mut alt_texts = alt_texts.unwrap_or_default().split('|').map(str::trim);
    let item = |id| match alt_texts.next().filter(|text| !text.is_empty()) {
        Some(text) => json!({ "media_id": id, "alt_text": text }),
        None => json!({ "media_id": id }),
    };
    words(Some(ids)).map(item).collect()
}

/// A cell's JSON, read as strictly as the body of a request.
fn strict<T: DeserializeOwned>(text: &str) -> Option<T> {
    is_strict_json(text).then(|| serde_json::from_str(text).ok())?
}

/// The contents of single platforms that a row's cell says.
pub fn variants(cell: Option<&str>) -> Result<BTreeMap<String, ContentBody>, Error> {
    let unreadable = "no JSON object that holds for platforms the content that a post has in the API";
    let wrong = || Error::invalid("not_a_content", "/variants", unreadable);
    cell.map_or_else(|| Ok(BTreeMap::new()), |text| strict(text).ok_or_else(wrong))
}

/// Whether a cell gives this text back as it is.
fn is_exact(text: &str) -> bool {
    !text.is_empty() && text.trim() == text
}

/// The fields of a content that say something, as the API names them.
pub fn fields(variant: &Variant) -> Map<String, Value> {
    let fields_of = |variant: &Variant| match json!(ContentBody::of(variant)) {
        Value::Object(fields) => fields,
        _ => Map::new(),
    };
    let (mut fields, usual) = (fields_of(variant), fields_of(&Variant::text("")));
    fields.retain(|name, value| usual.get(name) != Some(value));
    fields
}

/// The cells that say this content: its columns as far as they give it back exactly, and `content` whatever is left.
pub fn cells(variant: &Variant) -> Cells {
    let (mut fields, mut cells) = (fields(variant), Cells::new());
    for name in TEXTS {
        if fields.get(name).and_then(Value::as_str).is_some_and(is_exact)
            && let Some(Value::String(text)) = fields.remove(name)
        {
            cells.insert(name, text);
        }
    }
    if let Some(link) = variant.link.as_ref().filter(|link| link.description.is_none())
        && is_exact(&link.url)
        && link.title.as_deref().is_none_or(is_exact)
    {
        fields.remove("link");
        cells.insert("link", link.url.clone());
        cells.extend(link.title.clone().map(|title| ("link_title", title)));
    }
    if let [part] = variant.parts.as_slice()
        && !part.media.is_empty()
        && part.media.iter().all(|one| one.title.is_none() && one.captions.is_empty() && one.cover_ms.is_none())
        && part.media.iter().filter_map(|one| one.alt_text.as_deref()).all(|text| is_exact(text) && !text.contains('|'))
    {
        fields.remove("media");
        let ids: Vec<String> = part.media.iter().map(|one| one.id.to_string()).collect();
        let texts: Vec<&str> = part.media.iter().map(|one| one.alt_text.as_deref().unwrap_or_default()).collect();
        cells.insert("media", ids.join(" "));
        if texts.iter().any(|text| !text.is_empty()) {
            cells.insert("alt_texts", texts.join("|"));
        }
    }
    if !fields.is_empty() {
        cells.insert("content", Value::Object(fields).to_string());
    }
    cells
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use domain::publishing::{CaptionTrack, LinkCard, MediaRef, Part, Poll, Targeting};

    fn back(variant: &Variant) -> Variant {
        let cells: BTreeMap<&str, String> =
            cells(variant).into_iter().map(|(name, cell)| (name, guarded(cell.trim()))).collect();
        let cell = |name: &str| cells.get(name).map(|cell| meant(cell));
        content(&cell).unwrap().variant("/content").unwrap()
    }

    #[test]
    fn what_a_row_says_is_read_as_what_was_written() {
        let id = "med_0198c0ffee0070008000000000000001".parse().unwrap();
        let medium = |alt: Option<&str>| MediaRef { alt_text: alt.map(str::to_owned), ..MediaRef::new(id) };
        let pictures =
            |media: Vec<MediaRef>| Variant { parts: vec![Part { text: "a".into(), media }], ..Variant::text("") };
        let link = |description: Option<&str>| Variant {
            link: Some(LinkCard {
                url: "https://example.com/a".into(),
                title: Some("A".into()),
                description: description.map(str::to_owned),
            }),
            ..Variant::text("a")
        };
        let poll = Poll { question: None, options: vec!["a".into(), "b".into()], duration_minutes: 5, multiple: true };
        let part = |text: &str| Part { text: text.into(), media: Vec::new() };
        for variant in [
            Variant::text("=1+1"),
            Variant::text("''@ada, \"and\"\nmore; | all"),
            Variant::text("'tis"),
            Variant::text(" - \t"),
            Variant::text(""),
            Variant {
                title: Some("-".into()),
                summary: Some(" a".into()),
                first_comment: Some("'=".into()),
                ..Variant::text("a")
            },
            pictures(vec![medium(None), medium(Some("what it shows")), medium(None)]),
            pictures(vec![medium(Some("this|that"))]),
            pictures(vec![MediaRef { title: Some("clip".into()), ..medium(None) }]),
            pictures(vec![MediaRef { cover_ms: Some(1_500), ..medium(None) }]),
            pictures(vec![MediaRef {
                captions: vec![CaptionTrack { id, language: "pt-BR".into(), name: Some("all".into()) }],
                ..medium(None)
            }]),
            link(None),
            link(Some("more")),
            Variant { poll: Some(poll), draft: true, tags: vec!["a".into()], ..Variant::text("a") },
            Variant {
                targeting: Targeting { regions: vec!["urn:li:geo:1".into()], ..Targeting::default() },
                ..Variant::text("a")
            },
            Variant { parts: vec![part("a"), part("-b ")], thread_delay_s: 60, ..Variant::default() },
        ] {
            assert_eq!(back(&variant), variant);
        }
    }

    #[test]
    fn what_stands_in_a_column_and_in_content_is_refused() {
        let cell = |name: &str| match name {
            "text" => Some("a"),
            "content" => Some("{\"text\":\"b\"}"),
            _ => None,
        };
        let Err(Error::Invalid(told)) = content(&cell) else { panic!("it is taken") };
        assert_eq!(told[0].code, "content_ambiguous");
    }
}
