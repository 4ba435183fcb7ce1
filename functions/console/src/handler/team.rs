//! Members and their keys.

use super::form::{Posted, follow, goes};
use super::session::Session;
use super::trouble::Trouble;
use super::{Answer, Console, Shared};
use crate::map::{
    BrandDraft, brand_form, egress_form, key_rows, member_options, member_rows, role_options, team_errors,
};
use crate::view::{FieldError, NewKey as Shown, SelectOption, TeamPage};
use crate::words::{APPROVAL_RULES, LIMITS, ROLES, Said, role_slug, told};
use app::Error;
use app::access::{KeyMade, NewKey, NewMember};
use axum::extract::{Path, State};
use domain::MemberId;
use domain::access::{ApiKey, Member, Permission, Role};
use domain::egress::EgressPolicy;
use ports::StoredReply;
use secrecy::ExposeSecret;
use serde::{Deserialize, Serialize};

/// `GET /console/team`.
pub(super) async fn page(State(console): State<Shared>, session: Session) -> Answer {
    show(&console, &session, 200, TeamPage::default(), &Typed::default()).await
}

/// What was chosen in the forms.
#[derive(Default)]
pub(super) struct Typed {
    role: Option<Role>,
    limit: String,
    member: String,
    brand: Option<BrandDraft>,
    egress: Option<EgressPolicy>,
}

impl From<BrandDraft> for Typed {
    fn from(brand: BrandDraft) -> Self {
        Self { brand: Some(brand), ..Self::default() }
    }
}

impl From<EgressPolicy> for Typed {
    fn from(egress: EgressPolicy) -> Self {
        Self { egress: Some(egress), ..Self::default() }
    }
}

/// The page, with what was wrong with a form of it.
pub(super) async fn show(console: &Console, session: &Session, status: u16, view: TeamPage, typed: &Typed) -> Answer {
    let (deps, caller) = (&console.deps, &session.caller);
    let frame = session.frame(console).await?;
    let members = app::access::members(deps, caller).await?;
    let keys = app::access::keys(deps, caller).await?;
    let rules = app::publishing::rules(deps, caller).await?;
    let reader = frame.reader();
    let manages = reader.may(Permission::Administer);
    let member = if typed.member.is_empty() { caller.member.to_string() } else { typed.member.clone() };
    let limit = |(value, label, _): &(&str, &str, &[Permission])| SelectOption {
        value: (*value).into(),
        label: (*label).into(),
        selected: *value == typed.limit,
    };
    let view = TeamPage {
        members: member_rows(&reader, &members),
        keys: key_rows(&reader, &keys, &members),
        member_action: manages.then(|| "/console/team/members".to_owned()),
        member_idempotency_key: reader.fresh(),
        member_roles: role_options(typed.role.unwrap_or(Role::Editor)),
        key_action: manages.then(|| "/console/team/keys".to_owned()),
        key_idempotency_key: reader.fresh(),
        key_roles: LIMITS.iter().map(limit).collect(),
        key_members: member_options(&members, &member),
        rule_action: manages.then(|| "/console/team/approval-rule".to_owned()),
        rule_idempotency_key: reader.fresh(),
        rules: APPROVAL_RULES
            .iter()
            .map(|(value, label, rule)| SelectOption {
                value: (*value).into(),
                label: (*label).into(),
                selected: *rule == rules.approval,
            })
            .collect(),
        brand: brand_form(&reader, typed.brand.as_ref().unwrap_or(&BrandDraft::of(&rules.brand))),
        egress: egress_form(&reader, typed.egress.as_ref().unwrap_or(&rules.egress)),
        ..view
    };
    frame.page(status, &view)
}

fn role(slug: &str) -> Option<Role> {
    ROLES.into_iter().find(|role| role_slug(*role) == slug)
}

/// What to tell beside the fields, or the error when no field can mend it.
fn beside(error: Error, prefix: &str) -> Result<Vec<FieldError>, Trouble> {
    match &error {
        Error::Invalid(violations) => Ok(team_errors(violations, prefix)),
        Error::Conflict { .. } | Error::KeyReused => {
            Ok(vec![FieldError { field: format!("{prefix}_name"), text: told(&error).text }])
        }
        _ => Err(error.into()),
    }
}

/// `POST /console/team/members`.
pub(super) async fn add_member(State(console): State<Shared>, posted: Posted) -> Answer {
    let (form, session) = (&posted.form, &posted.session);
    let chosen = role(form.get("member_role")).ok_or(Trouble::Status(400))?;
    let new = NewMember { name: form.get("member_name").to_owned(), role: chosen };
    let encode = |_: &Member| goes("/console/team", Said::MemberAdded);
    match app::access::create_member(&console.deps, &session.caller, &new, posted.once()?, &encode).await {
        Ok(reply) => Ok(follow(&reply)),
        Err(error) => {
            let errors = beside(error, "member")?;
            let view = TeamPage { errors, member_name: new.name, ..TeamPage::default() };
            show(&console, session, 422, view, &Typed { role: Some(chosen), ..Typed::default() }).await
        }
    }
}

/// `POST /console/team/members/{member_id}/role`.
pub(super) async fn change_role(State(console): State<Shared>, Path(id): Path<String>, posted: Posted) -> Answer {
    let id: MemberId = id.parse().map_err(|_| Trouble::Status(404))?;
    let role = role(posted.form.get("role")).ok_or(Trouble::Status(400))?;
    let encode = |_: &Member| goes("/console/team", Said::RoleChanged);
    let (caller, once) = (&posted.session.caller, posted.once()?);
    Ok(follow(&app::access::change_role(&console.deps, caller, id, role, once, &encode).await?))
}

/// `POST /console/team/members/{member_id}/remove`.
pub(super) async fn remove_member(State(console): State<Shared>, Path(id): Path<String>, posted: Posted) -> Answer {
    let id: MemberId = id.parse().map_err(|_| Trouble::Status(404))?;
    let encode = |_: &Member| goes("/console/team", Said::MemberRemoved);
    let (caller, once) = (&posted.session.caller, posted.once()?);
    Ok(follow(&app::access::remove_member(&console.deps, caller, id, once, &encode).await?))
}

/// What making a key answers, and answers again when the form is sent again.
#[derive(Serialize, Deserialize)]
struct Created {
    name: String,
    key: String,
}

/// `POST /console/team/keys`. The answer is a page and no redirect: the key it shows must not stand in an address.
pub(super) async fn create_key(State(console): State<Shared>, posted: Posted) -> Answer {
    let (form, session) = (&posted.form, &posted.session);
    let limit = LIMITS.iter().find(|(value, ..)| *value == form.get("key_role")).ok_or(Trouble::Status(400))?;
    let member: MemberId = form.get("key_member").parse().map_err(|_| Trouble::Status(400))?;
    let new = NewKey {
        name: form.get("key_name").to_owned(),
        member: Some(member),
        scopes: limit.2.to_vec(),
        expires_at: None,
    };
    let encode = |made: &KeyMade| {
        let created = Created { name: made.key.name.clone(), key: made.secret.expose_secret().to_owned() };
        // Two strings always serialise.
        StoredReply { status: 201, body: serde_json::to_string(&created).unwrap_or_default() }
    };
    match app::access::create_key(&console.deps, &session.caller, &new, posted.once()?, &encode).await {
        Ok(reply) => {
            let created: Created = serde_json::from_str(&reply.stored.body)
                .map_err(|_| Error::Internal("a remembered answer cannot be read".into()))?;
            let created = Some(Shown { name: created.name, key: created.key });
            show(&console, session, 200, TeamPage { created, ..TeamPage::default() }, &Typed::default()).await
        }
        Err(error) => {
            let errors = beside(error, "key")?;
            let view = TeamPage { errors, key_name: new.name, ..TeamPage::default() };
            let typed = Typed { limit: limit.0.into(), member: member.to_string(), ..Typed::default() };
            show(&console, session, 422, view, &typed).await
        }
    }
}

/// `POST /console/team/keys/{key_id}/revoke`.
pub(super) async fn revoke_key(State(console): State<Shared>, Path(id): Path<String>, posted: Posted) -> Answer {
    let id = id.parse().map_err(|_| Trouble::Status(404))?;
    let encode = |_: &ApiKey| goes("/console/team", Said::KeyRevoked);
    let (caller, once) = (&posted.session.caller, posted.once()?);
    Ok(follow(&app::access::revoke_key(&console.deps, caller, id, once, &encode).await?))
}
