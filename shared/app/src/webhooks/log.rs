//! The delivery log of an endpoint.

use crate::mutate::require;
use crate::{Deps, Error};
use domain::EndpointId;
use domain::access::{Caller, Permission};
use domain::webhooks::WebhookMessage;
use ports::Page;

/// Most messages of a page.
const MAX_PAGE: u32 = 100;

/// The messages of an endpoint with their attempts, newest first; of a deleted one as long as they are kept, since what it
/// was not told is to be seen.
pub async fn messages(
    deps: &Deps,
    caller: &Caller,
    endpoint: EndpointId,
    cursor: Option<&str>,
    limit: u32,
) -> Result<Page<WebhookMessage>, Error> {
    require(caller, Permission::Read)?;
    let page = deps.ledger.messages(caller.tenant, endpoint, cursor, limit.clamp(1, MAX_PAGE)).await?;
    if page.items.is_empty() {
        deps.ledger.endpoint(caller.tenant, endpoint).await?.ok_or(Error::NotFound("endpoint"))?;
    }
    Ok(page)
}
