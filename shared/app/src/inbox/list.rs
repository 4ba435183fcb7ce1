//! What stands in the inbox.

use crate::mutate::require;
use crate::{Deps, Error};
use domain::access::{Caller, Permission};
use domain::inbox::{InboxState, Interaction, InteractionKind};
use domain::{AccountId, MemberId, PlatformId};
use ports::Page;

/// Most interactions of a page.
const MAX_PAGE: u32 = 100;
/// Most pages that are read for one answer where a filter leaves little of each.
const MAX_READS: u32 = 5;

/// Which interactions to list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InboxFilter {
    /// Those that stand so.
    pub state: InboxState,
    /// Only those of this platform, by its slug or an alias.
    pub platform: Option<PlatformId>,
    /// Only those that concern this account.
    pub account: Option<AccountId>,
    /// Only those of this kind.
    pub kind: Option<InteractionKind>,
    /// Only those that this member sees to.
    pub assignee: Option<MemberId>,
    /// Only those that nobody sees to.
    pub unassigned: bool,
}

impl InboxFilter {
    /// All that stand so.
    pub fn of(state: InboxState) -> Self {
        Self { state, platform: None, account: None, kind: None, assignee: None, unassigned: false }
    }

    fn lets(&self, one: &Interaction) -> bool {
        self.platform.as_ref().is_none_or(|platform| one.platform == *platform)
            && self.account.is_none_or(|account| one.account == Some(account))
            && self.kind.is_none_or(|kind| one.kind == kind)
            && self.assignee.is_none_or(|member| one.assignee == Some(member))
            && !(self.unassigned && one.assignee.is_some())
    }
}

/// What stands in the inbox, the newest first. A page may hold less than asked, and even nothing, before the last.
pub async fn interactions(
    deps: &Deps,
    caller: &Caller,
    filter: &InboxFilter,
    cursor: Option<&str>,
    limit: u32,
) -> Result<Page<Interaction>, Error> {
    require(caller, Permission::Read)?;
    let named = |platform: &PlatformId| deps.connectors.named(platform.as_str()).map(|it| it.descriptor().id.clone());
    let platform = filter.platform.as_ref().map(|platform| named(platform).unwrap_or_else(|| platform.clone()));
    let filter = InboxFilter { platform, ..filter.clone() };
    let limit = limit.clamp(1, MAX_PAGE);
    let mut found = Page { items: Vec::new(), next: cursor.map(str::to_owned) };
    for _ in 0..MAX_READS {
        let left = limit - u32::try_from(found.items.len()).unwrap_or(limit).min(limit);
        let page = deps.ledger.inbox(caller.tenant, filter.state, found.next.as_deref(), left).await?;
        found.items.extend(page.items.into_iter().filter(|one| filter.lets(one)));
        found.next = page.next;
        if found.next.is_none() || found.items.len() >= usize::try_from(limit).unwrap_or(usize::MAX) {
            break;
        }
    }
    Ok(found)
}
