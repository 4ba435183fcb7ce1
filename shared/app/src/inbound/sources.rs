//! Making, listing and deleting sources, and what came in at one.

use super::asked::{all_asked, too_many};
use super::seal;
use crate::audit::entry;
use crate::mutate::{Encode, commit, commit_secret, earlier_secret, named, require};
use crate::{Deps, Error, Once, Reply, sha256_hex};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use domain::SourceId;
use domain::access::{Caller, Permission};
use domain::inbound::{Asking, Incoming, MAX_SOURCES, Source, SourceKey};
use domain::publishing::Violation;
use futures_util::future::try_join;
use ports::{Made, Page, Record, SourceForm, Write};
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};

/// Times a source is deleted again when somebody asked its account at the same moment.
const TRIES: usize = 5;
/// Most events of a page.
const MAX_PAGE: u32 = 100;

/// A source to make.
#[derive(Debug, Clone)]
pub struct NewSource {
    /// Who will call it.
    pub platform: String,
    /// What people call it; the platform's name when empty.
    pub name: String,
    /// What its callers prove themselves with.
    pub secrets: BTreeMap<String, SecretString>,
}

/// A source that was just made.
#[derive(Debug, Clone)]
pub struct SourceMade {
    /// The source, without its secrets.
    pub source: Source,
    /// Its address. It cannot be shown again.
    pub url: String,
    /// The secrets that Herald made, to be entered at the platform. They cannot be shown again.
    pub made: BTreeMap<String, SecretString>,
    /// What to do with them there.
    pub help: &'static str,
}

/// Makes a source. `base_url` is where the world reaches us.
pub async fn register_source(
    deps: &Deps,
    caller: &Caller,
    new: &NewSource,
    base_url: &str,
    once: &Once,
    encode: Encode<'_, SourceMade>,
) -> Result<Reply, Error> {
    require(caller, Permission::ManageWebhooks)?;
    if let Some(reply) = earlier_secret(deps, caller.tenant, once).await? {
        return Ok(reply);
    }
    let form = form_of(deps, &new.platform)?;
    let name = if new.name.trim().is_empty() { form.name } else { &new.name };
    let name = named(name, "/name")?;
    let (all, made) = secrets(deps, form, &new.secrets)?;
    if deps.ledger.sources(caller.tenant).await?.len() >= MAX_SOURCES {
        return Err(too_many());
    }
    let (id, token) = (SourceId::from_uuid(deps.uuid()), random(deps, Made::Token));
    let token_hash = sha256_hex(token.expose_secret().as_bytes());
    let source = Source {
        id,
        tenant: caller.tenant,
        platform: form.slug.parse().map_err(|_| Error::Internal("a form without a slug".into()))?,
        name,
        account: None,
        token_hash: token_hash.clone(),
        secrets: seal::seal(deps, caller.tenant, id, &all).await?,
        created_at: deps.clock.now(),
    };
    let key = SourceKey { hash: token_hash, tenant: caller.tenant, source: id };
    let writes = vec![
        Write::create(Record::Source(source.clone())),
        Write::create(Record::SourceKey(key)),
        entry(deps, caller, "source.made", id, Some(json!({ "platform": form.slug }))),
    ];
    let url = format!("{base_url}/api/inbound/{}/{}", form.slug, token.expose_secret());
    let reply = encode(&SourceMade { source: shown(source), url, made, help: form.help });
    commit_secret(deps, caller.tenant, once, writes, reply).await
}

fn form_of(deps: &Deps, platform: &str) -> Result<&'static SourceForm, Error> {
    deps.sources.iter().copied().find(|form| form.slug == platform).ok_or_else(|| {
        if let Some(asked) = all_asked(deps).find(|descriptor| descriptor.id.as_str() == platform) {
            let detail = format!("{} calls nobody and is asked: name the account of yours that is", asked.name);
            return Error::invalid("account_missing", "/account_id", detail);
        }
        let callers = deps.sources.iter().map(|form| form.slug);
        let known: BTreeSet<&str> = callers.chain(all_asked(deps).map(|asked| asked.id.as_str())).collect();
        let known: Vec<&str> = known.into_iter().collect();
        let detail = format!("nothing comes in from there: name one of {}", known.join(", "));
        Error::invalid("unknown_source", "/platform", detail)
    })
}

type Secrets = BTreeMap<String, SecretString>;

/// All secrets of a source, and those among them that are made here.
fn secrets(deps: &Deps, form: &SourceForm, given: &Secrets) -> Result<(Secrets, Secrets), Error> {
    let at = |name: &str| format!("/secrets/{}", name.replace('~', "~0").replace('/', "~1"));
    let mut wrong: Vec<Violation> = Vec::new();
    for name in given.keys().filter(|name| form.fields.iter().all(|field| field.name != name.as_str())) {
        let known: Vec<&str> = form.fields.iter().map(|field| field.name).collect();
        let detail = format!("{} takes {}", form.name, known.join(", "));
        wrong.push(Violation::new("unknown_secret", at(name), detail));
    }
    let (mut all, mut made) = (Secrets::new(), Secrets::new());
    for field in form.fields {
        let secret = match given.get(field.name) {
            Some(secret) if (field.check)(secret.expose_secret()) => secret.clone(),
            Some(_) => {
                wrong.push(Violation::new("secret_malformed", at(field.name), format!("give {}", field.what)));
                continue;
            }
            None if field.made == Made::Nothing => {
                // Where nothing is given there is no place within it.
                let place = if given.is_empty() { "/secrets".to_owned() } else { at(field.name) };
                wrong.push(Violation::new("secret_missing", place, format!("give {}", field.what)));
                continue;
            }
            None => {
                let secret = random(deps, field.made);
                made.insert(field.name.to_owned(), secret.clone());
                secret
            }
        };
        all.insert(field.name.to_owned(), secret);
    }
    if wrong.is_empty() { Ok((all, made)) } else { Err(Error::Invalid(wrong)) }
}

fn random(deps: &Deps, made: Made) -> SecretString {
    let mut bytes = [0_u8; 32];
    deps.entropy.fill(&mut bytes);
    match made {
        Made::WebhookSecret => format!("whsec_{}", STANDARD.encode(bytes)).into(),
        Made::Token | Made::Nothing => URL_SAFE_NO_PAD.encode(bytes).into(),
    }
}

/// A source as people may see it: which secrets it has, but not what they are.
fn shown(mut source: Source) -> Source {
    source.token_hash.clear();
    source.secrets.values_mut().for_each(String::clear);
    source
}

/// A source, and how its account is asked where it has one.
#[derive(Debug, Clone, PartialEq)]
pub struct Listed {
    /// The source, without its secrets.
    pub source: Source,
    /// How its account is asked.
    pub asking: Option<Asking>,
}

/// The tenant's sources, oldest first, without their secrets.
pub async fn sources(deps: &Deps, caller: &Caller) -> Result<Vec<Listed>, Error> {
    require(caller, Permission::Read)?;
    let (found, askings) = try_join(deps.ledger.sources(caller.tenant), deps.ledger.askings(caller.tenant)).await?;
    let mut sources: Vec<_> = found.into_iter().map(|source| shown(source.value)).collect();
    sources.sort_by_key(|source| source.id);
    let asking =
        |source: &Source| askings.iter().find(|it| it.value.source == Some(source.id)).map(|it| it.value.clone());
    Ok(sources.into_iter().map(|source| Listed { asking: asking(&source), source }).collect())
}

/// Deletes a source: from now on a call of it is one of an address that does not exist, and its account is not asked any more. What came
/// in stays.
pub async fn remove_source(
    deps: &Deps,
    caller: &Caller,
    id: SourceId,
    once: &Once,
    encode: Encode<'_, Listed>,
) -> Result<Reply, Error> {
    require(caller, Permission::ManageWebhooks)?;
    let mut last = Error::NotFound("source");
    for _ in 0..TRIES {
        if let Some(reply) = once.earlier(deps, caller.tenant).await? {
            return Ok(reply);
        }
        match removed(deps, caller, id, once, encode).await {
            // Somebody asks at this moment: what they hear after this is not kept.
            Err(conflict @ Error::Conflict { code: "changed_meanwhile", .. }) => last = conflict,
            other => return other,
        }
    }
    Err(last)
}

async fn removed(
    deps: &Deps,
    caller: &Caller,
    id: SourceId,
    once: &Once,
    encode: Encode<'_, Listed>,
) -> Result<Reply, Error> {
    let found = deps.ledger.source(caller.tenant, id).await?.ok_or(Error::NotFound("source"))?;
    let mut writes = vec![Write::delete(&found, Record::Source(found.value.clone()))];
    if found.value.account.is_none()
        && let Some(key) = deps.ledger.source_by_token(&found.value.token_hash).await?
    {
        writes.push(Write::delete(&key, Record::SourceKey(key.value.clone())));
    }
    let mut asking = None;
    if let Some(account) = found.value.account
        && let Some(known) = deps.ledger.asking(caller.tenant, account).await?
        && known.value.source == Some(id)
    {
        writes.push(Write::replace(&known, Record::Asking(Box::new(known.value.ended()))));
        asking = Some(known.value);
    }
    writes.push(entry(deps, caller, "source.deleted", id, None));
    let reply = encode(&Listed { source: shown(found.value), asking });
    commit(deps, caller.tenant, once, writes, reply).await
}

/// What came in at a source, the newest first; of a deleted one as long as it is kept.
pub async fn incoming(
    deps: &Deps,
    caller: &Caller,
    source: SourceId,
    cursor: Option<&str>,
    limit: u32,
) -> Result<Page<Incoming>, Error> {
    require(caller, Permission::Read)?;
    let page = deps.ledger.all_incoming(caller.tenant, source, cursor, limit.clamp(1, MAX_PAGE)).await?;
    if page.items.is_empty() {
        deps.ledger.source(caller.tenant, source).await?.ok_or(Error::NotFound("source"))?;
    }
    Ok(page)
}
