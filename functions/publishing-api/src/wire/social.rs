//! `POST /api/social/posts/schedule` and `GET /api/social/posts`: the social integration document's form, in camel case,
//! with its own envelope.

use app::Error;
use app::publishing::{Accepted, PostView, PublishCommand, TargetSpec};
use domain::MediaId;
use domain::publishing::{MediaRef, Part, Post, Variant};
use domain::time::OnGap;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;
use wire::export::status_name;
use wire::publish::when_of;

/// A post to schedule.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct ScheduleBody {
    /// The text, at most 3000 characters.
    #[schema(max_length = 3000)]
    pub content: String,
    /// Platforms by name; exactly one account of each must be connected.
    pub platforms: Vec<String>,
    /// An instant (RFC 3339).
    #[schema(format = DateTime, example = "2027-01-15T09:00:00Z")]
    pub scheduled_at: String,
    /// Media: ids of registered media, or public addresses.
    #[serde(default)]
    pub media: Vec<String>,
}

/// Longest text of this form, in characters (its document's own schema).
const MAX_CHARS: usize = 3000;

impl ScheduleBody {
    /// The command this body means; `media` are those that it names, registered.
    pub fn command(&self, media: &[MediaId]) -> Result<PublishCommand, Error> {
        if self.content.chars().count() > MAX_CHARS {
            return Err(Error::invalid("content_too_long", "/content", format!("at most {MAX_CHARS} characters")));
        }
        let pictures = media.iter().map(|id| MediaRef::new(*id)).collect();
        Ok(PublishCommand {
            content: Variant {
                parts: vec![Part { text: self.content.clone(), media: pictures }],
                ..Variant::default()
            },
            variants: BTreeMap::new(),
            targets: self.platforms.iter().map(|p| TargetSpec::Platform(p.clone())).collect(),
            when: when_of(&self.scheduled_at, None, OnGap::Reject, "/scheduledAt")?,
            max_lateness_s: None,
        })
    }
}

/// A post as this document's dashboard reads it.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SocialPost {
    /// Id.
    pub id: String,
    /// The text.
    pub content: String,
    /// Platforms.
    pub platforms: Vec<String>,
    /// When it is due.
    pub scheduled_at: Option<String>,
    /// draft, scheduled, publishing, attention, published, partial, failed or canceled.
    pub status: String,
    /// Figures of engagement; none are collected yet.
    pub engagement_metrics: Option<BTreeMap<String, u64>>,
}

impl SocialPost {
    fn new(post: &Post, status: String) -> Self {
        let texts: Vec<&str> = post.content.parts.iter().map(|p| p.text.as_str()).collect();
        Self {
            id: post.id.to_string(),
            content: texts.join("\n\n"),
            platforms: post.targets.iter().map(|t| t.platform.to_string()).collect(),
            scheduled_at: post.schedule.due_at().map(|t| t.to_string()),
            status,
            engagement_metrics: None,
        }
    }

    /// The body of a post.
    pub fn of(view: &PostView) -> Self {
        Self::new(&view.post, status_name(view.status))
    }
}

/// The answer to a scheduled post.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Scheduled {
    /// True.
    pub success: bool,
    /// One id per delivery.
    pub job_ids: Vec<String>,
    /// The post.
    pub scheduled_posts: Vec<SocialPost>,
    /// What is not as asked, in words: what a platform has no place for, whom it may not reach.
    pub warnings: Vec<String>,
}

impl Scheduled {
    /// The answer for an accepted post.
    pub fn of(accepted: &Accepted) -> Self {
        Self {
            success: true,
            job_ids: accepted.deliveries.iter().map(|d| d.id.to_string()).collect(),
            scheduled_posts: vec![SocialPost::new(&accepted.post, "scheduled".into())],
            warnings: accepted.warnings.clone(),
        }
    }
}

/// A page of posts.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SocialPosts {
    /// True.
    pub success: bool,
    /// The posts.
    pub data: Vec<SocialPost>,
    /// Where the next page starts.
    pub next_cursor: Option<String>,
}
