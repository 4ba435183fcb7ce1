//! Whom a page's post is shown to, as LinkedIn has it ("Share Targeting" in its documentation of shares), and its refusals of that.

use domain::accounts::{Account, AccountKind};
use domain::platform::TargetingRule;
use domain::publishing::{Failure, Targeting};
use serde::Serialize;

/// Fewest followers that a targeted post must reach.
const FEWEST: u32 = 300;
/// Most URNs of one list; ours.
const MOST: u16 = 20;

/// Whom a page's post is shown to: those who match one URN of each list that is there.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct TargetEntity<'a> {
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    pub(super) industries: &'a [String],
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    pub(super) seniorities: &'a [String],
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    pub(super) job_functions: &'a [String],
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    pub(super) geo_locations: &'a [String],
}

pub(super) fn rule() -> TargetingRule {
    let prefixes = ["urn:li:industry:", "urn:li:seniority:", "urn:li:function:", "urn:li:geo:"];
    TargetingRule { most: MOST, prefixes: prefixes.map(str::to_owned), organisations_only: true }
}

/// What is sent of it; nothing where everybody sees the post.
///
/// # Errors
/// The author is a member, whose posts cannot have it.
pub(super) fn entities<'a>(account: &Account, targeting: &'a Targeting) -> Result<Vec<TargetEntity<'a>>, Failure> {
    if targeting.is_empty() {
        return Ok(Vec::new());
    }
    if account.profile.kind == AccountKind::Person {
        return Err(Failure::Unsupported { detail: "only posts of pages can be targeted on LinkedIn".into() });
    }
    let Targeting { industries, seniorities, functions, regions } = targeting;
    Ok(vec![TargetEntity { industries, seniorities, job_functions: functions, geo_locations: regions }])
}

/// The refusal of a targeted post: LinkedIn names no code for an audience that is too small, so that its words are gone by.
pub(super) fn refused(failure: Failure) -> Failure {
    let Failure::Rejected { code, detail } = failure else { return failure };
    let low = detail.to_lowercase();
    if code == "invalid_request" && ["target", "audience"].iter().any(|word| low.contains(word)) {
        let detail = format!(
            "a targeted post must reach {FEWEST} followers at least: name more, or nobody. LinkedIn says: {detail}"
        );
        return Failure::Rejected { code: "audience_refused".into(), detail };
    }
    Failure::Rejected { code, detail }
}
