//! Account cards, and what can be connected.

use super::{Book, Reader, slots_href};
use crate::view::{
    AccountCard, ActionStyle, Choice, ChoosePage, ConnectOption, FieldError, KeyInput, KeyPage, PostLink, PostsAtRisk,
    Tone,
};
use crate::words;
use app::accounts::{AtRisk, Horizon, Offer, Offered};
use domain::access::Permission;
use domain::accounts::{Account, AccountKind};
use domain::platform::{Descriptor, KeyField, KeyForm, KeyKind, Limits};
use domain::{AccountId, PlatformId};
use std::collections::BTreeMap;

/// Posts that a card names of those planned for after the end of its access.
const LATE_SHOWN: usize = 5;

/// The connected accounts, those in trouble first.
pub fn cards(reader: &Reader<'_>, book: &Book, horizons: &BTreeMap<AccountId, Horizon>) -> Vec<AccountCard> {
    let one = |account: &Account| card(reader, book, account, horizons.get(&account.id));
    let mut cards: Vec<AccountCard> = book.connected().map(one).collect();
    let urgency = |tone| match tone {
        Tone::Bad => 0,
        Tone::Warn => 1,
        _ => 2,
    };
    cards
        .sort_by_key(|card| (urgency(card.status.tone), card.account.platform.name.clone(), card.account.name.clone()));
    cards
}

fn card(reader: &Reader<'_>, book: &Book, account: &Account, horizon: Option<&Horizon>) -> AccountCard {
    let (status, explanation) = words::account(account, horizon, reader.now);
    // An account that came with another one's consent shares its access.
    let token = account.holder.and_then(|holder| book.accounts.iter().find(|a| a.id == holder)).unwrap_or(account);
    let (token, active) = (&token.token, account.is_active());
    let manages = reader.may(Permission::ManageAccounts);
    let platform = book.platform(&account.platform);
    let by_key = book.is_by_key(&account.platform);
    let (there, name) = (&platform.name, &account.profile.name);
    // What was entered lasts, unless it only opened a session.
    let lasts = by_key && !token.refreshable;
    let what = if lasts {
        format!("Herald forgets the key to {name}. On {there} it stays good until you take it back there.")
    } else if by_key || book.takes_back(&account.platform) {
        format!("{there} is asked to forget Herald’s access to {name}.")
    } else if book.takes_keys(&account.platform) {
        format!("Herald forgets its access to {name}. On {there} it stays good until you take it back there.")
    } else {
        format!(
            "Herald forgets its access to {name}. On {there} it stays, for all accounts that live on it, until you remove Herald in \
             the settings there."
        )
    };
    let question = format!(
        "{what} Posts that are planned for it wait until their latest start, and are missed after that \
         unless you connect it again."
    );
    let renewal = match (token.refreshable, token.expires_at) {
        (true, _) => "Renewed automatically",
        (false, None) => "Does not end",
        (false, Some(_)) => "By reconnecting",
    };
    let disconnect = format!("/console/accounts/{}/disconnect", account.id);
    AccountCard {
        account: book.named(account),
        kind: kind(account.profile.kind).into(),
        renewal: active.then(|| renewal.into()),
        expires: book.access_ends_at(account.id).filter(|_| active).map(|at| reader.moment(at)),
        at_risk: horizon.filter(|horizon| !horizon.posts.is_empty()).map(|horizon| at_risk(reader, horizon)),
        connected: Some(reader.moment(account.connected_at)),
        reconnect_href: (manages && status.tone != Tone::Good).then(|| connect_href(&account.platform)),
        slots_href: Some(slots_href(account.id)),
        disconnect: manages.then(|| reader.action(disconnect, "Disconnect", ActionStyle::Danger).asking(question)),
        status,
        explanation,
    }
}

/// The first of what is planned for after the end of an access.
fn at_risk(reader: &Reader<'_>, horizon: &Horizon) -> PostsAtRisk {
    let link =
        |post: &AtRisk| PostLink { href: format!("/console/posts/{}", post.post), when: reader.moment(post.due_at) };
    let rest = horizon.posts.len().saturating_sub(LATE_SHOWN);
    PostsAtRisk {
        posts: horizon.posts.iter().take(LATE_SHOWN).map(link).collect(),
        more: match (rest, horizon.more) {
            (0, false) => None,
            (0, true) => Some("and more".into()),
            (rest, false) => Some(format!("and {rest} more")),
            (rest, true) => Some(format!("and more than {rest} more")),
        },
    }
}

fn kind(kind: AccountKind) -> &'static str {
    match kind {
        AccountKind::Person => "Personal profile",
        AccountKind::Organisation => "Page or organisation",
    }
}

/// What a consent leaves to choose from. Ticked is what the person ticked before, else what is connected already.
pub fn choices(reader: &Reader<'_>, book: &Book, offer: &Offer, ticked: Option<&[String]>) -> ChoosePage {
    let choice = |Offered { profile, connected }: &Offered| Choice {
        id: profile.external_id.clone(),
        name: profile.name.clone(),
        kind: kind(profile.kind).into(),
        checked: ticked.map_or(*connected, |ids| ids.contains(&profile.external_id)),
        connected: *connected,
    };
    ChoosePage {
        platform: book.platform(&offer.platform),
        action: format!("/console/accounts/choose/{}/{}", offer.platform, offer.id),
        idempotency_key: reader.fresh(),
        errors: Vec::new(),
        choices: offer.profiles.iter().map(choice).collect(),
        restart_href: connect_href(&offer.platform),
    }
}

/// The form of a platform whose accounts are connected by what their owner enters. Secrets are not shown again. `consents`: on its
/// consent page they can be connected, too.
pub fn key_page(
    reader: &Reader<'_>,
    descriptor: &Descriptor,
    (form, consents): (&KeyForm, bool),
    entries: &BTreeMap<String, String>,
    errors: Vec<FieldError>,
) -> KeyPage {
    let input = |field: &KeyField| {
        let secret = field.kind == KeyKind::Secret;
        let entered = entries.get(&field.name).filter(|_| !secret).cloned();
        KeyInput {
            name: field.name.clone(),
            label: field.label.clone(),
            example: field.example.clone(),
            input: if secret { "password" } else { "text" },
            value: entered.unwrap_or_default(),
        }
    };
    KeyPage {
        platform: super::platform(descriptor),
        help: form.help.clone(),
        consent_href: consents.then(|| format!("{}/consent", connect_href(&descriptor.id))),
        action: connect_href(&descriptor.id),
        idempotency_key: reader.fresh(),
        errors,
        fields: form.fields.iter().map(input).collect(),
    }
}

fn connect_href(platform: &PlatformId) -> String {
    format!("/console/accounts/connect/{platform}")
}

/// The platforms, and whether each can be connected; `set_up` are those with an app registration.
pub fn options(reader: &Reader<'_>, book: &Book, set_up: &[PlatformId]) -> Vec<ConnectOption> {
    let option = |descriptor: &Descriptor| {
        let (ready, manages) = (set_up.contains(&descriptor.id), reader.may(Permission::ManageAccounts));
        let note = match (ready, manages) {
            (false, _) => "Not set up here yet: the operator adds the platform’s app credentials.".to_owned(),
            (true, false) => "Owners connect accounts.".to_owned(),
            (true, true) => takes(&descriptor.limits),
        };
        ConnectOption {
            platform: super::platform(descriptor),
            href: (ready && manages).then(|| connect_href(&descriptor.id)),
            note,
        }
    };
    book.platforms.iter().map(option).collect()
}

/// What a post may have there: how much text, and which media.
fn takes(limits: &Limits) -> String {
    let media = [
        (limits.images, "picture"),
        (limits.video.as_ref().map_or(0, |rule| rule.most), "video"),
        (limits.document.as_ref().map_or(0, |rule| rule.most), "document"),
    ];
    let media = media.iter().filter(|(most, _)| *most > 0).map(|(most, kind)| words::counted((*most).into(), kind));
    let text = format!("Texts up to {}", limits.text.limit());
    let media: Vec<String> = media.collect();
    if media.is_empty() { format!("{text}.") } else { format!("{text}; at most {}.", media.join(", ")) }
}
