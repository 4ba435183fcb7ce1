//! Connecting an account by something a person enters: a bot's token, an application password. The platform is asked before
//! anything is kept, so an account that was connected works.

use super::finish::{Speaker, connect};
use super::pair::Pair;
use crate::mutate::require;
use crate::{AccountDeps, Deps, Error};
use domain::access::{Caller, Permission};
use domain::accounts::Account;
use domain::egress::EgressPolicy;
use domain::platform::{KeyField, KeyForm, KeyKind};
use domain::publishing::Violation;
use ports::{Entries, KeyFailure, Keyed};
use secrecy::SecretString;
use std::collections::BTreeMap;

/// Longest entry in bytes.
const MAX_ENTRY: usize = 2_048;
/// Most entries a request may have.
const MAX_ENTRIES: usize = 20;

/// Connects the account that `entries`, by the names of the platform's form, speak for.
pub async fn connect_by_key(
    deps: &AccountDeps,
    caller: &Caller,
    platform: &str,
    entries: &BTreeMap<String, String>,
) -> Result<Vec<Account>, Error> {
    require(caller, Permission::ManageAccounts)?;
    let connector = deps.connect.named(platform).ok_or(Error::NotFound("platform"))?;
    let descriptor = connector.descriptor();
    let keys = connector.keys().ok_or_else(|| {
        let detail = format!("{} is connected on its consent page: begin there", descriptor.name);
        Error::conflict("connected_by_consent", detail)
    })?;
    let entries = read(deps, keys.form(), entries).await?;
    let app = deps.app_of(&descriptor.id).await?.ok_or(Error::NotFound("platform"))?;
    let began = deps.clock.now();
    let checked = keys.check(&app, &entries).await;
    deps.platform_called(&descriptor.id, "check_key", began);
    let Keyed { pair, profile } = checked.map_err(|failure| match failure {
        KeyFailure::Refused { field, detail } => Error::invalid("entry_refused", &pointer(field), detail),
        KeyFailure::Unavailable => {
            Error::Unavailable(format!("{} did not answer as it should: try again", descriptor.name))
        }
    })?;
    // Without an end of its own it ends when somebody takes it back, and not before.
    let pair = Pair::answered(pair, 0, began, None);
    connect(deps, caller, &descriptor.id, &pair, vec![Speaker { profile, own: None }]).await
}

/// The entries as a connector gets them; all that is wrong with them is told at once.
async fn read(deps: &Deps, form: &KeyForm, given: &BTreeMap<String, String>) -> Result<Entries, Error> {
    let mut wrong: Vec<Violation> = Vec::new();
    let mut entries = Entries::new();
    for name in given.keys().take(MAX_ENTRIES).filter(|name| form.fields.iter().all(|field| field.name != **name)) {
        let known: Vec<&str> = form.fields.iter().map(|field| field.name.as_str()).collect();
        let detail = format!("this entry is not asked for: the form has {}", known.join(", "));
        wrong.push(Violation::new("entry_unknown", pointer(&escaped(name)), detail));
    }
    for field in &form.fields {
        match entry(deps, field, given.get(&field.name).map_or("", |text| text.trim())).await {
            Ok(entry) => {
                entries.insert(field.name.clone(), entry);
            }
            Err((code, detail)) => wrong.push(Violation::new(code, pointer(&field.name), detail)),
        }
    }
    if wrong.is_empty() { Ok(entries) } else { Err(Error::Invalid(wrong)) }
}

async fn entry(deps: &Deps, field: &KeyField, text: &str) -> Result<SecretString, (&'static str, String)> {
    let example = &field.example;
    if text.is_empty() {
        return Err(("entry_missing", format!("{} is needed, like {example}", field.label)));
    }
    if text.len() > MAX_ENTRY || text.chars().any(char::is_control) {
        return Err(("entry_malformed", format!("it is one line of at most {MAX_ENTRY} bytes, like {example}")));
    }
    if field.kind != KeyKind::Server {
        return Ok(text.to_owned().into());
    }
    let address = if text.contains("://") { text.to_owned() } else { format!("https://{text}") };
    let address = address.trim_end_matches('/').to_owned();
    let plain = !address.contains(['?', '#']);
    if !plain || deps.webhooks.check(&address, &EgressPolicy::STRICT).await.is_err() {
        return Err(("server_not_allowed", format!("it is the public https address of a server, like {example}")));
    }
    Ok(address.into())
}

fn pointer(field: &str) -> String {
    format!("/entries/{field}")
}

/// A name as a JSON pointer has it (RFC 6901), short enough to be told.
fn escaped(name: &str) -> String {
    name.chars().take(40).collect::<String>().replace('~', "~0").replace('/', "~1")
}
