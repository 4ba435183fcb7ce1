//! An answer by hand, as the API takes it.

use serde::Deserialize;
use utoipa::ToSchema;
use wire::place::Places;

/// `POST /api/inbox/{interaction_id}/answers`.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AnswerBody {
    /// What is said, as long as the platform lets a post be.
    #[schema(example = "We open at nine.")]
    pub text: String,
}

impl Places for AnswerBody {
    /// All that is given is the text; what else is wrong with the post is nothing that the body says.
    fn place(&self, _: &str, field: &str) -> String {
        if field.starts_with("/content/parts") { "/text" } else { "" }.to_owned()
    }
}
