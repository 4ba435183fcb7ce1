//! One post: what happened to it, and what may be done with it now.

use super::form::{Posted, follow, goes};
use super::session::Session;
use super::trouble::Trouble;
use super::{Answer as Page, Console, Shared};
use crate::map::{Draft, post_page};
use crate::view::Flash;
use crate::words::{Explained, Said};
use app::publishing::{Answer, Decision};
use axum::extract::{Path, State};
use domain::access::Caller;
use domain::publishing::{Delivery, Media, Variant};
use domain::{AccountId, PlatformId, PostId};
use std::collections::BTreeMap;

fn id(text: &str) -> Result<PostId, Trouble> {
    text.parse().map_err(|_| Trouble::Status(404))
}

/// `GET /console/posts/{post_id}`.
pub(super) async fn page(State(console): State<Shared>, Path(post): Path<String>, session: Session) -> Page {
    show(&console, &session, id(&post)?, None).await
}

/// The page; with what was refused on it.
pub(super) async fn show(console: &Console, session: &Session, post: PostId, told: Option<&Explained>) -> Page {
    let (deps, caller) = (&console.deps, &session.caller);
    let view = app::publishing::status(deps, caller, post).await?;
    let frame = session.frame(console).await?.saying(told.map(Flash::from));
    let book = frame.book().await?;
    let members = app::access::members(deps, caller).await?;
    let media = media_of(console, caller, &view.post.content, &view.post.variants).await?;
    let editable = Draft::can_show(&view.post);
    let status = told.map_or(200, |told| told.status);
    frame.page(status, &post_page(&frame.reader(), &book, &view, &members, &media, editable))
}

/// The media of these contents that are still there.
pub(super) async fn media_of(
    console: &Console,
    caller: &Caller,
    content: &Variant,
    variants: &BTreeMap<PlatformId, Variant>,
) -> Result<Vec<Media>, Trouble> {
    let mut media = Vec::new();
    let all = std::iter::once(content).chain(variants.values()).flat_map(Variant::stored);
    for id in all {
        if media.iter().any(|known: &Media| known.id == id) {
            continue;
        }
        match app::publishing::media(&console.deps, caller, id).await {
            Ok(medium) => media.push(medium),
            Err(app::Error::NotFound(_)) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(media)
}

fn at(post: PostId) -> String {
    format!("/console/posts/{post}")
}

/// `POST /console/posts/{post_id}/cancel`.
pub(super) async fn cancel(State(console): State<Shared>, Path(post): Path<String>, posted: Posted) -> Page {
    let post = id(&post)?;
    let encode = |_: &[Delivery]| goes(&at(post), Said::Canceled);
    let caller = &posted.session.caller;
    let reply = app::publishing::cancel(&console.deps, caller, post, posted.once()?, &encode).await?;
    Ok(follow(&reply))
}

/// `POST /console/posts/{post_id}/retry`, for one `account` or for all that ended without success.
pub(super) async fn retry(State(console): State<Shared>, Path(post): Path<String>, posted: Posted) -> Page {
    let post = id(&post)?;
    let only = match posted.form.get("account") {
        "" => None,
        account => Some(account.parse::<AccountId>().map_err(|_| Trouble::Status(404))?),
    };
    let encode = |_: &[Delivery]| goes(&at(post), Said::Retried);
    let caller = &posted.session.caller;
    let reply = app::publishing::retry(&console.deps, caller, post, only, &[], posted.once()?, &encode).await?;
    Ok(follow(&reply))
}

/// `POST /console/posts/{post_id}/resolve`: a person's `answer`, `live` or `again`, for one `account`, and with
/// `live` the address of the `post`, if they give it.
pub(super) async fn resolve(State(console): State<Shared>, Path(post): Path<String>, posted: Posted) -> Page {
    let post = id(&post)?;
    let account: AccountId = posted.form.get("account").parse().map_err(|_| Trouble::Status(404))?;
    let question = posted.form.get("question").parse().map_err(|_| Trouble::Status(400))?;
    let (decision, said) = match posted.form.get("answer") {
        "live" => {
            let post = posted.form.get("post").trim();
            (Decision::ItIsLive((!post.is_empty()).then(|| post.to_owned())), Said::Live)
        }
        "again" => (Decision::SendAgain, Said::Again),
        _ => return Err(Trouble::Status(400)),
    };
    let back = if posted.form.get("back") == "attention" { "/console/attention".to_owned() } else { at(post) };
    // An answer to what is taken back, or was answered otherwise, is not sent again.
    let off = |it: &Delivery| it.account == account && matches!(it.state, domain::publishing::State::Canceled { .. });
    let encode = |after: &[Delivery]| goes(&back, if after.iter().any(off) { Said::NotSent } else { said });
    let (caller, once) = (&posted.session.caller, posted.once()?);
    let answer = Answer { account, question, decision };
    let reply = app::publishing::resolve(&console.deps, caller, post, &answer, "/post", once, &encode).await?;
    Ok(follow(&reply))
}

/// `POST /console/posts/{post_id}/delete`; with `everywhere`, on the platforms too.
pub(super) async fn delete(State(console): State<Shared>, Path(post): Path<String>, posted: Posted) -> Page {
    let post = id(&post)?;
    let everywhere = posted.form.get("everywhere") == "yes";
    let reply = goes("/console/queue", Said::Deleted);
    let (caller, once) = (&posted.session.caller, posted.once()?);
    let reply = app::publishing::remove(&console.deps, caller, post, everywhere, once, &reply).await?;
    Ok(follow(&reply))
}
