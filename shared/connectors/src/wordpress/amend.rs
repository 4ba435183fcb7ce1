//! Another title, text and summary for a post that is live. Its media stand in its text, under ids that are not kept, so that the
//! text of a post with media is for people on the site to change.

use super::api::{Amended, POST_FIELDS, Post};
use super::error::refusal;
use super::{Site, WordPress, comment, html};
use async_trait::async_trait;
use connector_kit::html::escape;
use connector_kit::is_id;
use domain::publishing::{Failure, Receipt, Variant};
use ports::{Amend, PublishCall};

#[async_trait]
impl Amend for WordPress {
    async fn amend(&self, call: &PublishCall<'_>, says: Option<&Variant>, receipt: &Receipt) -> Result<(), Failure> {
        if call.variant.reply_to.is_some() {
            return comment::amend(self, call, receipt).await;
        }
        let site = Site::of(call.app, call.account, call.token)?;
        let Some(id) = receipt.id.as_deref().filter(|id| is_id(id)) else {
            return Err(Failure::Unsupported { detail: "the post's id on the site is not known".into() });
        };
        let text = |given: &Option<String>| escape(given.as_deref().unwrap_or_default().trim());
        let (wanted, bare) = (call.variant, call.variant.media().next().is_none());
        // What stays is not sent: people on the site may have added to it.
        let differs = |one: fn(&Variant) -> Option<&String>| says.is_none_or(|says| one(says) != one(wanted));
        let post = Amended {
            title: differs(|variant| variant.title.as_ref()).then(|| text(&wanted.title)),
            content: (bare && differs(|variant| variant.parts.first().map(|part| &part.text)))
                .then(|| html::content(wanted, &[])),
            excerpt: differs(|variant| variant.summary.as_ref()).then(|| text(&wanted.summary)),
        };
        let answer = self.http.call(site.post(&format!("wp/v2/posts/{id}?{POST_FIELDS}")).json(&post)).await?;
        if !answer.is_success() {
            return Err(refusal(&answer, call.now));
        }
        match answer.json::<Post>().filter(|post| post.id.to_string() == id) {
            // It takes changes there, too, and nobody sees them.
            Some(shown) if shown.status == "trash" => {
                let detail = "the post lies in the site's bin: restore it there, or make a new one";
                Err(Failure::Rejected { code: "not_found".into(), detail: detail.into() })
            }
            Some(_) => Ok(()),
            None => Err(Failure::Unconfirmed { detail: "an answer without the post".into() }),
        }
    }
}
