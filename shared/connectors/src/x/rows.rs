//! The text of an article as X wants it: each line that is not blank is a row, in which links, mentions and hashtags are named by
//! their places.

use super::api::{Block, BlockData, ContentState, Entity, EntityData, EntityRange, EntityValue, Span};
use domain::text::links;
use std::ops::Range;

/// The lines that become rows.
pub(super) fn rows(text: &str) -> impl Iterator<Item = &str> {
    text.lines().map(str::trim_end).filter(|line| !line.is_empty())
}

/// The text of an article.
pub(super) fn content_state(text: &str) -> ContentState<'_> {
    let mut state = ContentState::default();
    for row in rows(text) {
        let block = block(row, &mut state.entities);
        state.blocks.push(block);
    }
    state
}

/// A row. X's own samples count places in Python and in JavaScript, which differ beyond the basic plane: a row with such a
/// character is text alone.
fn block<'a>(row: &'a str, entities: &mut Vec<Entity<'a>>) -> Block<'a> {
    let mut block = Block { text: row, kind: "unstyled", entity_ranges: Vec::new(), data: BlockData::default() };
    if row.chars().any(|c| c.len_utf16() > 1) {
        return block;
    }
    let place = |byte: usize| row[..byte].chars().count();
    let span = |range: Range<usize>, text| Span { from_index: place(range.start), to_index: place(range.end), text };
    let is_address = |link: &str| link.starts_with("https://") || link.starts_with("http://");
    let found: Vec<Range<usize>> = links(row).map(|link| link.start()..link.end()).collect();
    for link in found.iter().filter(|link| is_address(&row[(*link).clone()])) {
        let url = &row[link.clone()];
        let (offset, key) = (place(link.start), entities.len());
        block.entity_ranges.push(EntityRange { key, offset, length: url.chars().count() });
        block.data.urls.push(span(link.clone(), url));
        let value = EntityValue { kind: "link", mutability: "mutable", data: EntityData { url } };
        entities.push(Entity { key: key.to_string(), value });
    }
    let outside = |word: &Range<usize>| found.iter().all(|link| word.end <= link.start || link.end <= word.start);
    for (sign, marked) in [('@', &mut block.data.mentions), ('#', &mut block.data.hashtags)] {
        let words = words(row, sign).filter(outside);
        marked.extend(words.map(|word| span(word.clone(), &row[word.start + 1..word.end])));
    }
    block
}

/// Where words stand that begin with this sign, of the letters that both of X's samples take for such: letters, digits and lines of
/// ASCII. One that goes on with others is none, and nor is one inside a word, as in an e-mail address.
fn words(row: &str, sign: char) -> impl Iterator<Item = Range<usize>> {
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    row.match_indices(sign).filter_map(move |(at, _)| {
        let word = &row[at + 1..];
        let length = word.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(word.len());
        let whole = length > 0 && !row[..at].ends_with(is_part) && !word[length..].starts_with(is_part);
        whole.then(|| at..at + 1 + length)
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn state(text: &str) -> Value {
        serde_json::to_value(content_state(text)).unwrap()
    }

    #[test]
    fn each_line_that_is_not_blank_is_a_row() {
        let plain = |text: &str| json!({"text": text, "type": "unstyled"});
        assert_eq!(
            state("one\r\ntwo  \n\n \n\n# three"),
            json!({"blocks": [plain("one"), plain("two"), plain("# three")], "entities": []})
        );
    }

    #[test]
    fn links_mentions_and_hashtags_are_named_by_their_places_in_the_row() {
        let told = state("first\nné @x_dev: https://example.com/#a, #rust and https://example.org");
        let row = &told["blocks"][1];
        let ranges = json!([{"key": 0, "offset": 11, "length": 22}, {"key": 1, "offset": 45, "length": 19}]);
        assert_eq!(row["entity_ranges"], ranges);
        assert_eq!(row["data"]["mentions"], json!([{"from_index": 3, "to_index": 9, "text": "x_dev"}]));
        assert_eq!(row["data"]["hashtags"], json!([{"from_index": 35, "to_index": 40, "text": "rust"}]));
        assert_eq!(row["data"]["urls"][1], json!({"from_index": 45, "to_index": 64, "text": "https://example.org"}));
        let link = |key: &str, url: &str| json!({"key": key, "value": {"type": "link", "mutability": "mutable", "data": {"url": url}}});
        assert_eq!(told["entities"], json!([link("0", "https://example.com/#a"), link("1", "https://example.org")]));
    }

    #[test]
    fn what_two_readers_would_count_or_end_otherwise_is_text_alone() {
        for row in ["👉 #go https://example.com", "ada@example.com", "#größe", "@ # a#b", "example.com", "#日本"]
        {
            assert_eq!(state(row), json!({"blocks": [{"text": row, "type": "unstyled"}], "entities": []}), "{row}");
        }
    }
}
