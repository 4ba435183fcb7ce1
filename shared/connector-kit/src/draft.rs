//! Mail that lies on its platform as a draft until one request sends it: whether it may still be touched.

use domain::publishing::Failure;

/// How such a draft is told of.
#[derive(Debug, Clone, Copy)]
pub struct Draft {
    /// The platform's name.
    pub platform: &'static str,
    /// What the platform calls it.
    pub thing: &'static str,
}

impl Draft {
    /// Refuses to touch one that is on its way, or that people there have taken into their hands. `status` is in the platform's
    /// word.
    ///
    /// # Errors
    /// [`Failure::Duplicate`] where it is sent: an earlier request was taken after all, or somebody sent it there. It is read by
    /// its id, and never made again.
    pub fn may_be_touched(self, status: &str, is_draft: bool, is_sent: bool) -> Result<(), Failure> {
        let Self { platform, thing } = self;
        if is_draft {
            return Ok(());
        }
        if is_sent {
            return Err(Failure::Duplicate { existing: None });
        }
        Err(Failure::Rejected {
            code: "campaign_not_draft".into(),
            detail: format!("in {platform} this {thing} is in the state {status:?} already: look there"),
        })
    }

    /// Somebody changed `what` of it, and it did not let itself be changed back.
    pub fn changed(self, what: &str) -> Failure {
        let Self { platform, thing } = self;
        let detail = format!(
            "in {platform} somebody changed {what}, and it could not be changed back: undo it there, or delete the {thing}"
        );
        Failure::Rejected { code: "campaign_changed".into(), detail }
    }
}
