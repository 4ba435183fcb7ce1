//! Events told in a channel, by an incoming webhook.

use super::text::escape;
use ports::{Announce, ChatWords};
use serde_json::{Value, json};

/// Where incoming webhooks are.
const HOOKS: &str = "https://hooks.slack.com/services/";

/// "1 per second" for each incoming webhook, with short bursts
/// (<https://docs.slack.dev/apis/web-api/rate-limits>); some room is left for others who post there.
const MOST_A_MINUTE: u32 = 50;

/// The role.
pub(crate) struct Hook;

impl Announce for Hook {
    fn platform(&self) -> &'static str {
        "slack"
    }

    fn hosts(&self) -> &'static [&'static str] {
        &["slack.com"]
    }

    fn help(&self) -> &'static str {
        "the address of an incoming webhook of Slack (https://hooks.slack.com/services/…)"
    }

    /// The last of the three parts is what nobody can guess.
    fn shown(&self, address: &str) -> Option<String> {
        let parts: Vec<&str> = address.strip_prefix(HOOKS)?.split('/').collect();
        let [team, hook, secret] = parts.as_slice() else { return None };
        let fits = |part: &str| (1..=64).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphanumeric());
        (fits(team) && fits(hook) && fits(secret)).then(|| format!("{HOOKS}{team}/{hook}/…"))
    }

    fn most_a_minute(&self) -> Option<u32> {
        Some(MOST_A_MINUTE)
    }

    fn body(&self, told: &ChatWords) -> Value {
        let link = told.link.iter().map(|link| format!("\n{}", escape(link)));
        json!({ "text": told.lines(escape) + &link.collect::<String>() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_incoming_webhooks_address_is_shown_without_its_secret_part_and_no_other_is_taken() {
        let fine = "https://hooks.slack.com/services/T00000001/B00000002/canarycanarycanary";
        let shown = Hook.shown(fine);
        assert_eq!(shown.as_deref(), Some("https://hooks.slack.com/services/T00000001/B00000002/…"));
        assert_eq!(Hook.target(fine), fine);
        for other in [
            "http://hooks.slack.com/services/T1/B2/c",
            "https://hooks.slack.com/services/T1/B2",
            "https://hooks.slack.com/services/T1/B2/",
            "https://hooks.slack.com/services/T1/B2/c/d",
            "https://hooks.slack.com/services/T1/B2/c?d",
            "https://hooks.slack.com/services/T1/../c",
            "https://hooks.slack.com/workflows/T1/B2/c",
            "https://hooks.slack.com@evil.example/services/T1/B2/c",
            "https://hooks.slack.com.evil.example/services/T1/B2/c",
        ] {
            assert_eq!(Hook.shown(other), None, "{other}");
        }
    }

    #[test]
    fn what_is_told_notifies_nobody_and_links_nowhere_but_to_what_it_is_about() {
        let told = ChatWords {
            title: "A post is live on one account.".into(),
            facts: vec![("Platform", "<!channel> & <@U1>".into())],
            link: Some("https://a.example/?a=1&b=2".into()),
        };
        let text = "A post is live on one account.\nPlatform: &lt;!channel&gt; &amp; &lt;@U1&gt;\nhttps://a.example/?a=1&amp;b=2";
        assert_eq!(Hook.body(&told), json!({ "text": text }));
        assert_eq!(
            Hook.body(&ChatWords { title: "Hello.".into(), ..ChatWords::default() }),
            json!({ "text": "Hello." })
        );
    }
}
