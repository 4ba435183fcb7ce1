//! What a connector is given besides the delivery: the content as it was frozen, the account, our registration, the media.

use super::request::content_hash;
use crate::{Deps, Error, PlatformDeps};
use domain::accounts::Account;
use domain::publishing::{Delivery, Failure, Media, Post, Receipt, Variant};
use ports::{Connector, Levels, PlatformApp, PublishCall, Versioned};
use secrecy::SecretString;
use std::sync::Arc;

/// The load of one delivery, and its platform in the role that the use case has.
pub(super) struct Load<R: ?Sized> {
    pub(super) account: Versioned<Account>,
    pub(super) connector: Arc<R>,
    /// What the platform tells of its quotas.
    pub(super) levels: Levels,
    post: Post,
    /// What the delivery says, where that is not what the post says.
    says: Option<Variant>,
    app: PlatformApp,
    media: Vec<Media>,
}

/// Loads. The inner error is a reason why this delivery cannot be sent now; it is definite, nothing has left.
pub(super) async fn load<R: Connector + ?Sized>(
    deps: &PlatformDeps<R>,
    delivery: &Delivery,
) -> Result<Result<Load<R>, Failure>, Error> {
    let Some(account) = deps.ledger.account(delivery.tenant, delivery.account).await? else {
        return Ok(Err(Failure::Revoked { detail: "the account was disconnected".into() }));
    };
    if !account.value.is_active() {
        return Ok(Err(Failure::Revoked { detail: "the account must be connected again".into() }));
    }
    let Some(post) = deps.ledger.post(delivery.tenant, delivery.post).await? else {
        return Err(Error::Internal("a delivery without its post".into()));
    };
    let post = post.value;
    let variant = delivery.content(&post);
    if content_hash(variant) != delivery.content_hash {
        // An edit commits post and deliveries together: the post was read a moment too early or too late. Should it be said
        // of a post that nobody edits, a release has changed how content is written down ([`content_hash`]).
        tracing::warn!(post = %delivery.post, "the post does not say what its delivery was accepted with");
        return Err(Error::conflict("changed_meanwhile", "the post was edited at this moment"));
    }
    let missing = || Failure::Misconfigured { detail: "the platform is not configured in this stack".into() };
    let Some(connector) = deps.platforms.get(&delivery.platform) else { return Ok(Err(missing())) };
    let Some(app) = deps.app_of(&delivery.platform).await? else { return Ok(Err(missing())) };
    let mut media = Vec::new();
    for id in variant.stored() {
        match deps.ledger.media(delivery.tenant, id).await? {
            Some(found) => media.push(found.value),
            None => {
                return Ok(Err(Failure::Rejected {
                    code: "media_not_found".into(),
                    detail: "a picture, video or document of it was deleted".into(),
                }));
            }
        }
    }
    let says = delivery.says.as_deref().cloned();
    Ok(Ok(Load { account, connector, levels: Levels::default(), post, says, app, media }))
}

impl<R: ?Sized> Load<R> {
    /// What the delivery says.
    pub(super) fn variant(&self) -> &Variant {
        self.says.as_ref().unwrap_or_else(|| self.post.variant_for(&self.account.value.platform))
    }

    /// The call for the next part of `delivery`.
    pub(super) fn call<'a>(
        &'a self,
        deps: &'a Deps,
        delivery: &'a Delivery,
        token: &'a SecretString,
        before: &'a [Receipt],
    ) -> PublishCall<'a> {
        PublishCall {
            app: &self.app,
            account: &self.account.value,
            token,
            variant: self.variant(),
            part: before.len(),
            key: format!("{}.{}.{}", delivery.post, delivery.account, before.len()),
            made_at: self.post.created_at,
            before,
            elsewhere: &[],
            progress: delivery.progress.as_ref(),
            media: &self.media,
            bytes: deps.media.as_ref(),
            now: deps.clock.now(),
            until: deps.clock.now(),
            levels: Some(&self.levels),
        }
    }
}
