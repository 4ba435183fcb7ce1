//! The connector for the AT Protocol against the reference server of personal data, from its own packages.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod server;

use connector_kit::contract::{self, Case, Fault, Harness as _};
use domain::publishing::{Failure, Finding, LinkCard, MediaRef, Part, ReplyRestriction, Variant};
use ports::{AuthFailure, KeyFailure};
use secrecy::ExposeSecret as _;
use serde_json::{Value, json};
use server::{Author, connector, entries, picture, server};

#[tokio::test]
async fn the_contract_holds_with_the_reference_server() {
    let author = Author::connected("contract").await;
    let bluesky = connector();
    contract::run(bluesky.as_ref(), &author, &picture(3_000)).await;
}

#[tokio::test]
async fn an_app_password_connects_its_account_and_nothing_else_does() {
    let author = Author::connected("connects").await;
    let profile = &author.account.profile;
    assert_eq!(profile.handle.as_deref(), Some("connects.test"));
    assert!(profile.external_id.starts_with("did:plc:"), "{profile:?}");
    assert_eq!(profile.name, "connects.test", "without a profile the handle is the name");
    let bluesky = connector();
    let keys = bluesky.keys().unwrap();
    for (handle, password, field) in [
        ("connects.test", "aaaa-bbbb-cccc-dddd", "password"),
        ("nobody.test", "aaaa-bbbb-cccc-dddd", "password"),
        ("connects.test", server::OWN_PASSWORD, "password"),
        ("connects", "aaaa-bbbb-cccc-dddd", "handle"),
    ] {
        let refused = keys.check(&author.app(), &entries(&server().url, handle, password)).await.unwrap_err();
        assert!(
            matches!(&refused, KeyFailure::Refused { field: found, .. } if *found == field),
            "{handle}: {refused:?}"
        );
    }
    let call = json!({ "repo": profile.external_id, "collection": "app.bsky.actor.profile", "rkey": "self",
        "record": { "$type": "app.bsky.actor.profile", "displayName": "Harbour\nCoffee" } });
    author.call("com.atproto.repo.createRecord", &call).await;
    let good = entries(&server().url, "@Connects.test", &author.password);
    let again = keys.check(&author.app(), &good).await.unwrap();
    assert_eq!(again.profile.name, "Harbour Coffee");
    assert!(again.profile.is_same(&author.direct()), "the same account on the same server");
}

#[tokio::test]
async fn bytes_that_mean_more_are_those_that_the_server_keeps() {
    let (author, other) = (Author::connected("facets").await, Author::connected("mentioned").await);
    let bluesky = connector();
    let text = "👩‍👩‍👧 Grüße an @mentioned.test und @nobody.test: https://example.com/ä?b=c (#Kaffee) #Hafen-Tag!";
    let small = picture(100);
    let receipt = Case::new(bluesky.as_ref(), &author, Variant::text(text), &small).publish().await.unwrap().receipt;
    let record = author.record("app.bsky.feed.post", receipt.id.as_deref().unwrap()).await;
    assert_eq!(record["value"]["text"], text);
    let covered = |facet: &Value| {
        let at = |name: &str| usize::try_from(facet["index"][name].as_u64().unwrap()).unwrap();
        (text[at("byteStart")..at("byteEnd")].to_owned(), facet["features"][0].clone())
    };
    let facets: Vec<_> = record["value"]["facets"].as_array().unwrap().iter().map(covered).collect();
    let feature = |kind: &str, name: &str, value: &str| {
        let mut feature = json!({ "$type": format!("app.bsky.richtext.facet#{kind}") });
        feature[name] = json!(value);
        feature
    };
    assert_eq!(
        facets,
        [
            ("@mentioned.test".to_owned(), feature("mention", "did", &other.account.profile.external_id)),
            ("https://example.com/ä?b=c".to_owned(), feature("link", "uri", "https://example.com/ä?b=c")),
            ("#Hafen-Tag".to_owned(), feature("tag", "tag", "Hafen-Tag")),
        ]
    );
}

#[tokio::test]
async fn a_text_as_long_as_it_may_be_passes_and_a_longer_one_is_what_preflight_says_it_is() {
    let author = Author::connected("lengths").await;
    let bluesky = connector();
    let rule = &bluesky.descriptor().limits.text;
    let small = picture(100);
    for text in ["é", "e\u{301}", "👨‍👩‍👧‍👦", "🇯🇵", "क्षि", "\r\n"].map(|one| one.repeat(300))
    {
        for text in [text.clone(), format!("{text}x")] {
            let fits = rule.count(&text) <= rule.limit();
            let answer = Case::new(bluesky.as_ref(), &author, Variant::text(text.clone()), &small).publish().await;
            let code = answer.as_ref().map_or_else(Failure::code, |_| "published");
            assert_eq!(
                code,
                if fits { "published" } else { "content_too_long" },
                "{}",
                &text[..20.min(text.len())].escape_debug()
            );
        }
    }
}

#[tokio::test]
async fn a_thread_hangs_together_by_the_versions_of_its_parts() {
    let author = Author::connected("one-thread").await;
    let bluesky = connector();
    let part = |text: &str| Part { text: text.into(), media: Vec::new() };
    let variant = Variant { parts: ["one", "two", "three"].map(part).into(), ..Variant::default() };
    let small = picture(100);
    let mut case = Case::new(bluesky.as_ref(), &author, variant, &small);
    let mut records = Vec::new();
    for _ in 0..3 {
        let receipt = case.publish().await.unwrap().receipt;
        records.push(author.record("app.bsky.feed.post", receipt.id.as_deref().unwrap()).await);
    }
    let strong = |record: &Value| json!({ "uri": record["uri"], "cid": record["cid"] });
    assert_eq!(records[0]["value"].get("reply"), None);
    assert_eq!(records[1]["value"]["reply"], json!({ "root": strong(&records[0]), "parent": strong(&records[0]) }));
    assert_eq!(records[2]["value"]["reply"], json!({ "root": strong(&records[0]), "parent": strong(&records[1]) }));
    let keys: Vec<&str> = records.iter().map(|record| record["uri"].as_str().unwrap()).collect();
    assert!(keys.is_sorted(), "{keys:?}");

    case.before.pop();
    case.progress = None;
    let gone = case.before[1].clone();
    case.delete(&gone).await.unwrap();
    let refused = case.publish().await.unwrap_err();
    assert_eq!(refused.code(), "reply_refused", "what it answers is gone");
}

#[tokio::test]
async fn a_link_is_a_card_and_who_may_reply_is_recorded_in_the_same_commit() {
    let author = Author::connected("cards").await;
    let bluesky = connector();
    let link = LinkCard { url: "https://example.com/a".into(), title: Some("A page".into()), description: None };
    let variant = Variant {
        link: Some(link),
        reply_restriction: ReplyRestriction::Mentioned,
        ..Variant::text("see below @cards.test")
    };
    let small = picture(100);
    let mut case = Case::new(bluesky.as_ref(), &author, variant, &small);
    let receipt = case.publish().await.unwrap().receipt;
    let key = receipt.id.as_deref().unwrap();
    let post = author.record("app.bsky.feed.post", key).await;
    let card = json!({ "uri": "https://example.com/a", "title": "A page", "description": "" });
    assert_eq!(post["value"]["embed"], json!({ "$type": "app.bsky.embed.external", "external": card }));
    let gate = author.record("app.bsky.feed.threadgate", key).await;
    assert_eq!(gate["value"]["post"], post["uri"]);
    assert_eq!(gate["value"]["allow"], json!([{ "$type": "app.bsky.feed.threadgate#mentionRule" }]));

    case.before.clear();
    assert_eq!(case.find().await, Ok(Finding::Proved(receipt.clone())));
    case.delete(&receipt).await.unwrap();
    assert_eq!(case.find().await, Ok(Finding::Absent));
    assert_eq!(author.record("app.bsky.feed.threadgate", key).await["error"], "RecordNotFound");
    case.delete(&receipt).await.unwrap();
}

#[tokio::test]
async fn a_quote_names_the_version_of_somebodys_post_that_the_server_has_alone_and_beside_a_picture() {
    let (author, other) = (Author::connected("quoting").await, Author::connected("quoted").await);
    let bluesky = connector();
    let small = picture(100);
    let said = Case::new(bluesky.as_ref(), &other, Variant::text("said"), &small).publish().await.unwrap().receipt;
    let key = said.id.unwrap();
    let theirs = other.record("app.bsky.feed.post", &key).await;
    let strong = json!({ "uri": theirs["uri"], "cid": theirs["cid"] });
    let quote = format!("at://quoted.test/app.bsky.feed.post/{key}");
    for media in [vec![], vec![MediaRef::new(small.0.id)]] {
        let mut variant = Variant { quote: Some(quote.clone()), ..Variant::text(format!("look {}", media.len())) };
        variant.parts[0].media.clone_from(&media);
        let published = Case::new(bluesky.as_ref(), &author, variant, &small).publish().await.unwrap();
        let record = author.record("app.bsky.feed.post", published.receipt.id.as_deref().unwrap()).await;
        let embed = &record["value"]["embed"];
        if media.is_empty() {
            assert_eq!(*embed, json!({ "$type": "app.bsky.embed.record", "record": strong }));
        } else {
            assert_eq!(
                (&embed["$type"], &embed["record"]["record"]),
                (&json!("app.bsky.embed.recordWithMedia"), &strong)
            );
        }
    }
    for nobodys in ["at://quoted.test/app.bsky.feed.post/3jzfcijpj2z2a".to_owned(), quote.replace("quoted", "nobody")] {
        let variant = Variant { quote: Some(nobodys), ..Variant::text("no") };
        let refused = Case::new(bluesky.as_ref(), &author, variant, &small).publish().await.unwrap_err();
        assert_eq!(refused.code(), "not_found");
    }
}

#[tokio::test]
async fn a_picture_as_large_as_it_may_be_is_shown_and_a_larger_one_is_refused() {
    let author = Author::connected("picture-book").await;
    let bluesky = connector();
    for (size, code) in [(1_000_000, "published"), (1_000_001, "media_too_large")] {
        let large = picture(size);
        let mut variant = Variant::text(format!("{size} bytes"));
        variant.parts[0].media = vec![MediaRef { alt_text: Some("a dot".into()), ..MediaRef::new(large.0.id) }; 4];
        let mut case = Case::new(bluesky.as_ref(), &author, variant, &large);
        let answer = case.publish().await;
        assert_eq!(answer.as_ref().map_or_else(Failure::code, |_| "published"), code, "{answer:?}");
        if let Ok(published) = answer {
            let record = author.record("app.bsky.feed.post", published.receipt.id.as_deref().unwrap()).await;
            let images = record["value"]["embed"]["images"].as_array().unwrap();
            assert_eq!((images.len(), &images[3]["alt"]), (4, &json!("a dot")));
            assert_eq!(images[0]["aspectRatio"], json!({ "width": 1, "height": 1 }));
            assert_eq!(images[0]["image"]["size"], size);
        }
    }
}

#[tokio::test]
async fn a_request_whose_answer_is_lost_is_found_and_a_second_one_makes_no_second_post() {
    let author = Author::connected("lost").await;
    let bluesky = connector();
    let small = picture(100);
    let mut case = Case::new(bluesky.as_ref(), &author, Variant::text("once"), &small);
    assert_eq!(case.find().await, Ok(Finding::Absent));
    author.fault(Fault::CommitThenDrop).await;
    assert!(matches!(case.publish().await, Err(Failure::Unconfirmed { .. })));
    let Ok(Finding::Proved(receipt)) = case.find().await else { panic!("{:?}", case.find().await) };
    // As if nobody had looked: the same part again meets its own record.
    let again = case.publish().await.unwrap_err();
    assert!(matches!(again, Failure::Unconfirmed { .. }), "{again:?}");
    assert_eq!(case.find().await, Ok(Finding::Proved(receipt.clone())));
    let posts = author.posts().await;
    assert_eq!(posts.iter().map(|post| post.id.as_str()).collect::<Vec<_>>(), [receipt.id.as_deref().unwrap()]);

    // Somebody writes something else over it: then it is nobody's to claim.
    let did = &author.account.profile.external_id;
    let other = json!({ "$type": "app.bsky.feed.post", "text": "another", "createdAt": "2026-01-01T00:00:00.000Z" });
    let call = json!({ "repo": did, "collection": "app.bsky.feed.post", "rkey": receipt.id, "record": other });
    author.call("com.atproto.repo.putRecord", &call).await;
    assert_eq!(case.find().await, Ok(Finding::Resembling(1)));
}

#[tokio::test]
async fn a_session_is_renewed_by_a_token_that_is_new_each_time_and_can_be_ended() {
    let author = Author::connected("one-session").await;
    let bluesky = connector();
    let (keys, app, whose) = (bluesky.keys().unwrap(), author.app(), author.direct());
    let first = author.pair.clone();
    assert!(first.expires_in_s.is_some_and(|s| (300..=86_400).contains(&s)), "{:?}", first.expires_in_s);
    assert!(first.refresh_expires_in_s.is_some_and(|s| s > 86_400), "{:?}", first.refresh_expires_in_s);
    let old = first.refresh.clone().unwrap();
    let second = keys.refresh(&app, &whose, &old).await.unwrap();
    let new = second.refresh.clone().unwrap();
    assert_ne!(new.expose_secret(), old.expose_secret());
    let small = picture(100);
    let renewed = author.with(second.access.clone());
    Case::new(bluesky.as_ref(), &renewed, Variant::text("with the new token"), &small).publish().await.unwrap();

    // A renewal token is not an access token, nor the other way round, and rubbish is neither.
    for wrong in [new.clone(), "rubbish".to_owned().into()] {
        let with = author.with(wrong);
        let refused = Case::new(bluesky.as_ref(), &with, Variant::text("no"), &small).publish().await.unwrap_err();
        assert_eq!(refused, Failure::Unauthorized);
    }
    assert_eq!(keys.refresh(&app, &whose, &second.access).await.unwrap_err(), AuthFailure::Refused);

    keys.revoke(&app, &whose, &second).await.unwrap();
    assert_eq!(keys.refresh(&app, &whose, &new).await.unwrap_err(), AuthFailure::Refused);
    keys.revoke(&app, &whose, &second).await.unwrap();
}

#[tokio::test]
async fn another_accounts_repository_cannot_be_written_to() {
    let (author, other) = (Author::connected("own-harbour").await, Author::connected("other-harbour").await);
    let bluesky = connector();
    let mut stolen = author.with(author.pair.access.clone());
    stolen.account.profile.external_id.clone_from(&other.account.profile.external_id);
    let small = picture(100);
    let refused = Case::new(bluesky.as_ref(), &stolen, Variant::text("no"), &small).publish().await.unwrap_err();
    assert_eq!(refused, Failure::Unauthorized);
    assert!(other.posts().await.is_empty());
}
