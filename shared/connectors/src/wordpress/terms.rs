//! Tags and categories: people name them, WordPress numbers them.

use super::api::{NewTerm, Term};
use super::error::{not_done, refused};
use super::{Site, WordPress, html};
use connector_kit::segment;
use domain::publishing::Failure;
use ports::PublishCall;

/// A way in which a site sorts its posts, as addresses name it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Tags,
    Categories,
}

impl Kind {
    fn route(self) -> &'static str {
        match self {
            Self::Tags => "wp/v2/tags",
            Self::Categories => "wp/v2/categories",
        }
    }
}

/// The id of the term of this name, which is made where there is none.
pub(super) async fn numbered(
    wordpress: &WordPress,
    site: &Site<'_>,
    call: &PublishCall<'_>,
    kind: Kind,
    name: &str,
) -> Result<u64, Failure> {
    // Looked for first: an author may use every category, and make none.
    let search = format!("{}?search={}&per_page=100&_fields=id,name", kind.route(), segment(&html::escape_name(name)));
    let answer = wordpress.ask(site.get(&search)).await?;
    if !answer.is_success() {
        return Err(not_done(&answer, call.now));
    }
    let there: Vec<Term> = answer.json().ok_or(Failure::Unavailable)?;
    let same = |term: &Term| html::unescape(&term.name).to_lowercase() == name.to_lowercase();
    if let Some(found) = there.iter().find(|term| same(term)) {
        return Ok(found.id);
    }
    let made = site.post(&format!("{}?_fields=id,name", kind.route())).json(&NewTerm { name });
    let answer = wordpress.ask(made).await?;
    if answer.is_success() {
        return answer.json::<Term>().map(|term| term.id).ok_or(Failure::Unavailable);
    }
    match refused(&answer) {
        // Somebody made it meanwhile, or it is written in another way that WordPress takes for the same.
        Some(said) if said.code == "term_exists" => said.data["term_id"].as_u64().ok_or(Failure::Unavailable),
        Some(said) if answer.status == 403 && said.code == "rest_cannot_create" => {
            let detail = format!("there is no category {name:?}, and this user may make none: make it on the site");
            Err(Failure::Rejected { code: "category_unknown".into(), detail })
        }
        _ => Err(not_done(&answer, call.now)),
    }
}
