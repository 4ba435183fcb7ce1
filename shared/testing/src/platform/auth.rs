//! The platform's tokens: refresh tokens are single-use, and presenting a spent one takes everything back.

use super::{FakePlatform, Grant};
use async_trait::async_trait;
use domain::accounts::{AccountKind, Profile};
use domain::platform::{KeyForm, OAuth};
use domain::publishing::Failure;
use ports::{Auth, AuthFailure, AuthorizeRequest, Entries, KeyFailure, Keyed, Keys, PlatformApp, TokenPair};
use secrecy::{ExposeSecret, SecretString};

impl FakePlatform {
    /// A fresh pair for `author`.
    fn grants(&self, author: &str) -> TokenPair {
        let mut truth = self.truth();
        truth.next += 1;
        let n = truth.next;
        let life_s = self.rules.access_life_s;
        let grant = truth.grants.entry(author.to_owned()).or_default();
        let spent = std::mem::take(&mut grant.refresh);
        if self.rules.rotates && !spent.is_empty() {
            grant.spent.insert(spent);
        }
        grant.access = format!("access {author} {n}");
        grant.refresh = format!("refresh {author} {n}");
        let until = self.engine.now_ms() + i64::from(life_s) * 1000;
        grant.access_until_ms = if life_s == 0 { i64::MAX } else { until };
        let pair = TokenPair {
            refresh: Some(grant.refresh.clone().into()),
            expires_in_s: (life_s > 0).then_some(life_s),
            refresh_expires_in_s: (self.rules.refresh_life_s > 0).then_some(self.rules.refresh_life_s),
            scopes: vec!["post".into()],
            ..TokenPair::lasting(grant.access.clone().into())
        };
        let (access, until) = (grant.access.clone(), grant.access_until_ms);
        truth.ends.insert(access, until);
        pair
    }

    /// Whose access token this is, if it works.
    pub(super) fn author_of(&self, access: &SecretString) -> Result<String, Failure> {
        let now = self.engine.now_ms();
        let truth = self.truth();
        let found = truth.grants.iter().find(|(_, g)| g.access == access.expose_secret());
        match found {
            Some((_, g)) if g.revoked => Err(Failure::Unauthorized),
            Some((author, g)) if g.access_until_ms > now => Ok(author.clone()),
            _ => Err(Failure::Unauthorized),
        }
    }

    /// Answers a refresh, whichever way the account was connected.
    async fn renews(&self, refresh: &SecretString) -> Result<TokenPair, AuthFailure> {
        self.engine.point("token refresh", 20, 300, false).await;
        if self.strikes(self.weather.token_calls) {
            return Err(AuthFailure::Transient);
        }
        let author = self.presented(refresh.expose_secret())?;
        let here = UnderWay::enter(self, author.clone());
        let pair = self.grants(&author);
        self.engine.point("token refreshed", 20, 3_000, true).await;
        drop(here);
        if self.strikes(self.weather.token_answers) { Err(AuthFailure::Transient) } else { Ok(pair) }
    }

    fn presented(&self, refresh: &str) -> Result<String, AuthFailure> {
        let mut truth = self.truth();
        let known = |g: &Grant| g.refresh == refresh || g.spent.contains(refresh);
        let Some(author) = truth.grants.iter().find(|(_, g)| known(g)).map(|(a, _)| a.clone()) else {
            return Err(AuthFailure::Refused);
        };
        let grant = truth.grants.entry(author.clone()).or_default();
        if grant.revoked {
            return Err(AuthFailure::Refused);
        }
        if grant.refresh != refresh {
            grant.revoked = true;
            truth.family_kills += 1;
            self.engine.log("family taken back", |t| t.push_str(&author));
            return Err(AuthFailure::Refused);
        }
        Ok(author)
    }
}

/// Counts a refresh call as under way while it lives; a caller that dies ends it.
struct UnderWay<'a>(&'a FakePlatform, String);

impl<'a> UnderWay<'a> {
    fn enter(platform: &'a FakePlatform, author: String) -> Self {
        let mut truth = platform.truth();
        truth.refreshes += 1;
        let grant = truth.grants.entry(author.clone()).or_default();
        grant.refreshing += 1;
        let overlap = grant.refreshing > 1;
        truth.refresh_overlaps += u64::from(overlap);
        drop(truth);
        Self(platform, author)
    }
}

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        if let Some(grant) = self.0.truth().grants.get_mut(&self.1) {
            grant.refreshing = grant.refreshing.saturating_sub(1);
        }
    }
}

#[async_trait]
impl Keys for FakePlatform {
    fn form(&self) -> &KeyForm {
        &self.form
    }

    async fn check(&self, _app: &PlatformApp, entries: &Entries) -> Result<Keyed, KeyFailure> {
        self.engine.point("check", 50, 500, false).await;
        let entry = |name: &str| entries.get(name).map(|entry| entry.expose_secret().to_owned()).unwrap_or_default();
        if entry("token") != "good" {
            return Err(KeyFailure::Refused { field: "token", detail: "the robot does not know this token".into() });
        }
        let (external_id, name) = (entry("author"), entry("author"));
        let pair = self.grants(&external_id);
        let profile = Profile { external_id, name, handle: None, kind: AccountKind::Person, home: None };
        // Where access has no end there is nothing to renew.
        Ok(if self.rules.access_life_s == 0 { Keyed::lasting(pair.access, profile) } else { Keyed { pair, profile } })
    }

    async fn refresh(
        &self,
        _app: &PlatformApp,
        _whose: &Profile,
        refresh: &SecretString,
    ) -> Result<TokenPair, AuthFailure> {
        self.renews(refresh).await
    }
}

#[async_trait]
impl Auth for FakePlatform {
    fn oauth(&self) -> &OAuth {
        &self.oauth
    }

    fn authorize_url(&self, _app: &PlatformApp, request: &AuthorizeRequest) -> String {
        format!("https://platform.test/authorize?state={}", request.state)
    }

    /// The code is the author's name, and after each `+` that of a page the author may speak for.
    async fn exchange(
        &self,
        _app: &PlatformApp,
        code: &str,
        _verifier: Option<&SecretString>,
        _redirect_uri: &str,
    ) -> Result<TokenPair, AuthFailure> {
        self.engine.point("token exchange", 50, 500, false).await;
        if self.strikes(self.weather.token_calls) {
            return Err(AuthFailure::Transient);
        }
        if let Some(grant) = self.truth().grants.get_mut(code) {
            grant.revoked = false;
        }
        Ok(self.grants(code))
    }

    async fn refresh(&self, _app: &PlatformApp, refresh: &SecretString) -> Result<TokenPair, AuthFailure> {
        self.renews(refresh).await
    }

    async fn revoke(&self, _app: &PlatformApp, pair: &TokenPair) -> Result<(), AuthFailure> {
        self.engine.point("token revoke", 20, 300, false).await;
        let access = pair.access.expose_secret();
        for grant in self.truth().grants.values_mut().filter(|g| g.access == access) {
            grant.revoked = true;
        }
        Ok(())
    }

    async fn profiles(&self, _app: &PlatformApp, access: &SecretString) -> Result<Vec<Profile>, Failure> {
        self.engine.point("profiles", 50, 500, false).await;
        let external_id = self.author_of(access)?;
        let profile = |(i, name): (usize, &str)| Profile {
            external_id: name.to_owned(),
            name: name.to_owned(),
            handle: None,
            kind: if i == 0 { AccountKind::Person } else { AccountKind::Organisation },
            home: None,
        };
        Ok(external_id.split('+').enumerate().map(profile).collect())
    }
}
