//! Posts and deliveries as the API shows them.

use super::approval::ApprovalBody;
use super::best_time::ReasonBody;
use super::deliveries::{DeliveryBody, warning};
use app::Error;
use app::accounts::Ends;
use app::publishing::{Accepted, Decision, Edit, PostView, TargetSpec, When};
use domain::AccountId;
use domain::publishing::{Approval, Delivery, Post, PostStatus, Question};
use domain::time::OnGap;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;
use wire::content::{ContentBody, variants};
use wire::export::status_name;
use wire::publish::when_of;

/// A post.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PostBody {
    /// Id.
    pub pack_id: String,
    /// draft, scheduled, publishing, attention, published, partial, failed or canceled.
    pub status: String,
    /// The content.
    pub content: ContentBody,
    /// Content of single platforms.
    pub variants: BTreeMap<String, ContentBody>,
    /// When it is due; none for a draft.
    pub scheduled_at: Option<String>,
    /// The IANA zone its author meant.
    pub timezone: Option<String>,
    /// The local time its author meant.
    pub local_time: Option<String>,
    /// The release of the tz database that resolved it.
    pub tzdb: Option<String>,
    /// Why it is due then, where the best time was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false)]
    pub best_time: Option<ReasonBody>,
    /// The series that it is a run of.
    pub series_id: Option<String>,
    /// What of the inbox it answers, if it does.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false)]
    pub interaction_id: Option<String>,
    /// When it was accepted.
    pub created_at: String,
    /// Its deliveries.
    pub deliveries: Vec<DeliveryBody>,
    /// Its approval, where it needed one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub approval: Option<ApprovalBody>,
    /// Things done differently than asked.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
}

impl PostBody {
    fn new(post: &Post, deliveries: &[Delivery], status: PostStatus, approval: Option<&Approval>) -> Self {
        let (wall, tzdb) = post.schedule.local().unzip();
        Self {
            pack_id: post.id.to_string(),
            status: status_name(status),
            content: ContentBody::of(&post.content),
            variants: post.variants.iter().map(|(k, v)| (k.to_string(), ContentBody::of(v))).collect(),
            scheduled_at: post.schedule.due_at().map(|t| t.to_string()),
            timezone: wall.map(|w| w.zone.clone()),
            local_time: wall.map(|w| w.local.to_string()),
            tzdb: tzdb.flatten().map(str::to_owned),
            best_time: post.schedule.best_time().map(|best| ReasonBody::of(&best.reason)),
            series_id: post.series.map(|series| series.to_string()),
            interaction_id: post.interaction.map(|interaction| interaction.to_string()),
            created_at: post.created_at.to_string(),
            deliveries: deliveries.iter().map(DeliveryBody::of).collect(),
            approval: approval.map(ApprovalBody::of),
            warnings: Vec::new(),
        }
    }

    /// The body of an accepted post.
    pub fn accepted(a: &Accepted) -> Self {
        let status = PostStatus::of(a.deliveries.iter().map(|d| &d.state));
        let body = Self::new(&a.post, &a.deliveries, status, a.approval.as_ref());
        Self { warnings: a.warnings.clone(), ..body }
    }

    /// The body of a post with its deliveries. `ends` says when the access of the accounts ends.
    pub fn of(view: &PostView, ends: &Ends) -> Self {
        let mut body = Self::new(&view.post, &view.deliveries, view.status, view.approval.as_ref());
        for (body, delivery) in body.deliveries.iter_mut().zip(&view.deliveries) {
            body.warning = warning(delivery, ends);
            if let Some(amendment) = &mut body.amendment {
                amendment.says = delivery.says.as_deref().map(ContentBody::of);
            }
        }
        body
    }
}

/// An edit; what is left out stays.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EditBody {
    /// New content.
    #[serde(default)]
    pub content: Option<ContentBody>,
    /// New content of single platforms; replaces all of them.
    #[serde(default)]
    pub variants: Option<BTreeMap<String, ContentBody>>,
    /// New accounts; drafts only.
    #[serde(default)]
    #[schema(value_type = Option<Vec<String>>)]
    pub accounts: Option<Vec<AccountId>>,
    /// A new time.
    #[serde(default)]
    pub scheduled_at: Option<String>,
    /// IANA zone of a local `scheduled_at`.
    #[serde(default)]
    pub timezone: Option<String>,
    /// `publish_now: true` sends a draft or a scheduled post at once.
    #[serde(default)]
    pub publish_now: bool,
}

impl EditBody {
    /// The edit this body means.
    pub fn edit(&self) -> Result<Edit, Error> {
        let when = match (&self.scheduled_at, self.publish_now) {
            (Some(_), true) => {
                return Err(Error::invalid("time_ambiguous", "/publish_now", "give a time or publish now, not both"));
            }
            (Some(text), false) => Some(when_of(text, self.timezone.as_deref(), OnGap::Reject, "/scheduled_at")?),
            (None, true) => Some(When::Now),
            (None, false) => None,
        };
        Ok(Edit {
            content: self.content.as_ref().map(|content| content.variant("/content")).transpose()?,
            variants: self.variants.as_ref().map(variants).transpose()?,
            targets: self.accounts.as_ref().map(|a| a.iter().map(|id| TargetSpec::Account(*id)).collect()),
            when,
        })
    }
}

/// `POST /api/publishing/retry/{pack_id}`.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RetryBody {
    /// Only this account.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub account_id: Option<AccountId>,
    /// The `question` of each delivery with an unknown outcome of which you say: I looked, it is not on the platform.
    #[serde(default)]
    #[schema(value_type = Vec<String>, max_items = 50)]
    pub confirm_not_live: Vec<Question>,
}

/// A person's answer to an unknown outcome.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DecisionBody {
    /// It is on the platform.
    ItIsLive,
    /// It is not there: send it again.
    SendAgain,
}

/// `POST …/deliveries/{account_id}/resolve`.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ResolveBody {
    /// The delivery's `question`, as it was when you looked.
    #[schema(value_type = String)]
    pub question: Question,
    /// What you saw.
    pub decision: DecisionBody,
    /// With `it_is_live`: the platform's id of the post you saw, or its address. A thread goes on below it; without, its
    /// later parts have nothing to answer and it ends as `partial`.
    #[serde(default)]
    #[schema(max_length = 500)]
    pub platform_post_id: Option<String>,
}

impl ResolveBody {
    /// Where the body names the post.
    pub const POST: &'static str = "/platform_post_id";

    /// The decision this body means.
    pub fn decision(&self) -> Result<Decision, Error> {
        match (self.decision, &self.platform_post_id) {
            (DecisionBody::ItIsLive, post) => Ok(Decision::ItIsLive(post.clone())),
            (DecisionBody::SendAgain, None) => Ok(Decision::SendAgain),
            (DecisionBody::SendAgain, Some(_)) => {
                let detail = "a post that you saw is not sent again: say it_is_live, or leave it out";
                Err(Error::invalid("decision_ambiguous", Self::POST, detail))
            }
        }
    }
}
