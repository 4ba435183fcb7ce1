//! Accounts whose platform calls nobody are asked what was said: by the reconciler, each in its rhythm. An answer is kept as a call is,
//! in one commit with how far the account is heard by it, and read later as calls are: so nothing is lost between the two, and nothing
//! is told twice.

use super::packed::{Packed, pack};
use crate::accounts::{TokenTrouble, fresh_token};
use crate::publishing::CALL_AND_RECORD_S;
use crate::shares::{SHARE_S, Walk, Within};
use crate::{Error, PlatformDeps, sha256_hex};
use domain::accounts::Account;
use domain::inbound::{Asking, Heard, Receipt};
use domain::platform::AskRule;
use domain::publishing::{Failure, Wake};
use domain::{AccountId, ReceiptId, SourceId};
use jiff::{SignedDuration, Timestamp};
use ports::{DueRef, DueSubject, Find, HeardPage, ListenCall, PlatformApp, Record, StoreError, Versioned, Write};
use secrecy::SecretString;
use std::sync::Arc;

/// Requests of one visit: what there is beyond them is heard by the next run, after other accounts.
const PAGES: usize = 5;
/// Longest name of something heard that is kept as it is, in bytes.
const MAX_NAME: usize = 512;
/// What stands with a source whose account must be connected again.
const RECONNECT: &str = "needs_reconnect";

/// What a run came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Listened {
    /// Accounts whose time had come.
    pub looked_at: u64,
    /// Things heard from them that were not heard before.
    pub heard: u64,
}

/// Asks what was said to every account whose time for it has come, until `deadline`.
///
/// # Errors
/// That of the index, where a shard of it cannot be read; the others are asked all the same.
pub async fn listen(deps: &PlatformDeps<dyn Find>, deadline: Timestamp, cid: &str) -> Result<Listened, Error> {
    let mut run = Listened::default();
    let mut walk = Walk::through(deps, Within::Ahead, |subject| matches!(subject, DueSubject::Asking(_)));
    while let Some(due) = walk.next().await {
        let DueSubject::Asking(account) = due.subject else { continue };
        if !has_time(deps, deadline) {
            return Ok(run);
        }
        run.looked_at += 1;
        match one(deps, &due, account, deadline, cid).await {
            Ok(heard) => run.heard += heard,
            // Its lease ends, and another run asks: nothing was kept, and nothing counts as heard.
            Err(error) => tracing::warn!(%account, %error, "what was said could not be asked; a later run tries"),
        }
    }
    walk.end()?;
    Ok(run)
}

fn has_time(deps: &PlatformDeps<dyn Find>, deadline: Timestamp) -> bool {
    deps.clock.now() + SignedDuration::from_secs(CALL_AND_RECORD_S) <= deadline
}

/// A worker at an account that it has taken.
struct Visit<'a> {
    deps: &'a PlatformDeps<dyn Find>,
    /// As it stands, since this worker took it.
    held: Versioned<Asking>,
    source: SourceId,
    deadline: Timestamp,
    cid: &'a str,
}

/// What a token is good for.
struct Voice {
    connector: Arc<dyn Find>,
    app: PlatformApp,
    token: SecretString,
    account: Versioned<Account>,
    rule: AskRule,
}

/// One visit; how much was heard that was not heard before.
async fn one(
    deps: &PlatformDeps<dyn Find>,
    due: &DueRef,
    account: AccountId,
    deadline: Timestamp,
    cid: &str,
) -> Result<u64, Error> {
    let now = deps.clock.now();
    let Some(known) = deps.ledger.asking(due.tenant, account).await? else { return Ok(0) };
    let Some(source) = known.value.due(now) else { return Ok(0) };
    // Taken durably before anybody is asked: of two workers one asks.
    let taken = known.value.taken(now);
    let mut visit = Visit { deps, held: known, source, deadline, cid };
    if !visit.kept(taken, Vec::new()).await? {
        return Ok(0);
    }
    let Some(account) = deps.ledger.account(due.tenant, account).await?.filter(|found| !found.value.is_disconnected())
    else {
        return visit.waits("disconnected").await;
    };
    if !account.value.is_active() {
        return visit.waits(RECONNECT).await;
    }
    match visit.voice(account, None).await? {
        Ok(voice) => visit.hear(voice).await,
        Err(trouble) => visit.troubled(trouble).await,
    }
}

impl Visit<'_> {
    fn now(&self) -> Timestamp {
        self.deps.clock.now()
    }

    /// Keeps the account as `next`, and these receipts with it; false where it is not this worker's any more, or its source is gone:
    /// then nothing is kept.
    async fn kept(&mut self, next: Asking, receipts: Vec<Receipt>) -> Result<bool, Error> {
        let mut writes = vec![Write::replace(&self.held, Record::Asking(Box::new(next.clone())))];
        writes.extend(receipts.into_iter().map(|receipt| Write::create(Record::Receipt(receipt))));
        match self.deps.ledger.commit(writes).await {
            Ok(_) => {
                self.held = Versioned { value: next, rev: self.held.rev + 1, unsent: Vec::new() };
                Ok(true)
            }
            Err(StoreError::Conflict { .. }) => Ok(false),
            Err(other) => Err(other.into()),
        }
    }

    /// Nobody is asked before a person did something.
    async fn waits(mut self, code: &str) -> Result<u64, Error> {
        let next = self.held.value.waiting(code, self.now());
        self.kept(next, Vec::new()).await?;
        Ok(0)
    }

    async fn failed(mut self, failure: &Failure) -> Result<u64, Error> {
        // Not its words, which a server of anybody's chose.
        tracing::info!(account = %self.held.value.account, code = failure.code(), "what was said could not be asked");
        let until = if let Failure::RateLimited { until } = failure { *until } else { None };
        let next = self.held.value.failed(failure.code(), until, self.now());
        self.kept(next, Vec::new()).await?;
        Ok(0)
    }

    async fn troubled(mut self, trouble: TokenTrouble) -> Result<u64, Error> {
        match trouble {
            TokenTrouble::Dead => self.waits(RECONNECT).await,
            TokenTrouble::Later(_) => self.failed(&Failure::Unavailable).await,
            // It is being renewed, and nobody failed.
            TokenTrouble::Busy => {
                let next = self.held.value.left(self.now());
                self.kept(next, Vec::new()).await?;
                Ok(0)
            }
        }
    }

    /// What it takes to ask.
    async fn voice(
        &self,
        account: Versioned<Account>,
        refused: Option<u32>,
    ) -> Result<Result<Voice, TokenTrouble>, Error> {
        let (deps, platform) = (self.deps, &self.held.value.platform);
        let connector = deps.platforms.get(platform);
        let rule = connector.as_ref().and_then(|known| known.descriptor().limits.asked);
        let (Some(connector), Some(rule), Some(app)) = (connector, rule, deps.app_of(platform).await?) else {
            return Ok(Err(TokenTrouble::Later("the platform is not configured in this stack".into())));
        };
        let token = fresh_token(deps, &deps.tokens, &account, refused, self.deadline, self.cid).await;
        Ok(token.map(|(token, account)| Voice { connector, app, token, account, rule }))
    }

    async fn ask(&self, voice: &Voice) -> Result<HeardPage, Failure> {
        let (asking, now) = (&self.held.value, self.now());
        let call = ListenCall {
            app: &voice.app,
            account: &voice.account.value,
            token: &voice.token,
            since: asking.since,
            cursor: asking.cursor.as_deref(),
            now,
        };
        let told = voice.connector.listen(&call).await;
        self.deps.platform_called(&asking.platform, "listen", now);
        told
    }

    async fn hear(mut self, mut voice: Voice) -> Result<u64, Error> {
        // A list that refuses every token has none renewed at each asking.
        let (mut heard, mut renewed) = (0, self.held.value.failures > 0);
        let (begun, mut in_its_rhythm) = (self.now(), voice.rule.scarce);
        for _ in 0..PAGES {
            if self.now().duration_since(begun).as_secs() >= SHARE_S {
                in_its_rhythm = true;
                break;
            }
            if !has_time(self.deps, self.deadline) {
                break;
            }
            match self.ask(&voice).await {
                Ok(page) => {
                    let more = page.more;
                    match self.keep(&voice.account.value, page).await? {
                        Some(new) => heard += new,
                        None => return Ok(heard),
                    }
                    if !more {
                        return Ok(heard);
                    }
                }
                // A token that was refused is renewed once. Where a list refuses a fresh one, too, publishing may go on: the next post
                // finds out.
                Err(Failure::Unauthorized) if !renewed => {
                    renewed = true;
                    let version = voice.account.value.token.version;
                    voice = match self.voice(voice.account, Some(version)).await? {
                        Ok(fresh) => fresh,
                        Err(trouble) => return self.troubled(trouble).await.map(|_| heard),
                    };
                }
                Err(failure) => return self.failed(&failure).await.map(|_| heard),
            }
        }
        let (held, now) = (&self.held.value, self.now());
        let next = if in_its_rhythm { held.left_for_later(now) } else { held.left(now) };
        self.kept(next, Vec::new()).await?;
        Ok(heard)
    }

    /// Keeps what is new of a page and how far it goes, both or neither; none where the account is not this worker's any more.
    async fn keep(&mut self, account: &Account, page: HeardPage) -> Result<Option<u64>, Error> {
        let asking = &self.held.value;
        let is_new =
            |heard: &Heard| heard.at.is_none_or(|at| at >= asking.since) && !asking.known.contains(&hash(&heard.id));
        let new: Vec<Heard> = page.heard.into_iter().filter(is_new).map(|heard| ours(heard, account)).collect();
        let next = asking.heard(page.cursor, new.iter().map(|heard| hash(&heard.id)), page.more, self.now());
        let count = new.len() as u64;
        let mut receipts = Vec::new();
        self.receipts(new, &mut receipts)?;
        Ok(self.kept(next, receipts).await?.then_some(count))
    }

    /// As many receipts as these need.
    fn receipts(&self, mut heard: Vec<Heard>, into: &mut Vec<Receipt>) -> Result<(), Error> {
        if heard.is_empty() {
            return Ok(());
        }
        let body = serde_json::to_vec(&heard).map_err(|_| Error::Internal("what was heard has no JSON form".into()))?;
        let (deps, now, asking) = (self.deps, self.now(), &self.held.value);
        let Some(Packed { body, base64, deflated }) = pack(&body) else {
            let rest = heard.split_off(heard.len() / 2);
            if heard.is_empty() {
                return Err(Error::Internal("one thing heard is larger than what is kept".into()));
            }
            self.receipts(heard, into)?;
            return self.receipts(rest, into);
        };
        into.push(Receipt {
            id: ReceiptId::from_uuid(deps.uuid()),
            tenant: asking.tenant,
            source: self.source,
            platform: asking.platform.clone(),
            asked: Some(asking.account),
            content_type: String::new(),
            body,
            base64,
            deflated,
            received_at: now,
            done: 0,
            // The tick has it read.
            wake: Some(Wake { at: now, set_at: now, sent: false }),
            read: None,
        });
        Ok(())
    }
}

/// What is kept of a name.
fn hash(id: &str) -> String {
    sha256_hex(id.as_bytes())[..16].to_owned()
}

/// What was heard of this account, cut to what is kept.
fn ours(heard: Heard, account: &Account) -> Heard {
    let id = if heard.id.len() > MAX_NAME { sha256_hex(heard.id.as_bytes()) } else { heard.id };
    Heard { id, at: heard.at, to: Some(account.profile.external_id.clone()), what: heard.what.cut() }
}
