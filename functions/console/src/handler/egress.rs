//! What webhook endpoints may be: plain http, and other ports than that of https.

use super::form::{Posted, follow, goes};
use super::team::show;
use super::{Answer, Shared};
use crate::map::egress_typed;
use crate::view::{FieldError, TeamPage};
use crate::words::{Said, sentence, told};
use app::Error;
use axum::extract::State;
use domain::publishing::Rules;

/// `POST /console/team/egress-policy`: all of it anew; what is not ticked is not allowed.
pub(super) async fn save(State(console): State<Shared>, posted: Posted) -> Answer {
    let session = &posted.session;
    let policy = egress_typed(posted.form.has("egress_http"), posted.form.all("egress_port"));
    let encode = |_: &Rules| goes("/console/team", Said::EgressSaved);
    let done = app::webhooks::set_egress_policy(&console.deps, &session.caller, &policy, posted.once()?, &encode).await;
    let texts = match done {
        Ok(reply) => return Ok(follow(&reply)),
        Err(Error::Invalid(violations)) => violations.iter().map(|violation| sentence(&violation.detail)).collect(),
        Err(error @ (Error::Conflict { .. } | Error::KeyReused)) => vec![told(&error).text],
        Err(error) => return Err(error.into()),
    };
    let errors = texts.into_iter().map(|text| FieldError { field: "egress".into(), text }).collect();
    show(&console, session, 422, TeamPage { errors, ..TeamPage::default() }, &policy.into()).await
}
