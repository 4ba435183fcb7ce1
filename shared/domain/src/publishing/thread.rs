//! A text that is too long for one part, as a thread.

use super::{Media, Part, Variant};
use crate::platform::Limits;

impl Variant {
    /// The same as a thread, where it is one text that is too long for one part and the platform has threads. The media, and a link
    /// that is shown as a card, stay with the first part; a link that stands in the text is the end of the last one. `media` are those of
    /// the content, as far as they are known.
    #[must_use]
    pub fn in_parts(mut self, limits: &Limits, media: &[Media]) -> Self {
        let cards = limits.link_card.is_some();
        let (text, rule) = (self.full_text(0, cards), limits.text_of(&self, 0, media));
        if self.parts.len() != 1 || limits.thread_parts <= 1 || rule.count(&text) <= rule.limit() {
            return self;
        }
        // What stands beside media may be shorter than all that follows it.
        let first = rule.split(&text).into_iter().next().unwrap_or_default();
        let rest = text.trim().strip_prefix(first.as_str()).unwrap_or_default();
        let rest = limits.text.split(rest).into_iter().map(|text| Part { text, media: Vec::new() });
        self.parts[0].text = first;
        self.parts.extend(rest);
        self.link = self.link.filter(|_| cards);
        self
    }
}
