//! What surrounds a page, and who reads it.

use super::session::Session;
use super::trouble::{Trouble, html};
use super::{Answer, Console};
use crate::map::{Book, Reader};
use crate::pages::{self, Page};
use crate::view::{Flash, Shell};
use crate::words;
use domain::access::Permission;
use jiff::Timestamp;
use runtime::config::Stage;

/// Deliveries that are counted as waiting for a person; more is "many" all the same.
const COUNTED: u32 = 50;

/// The surroundings of one answer.
pub(super) struct Frame<'a> {
    console: &'a Console,
    session: &'a Session,
    /// What is around the page.
    pub(super) shell: Shell,
    /// The tenant's zone.
    pub(super) zone: String,
    /// When the page is made.
    pub(super) now: Timestamp,
}

impl Session {
    /// Loads what surrounds every page.
    pub(super) async fn frame<'a>(&'a self, console: &'a Console) -> Result<Frame<'a>, Trouble> {
        let (ledger, tenant) = (&console.deps.ledger, self.caller.tenant);
        let waiting = async {
            app::publishing::attention(&console.deps, &self.caller, None, COUNTED).await.map_err(Trouble::from)
        };
        let now = console.deps.clock.now();
        // The index alone: the page itself looks at the records.
        let approvals = async {
            if !self.caller.may(Permission::Approve) {
                return Ok::<u32, Trouble>(0);
            }
            let page = ledger.approvals(tenant, now, None, COUNTED).await.map_err(Trouble::from)?;
            Ok(u32::try_from(page.items.len()).unwrap_or(COUNTED))
        };
        let (tenant, member, waiting, approvals) = tokio::try_join!(
            async { ledger.tenant(tenant).await.map_err(Trouble::from) },
            async { ledger.member(tenant, self.caller.member).await.map_err(Trouble::from) },
            waiting,
            approvals,
        )?;
        let (name, zone) = tenant.map_or_else(|| (String::new(), "UTC".to_owned()), |t| (t.value.name, t.value.zone));
        let shell = Shell {
            tenant: name,
            member: member.map(|m| m.value.name).unwrap_or_default(),
            role: words::role(self.caller.role).into(),
            writes: self.caller.may(Permission::Publish),
            csrf: self.csrf.clone(),
            attention: u32::try_from(waiting.items.len()).unwrap_or(COUNTED),
            approvals,
            environment: environment(console.stage),
            flash: self.flash.clone(),
        };
        Ok(Frame { console, session: self, shell, zone, now })
    }
}

fn environment(stage: Stage) -> Option<String> {
    let name = match stage {
        Stage::Prod => return None,
        Stage::Staging => "Staging",
        Stage::Dev => "Development",
        Stage::Local => "Local",
    };
    Some(name.to_owned())
}

impl Frame<'_> {
    /// Who reads the page.
    pub(super) fn reader(&self) -> Reader<'_> {
        let entropy = self.console.deps.entropy.as_ref();
        Reader { caller: &self.session.caller, zone: &self.zone, now: self.now, entropy }
    }

    /// The accounts and platforms a page can name.
    pub(super) async fn book(&self) -> Result<Book, Trouble> {
        let accounts = self.console.deps.ledger.accounts(self.session.caller.tenant).await?;
        Ok(Book::new(accounts.into_iter().map(|a| a.value).collect(), self.console.deps.connect.all()))
    }

    /// Says something on top of the page.
    pub(super) fn saying(mut self, flash: Option<Flash>) -> Self {
        self.shell.flash = flash.or(self.shell.flash);
        self
    }

    /// The finished page.
    pub(super) fn page<P: Page>(&self, status: u16, view: &P) -> Answer {
        Ok(html(status, pages::render(Some(&self.shell), view)?))
    }
}
