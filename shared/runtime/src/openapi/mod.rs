//! The API's description: OpenAPI 3.1, generated from the handlers, and a readable page made from it.
//!
//! Each HTTP function builds its part with `utoipa-axum`'s `OpenApiRouter`; [`document`] joins the parts and adds what is
//! common: the two ways to sign in, the problems, and what is true of every form. A route lists its problems by one of [`ReadProblems`],
//! [`WriteProblems`] and [`EditProblems`]; a public one says `security(())`.

mod common;
mod page;

use crate::http::FieldError;
use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeMap;
use utoipa::openapi::content::ContentBuilder;
use utoipa::openapi::header::HeaderBuilder;
use utoipa::openapi::info::{InfoBuilder, LicenseBuilder};
use utoipa::openapi::response::{Response, ResponseBuilder};
use utoipa::openapi::schema::{Array, ArrayBuilder, Object, ObjectBuilder, SchemaType, Type};
use utoipa::openapi::security::{
    ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme,
};
use utoipa::openapi::{Components, OpenApi, Paths, Ref, RefOr};
use utoipa::{IntoResponses, PartialSchema, ToSchema};

pub use common::prefix_of;
pub use page::{page, page_response};

/// A problem as it looks on the wire (RFC 9457); a code may add members of its own.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Problem)]
pub struct ProblemBody {
    /// Always false.
    #[schema(example = false)]
    pub success: bool,
    /// `/errors/` and the code.
    #[schema(example = "/errors/validation")]
    pub r#type: String,
    /// The code in words.
    #[schema(example = "Validation")]
    pub title: String,
    /// The HTTP status.
    #[schema(example = 400)]
    pub status: u16,
    /// What is wrong and what to do.
    pub detail: String,
    /// Stable code.
    #[schema(example = "validation")]
    pub code: String,
    /// Whether the same request may succeed later.
    pub retryable: bool,
    /// The correlation id the logs know this by.
    pub instance: String,
    /// What is wrong with which field.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub errors: Vec<FieldError>,
}

/// Name of the component, description.
type Named = (u16, &'static str, &'static str);

const READ: [Named; 7] = [
    (400, "BadRequest", "The request is malformed: bad JSON, a bad id, a bad parameter."),
    (401, "Unauthenticated", "No credential, or one that does not hold."),
    (403, "Forbidden", "The caller's role or key does not allow this."),
    (404, "NotFound", "There is no such thing, or it belongs to somebody else."),
    (429, "RateLimited", "Too many requests; see Retry-After."),
    (500, "Internal", "A defect of ours; `instance` is the id to tell us."),
    (503, "Unavailable", "A part of Herald does not answer just now; see Retry-After."),
];
const WRITE: [Named; 4] = [
    (409, "Conflict", "The state of things forbids it now, or the same request is being worked on."),
    (413, "TooLarge", "The body has more than 256 KiB."),
    (415, "UnsupportedMediaType", "The body is not `application/json`."),
    (422, "Unprocessable", "Well-formed, but against the rules; or the Idempotency-Key was used for another request."),
];
const EDIT: [Named; 2] = [
    (412, "PreconditionFailed", "Somebody changed it since it was read."),
    (428, "PreconditionRequired", "If-Match is missing."),
];

fn references(lists: &[&[Named]]) -> BTreeMap<String, RefOr<Response>> {
    let all = lists.iter().flat_map(|list| list.iter());
    all.map(|(status, name, _)| (status.to_string(), Ref::from_response_name(*name).into())).collect()
}

/// The problems of a reading route.
#[derive(Debug, Clone, Copy)]
pub struct ReadProblems;

impl IntoResponses for ReadProblems {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        references(&[&READ])
    }
}

/// The problems of a list that is asked for by rules of its own, as a range of time.
#[derive(Debug, Clone, Copy)]
pub struct ListProblems;

impl IntoResponses for ListProblems {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        references(&[&READ, &WRITE[3..]])
    }
}

/// The problems of a changing route.
#[derive(Debug, Clone, Copy)]
pub struct WriteProblems;

impl IntoResponses for WriteProblems {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        references(&[&READ, &WRITE])
    }
}

/// The problems of a route that edits with `If-Match`.
#[derive(Debug, Clone, Copy)]
pub struct EditProblems;

impl IntoResponses for EditProblems {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        references(&[&READ, &WRITE, &EDIT])
    }
}

/// The form of a field that may be left out and otherwise holds one of these words.
pub fn one_of(words: &[&str]) -> Object {
    let values = words.iter().map(|word| Value::from(*word)).chain([Value::Null]);
    let kinds = SchemaType::from_iter([Type::String, Type::Null]);
    ObjectBuilder::new().schema_type(kinds).enum_values(Some(values)).build()
}

/// The form of a list that may be left out and otherwise holds some of these words.
pub fn some_of(words: &[&str]) -> Array {
    let word = ObjectBuilder::new().schema_type(Type::String).enum_values(Some(words.iter().copied()));
    ArrayBuilder::new().schema_type(SchemaType::from_iter([Type::Array, Type::Null])).items(word).build()
}

/// The whole description, from the functions' parts.
pub fn document(parts: impl IntoIterator<Item = OpenApi>) -> OpenApi {
    let info = InfoBuilder::new()
        .title("Herald")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(
            "Plans, publishes and tells. Answers are `{success, data, message}`; problems are RFC 9457 documents with \
             `success: false`. Every change takes an `Idempotency-Key`; every answer carries `x-correlation-id`.",
        ))
        .license(Some(LicenseBuilder::new().name("Apache-2.0").identifier(Some("Apache-2.0")).build()))
        .build();
    let mut whole = OpenApi::new(info, Paths::new());
    for part in parts {
        whole.merge(part);
    }
    whole.components.get_or_insert_with(Components::new).schemas.extend([
        (ProblemBody::name().into_owned(), ProblemBody::schema()),
        (FieldError::name().into_owned(), FieldError::schema()),
    ]);
    if let Some(components) = &mut whole.components {
        let problems = READ.iter().chain(&WRITE).chain(&EDIT);
        components.responses.extend(problems.map(|named| (named.1.to_owned(), problem_response(named).into())));
        components.security_schemes.extend(schemes());
    }
    let either = |name: &str| SecurityRequirement::new(name, Vec::<String>::new());
    whole.security = Some(vec![either("apiKey"), either("session")]);
    whole.servers = None;
    let refined = serde_json::to_value(&whole).map(common::refine).and_then(serde_json::from_value);
    refined.unwrap_or_else(|error| {
        tracing::error!(%error, "what is common to all forms could not be added to the description");
        whole
    })
}

fn problem_response((status, _, description): &Named) -> Response {
    let schema: RefOr<utoipa::openapi::Schema> = Ref::from_schema_name(ProblemBody::name()).into();
    let content = ContentBuilder::new().schema(Some(schema)).build();
    let response = ResponseBuilder::new().description(*description).content("application/problem+json", content);
    let seconds = || HeaderBuilder::new().description(Some("Seconds to wait.")).schema(Some(u32::schema())).build();
    let response = if matches!(status, 429 | 503) { response.header("Retry-After", seconds()) } else { response };
    response.build()
}

fn schemes() -> [(String, RefOr<SecurityScheme>); 2] {
    let key = HttpBuilder::new()
        .scheme(HttpAuthScheme::Bearer)
        .bearer_format("hk_…")
        .description(Some("An API key or a member's personal access key."))
        .build();
    let cookie = ApiKeyValue::with_description(crate::http::SESSION_COOKIE, "The console's session.");
    [
        ("apiKey".to_owned(), RefOr::T(SecurityScheme::Http(key))),
        ("session".to_owned(), RefOr::T(SecurityScheme::ApiKey(ApiKey::Cookie(cookie)))),
    ]
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    // What utoipa's macro makes of a body's type looks over-qualified to the lint.
    #![allow(unused_qualifications)]
    use super::*;
    use crate::http::{ApiJson, ApiPath, Envelope, Problem};
    use domain::PostId;
    use serde::Deserialize;
    use utoipa_axum::router::OpenApiRouter;
    use utoipa_axum::routes;

    /// A post.
    #[derive(Debug, Serialize, ToSchema)]
    struct PostView {
        /// Its <id>.
        id: String,
        /// Its text.
        text: Option<String>,
    }

    /// A new post.
    #[derive(Debug, Deserialize, ToSchema)]
    #[serde(deny_unknown_fields)]
    struct NewPost {
        /// Its text.
        #[schema(max_length = 280)]
        text: String,
    }

    /// Reads a post.
    #[utoipa::path(get, path = "/posts/{id}", tag = "Posts", params(("id" = String, Path, description = "The post.")),
        responses((status = 200, description = "The post.", body = Envelope<PostView>), ReadProblems))]
    async fn get_post(ApiPath(id): ApiPath<PostId>) -> Envelope<PostView> {
        Envelope::new(PostView { id: id.to_string(), text: None }, "here")
    }

    /// Changes a post.
    #[utoipa::path(patch, path = "/posts/{id}", tag = "Posts", params(("id" = String, Path, description = "The post.")),
        request_body(content = NewPost),
        responses((status = 200, description = "The post.", body = Envelope<PostView>), EditProblems))]
    async fn patch_post(ApiPath(id): ApiPath<PostId>, json: ApiJson<NewPost>) -> Result<Envelope<PostView>, Problem> {
        Ok(Envelope::new(PostView { id: id.to_string(), text: Some(json.body.text) }, "changed"))
    }

    /// Whether we are here.
    #[utoipa::path(get, path = "/health", tag = "Operations", security(()),
        responses((status = 200, description = "We are.", body = Envelope<Option<PostView>>)))]
    async fn health() -> &'static str {
        "ok"
    }

    fn whole() -> OpenApi {
        let posts = OpenApiRouter::<()>::new().routes(routes!(get_post)).into_openapi();
        let edits = OpenApiRouter::<()>::new().routes(routes!(patch_post)).into_openapi();
        document([posts, edits, OpenApiRouter::<()>::new().routes(routes!(health)).into_openapi()])
    }

    fn references_in<'a>(value: &'a Value, found: &mut Vec<&'a str>) {
        match value {
            Value::Object(map) => {
                found.extend(map.get("$ref").and_then(Value::as_str));
                map.values().for_each(|v| references_in(v, found));
            }
            Value::Array(list) => list.iter().for_each(|v| references_in(v, found)),
            _ => {}
        }
    }

    #[test]
    fn parts_are_joined_and_every_reference_resolves() {
        let json = serde_json::to_value(whole()).unwrap();
        assert_eq!(json["openapi"], "3.1.0");
        let post = &json["paths"]["/posts/{id}"];
        assert!(post["get"].is_object() && post["patch"].is_object());
        assert_eq!(post["patch"]["responses"]["412"]["$ref"], "#/components/responses/PreconditionFailed");
        assert!(post["get"]["responses"]["412"].is_null());
        assert_eq!(json["paths"]["/health"]["get"]["security"], serde_json::json!([{}]));
        let mut found = Vec::new();
        references_in(&json, &mut found);
        assert!(found.len() > 10);
        for reference in found {
            assert!(json.pointer(reference.trim_start_matches('#')).is_some(), "{reference}");
        }
        let problem = &json["components"]["schemas"]["Problem"];
        assert!(!problem["required"].as_array().unwrap().contains(&"errors".into()), "{problem}");
    }

    #[test]
    fn the_page_shows_every_operation_and_lets_no_text_become_markup() {
        let page = page(&serde_json::to_value(whole()).unwrap());
        for part in ["/posts/{id}", "Reads a post.", "Changes a post.", "/health", "PATCH", "id=\"schema-NewPost\""] {
            assert!(page.contains(part), "{part}");
        }
        assert!(page.contains("Its &lt;id&gt;.") && !page.contains("<id>") && !page.contains("<script"));
        let links: Vec<_> = page.split("href=\"#").skip(1).filter_map(|rest| rest.split('"').next()).collect();
        assert!(links.len() > 3);
        for link in links {
            assert!(page.contains(&format!("id=\"{link}\"")), "{link}");
        }
    }

    #[test]
    fn the_page_needs_nothing_but_its_own_style() {
        let response = page_response(&serde_json::to_value(whole()).unwrap());
        let policy = response.headers()["content-security-policy"].to_str().unwrap();
        assert!(policy.starts_with("default-src 'none'; style-src 'sha256-"), "{policy}");
    }
}
