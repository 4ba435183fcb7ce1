//! Reading LinkedIn back, which only pages may: which of the page's posts is the one in question.

use super::api::{Content, Element, Elements, Poll};
use super::publish::{author, commentary, receipt};
use super::{LinkedIn, api, is_post, media, text};
use connector_kit::{Call, earliest, segment};
use domain::publishing::{Failure, Finding};
use domain::text::resembles;
use jiff::Timestamp;
use ports::PublishCall;

/// Posts per page of the listing.
const PAGE: usize = 50;
/// Pages read before giving up: an account that posts more than this in the window cannot be judged.
const PAGES: usize = 10;

pub(super) async fn find(linkedin: &LinkedIn, call: &PublishCall<'_>, since: Timestamp) -> Result<Finding, Failure> {
    let from_ms = earliest(since).as_millisecond();
    let list = format!("{}?q=author&author={}", api(call.app, "rest/posts"), segment(author(call.account)?));
    let wanted = Wanted::of(call);
    let (mut found, mut resembling) = (Vec::new(), Vec::new());
    for page in 0..PAGES {
        let url = format!("{list}&sortBy=LAST_MODIFIED&count={PAGE}&start={}", page * PAGE);
        let request = Call::get(url).header("x-restli-method", "FINDER");
        let answer = linkedin.ask(call.app, call.token, request, call.now).await?;
        // Only a listing that is what it should be, and complete, can prove absence.
        let elements = answer.json::<Elements<Element>>().ok_or(Failure::Unavailable)?.elements;
        let last_page = elements.len() < PAGE;
        // Newest change first, and nothing is changed before it is made.
        let reaches_back = elements.last().is_none_or(|e| e.last_modified_at.unwrap_or(e.created_at) < from_ms);
        let ours: Vec<_> = elements.into_iter().filter(|e| e.created_at >= from_ms && !wanted.known(e)).collect();
        resembling.extend(ours.iter().filter(|e| wanted.may_be(e)).map(|e| e.id.clone()));
        found.extend(ours.into_iter().filter(|e| wanted.is(e)).map(|e| e.id));
        if last_page || reaches_back {
            // A post that moved between two pages is seen twice.
            found.sort();
            found.dedup();
            resembling.sort();
            resembling.dedup();
            let found = found.into_iter().map(|id| receipt(call.app, Some(id))).collect();
            return Ok(Finding::of(found, resembling.len()));
        }
    }
    Err(Failure::Unavailable)
}

/// What the post looks like when read back.
struct Wanted<'a> {
    text: String,
    link: Option<String>,
    /// Used where there is no text to compare.
    images: Vec<String>,
    /// The question and answers of a poll, likewise.
    poll: Option<&'a domain::publishing::Poll>,
    /// Posts of other deliveries.
    elsewhere: &'a [String],
}

impl<'a> Wanted<'a> {
    fn of(call: &PublishCall<'a>) -> Self {
        Self {
            text: text::plain(&commentary(call.variant)),
            link: call.variant.link.as_ref().map(|link| link.url.clone()),
            images: media::ready(call).unwrap_or_default(),
            poll: call.variant.poll.as_ref(),
            elsewhere: call.elsewhere,
        }
    }

    fn known(&self, element: &Element) -> bool {
        self.elsewhere.contains(&element.id)
    }

    /// Whether it may be the post after somebody changed it on LinkedIn: it still has the link or half of the words.
    fn may_be(&self, element: &Element) -> bool {
        let same_link = match &element.content {
            Some(Content::Article(article)) => self.link.as_deref() == Some(&article.source),
            _ => false,
        };
        same_link || resembles(&self.text, &text::plain(&element.commentary))
    }

    fn is(&self, element: &Element) -> bool {
        let (link, images): (Option<&str>, Vec<&str>) = match &element.content {
            Some(Content::Article(article)) => (Some(&article.source), Vec::new()),
            Some(Content::Media(image)) => (None, vec![&image.id]),
            Some(Content::MultiImage { images }) => (None, images.iter().map(|image| image.id.as_str()).collect()),
            Some(Content::Poll(_) | Content::Other(_)) | None => (None, Vec::new()),
        };
        let same_link = self.link.as_deref() == link;
        let asks = |poll: &Poll| {
            let options = poll.options.iter().map(|option| option.text.as_str());
            self.poll.is_some_and(|asked| {
                asked.question.as_deref() == Some(&poll.question)
                    && options.eq(asked.options.iter().map(String::as_str))
            })
        };
        let same_poll = match &element.content {
            Some(Content::Poll(poll)) => asks(poll),
            _ => self.poll.is_none(),
        };
        let alike = if self.text.is_empty() && self.link.is_none() {
            // A poll is known by its question.
            self.poll.is_some() || (!self.images.is_empty() && self.images == images)
        } else {
            self.text == text::plain(&element.commentary)
        };
        is_post(&element.id) && same_link && same_poll && alike
    }
}
