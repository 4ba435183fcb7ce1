//! `POST /api/publishing/preflight`: what would be said of a post.

use super::best_time::ReasonBody;
use app::publishing::{Forecast, Preflight, QuotaLeft};
use domain::platform::QuotaScope;
use domain::publishing::Violation;
use serde::Serialize;
use utoipa::ToSchema;
use wire::place::Places as _;
use wire::publish::{PublishBody, ViolationBody};

/// A step as one account gets it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct StepBody {
    /// The text exactly as the platform gets it.
    pub text: String,
    /// Its length by the platform's own rule.
    pub length: u32,
    /// The most it may have.
    pub limit: u32,
}

/// How a quota of a platform stands.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct QuotaBody {
    /// Its name.
    pub name: String,
    /// `account`: the account has it for itself. `app`: all accounts of this installation share it.
    pub scope: String,
    /// Requests in a window: one for each step of a post.
    pub limit: u32,
    /// Seconds of a window.
    pub window_s: u32,
    /// Requests that may be made now; of a shared quota, by this tenant.
    pub left: u32,
}

impl QuotaBody {
    fn of(QuotaLeft { quota, left }: QuotaLeft) -> Self {
        let scope = match quota.scope {
            QuotaScope::Account => "account",
            QuotaScope::App => "app",
        };
        Self { name: quota.name, scope: scope.into(), limit: quota.limit, window_s: quota.window_s, left }
    }
}

/// A post on one account, before it is accepted.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ForecastBody {
    /// The account.
    pub account_id: String,
    /// Its name.
    pub account_name: String,
    /// Its platform.
    pub platform: String,
    /// What is sent: each part, then a first comment.
    pub steps: Vec<StepBody>,
    /// What the platform charges for it, in millionths of a US dollar; none where it charges nothing, or the price is not known: a
    /// warning says so then.
    pub cost_usd_micros: Option<u64>,
    /// When the access to the account ends unless a person connects it again.
    pub access_ends_at: Option<String>,
    /// Until when the platform wants no more requests on the account.
    pub quiet_until: Option<String>,
    /// How the quotas of the platform stand that the post counts for.
    pub quotas: Vec<QuotaBody>,
    /// When it is expected to go out: when it is due, unless the platform takes no more by then. What else is planned until
    /// then is not counted.
    pub expected_at: Option<String>,
    /// What will go wrong, or may.
    pub warnings: Vec<String>,
}

/// What would be said of a post if it were accepted now.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PreflightBody {
    /// Whether it would be accepted.
    pub acceptable: bool,
    /// When it would be due.
    pub due_at: Option<String>,
    /// Why then, where the best time was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false)]
    pub best_time: Option<ReasonBody>,
    /// Every rule it breaks.
    pub violations: Vec<ViolationBody>,
    /// What would be done otherwise than asked.
    pub warnings: Vec<String>,
    /// Each account it would go to.
    pub targets: Vec<ForecastBody>,
}

impl PreflightBody {
    /// The answer to `body`, whose fields the violations name.
    pub fn of(found: Preflight, body: &PublishBody) -> Self {
        let violation =
            |v: Violation| ViolationBody { field: body.place(&v.code, &v.field), code: v.code, detail: v.detail };
        let step = |(text, length, limit)| StepBody { text, length, limit };
        let forecast = |f: Forecast| ForecastBody {
            account_id: f.account.to_string(),
            account_name: f.name,
            platform: f.platform.to_string(),
            steps: f.steps.into_iter().map(step).collect(),
            cost_usd_micros: f.cost_usd_micros,
            access_ends_at: f.access_ends_at.map(|at| at.to_string()),
            quiet_until: f.quiet_until.map(|at| at.to_string()),
            quotas: f.quotas.into_iter().map(QuotaBody::of).collect(),
            expected_at: f.expected_at.map(|at| at.to_string()),
            warnings: f.warnings,
        };
        Self {
            acceptable: found.violations.is_empty(),
            due_at: found.due_at.map(|at| at.to_string()),
            best_time: found.best.map(|best| ReasonBody::of(&best.reason)),
            violations: found.violations.into_iter().map(violation).collect(),
            warnings: found.warnings,
            targets: found.targets.into_iter().map(forecast).collect(),
        }
    }
}
