//! Brand rules: the words, links and hashtags that a tenant wants or does not want in its posts.

use super::form::{Posted, follow, goes};
use super::team::show;
use super::{Answer, Shared};
use crate::map::{BrandDraft, brand_errors};
use crate::view::{FieldError, TeamPage};
use crate::words::{Said, told};
use app::Error;
use axum::extract::State;
use domain::publishing::Rules;

/// `POST /console/team/brand-rules`: all of them anew; what is empty is no rule.
pub(super) async fn save(State(console): State<Shared>, posted: Posted) -> Answer {
    let session = &posted.session;
    let draft = BrandDraft::typed(|name| posted.form.get(name));
    let rules = draft.rules();
    let encode = |_: &Rules| goes("/console/team", Said::BrandSaved);
    let done = app::publishing::set_brand_rules(&console.deps, &session.caller, &rules, posted.once()?, &encode).await;
    let errors = match done {
        Ok(reply) => return Ok(follow(&reply)),
        Err(Error::Invalid(violations)) => brand_errors(&violations, &rules),
        Err(error @ (Error::Conflict { .. } | Error::KeyReused)) => {
            vec![FieldError { field: "brand".into(), text: told(&error).text }]
        }
        Err(error) => return Err(error.into()),
    };
    let view = TeamPage { errors, ..TeamPage::default() };
    show(&console, session, 422, view, &draft.into()).await
}
