//! Who is let in, and what is kept of them.

use super::*;
use crate::accounts::{reseal, rotate_keys};
use crate::fakes::scoped;
use domain::access::Permission;
use domain::inbound::MAX_SOURCES;

#[tokio::test]
async fn what_is_not_proved_is_not_written_and_nobody_is_told_what_was_wrong() {
    let loft = Loft::new().await;
    let before = loft.world.items();
    let right = [("x-ring".to_owned(), "right".to_owned())];
    let wrong = [("x-ring".to_owned(), "wrong".to_owned())];
    let none = [("x-ring".to_owned(), "none".to_owned())];
    let twice = [right[0].clone(), right[0].clone()];
    for (platform, token, headers) in [
        ("pigeons", loft.token.as_str(), &wrong[..]),
        ("pigeons", loft.token.as_str(), &[][..]),
        ("pigeons", loft.token.as_str(), &twice[..]),
        ("pigeons", "unknown", &right[..]),
        ("pigeons", "unknown", &none[..]),
        ("pigeons", "", &right[..]),
        ("doves", loft.token.as_str(), &right[..]),
        ("Not A Slug", loft.token.as_str(), &right[..]),
    ] {
        let ask = Ask { method: "POST", url: "", query: "", headers, body: b"[]" };
        let said = receive(&loft.deps, platform, token, &ask, "cid").await.unwrap();
        assert_eq!(said, Received::Refused, "{platform} {token} {headers:?}");
    }
    assert_eq!(loft.world.items(), before);
    assert!(loft.jobs().is_empty());
}

#[tokio::test]
async fn a_question_whether_we_are_there_is_answered_and_not_kept() {
    let loft = Loft::new().await;
    let before = loft.world.items();
    let ask = Ask { method: "GET", url: "", query: "", headers: &[], body: b"" };
    let said = receive(&loft.deps, "pigeons", &loft.token, &ask, "cid").await.unwrap();
    assert_eq!(said, Received::Answered(Greeting::text("coo")));
    assert_eq!(receive(&loft.deps, "pigeons", "unknown", &ask, "cid").await.unwrap(), Received::Refused);
    assert_eq!(loft.world.items(), before);
}

#[tokio::test]
async fn a_source_whose_secrets_are_not_all_there_believes_nobody() {
    let loft = Loft::new().await;
    let found = loft.deps.ledger.source(loft.owner.tenant, loft.source).await.unwrap().unwrap();
    let mut poor = found.value.clone();
    poor.secrets.remove("ring");
    loft.deps.ledger.commit(vec![ports::Write::replace(&found, ports::Record::Source(poor))]).await.unwrap();
    let headers = [("x-ring".to_owned(), "none".to_owned())];
    let ask = Ask { method: "POST", url: "", query: "", headers: &headers, body: b"[]" };
    assert_eq!(receive(&loft.deps, "pigeons", &loft.token, &ask, "cid").await.unwrap(), Received::Refused);
}

#[tokio::test]
async fn neither_a_sources_address_nor_its_secrets_lie_readable_anywhere() {
    let loft = Loft::new().await;
    let stored = format!("{:?}", loft.world.items());
    assert!(!stored.contains(&loft.token) && !stored.contains("right"), "{stored}");
    let [seen] = <[Listed; 1]>::try_from(sources(&loft.deps, &loft.owner).await.unwrap()).unwrap();
    let seen: Source = seen.source;
    assert_eq!(seen.name, "Pigeons");
    assert_eq!(seen.secrets, BTreeMap::from(["ring", "whistle"].map(|name| (name.to_owned(), String::new()))));
    assert!(seen.token_hash.is_empty());
}

#[tokio::test]
async fn a_deleted_source_is_called_in_vain_and_what_came_in_stays() {
    let loft = Loft::new().await;
    loft.call(&leaves(&[comment("c1")])).await.unwrap();
    loft.world.clock.pass(1);
    remove_source(&loft.deps, &loft.owner, loft.source, &once("gone"), &shown).await.unwrap();
    assert_eq!(loft.call(&leaves(&[comment("c2")])).await.unwrap(), Received::Refused);
    loft.read().await.unwrap();
    assert_eq!(loft.incoming().await.len(), 1, "it was taken before");
    let audited = loft.world.audited(loft.owner.tenant).await;
    assert_eq!(audited, ["source.made", "source.deleted"]);
    let again = remove_source(&loft.deps, &loft.owner, loft.source, &once("again"), &shown).await;
    assert_eq!(again, Err(Error::NotFound("source")));
}

#[tokio::test]
async fn what_is_wrong_with_a_source_is_told_at_its_field() {
    let loft = Loft::new().await;
    let codes = async |platform: &str, secrets: &[(&str, &str)]| {
        let secrets = secrets.iter().map(|(name, secret)| ((*name).to_owned(), (*secret).to_owned().into())).collect();
        let new = NewSource { platform: platform.into(), name: "ours".into(), secrets };
        let (key, encode) = (once("k"), |_: &SourceMade| panic!("nothing is made"));
        let refused = register_source(&loft.deps, &loft.owner, &new, "https://herald.test", &key, &encode).await;
        let Err(Error::Invalid(violations)) = refused else { panic!("not refused") };
        violations.into_iter().map(|one| (one.code.clone(), one.field.clone())).collect::<Vec<_>>()
    };
    let pair = |code: &str, field: &str| (code.to_owned(), field.to_owned());
    assert_eq!(codes("doves", &[]).await, [pair("unknown_source", "/platform")]);
    assert_eq!(codes("pigeons", &[]).await, [pair("secret_missing", "/secrets")]);
    assert_eq!(codes("pigeons", &[("whistle", "a")]).await, [pair("secret_missing", "/secrets/ring")]);
    assert_eq!(codes("pigeons", &[("ring", "a b")]).await, [pair("secret_malformed", "/secrets/ring")]);
    let unknown = [("ring", "a"), ("a/b~", "c")];
    assert_eq!(codes("pigeons", &unknown).await, [pair("unknown_secret", "/secrets/a~1b~0")]);
    let reader = scoped(&loft.owner, &[Permission::Read]);
    let new = NewSource { platform: "pigeons".into(), name: String::new(), secrets: BTreeMap::new() };
    let refused = register_source(&loft.deps, &reader, &new, "", &once("k"), &|_| panic!("nothing is made")).await;
    assert!(matches!(refused, Err(Error::Forbidden(_))));
}

#[tokio::test]
async fn a_tenant_has_so_many_sources_and_no_more() {
    let loft = Loft::new().await;
    for n in 1..MAX_SOURCES {
        make(&loft.deps, &loft.owner, &format!("k{n}")).await;
    }
    let secrets = BTreeMap::from([("ring".to_owned(), "right".to_owned().into())]);
    let new = NewSource { platform: "pigeons".into(), name: String::new(), secrets };
    let refused = register_source(&loft.deps, &loft.owner, &new, "", &once("last"), &|_| panic!("one too many")).await;
    assert!(matches!(refused, Err(Error::Conflict { code: "too_many_sources", .. })));
}

#[tokio::test]
async fn after_a_key_rotation_a_sources_secrets_are_resealed_and_still_prove() {
    let loft = Loft::new().await;
    rotate_keys(&loft.deps, &loft.owner, &once("rotate"), &shown).await.unwrap();
    assert_eq!(reseal(&loft.deps, &loft.owner).await.unwrap().endpoints, 1);
    assert_eq!(reseal(&loft.deps, &loft.owner).await.unwrap().endpoints, 0);
    assert!(matches!(loft.call(b"[]").await.unwrap(), Received::Answered(_)));
}
