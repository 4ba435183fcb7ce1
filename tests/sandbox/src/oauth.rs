//! Authorization codes, grants and tokens, shared by every platform with a consent. What differs between them (lifetimes, whether
//! refresh tokens rotate) comes in as [`Rules`].

use std::collections::VecDeque;

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

/// Grants kept per platform; the oldest is forgotten first.
const MAX_GRANTS: usize = 1_000;
/// Codes kept per platform.
const MAX_CODES: usize = 1_000;
/// Access tokens and spent refresh tokens kept per grant.
const MAX_TOKENS: usize = 100;

/// How a platform handles tokens.
pub(crate) struct Rules {
    pub(crate) code_ms: i64,
    pub(crate) access_ms: i64,
    /// Life of a refresh token; `None` when the grant gets none.
    pub(crate) refresh_ms: Option<i64>,
    /// Each refresh gives a new refresh token and ends the pair before it.
    pub(crate) rotates: bool,
}

/// What the consent was given for.
#[derive(Clone)]
pub(crate) struct Consent {
    pub(crate) redirect_uri: String,
    pub(crate) scopes: Vec<String>,
    pub(crate) actor: &'static str,
    /// PKCE S256 challenge.
    pub(crate) challenge: Option<String>,
}

struct Code {
    text: String,
    consent: Consent,
    created_ms: i64,
    used: bool,
}

struct Token {
    text: String,
    expires_ms: i64,
    issued_ms: i64,
}

struct Grant {
    actor: &'static str,
    scopes: Vec<String>,
    /// Why it ended.
    revoked: Option<&'static str>,
    access: VecDeque<Token>,
    refresh: Option<Token>,
    spent: VecDeque<String>,
    refreshes: u64,
}

/// Tokens just issued.
pub(crate) struct Issued {
    pub(crate) access: String,
    pub(crate) expires_s: i64,
    /// The refresh token and its remaining seconds.
    pub(crate) refresh: Option<(String, i64)>,
    pub(crate) scopes: Vec<String>,
}

/// Why a token request was refused.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Refused {
    /// Unknown, used or expired code.
    Code,
    Redirect,
    Verifier,
    /// Unknown, expired or revoked refresh token.
    Refresh,
    /// A rotated refresh token came again: its whole family was revoked.
    Replay,
}

/// Why an access token was refused.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum BadToken {
    Missing,
    Unknown,
    Expired,
    Revoked,
}

/// Whom a valid access token stands for.
#[derive(Clone, Debug)]
pub(crate) struct Caller {
    pub(crate) actor: &'static str,
    pub(crate) scopes: Vec<String>,
}

impl Caller {
    /// Whether the token carries the scope.
    pub(crate) fn may(&self, scope: &str) -> bool {
        self.scopes.iter().any(|held| held == scope)
    }
}

/// All codes and grants of a platform.
pub(crate) struct Book {
    salt: String,
    /// In front of every code and token, so that a leak scan knows one when it meets it.
    mark: String,
    issued: u64,
    codes: VecDeque<Code>,
    grants: VecDeque<Grant>,
    families_revoked: u64,
}

impl Book {
    /// An empty book. Tokens are derived from the salt and a counter: not random, yet never the same in two runs.
    pub(crate) fn new(salt: &str) -> Self {
        Self {
            salt: salt.to_owned(),
            mark: String::new(),
            issued: 0,
            codes: VecDeque::new(),
            grants: VecDeque::new(),
            families_revoked: 0,
        }
    }

    /// Takes the place of another: with its grants, or else going on counting where it stopped, so that none of its tokens is
    /// issued again.
    pub(crate) fn follow(&mut self, other: &mut Self, keep_grants: bool) {
        if keep_grants {
            std::mem::swap(self, other);
        } else {
            self.issued = other.issued;
            self.salt.clone_from(&other.salt);
        }
    }

    /// Puts `mark` in front of the codes and tokens from now on.
    pub(crate) fn mark(&mut self, mark: &str) {
        mark.clone_into(&mut self.mark);
    }

    fn mint(&mut self, kind: &str) -> String {
        self.issued += 1;
        let text = URL_SAFE_NO_PAD.encode(digest(&SHA256, format!("{}/{}", self.salt, self.issued).as_bytes()));
        if self.mark.is_empty() { text } else { format!("{}-{kind}-{text}", self.mark) }
    }

    /// A single-use code for a consent.
    pub(crate) fn issue_code(&mut self, consent: Consent, now_ms: i64) -> String {
        let code = self.mint("code");
        self.codes.push_back(Code { text: code.clone(), consent, created_ms: now_ms, used: false });
        if self.codes.len() > MAX_CODES {
            self.codes.pop_front();
        }
        code
    }

    /// The scopes a live code was given for, which decide about a refresh token.
    pub(crate) fn scopes_of_code(&self, code: &str) -> Option<&[String]> {
        self.codes.iter().find(|held| held.text == code).map(|held| held.consent.scopes.as_slice())
    }

    /// Exchanges a code. It counts as used as soon as it is presented, whatever the rest of the request says.
    pub(crate) fn redeem(
        &mut self,
        code: &str,
        redirect_uri: &str,
        verifier: Option<&str>,
        rules: &Rules,
        now_ms: i64,
    ) -> Result<Issued, Refused> {
        let held = self.codes.iter_mut().find(|held| held.text == code).ok_or(Refused::Code)?;
        if held.used || now_ms - held.created_ms > rules.code_ms {
            return Err(Refused::Code);
        }
        held.used = true;
        if held.consent.redirect_uri != redirect_uri {
            return Err(Refused::Redirect);
        }
        if let Some(challenge) = &held.consent.challenge {
            let shown = URL_SAFE_NO_PAD.encode(digest(&SHA256, verifier.unwrap_or_default().as_bytes()));
            if &shown != challenge {
                return Err(Refused::Verifier);
            }
        }
        let (actor, scopes) = (held.consent.actor, held.consent.scopes.clone());
        Ok(self.grant(actor, scopes, rules, now_ms))
    }

    /// A new grant with its first tokens.
    pub(crate) fn grant(&mut self, actor: &'static str, scopes: Vec<String>, rules: &Rules, now_ms: i64) -> Issued {
        let access = Token { text: self.mint("access"), expires_ms: now_ms + rules.access_ms, issued_ms: now_ms };
        let refresh = rules.refresh_ms.map(|life| Token {
            text: self.mint("refresh"),
            expires_ms: now_ms + life,
            issued_ms: now_ms,
        });
        let mut grant = Grant {
            actor,
            scopes,
            revoked: None,
            access: VecDeque::new(),
            refresh,
            spent: VecDeque::new(),
            refreshes: 0,
        };
        let issued = grant.hand_out(access, rules, now_ms);
        self.grants.push_back(grant);
        if self.grants.len() > MAX_GRANTS {
            self.grants.pop_front();
        }
        issued
    }

    /// Whether a refresh token was rotated away, for a platform where presenting such a one ends nothing.
    pub(crate) fn is_spent(&self, token: &str) -> bool {
        self.grants.iter().any(|grant| grant.spent.iter().any(|spent| spent == token))
    }

    /// Exchanges a refresh token. Presenting one that was rotated away revokes its whole family.
    pub(crate) fn refresh(&mut self, token: &str, rules: &Rules, now_ms: i64) -> Result<Issued, Refused> {
        if let Some(family) = self.grants.iter_mut().find(|grant| grant.spent.iter().any(|spent| spent == token)) {
            if family.revoked.is_none() {
                family.revoked = Some("replayed refresh token");
                self.families_revoked += 1;
            }
            return Err(Refused::Replay);
        }
        let (access, next) = (self.mint("access"), self.mint("refresh"));
        let grant = self.grants.iter_mut().find(|grant| grant.holds_refresh(token)).ok_or(Refused::Refresh)?;
        let live = grant.revoked.is_none() && grant.refresh.as_ref().is_some_and(|held| held.expires_ms > now_ms);
        if !live {
            return Err(Refused::Refresh);
        }
        grant.refreshes += 1;
        if rules.rotates {
            grant.access.clear();
            grant.spent.push_back(token.to_owned());
            if grant.spent.len() > MAX_TOKENS {
                grant.spent.pop_front();
            }
            grant.refresh =
                rules.refresh_ms.map(|life| Token { text: next, expires_ms: now_ms + life, issued_ms: now_ms });
        }
        let token = Token { text: access, expires_ms: now_ms + rules.access_ms, issued_ms: now_ms };
        Ok(grant.hand_out(token, rules, now_ms))
    }

    /// Another access token of the same grant for one that is alive and so old. The one shown stays what it is.
    pub(crate) fn another(
        &mut self,
        token: &str,
        rules: &Rules,
        min_age_ms: i64,
        now_ms: i64,
    ) -> Result<Issued, Refused> {
        let access = self.mint("access");
        let old =
            |held: &Token| held.text == token && held.expires_ms > now_ms && now_ms - held.issued_ms >= min_age_ms;
        let grant = self.grants.iter_mut().find(|grant| grant.revoked.is_none() && grant.access.iter().any(old));
        let grant = grant.ok_or(Refused::Refresh)?;
        grant.refreshes += 1;
        let token = Token { text: access, expires_ms: now_ms + rules.access_ms, issued_ms: now_ms };
        Ok(grant.hand_out(token, rules, now_ms))
    }

    /// Ends the grant that an access or refresh token belongs to. Unknown tokens are no error (RFC 7009).
    pub(crate) fn revoke(&mut self, token: &str) {
        let found = self
            .grants
            .iter_mut()
            .find(|grant| grant.holds_refresh(token) || grant.access.iter().any(|held| held.text == token));
        if let Some(grant) = found {
            grant.revoked = Some("revoked by the client");
        }
    }

    /// The same, for a platform that refuses a token which is good for nothing any more: whether there was one to end.
    pub(crate) fn ends(&mut self, token: &str) -> bool {
        let held =
            |grant: &&mut Grant| grant.holds_refresh(token) || grant.access.iter().any(|held| held.text == token);
        let found = self.grants.iter_mut().find(held).filter(|grant| grant.revoked.is_none());
        found.map(|grant| grant.revoked = Some("revoked by the client")).is_some()
    }

    /// Ends every grant of an actor.
    pub(crate) fn revoke_actor(&mut self, actor: &str) {
        for grant in self.grants.iter_mut().filter(|grant| grant.actor == actor && grant.revoked.is_none()) {
            grant.revoked = Some("revoked by the client");
        }
    }

    /// Whom the token stands for.
    pub(crate) fn authenticate(&self, token: Option<&str>, now_ms: i64) -> Result<Caller, BadToken> {
        let token = token.ok_or(BadToken::Missing)?;
        for grant in &self.grants {
            if let Some(held) = grant.access.iter().find(|held| held.text == token) {
                return match (grant.revoked, held.expires_ms > now_ms) {
                    (Some(_), _) => Err(BadToken::Revoked),
                    (None, false) => Err(BadToken::Expired),
                    (None, true) => Ok(Caller { actor: grant.actor, scopes: grant.scopes.clone() }),
                };
            }
        }
        Err(BadToken::Unknown)
    }

    /// Every access token is expired from now on.
    pub(crate) fn expire_all(&mut self) {
        for token in self.grants.iter_mut().flat_map(|grant| &mut grant.access) {
            token.expires_ms = 0;
        }
    }

    /// Every grant is revoked from now on.
    pub(crate) fn revoke_all(&mut self) {
        for grant in self.grants.iter_mut().filter(|grant| grant.revoked.is_none()) {
            grant.revoked = Some("revoked by the control interface");
            self.families_revoked += 1;
        }
    }

    /// For `GET /control/state`; no token text.
    pub(crate) fn report(&self) -> Value {
        let grants: Vec<Value> = self
            .grants
            .iter()
            .map(|grant| {
                json!({"actor": grant.actor, "scopes": grant.scopes, "revoked": grant.revoked,
                       "refreshes": grant.refreshes})
            })
            .collect();
        json!({"grants": grants, "families_revoked": self.families_revoked})
    }
}

impl Grant {
    fn holds_refresh(&self, token: &str) -> bool {
        self.refresh.as_ref().is_some_and(|held| held.text == token)
    }

    fn hand_out(&mut self, access: Token, rules: &Rules, now_ms: i64) -> Issued {
        let issued = Issued {
            access: access.text.clone(),
            expires_s: rules.access_ms / 1_000,
            refresh: self.refresh.as_ref().map(|held| (held.text.clone(), (held.expires_ms - now_ms) / 1_000)),
            scopes: self.scopes.clone(),
        };
        self.access.push_back(access);
        if self.access.len() > MAX_TOKENS {
            self.access.pop_front();
        }
        issued
    }
}
