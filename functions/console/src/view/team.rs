//! Members and keys.

use serde::Serialize;

use super::{Action, Badge, BrandForm, EgressForm, FieldError, Moment};

/// `GET /console/team`.
///
/// The member form posts `member_name`, `member_role`; the key form `key_name`, `key_role`, `key_member`; both with
/// `csrf` and `idempotency_key`. Error fields are those names.
#[derive(Debug, Clone, Default, Serialize)]
pub struct TeamPage {
    /// The members.
    pub members: Vec<MemberRow>,
    /// The keys.
    pub keys: Vec<KeyRow>,
    /// The key that was just made; shown this once.
    pub created: Option<NewKey>,
    /// What was wrong with the last try.
    pub errors: Vec<FieldError>,
    /// Where the member form posts to; absent for roles that may only look.
    pub member_action: Option<String>,
    /// A fresh key per rendering, of the member form.
    pub member_idempotency_key: String,
    /// The member's name as it was typed.
    pub member_name: String,
    /// The roles a new member can have.
    pub member_roles: Vec<SelectOption>,
    /// Where the key form posts to; absent for roles that may only look.
    pub key_action: Option<String>,
    /// A fresh key per rendering, of the key form.
    pub key_idempotency_key: String,
    /// The key's name as it was typed.
    pub key_name: String,
    /// What a new key can be allowed to do.
    pub key_roles: Vec<SelectOption>,
    /// Whose key it can be.
    pub key_members: Vec<SelectOption>,
    /// Where the rule for approvals posts to, as `required_for`; absent for roles that may only look.
    pub rule_action: Option<String>,
    /// A fresh key per rendering, of the rule's form.
    pub rule_idempotency_key: String,
    /// Whose posts may need an approval.
    pub rules: Vec<SelectOption>,
    /// The brand rules.
    pub brand: BrandForm,
    /// What endpoints may be.
    pub egress: EgressForm,
}

/// A choice of a select field.
#[derive(Debug, Clone, Default, Serialize)]
pub struct SelectOption {
    /// The value that is posted.
    pub value: String,
    /// What people read.
    pub label: String,
    /// Whether it is chosen.
    pub selected: bool,
}

/// One member.
#[derive(Debug, Clone, Default, Serialize)]
pub struct MemberRow {
    /// The name.
    pub name: String,
    /// Whether it is the one who looks at the page.
    pub you: bool,
    /// The role.
    pub role: Badge,
    /// What the role may do, in words.
    pub may: String,
    /// Gives the member another role. Absent where that is not allowed.
    pub change: Option<RoleForm>,
    /// When the member joined.
    pub joined: Moment,
    /// Removes the member; asks first. Absent where that is not allowed.
    pub remove: Option<Action>,
}

/// A form that gives a member another role; posts `role`.
#[derive(Debug, Clone, Default, Serialize)]
pub struct RoleForm {
    /// Where it posts to.
    pub href: String,
    /// A fresh key per rendering.
    pub idempotency_key: String,
    /// The member's id, which keeps the field's id unique on the page.
    pub id: String,
    /// The roles.
    pub roles: Vec<SelectOption>,
}

/// One API key, without its secret.
#[derive(Debug, Clone, Default, Serialize)]
pub struct KeyRow {
    /// What it is for.
    pub name: String,
    /// The beginning of the key's id, to recognise it by.
    pub prefix: String,
    /// Whose it is.
    pub member: String,
    /// What it may do.
    pub role: Badge,
    /// When it was made.
    pub created: Moment,
    /// When it stops working, if ever.
    pub expires: Option<Moment>,
    /// Revokes it; asks first. Absent where that is not allowed.
    pub revoke: Option<Action>,
}

/// A key that is shown once.
#[derive(Debug, Clone, Default, Serialize)]
pub struct NewKey {
    /// What it is for.
    pub name: String,
    /// The key.
    pub key: String,
}
