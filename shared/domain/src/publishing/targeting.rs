//! Whom a post is shown to, of those who follow its author.

use serde::{Deserialize, Serialize};

/// Whom a post is shown to: those who match one entry of each list that has any. Entries are the platform's own names.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Targeting {
    /// What they work in.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub industries: Vec<String>,
    /// How high they stand at work.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub seniorities: Vec<String>,
    /// What they do at work.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub functions: Vec<String>,
    /// Where they are.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub regions: Vec<String>,
}

impl Targeting {
    /// Whether nobody is left out.
    pub fn is_empty(&self) -> bool {
        self.lists().iter().all(|(_, list)| list.is_empty())
    }

    /// Its lists by their names.
    pub fn lists(&self) -> [(&'static str, &[String]); 4] {
        let Self { industries, seniorities, functions, regions } = self;
        [("industries", industries), ("seniorities", seniorities), ("functions", functions), ("regions", regions)]
    }
}
