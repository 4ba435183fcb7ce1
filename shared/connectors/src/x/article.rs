//! Articles: a draft is made of title, text and cover, and one request publishes it, or the draft is all that was asked for. No
//! request of X reads, lists or deletes a draft.

use super::api::{CoverMedia, Identified, NewArticle, One, PublishedArticle};
use super::error::refusal;
use super::publish::receipt;
use super::rows::content_state;
use super::{X, api, media};
use connector_kit::http::repeatable;
use connector_kit::{Allowance, Answer, Call, is_number, short_key};
use domain::platform::{Feature, Limits, Price, TitleRule};
use domain::publishing::{ContentKind, DRAFT, Failure, Receipt, Variant};
use domain::text::TextRule;
use jiff::{SignedDuration, Timestamp};
use ports::{Prepared, PublishCall, Published};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// A longer limit of articles ends the article, instead of holding up the account's posts, which do not have it: the window of posts,
/// which is 15 minutes, and as much as clocks may differ.
const PATIENCE: SignedDuration = SignedDuration::from_mins(20);

/// What holds of articles.
pub(super) fn limits(posts: &Limits) -> Limits {
    let cover = "an article here has one picture, its cover, and its text alone below it: leave the others out";
    let video =
        "Herald gives an article on X a picture for its cover, and no video: put the video's address into the text";
    let poll = "an article on X has no poll: make a post of it";
    Limits {
        images: 1,
        image_bytes: posts.image_bytes,
        image_types: posts.image_types.iter().filter(|kind| *kind != "image/gif").cloned().collect(),
        alt_text: posts.alt_text,
        title: Some(TitleRule { text: TextRule::Chars { limit: 100 }, required: true }),
        kinds: vec![ContentKind::Article],
        has: vec![Feature::Draft],
        // Two requests, of which the first has the links.
        price: posts.price.map(|Price { step_usd_micros: step, link_usd_micros: link }| Price {
            step_usd_micros: 2 * step,
            link_usd_micros: link + step,
        }),
        reasons: [(Feature::Picture, cover), (Feature::Video, video), (Feature::Poll, poll)]
            .into_iter()
            .map(|(feature, reason)| (feature, reason.to_owned()))
            .chain([Feature::Quote, Feature::Reply].map(|f| (f, posts.reasons[&f].clone())))
            .collect(),
        ..Limits::text_only(TextRule::Chars { limit: 25_000 })
    }
}

/// Whether the step is an article, and not what is said below one.
pub(super) fn is_one(call: &PublishCall<'_>) -> bool {
    call.part == 0 && call.variant.kind == ContentKind::Article
}

/// A draft on X, as it is kept: under [`DRAFT`], so that another try, whoever asks for it, publishes this one and never a second.
#[derive(Serialize, Deserialize)]
pub(super) struct Draft {
    pub(super) id: String,
    /// A key of what it says.
    says: String,
}

/// The draft that says what the content says, if it is made.
pub(super) fn draft(call: &PublishCall<'_>) -> Option<Draft> {
    let kept = call.progress?.get(DRAFT)?;
    let draft: Draft = serde_json::from_value(kept.clone()).ok()?;
    (is_number(&draft.id, 20) && draft.says == says(call.variant)).then_some(draft)
}

fn title(variant: &Variant) -> &str {
    variant.title.as_deref().unwrap_or_default().trim()
}

/// A key of what a draft says, whose cover lies on X under another name at every upload.
fn says(variant: &Variant) -> String {
    let covers: Vec<String> = variant.media_of(0).iter().map(|medium| medium.id.to_string()).collect();
    short_key(&json!([title(variant), variant.full_text(0, false), covers]).to_string(), 32)
}

/// Uploads the cover, and makes the draft unless it is what was asked for.
pub(super) async fn prepare(x: &X, call: &PublishCall<'_>) -> Result<Prepared, Failure> {
    if draft(call).is_some() {
        return Ok(Prepared::Ready(None));
    }
    if !call.variant.media_of(0).is_empty() && media::ready(call).is_none() {
        return match media::prepare(x, call).await? {
            Prepared::Ready(Some(progress)) => Ok(Prepared::More(progress)),
            other => Ok(other),
        };
    }
    if call.variant.draft {
        return Ok(Prepared::Ready(None));
    }
    let id = Allowance::of(call).run(make(x, call)).await.map_err(repeatable)?;
    let mut kept = call.progress.cloned().filter(Value::is_object).unwrap_or_else(|| json!({}));
    kept[DRAFT] = json!(Draft { id, says: says(call.variant) });
    Ok(Prepared::Ready(Some(kept)))
}

/// Makes a draft, and tells its id.
async fn make(x: &X, call: &PublishCall<'_>) -> Result<String, Failure> {
    let text = call.variant.full_text(0, false);
    let cover = media::ready(call).and_then(|ids| ids.into_iter().next());
    let body = NewArticle {
        title: title(call.variant),
        content_state: content_state(&text),
        cover_media: cover.map(|media_id| CoverMedia { media_category: "tweet_image", media_id }),
    };
    let answer = x.http.call(Call::post(api(call.app, "articles/draft")).bearer(call.token).json(&body)).await?;
    if !answer.is_success() {
        return Err(refused(&answer, call.now));
    }
    let id = answer.json::<One<Identified>>().map(|one| one.data.id).filter(|id| is_number(id, 20));
    id.ok_or_else(|| Failure::Unconfirmed { detail: format!("HTTP {} without the id of a draft", answer.status) })
}

/// The one request: publishes the draft, or leaves one.
pub(super) async fn publish(x: &X, call: &PublishCall<'_>) -> Result<Published, Failure> {
    // What its answers tell of limits is not of posts: it must not hold those up.
    let published = |receipt| Ok(Published { receipt, quiet_until: None });
    if call.variant.draft {
        if !call.variant.media_of(0).is_empty() && media::ready(call).is_none() {
            return Err(Failure::Unavailable);
        }
        // Nobody but its author sees it, in X's editor: there is no address to tell.
        return published(Receipt { id: Some(make(x, call).await?), url: None });
    }
    // Nothing leaves without its draft; the next try prepares it again.
    let Some(draft) = draft(call) else { return Err(Failure::Unavailable) };
    let request = Call::post(api(call.app, &format!("articles/{}/publish", draft.id)));
    let answer = x.http.call(request.bearer(call.token)).await?;
    if !answer.is_success() {
        return Err(match refused(&answer, call.now) {
            // Published by an earlier request, or deleted by its author: X's words are the same, and the first is the worse to take
            // for the second.
            Failure::Rejected { code, detail } if is_gone(&code, &detail) => Failure::Duplicate { existing: None },
            failure => failure,
        });
    }
    let id = answer.json::<One<PublishedArticle>>().map(|one| one.data.post_id).filter(|id| is_number(id, 20));
    let Some(id) = id else {
        let detail = format!("HTTP {} without the id of the article's post", answer.status);
        return Err(Failure::Unconfirmed { detail });
    };
    published(receipt(call.app, call.account, id))
}

/// What an answer that is no success means of an article.
fn refused(answer: &Answer, now: Timestamp) -> Failure {
    match refusal(answer, 0, now) {
        Failure::RateLimited { until: Some(until) } if until > now + PATIENCE => {
            let detail = format!("X takes no more articles of this account before {until}: publish it after that");
            Failure::Rejected { code: "articles_used_up".into(), detail }
        }
        Failure::Rejected { code, detail } if code == "forbidden" && detail.to_lowercase().contains("premium") => {
            let detail = format!("only accounts with X Premium write articles: {detail}");
            Failure::Rejected { code: "premium_needed".into(), detail }
        }
        other => other,
    }
}

/// Whether X's words are that there is no such draft.
fn is_gone(code: &str, detail: &str) -> bool {
    matches!(code, "invalid_request" | "not_found") && detail.to_lowercase().contains("could not be found")
}
