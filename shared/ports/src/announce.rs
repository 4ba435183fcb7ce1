//! Telling people of events in a channel of a platform, by an address that takes messages.

use serde_json::Value;
use std::collections::BTreeMap;

/// An event in words. What stands in it may come from anywhere: a platform lets none of it name people, channels or links.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ChatWords {
    /// What happened, in a sentence.
    pub title: String,
    /// What belongs to it: what it is, and its value.
    pub facts: Vec<(&'static str, String)>,
    /// Where people see what it is about: an http or https address, with nothing in it that would have to be encoded.
    pub link: Option<String>,
}

impl ChatWords {
    /// Line by line, without the link; `escape` makes plain text of what it is given.
    pub fn lines(&self, escape: impl Fn(&str) -> String) -> String {
        let facts = self.facts.iter().map(|(what, value)| format!("{what}: {}", escape(value)));
        [escape(&self.title)].into_iter().chain(facts).collect::<Vec<_>>().join("\n")
    }
}

/// The role that tells people of events. The address is a secret: whoever knows it can write into its channel.
pub trait Announce: Send + Sync {
    /// The platform's slug.
    fn platform(&self) -> &'static str;
    /// What a person enters here, for those who entered something else.
    fn help(&self) -> &'static str;
    /// Hosts on which such addresses lie, in small letters; what lies below one belongs to it.
    fn hosts(&self) -> &'static [&'static str];
    /// As much of an address as tells it from others, and lets nobody write; none when it is no address of this platform's.
    fn shown(&self, address: &str) -> Option<String>;
    /// The address that is called for one that [`Announce::shown`] knows.
    fn target(&self, address: &str) -> String {
        address.to_owned()
    }
    /// Headers that the platform wants, names in small letters.
    fn headers(&self) -> BTreeMap<String, String> {
        BTreeMap::new()
    }
    /// The body of the request.
    fn body(&self, told: &ChatWords) -> Value;
    /// Messages a minute that it takes at one address at most; none where nobody says.
    fn most_a_minute(&self) -> Option<u32> {
        None
    }
    /// For how many seconds a refusal asks to wait in its body, rounded up.
    fn wait_s(&self, body: &str) -> Option<u64> {
        let _ = body;
        None
    }
}
