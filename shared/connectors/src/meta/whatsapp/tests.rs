#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod answers;
mod connecting;
mod outcomes;
mod rules;
mod templates;

use super::*;
use crate::tests::{Connected, Facts, Known, egress, picture};
use connector_kit::contract::{self, Case, Fault, Harness as _, Picture};
use domain::publishing::{FORMER, Finding, MediaRef, Probe, Template, Variant};
use ports::{Delete as _, Wording as _};
use serde_json::{Value, json};

/// Whose number speaks.
const HARBOUR: &str = "harbour";

fn connector() -> WhatsApp {
    WhatsApp::new(Http::new(egress()))
}

/// A conversation whose recipient wrote a moment ago.
async fn answered(whatsapp: &WhatsApp) -> Connected {
    let server = Connected::start(whatsapp, HARBOUR, 0).await;
    server.set(json!({"whatsapp_written": true})).await;
    server
}

fn template(name: &str, language: &str, parameters: &[&str]) -> Variant {
    let parameters = parameters.iter().map(|&parameter| parameter.into()).collect();
    let template = Template { name: name.into(), language: language.into(), parameters };
    Variant { template: Some(template), ..Variant::text("") }
}

fn order() -> Variant {
    template("order_ready", "en_US", &["Ada", "42"])
}

fn with(mut variant: Variant, medium: &Picture) -> Variant {
    variant.parts[0].media.push(MediaRef::new(medium.0.id));
    variant
}

fn film() -> Picture {
    let mut film = picture("video/mp4", 3_000);
    let probe = film.0.probe.take().unwrap();
    film.0.probe = Some(Probe { duration_ms: Some(9_000), codec: Some("h264".into()), ..probe });
    film
}

/// What people's decision leaves of what was kept.
fn after_a_decision(case: &mut Case<'_>) {
    let kept = case.progress.take().unwrap();
    case.progress = Some(json!({ FORMER: kept[FORMER] }));
}

/// Keeps what an answer gave to be kept, as the delivery does.
fn keeps(case: &mut Case<'_>, failure: &Failure) {
    let Failure::Taken { kept: Some(kept), .. } = failure else { panic!("{failure:?}") };
    case.progress = Some(kept.clone());
}

/// A message stays with who got it, and nobody else sees it.
impl Known for WhatsApp {
    const FACTS: Facts = Facts { deletes: false, has_addresses: false, ..Facts::USUAL };
}

#[tokio::test]
async fn whatsapp_keeps_the_contract() {
    let whatsapp = connector();
    let server = answered(&whatsapp).await;
    contract::run(&whatsapp, &server, &picture("image/png", 3_000)).await;
}

#[tokio::test]
async fn a_message_says_what_was_written_to_one_recipient_and_bears_the_name_of_its_part() {
    let whatsapp = connector();
    let server = answered(&whatsapp).await;
    let none = picture("image/png", 100);
    let text = "See https://harbour.example/menu";
    let published = Case::new(&whatsapp, &server, Variant::text(text), &none).publish().await.unwrap();
    assert_eq!(published.receipt.url, None, "nobody sees it at an address");
    Case::new(&whatsapp, &server, Variant::text("plain"), &none).publish().await.unwrap();
    let live = server.live().await;
    let raw = |n: usize| serde_json::from_str::<Value>(live[n]["raw"].as_str().unwrap()).unwrap();
    assert_eq!(
        raw(0),
        json!({
            "messaging_product": "whatsapp", "recipient_type": "individual", "to": "16505551234", "type": "text",
            "biz_opaque_callback_data": format!("{text}.0"), "text": { "body": text, "preview_url": true },
        })
    );
    assert_eq!(raw(1)["text"]["preview_url"], false, "there is no link to show");
}

#[tokio::test]
async fn a_picture_a_video_and_a_document_go_up_once_and_into_a_message_with_the_text_as_their_caption() {
    let whatsapp = connector();
    let server = answered(&whatsapp).await;
    for (file, kind) in
        [(picture("image/jpeg", 5_000), "image"), (film(), "video"), (picture("application/pdf", 900), "document")]
    {
        let mut variant = with(Variant::text("Look"), &file);
        variant.parts[0].media[0].title = Some("The menu".into());
        Case::new(&whatsapp, &server, variant, &file).publish().await.unwrap();
        let live = server.live().await;
        let shown = live.last().unwrap();
        assert_eq!(server.shown(&shown["media"][0]).await, file.1, "{kind}");
        let raw: Value = serde_json::from_str(shown["raw"].as_str().unwrap()).unwrap();
        assert_eq!((raw["type"].as_str(), raw[kind]["caption"].as_str()), (Some(kind), Some("Look")));
        let called = (kind == "document").then_some("The menu.pdf");
        assert_eq!(raw[kind]["filename"].as_str(), called);
    }
    assert_eq!(server.calls("media").await, 3);
}

#[tokio::test]
async fn what_is_uploaded_is_sent_again_without_another_upload_and_anew_when_it_is_a_month_old() {
    let whatsapp = connector();
    let server = answered(&whatsapp).await;
    let photo = picture("image/png", 3_000);
    let mut case = Case::new(&whatsapp, &server, with(Variant::text("Look"), &photo), &photo);
    server.order("create_post", "status", json!({"code": 400})).await;
    assert!(matches!(case.publish().await, Err(Failure::Rejected { .. })));
    let kept = case.progress.clone().unwrap();
    case.publish().await.unwrap();
    assert_eq!(server.calls("media").await, 1);

    let mut old = kept;
    old["upload"]["at"] = json!("2026-01-01T00:00:00Z");
    let mut case = Case::new(&whatsapp, &server, with(Variant::text("Look"), &photo), &photo);
    case.progress = Some(old);
    case.publish().await.unwrap();
    assert_eq!(server.calls("media").await, 2);
}

#[test]
fn a_conversation_is_read_from_its_account_and_nothing_else_is_one() {
    let sealed = SecretString::from("16505551234:EAAG");
    let read = Conversation::parsed("1/2/ab", &sealed).unwrap();
    assert_eq!((read.phone, read.business, read.recipient.expose_secret()), ("1", "2", "16505551234"));
    assert_eq!(read.token.expose_secret(), "EAAG");
    for (id, sealed) in [
        ("1/2", "16505551234:E"),
        ("1/x/ab", "16505551234:E"),
        ("1/2/a b", "16505551234:E"),
        ("1/2/ab", "EAAG"),
        ("1/2/ab", "123:E"),
    ] {
        assert!(Conversation::parsed(id, &sealed.into()).is_none(), "{id} {sealed}");
    }
}

#[test]
fn a_person_may_name_a_message_by_its_id_and_nothing_else() {
    let (whatsapp, app) = (
        connector(),
        PlatformApp {
            client_id: String::new(),
            client_secret: "".into(),
            bases: std::collections::BTreeMap::new(),
            settings: std::collections::BTreeMap::new(),
        },
    );
    let profile = domain::accounts::Profile {
        external_id: "1/2/ab".into(),
        name: "Ada".into(),
        handle: None,
        kind: domain::accounts::AccountKind::Person,
        home: None,
    };
    let account = crate::tests::account(&whatsapp.descriptor().id, profile);
    let id = "wamid.HBgLMTY0NzM3Nzc3NzUVAgARGBI5QTNEQTA2RjdGMEY4RTRGAA==";
    assert_eq!(whatsapp.named(&app, &account, id).unwrap().id.as_deref(), Some(id));
    for other in ["", "wamid.", "16505551234", "wamid.a b", "https://wa.me/16505551234", "wamid.a?b"] {
        assert_eq!(whatsapp.named(&app, &account, other), None, "{other}");
    }
}
