//! Connecting, and which posts a person may name.

use super::*;
use crate::tests::Sandbox;
use ports::{Entries, KeyFailure};

async fn check(mastodon: &Mastodon, server: &Sandbox, entries: &Entries) -> Result<ports::Keyed, KeyFailure> {
    mastodon.keys().unwrap().check(&server.app("mastodon"), entries).await
}

fn refused(result: Result<ports::Keyed, KeyFailure>) -> (&'static str, String) {
    match result {
        Err(KeyFailure::Refused { field, detail }) => (field, detail),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_token_connects_its_account_under_its_handle_at_its_server() {
    let (mastodon, server) = (connector(), Sandbox::start().await);
    for (actor, name) in [("ada", "Ada Demo"), ("bo", "bo")] {
        let entries = server.keys("mastodon", actor).await;
        let form = mastodon.keys().unwrap().form();
        assert!(form.fields.iter().map(|field| &field.name).eq(entries.keys()), "what is asked for is what is entered");
        let keyed = check(&mastodon, &server, &entries).await.unwrap();
        assert_eq!(keyed.pair.access.expose_secret(), entries["token"].expose_secret());
        assert_eq!(keyed.profile.name, name);
        assert_eq!(
            keyed.profile.handle,
            Some(format!("{actor}@social.example")),
            "as the server says, not its address"
        );
        assert_eq!(keyed.profile.home.as_deref(), Some(entries["server"].expose_secret()));
        assert!(is_id(&keyed.profile.external_id));
    }
}

#[tokio::test]
async fn a_wrong_or_revoked_token_is_refused_without_being_repeated() {
    let (mastodon, server) = (connector(), Sandbox::start().await);
    let good = server.keys("mastodon", "ada").await;
    for wrong in ["canary-token", "canary token", "canary-tokén"] {
        let mut entries = good.clone();
        entries.insert("token".into(), wrong.to_owned().into());
        let (field, detail) = refused(check(&mastodon, &server, &entries).await);
        assert!(field == "token" && !detail.contains("canary"), "{field}: {detail}");
    }
    server
        .fault("mastodon", "me", "status", json!({"code": 403, "body": {"error": "Your login is currently disabled"}}))
        .await;
    let (field, detail) = refused(check(&mastodon, &server, &good).await);
    assert!(field == "token" && detail.contains("currently disabled"), "{detail}");
    check(&mastodon, &server, &good).await.unwrap();
    server.control("tokens/revoke", &json!({"platform": "mastodon"})).await;
    assert_eq!(refused(check(&mastodon, &server, &good).await).0, "token");
}

#[tokio::test]
async fn a_server_has_one_spelling_so_that_no_account_is_connected_twice() {
    let (mastodon, server) = (connector(), Sandbox::start().await);
    let mut entries = server.keys("mastodon", "ada").await;
    let home = entries["server"].expose_secret().to_owned();
    entries.insert("server".into(), format!("{}/", home.replace("http://", "HTTP://")).into());
    assert_eq!(check(&mastodon, &server, &entries).await.unwrap().profile.home, Some(home));
    entries.insert("server".into(), "nonsense".to_owned().into());
    assert_eq!(refused(check(&mastodon, &server, &entries).await).0, "server");
}

/// What the server says about the token's application, to the second question about the token.
async fn told(server: &Sandbox, params: Value) {
    let body = json!({"platform": "mastodon", "op": "me", "kind": "status", "skip": 1, "params": params});
    server.control("faults", &body).await;
}

#[tokio::test]
async fn a_token_that_may_not_do_what_is_needed_is_refused_before_it_is_kept() {
    let (mastodon, server) = (connector(), Sandbox::start().await);
    let (field, detail) = refused(check(&mastodon, &server, &server.keys("mastodon", "cleo").await).await);
    assert!(field == "token" && detail.contains("write:statuses"), "{detail}");
    let good = server.keys("mastodon", "ada").await;
    for (scopes, lacks) in [
        (json!([]), Some("read:statuses")),
        (json!(["write"]), Some("read:statuses")),
        (json!(["read", "write:statuses"]), Some("write:media")),
        (json!(["read", "write:media", "follow"]), Some("write:statuses")),
        (json!(["read:accounts", "read:statuses", "write:statuses", "write:media"]), None),
    ] {
        told(&server, json!({"code": 200, "body": {"name": "app", "scopes": scopes}})).await;
        match lacks {
            Some(scope) => assert!(refused(check(&mastodon, &server, &good).await).1.contains(scope), "{scopes}"),
            None => drop(check(&mastodon, &server, &good).await.unwrap()),
        }
    }
    for params in [json!({"code": 503}), json!({"code": 429})] {
        told(&server, params).await;
        assert_eq!(check(&mastodon, &server, &good).await.unwrap_err(), KeyFailure::Unavailable);
    }
}

#[tokio::test]
async fn where_the_server_tells_no_scopes_a_token_that_may_only_read_shows_when_something_is_published() {
    let mastodon = connector();
    let server = start(&mastodon).await;
    let cleo = server.sandbox.keys("mastodon", "cleo").await;
    for older in [json!({"code": 200, "body": {"name": "app"}}), json!({"code": 403}), json!({"code": 404, "body": ""})]
    {
        told(&server.sandbox, older).await;
        check(&mastodon, &server.sandbox, &cleo).await.unwrap();
    }
    let server = server.with(cleo["token"].clone());
    let small = picture("image/png", 100);
    let failure = Case::new(&mastodon, &server, Variant::text("n"), &small).publish().await.unwrap_err();
    assert!(matches!(&failure, Failure::Revoked { detail } if detail.contains("scopes")), "{failure:?}");
    assert!(server.live().await.is_empty());
}

#[tokio::test]
async fn a_server_that_is_none_or_takes_less_than_is_promised_is_refused() {
    let (mastodon, server) = (connector(), Sandbox::start().await);
    let good = server.keys("mastodon", "ada").await;
    let limits = |most: u32, link: u32| {
        let statuses = json!({"max_characters": most, "characters_reserved_per_url": link});
        json!({"code": 200, "body": {"domain": "small.example", "configuration": {"statuses": statuses}}})
    };
    for (op, kind, params, says) in [
        ("lookup", "status", limits(499, 23), "499 characters"),
        ("lookup", "status", limits(500, 24), "24 characters"),
        ("lookup", "status", json!({"code": 404}), "no Mastodon 4"),
        ("lookup", "status", json!({"code": 200, "body": {"uri": "old.example"}}), "no Mastodon 4"),
        ("me", "status", json!({"code": 404, "body": "<html>"}), "no Mastodon 4"),
        ("me", "status", json!({"code": 301}), "another one"),
        ("me", "status", json!({"code": 200, "body": {"id": "01FBW3XF8WRZ", "username": "ada"}}), "no Mastodon 4"),
        ("me", "status", json!({"code": 200, "body": {"id": "1", "username": "../ada"}}), "no Mastodon 4"),
        ("me", "garbage", json!({}), "no Mastodon 4"),
    ] {
        server.fault("mastodon", op, kind, params.clone()).await;
        let (field, detail) = refused(check(&mastodon, &server, &good).await);
        assert!(field == "server" && detail.contains(says), "{params}: {detail}");
    }
    server.fault("mastodon", "lookup", "status", limits(500, 23)).await;
    check(&mastodon, &server, &good).await.unwrap();
    let mut other = good;
    other.insert("server".into(), format!("{}/x", server.app("mastodon").bases["api"].replace("/mastodon", "")).into());
    assert_eq!(refused(check(&mastodon, &server, &other).await).0, "server", "another platform");
}

#[tokio::test]
async fn a_server_that_does_not_answer_is_asked_again_later() {
    let (mastodon, server) = (connector(), Sandbox::start().await);
    let mut entries = server.keys("mastodon", "ada").await;
    for op in ["me", "lookup"] {
        for (kind, params) in [
            ("status", json!({"code": 503})),
            ("status", json!({"code": 429})),
            ("status", json!({"code": 403, "body": "<html>blocked</html>"})),
            ("cut_body", json!({})),
            ("drop_before_commit", json!({})),
        ] {
            server.fault("mastodon", op, kind, params.clone()).await;
            let result = check(&mastodon, &server, &entries).await;
            assert_eq!(result.unwrap_err(), KeyFailure::Unavailable, "{op} {kind} {params}");
        }
    }
    entries.insert("server".into(), "http://127.0.0.1:1".to_owned().into());
    assert_eq!(check(&mastodon, &server, &entries).await.unwrap_err(), KeyFailure::Unavailable);
}

#[tokio::test]
async fn a_thread_goes_on_below_the_post_that_a_person_names() {
    let mastodon = connector();
    let server = start(&mastodon).await;
    let small = picture("image/png", 100);
    let mut case = Case::new(&mastodon, &server, thread(&["one", "two"]), &small);
    case.publish().await.unwrap();
    let address = case.before[0].url.take().unwrap();
    case.before[0] = mastodon.named(&server.app, &server.account, &address).unwrap();
    case.publish().await.unwrap();
    let live = server.live().await;
    assert_eq!(live[1]["reply_to"], live[0]["id"]);
}

#[tokio::test]
async fn a_post_is_named_by_its_id_or_an_address_of_the_accounts_own_and_by_nothing_else() {
    let mastodon = connector();
    let mut server = start(&mastodon).await;
    server.account.profile.home = Some("https://social.example".into());
    let named = |post: &str| mastodon.named(&server.app, &server.account, post);
    let own = "https://social.example/@ada/109348112233445599";
    for good in [
        "109348112233445599",
        own,
        "https://social.example/@Ada/109348112233445599/?x=1#y",
        "https://SOCIAL.example/users/ada/statuses/109348112233445599",
    ] {
        let expected = Receipt { id: Some("109348112233445599".into()), url: Some(own.into()) };
        assert_eq!(named(good), Some(expected), "{good}");
    }
    for bad in [
        "",
        "0",
        "01",
        "+1",
        "1 ",
        "١٢٣",
        "18446744073709551616",
        "https://social.example",
        "https://social.example/@ada",
        "https://social.example/@bo/1",
        "https://social.example/ada/1",
        "https://social.example/@ada@else.example/1",
        "https://social.example/@ada/1x",
        "https://social.example/@ada/1%2F..%2F2",
        "https://social.example/@ada/1/embed",
        "https://social.example/users/bo/statuses/1",
        "https://social.example/web/statuses/1",
        "http://social.example/@ada/1",
        "https://social.example:444/@ada/1",
        "https://else.example/@ada/1",
        "https://social.example.evil.example/@ada/1",
        "https://social.example@evil.example/@ada/1",
        "javascript:alert(1)//social.example/@ada/1",
        &"9".repeat(5_000),
    ] {
        assert_eq!(named(bad), None, "{bad}");
    }
}
