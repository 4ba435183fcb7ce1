//! Where in the forms of this function a broken rule lies.

use super::format::FormatBody;
use super::posts::EditBody;
use super::series::{NewSeriesBody, PreviewBody, SeriesEditBody};
use super::social::ScheduleBody;
use super::v1::SocialContentBody;
use wire::place::{Places, in_content, in_edit, in_post};

impl Places for NewSeriesBody {
    fn place(&self, _: &str, field: &str) -> String {
        in_post(field, &self.content, &self.variants, self.accounts.len(), self.platforms.is_empty())
    }
}

impl Places for PreviewBody {
    fn place(&self, _: &str, field: &str) -> String {
        field.to_owned()
    }
}

impl Places for EditBody {
    fn place(&self, code: &str, field: &str) -> String {
        if field.starts_with("/when") {
            return if code == "unknown_zone" { "/timezone" } else { "/scheduled_at" }.to_owned();
        }
        in_edit(field, self.content.as_ref(), self.variants.as_ref(), self.accounts.is_some())
    }
}

impl Places for SeriesEditBody {
    fn place(&self, _: &str, field: &str) -> String {
        in_edit(field, self.content.as_ref(), self.variants.as_ref(), self.accounts.is_some())
    }
}

impl Places for FormatBody {
    fn place(&self, _: &str, field: &str) -> String {
        let rest = field.strip_prefix("/content");
        rest.map_or_else(|| field.to_owned(), |rest| in_content("/content", &self.content, rest))
    }
}

impl Places for ScheduleBody {
    fn place(&self, _: &str, field: &str) -> String {
        if field.starts_with("/when") {
            return "/scheduledAt".to_owned();
        }
        if let Some(target) = field.strip_prefix("/targets") {
            return format!("/platforms{target}");
        }
        match field.strip_prefix("/content/parts/0/media") {
            Some(media) => format!("/media{}", media.trim_end_matches("/alt_text")),
            None if field.starts_with("/content") => "/content".to_owned(),
            None => field.to_owned(),
        }
    }
}

impl Places for SocialContentBody {
    fn place(&self, _: &str, field: &str) -> String {
        match field {
            "/when" if self.publishing.scheduling.optimize_time => {
                return "/publishing/scheduling/optimizeTime".to_owned();
            }
            "/when" => return "/schedule_for".to_owned(),
            "/range" => return "/publishing/scheduling/dateRange".to_owned(),
            _ => {}
        }
        if field.starts_with("/targets/1") {
            return "/publishing/crossPosting/shareToTwitter".to_owned();
        }
        if field.starts_with("/targets") {
            // Without an account the target is the platform of the address.
            return if self.account_id.is_some() { "/account_id" } else { "" }.to_owned();
        }
        let Some(rest) = field.strip_prefix("/content") else { return field.to_owned() };
        if let Some(parts) = rest.strip_prefix("/parts") {
            return self.part(parts);
        }
        match rest {
            "/link/url" | "/link/title" => {
                let links = &self.content.formatting.links;
                let at = links.iter().position(|link| link.preview).unwrap_or(0);
                format!("/content/formatting/links/{at}/{}", if rest == "/link/url" { "url" } else { "displayText" })
            }
            "/link" => "/content/formatting/links".to_owned(),
            "/reply_restriction" => "/content/settings/replyRestriction".to_owned(),
            "/kind" => "/content/contentType".to_owned(),
            "/reply_to" => "/content/replyTo".to_owned(),
            "/quote" => "/content/quoteTweet".to_owned(),
            "/summary" => "/content/description".to_owned(),
            "/poll/duration_minutes" => "/media/poll/duration".to_owned(),
            poll if poll.starts_with("/poll") => format!("/media{poll}"),
            other => format!("/content{other}"),
        }
    }
}

impl SocialContentBody {
    /// `/0/text`, `/0/media/1/alt_text`, or nothing for all of the parts.
    fn part(&self, parts: &str) -> String {
        let (index, inner) = parts.trim_start_matches('/').split_once('/').unwrap_or((parts, ""));
        let index = index.parse::<usize>().ok();
        if let Some(media) = inner.strip_prefix("media") {
            let (n, of) = media.trim_start_matches('/').split_once('/').unwrap_or((media.trim_start_matches('/'), ""));
            let place = index.zip(n.parse().ok()).and_then(|(part, n)| self.place_of(part, n));
            let of = match of.strip_prefix("captions/0") {
                // One track, whose language stands beside its address.
                Some("/language") => "captionsLanguage".to_owned(),
                Some(_) => "captions".to_owned(),
                None => of.replace("alt_text", "altText"),
            };
            let of = if of.is_empty() { of } else { format!("/{of}") };
            return place.map_or_else(|| "/media".to_owned(), |place| format!("{place}{of}"));
        }
        if self.content.thread.is_none() {
            return if self.content.tweet.is_some() { "/content/tweet/text" } else { "/content/text" }.to_owned();
        }
        // They were put into their order, and the client's place is the one before that.
        match index.and_then(|index| self.order().get(index).copied()) {
            Some(at) => format!("/content/thread/tweets/{at}/text"),
            None => "/content/thread/tweets".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use serde::de::DeserializeOwned;
    use serde_json::{Value, json};

    fn places<T: Places + DeserializeOwned>(body: &Value, table: &[(&str, &str)]) {
        let read: T = serde_json::from_value(body.clone()).unwrap();
        for (field, place) in table {
            assert_eq!(read.place("content_too_long", field), *place, "{field}");
        }
    }

    #[test]
    fn an_error_names_the_field_that_was_sent() {
        let social = json!({ "content": "a", "platforms": ["x"], "scheduledAt": "t", "media": ["m"] });
        places::<ScheduleBody>(
            &social,
            &[
                ("/targets/0", "/platforms/0"),
                ("/content/parts/0/text", "/content"),
                ("/content/parts/0/media/0", "/media/0"),
                ("/when", "/scheduledAt"),
            ],
        );
        let v1 = json!({ "content": {
            "thread": { "tweets": [{ "text": "b", "order": 2, "media": ["m"] }, { "text": "a", "order": 1, "media": ["n"] }] },
            "formatting": { "links": [{ "url": "u" }, { "url": "v", "preview": true }] },
        }, "media": { "images": [{ "url": "i" }], "video": { "url": "f", "duration": 9.5 } } });
        places::<SocialContentBody>(
            &v1,
            &[
                ("/content/parts/0/text", "/content/thread/tweets/1/text"),
                ("/content/parts", "/content/thread/tweets"),
                ("/content/parts/0/media", "/media"),
                ("/content/parts/0/media/0/alt_text", "/media/images/0/altText"),
                ("/content/parts/0/media/1", "/media/video"),
                ("/content/parts/0/media/2", "/content/thread/tweets/1/media/0"),
                ("/content/parts/1/media/0", "/content/thread/tweets/0/media/0"),
                ("/targets/1", "/publishing/crossPosting/shareToTwitter"),
                ("/content/link/url", "/content/formatting/links/1/url"),
                ("/targets/0", ""),
                ("/when", "/schedule_for"),
                ("/range", "/publishing/scheduling/dateRange"),
            ],
        );
    }
}
