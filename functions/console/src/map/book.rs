//! The accounts and platforms a page names, looked up by id.

use crate::view::{AccountRef, Platform};
use app::accounts::{Ends, ends_of};
use app::publishing::PostView;
use domain::accounts::Account;
use domain::platform::Descriptor;
use domain::publishing::Delivery;
use domain::{AccountId, PlatformId};
use jiff::Timestamp;
use std::sync::Arc;

/// The accounts of a tenant (also the disconnected ones: old posts went to them) and the platforms of this build.
pub struct Book {
    /// Every account.
    pub accounts: Vec<Account>,
    /// Every platform.
    pub platforms: Vec<Descriptor>,
    /// When the access of an account ends, where it does.
    ends: Ends,
    /// Those whose accounts live on what their owner entered, or on the session that it gave.
    by_key: Vec<PlatformId>,
    /// Those whose accounts may live on that.
    takes_keys: Vec<PlatformId>,
    /// Those that can be asked to take an access back which a consent gave.
    taking_back: Vec<PlatformId>,
}

impl Book {
    /// A book over these accounts and the platforms of these connectors.
    pub fn new(accounts: Vec<Account>, connectors: &[Arc<dyn ports::Connect>]) -> Self {
        let those = |are: fn(&dyn ports::Connect) -> bool| -> Vec<PlatformId> {
            connectors.iter().filter(|c| are(c.as_ref())).map(|c| c.descriptor().id.clone()).collect()
        };
        Self {
            ends: ends_of(&accounts),
            accounts,
            platforms: connectors.iter().map(|c| c.descriptor().clone()).collect(),
            by_key: those(|c| c.auth().is_none()),
            takes_keys: those(|c| c.keys().is_some()),
            taking_back: those(|c| c.auth().is_some_and(|auth| auth.oauth().revoke.is_some())),
        }
    }

    /// When the access of an account ends, where it does.
    pub fn access_ends_at(&self, account: AccountId) -> Option<Timestamp> {
        self.ends.get(&account).copied()
    }

    /// The first delivery of a post that waits for a time after the end of its account's access.
    pub fn at_risk<'v>(&self, view: &'v PostView) -> Option<&'v Delivery> {
        view.deliveries.iter().find(|d| self.access_ends_at(d.account).is_some_and(|end| d.outlives(end)))
    }

    /// Whether this platform can be asked to take back what one consent gave, alone.
    pub fn takes_back(&self, platform: &PlatformId) -> bool {
        self.taking_back.contains(platform)
    }

    /// Whether an account of this platform lives on what its owner entered.
    pub fn is_by_key(&self, platform: &PlatformId) -> bool {
        self.by_key.contains(platform)
    }

    /// Whether it may live on that, or on a consent.
    pub fn takes_keys(&self, platform: &PlatformId) -> bool {
        self.takes_keys.contains(platform)
    }

    /// A platform's descriptor.
    pub fn descriptor(&self, id: &PlatformId) -> Option<&Descriptor> {
        self.platforms.iter().find(|d| d.id == *id)
    }

    /// Whether the words of what is live on a platform can be changed.
    pub fn amends(&self, id: &PlatformId) -> bool {
        self.descriptor(id).is_some_and(|descriptor| descriptor.limits.amend.is_some())
    }

    /// A platform, also one that this build no longer has.
    pub fn platform(&self, id: &PlatformId) -> Platform {
        self.descriptor(id).map_or_else(
            || Platform {
                slug: id.to_string(),
                name: id.to_string(),
                color: "#6b7280".into(),
                mark: id.as_str().chars().take(1).collect::<String>().to_uppercase(),
            },
            platform,
        )
    }

    /// An account by its id; one that is no longer on record is named by its platform.
    pub fn account(&self, id: AccountId, on: &PlatformId) -> AccountRef {
        match self.accounts.iter().find(|a| a.id == id) {
            Some(account) => self.named(account),
            None => AccountRef { platform: self.platform(on), name: "An account".into(), handle: None },
        }
    }

    /// How lists name an account.
    pub fn named(&self, account: &Account) -> AccountRef {
        AccountRef {
            platform: self.platform(&account.platform),
            name: account.profile.name.clone(),
            handle: account.profile.handle.clone().filter(|handle| !handle.is_empty()),
        }
    }

    /// The accounts that are connected.
    pub fn connected(&self) -> impl Iterator<Item = &Account> {
        self.accounts.iter().filter(|a| !a.is_disconnected())
    }
}

/// A platform as pages show it. Its mark is the capitals of its name, at most two.
pub fn platform(descriptor: &Descriptor) -> Platform {
    let capitals: String = descriptor.name.chars().filter(|c| c.is_uppercase()).take(2).collect();
    let mark = if capitals.is_empty() { descriptor.name.chars().take(1).collect() } else { capitals };
    Platform { slug: descriptor.id.to_string(), name: descriptor.name.clone(), color: descriptor.color.clone(), mark }
}
