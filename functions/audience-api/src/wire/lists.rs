//! Lists and attributes.

use app::audience::{ListEdit, NewList};
use domain::audience::{AttributeKind, AttributeSet, ContactList, OptIn};
use jiff::Timestamp;
use runtime::openapi::one_of;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;
use utoipa::openapi::schema::{Object, ObjectBuilder, Type};

/// A list to make.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewListBody {
    /// What people call it; those on it see it, too.
    #[schema(min_length = 1, max_length = 100)]
    pub name: String,
    /// What it is for; those on it see it, too.
    #[schema(max_length = 500)]
    pub description: Option<String>,
    /// `single`: whoever is put on it is on it; `double`: once they said yes to that. `double` when left out.
    #[schema(schema_with = opt_ins)]
    pub opt_in: Option<OptIn>,
}

impl From<NewListBody> for NewList {
    fn from(body: NewListBody) -> Self {
        let (name, description) = (body.name, body.description.unwrap_or_default());
        Self { name, description, opt_in: body.opt_in.unwrap_or(OptIn::Double) }
    }
}

/// What to change of a list; what is left out stays.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ListEditBody {
    /// What people call it.
    #[schema(min_length = 1, max_length = 100)]
    pub name: Option<String>,
    /// What it is for.
    #[schema(max_length = 500)]
    pub description: Option<String>,
    /// What it takes to be on it from now on.
    #[schema(schema_with = opt_ins)]
    pub opt_in: Option<OptIn>,
}

impl From<ListEditBody> for ListEdit {
    fn from(body: ListEditBody) -> Self {
        Self { name: body.name, description: body.description, opt_in: body.opt_in }
    }
}

fn opt_ins() -> Object {
    one_of(&OptIn::NAMES)
}

/// A list.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ListBody {
    /// Id.
    pub list_id: String,
    /// What people call it.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// `single` or `double`.
    #[schema(value_type = String, example = "double")]
    pub opt_in: OptIn,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
}

impl From<&ContactList> for ListBody {
    fn from(list: &ContactList) -> Self {
        Self {
            list_id: list.id.to_string(),
            name: list.name.clone(),
            description: list.description.clone(),
            opt_in: list.opt_in,
            created_at: list.created_at,
        }
    }
}

/// All lists.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ListsBody {
    /// The lists, the oldest first.
    pub items: Vec<ListBody>,
}

/// The attributes that contacts may have.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AttributesBody {
    /// The kind of each, by its name: `text`, `whole`, `decimal`, `boolean`, `date` or `list`. A name has the letters a to z, digits and `_`.
    #[schema(schema_with = kinds)]
    pub attributes: BTreeMap<String, AttributeKind>,
}

fn kinds() -> Object {
    let kind = ObjectBuilder::new().schema_type(Type::String).enum_values(Some(AttributeKind::NAMES));
    let about = "The kind of each, by its name. A name has the letters a to z, digits and _.";
    ObjectBuilder::new().additional_properties(Some(kind)).description(Some(about)).build()
}

impl From<&AttributeSet> for AttributesBody {
    fn from(set: &AttributeSet) -> Self {
        Self { attributes: set.kinds.clone() }
    }
}
