//! Whom a post is shown to.

use axum::response::Response;
use serde_json::Value;

use super::ORGANIZATION;
use super::content::invalid;
use crate::state::World;

/// Fewest followers that a targeted post must reach.
const MIN_AUDIENCE: u32 = 300;

/// Whom a post is shown to: an organisation's alone, by URNs of the right kind, and nobody's whose audience is too small.
pub(super) fn check(world: &World, author: &str, entities: &[Value]) -> Result<(), Response> {
    let bad = |what: &str| Err(invalid(&format!("/distribution/targetEntities :: {what}")));
    if entities.is_empty() {
        return Ok(());
    }
    if !author.starts_with(ORGANIZATION) {
        return bad("only organization posts can be targeted");
    }
    let facets = [
        ("industries", "urn:li:industry:"),
        ("seniorities", "urn:li:seniority:"),
        ("jobFunctions", "urn:li:function:"),
        ("geoLocations", "urn:li:geo:"),
    ];
    let is_one = |value: &Value, kind: &str| {
        let number = value.as_str().and_then(|urn| urn.strip_prefix(kind));
        number.is_some_and(|number| !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit()))
    };
    for entity in entities {
        let Some(fields) = entity.as_object().filter(|fields| !fields.is_empty()) else {
            return bad("an entity names no facet");
        };
        for (name, list) in fields {
            let Some((_, kind)) = facets.iter().find(|(facet, _)| facet == name) else {
                return bad(&format!("unrecognized field {name}"));
            };
            if !list.as_array().is_some_and(|list| !list.is_empty() && list.iter().all(|urn| is_one(urn, kind))) {
                return bad(&format!("{name} are URNs like {kind}1"));
            }
        }
    }
    if world.settings.linkedin_audience < MIN_AUDIENCE {
        return bad("the target audience is too small");
    }
    Ok(())
}
