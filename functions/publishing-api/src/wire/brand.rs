//! Brand rules as the API shows and takes them.

use domain::publishing::BrandRules;
use runtime::http::whole_number;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The brand rules of a tenant. What is left out is no rule.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BrandRulesBody {
    /// Words or phrases that every post has, all of them, somewhere in its texts. Found as whole words, in any case.
    #[serde(default)]
    #[schema(max_items = 100)]
    pub required_words: Vec<String>,
    /// Words or phrases that no post has.
    #[serde(default)]
    #[schema(max_items = 100)]
    pub forbidden_words: Vec<String>,
    /// Domains that links may lead to, with everything below them; empty: any.
    #[serde(default)]
    #[schema(max_items = 100)]
    pub allowed_domains: Vec<String>,
    /// Domains that no link leads to, nor to anything below them, whatever is allowed.
    #[serde(default)]
    #[schema(max_items = 100)]
    pub denied_domains: Vec<String>,
    /// Most hashtags of a post.
    #[serde(default, deserialize_with = "whole_number")]
    #[schema(maximum = 1000)]
    pub max_hashtags: Option<u16>,
}

impl BrandRulesBody {
    /// The body of a tenant's brand rules.
    pub fn of(rules: &BrandRules) -> Self {
        let BrandRules { required_words, forbidden_words, allowed_domains, denied_domains, max_hashtags } =
            rules.clone();
        Self { required_words, forbidden_words, allowed_domains, denied_domains, max_hashtags }
    }

    /// The rules this body means.
    pub fn rules(self) -> BrandRules {
        let Self { required_words, forbidden_words, allowed_domains, denied_domains, max_hashtags } = self;
        BrandRules { required_words, forbidden_words, allowed_domains, denied_domains, max_hashtags }
    }
}
