//! Approved templates: what is looked at before anything leaves, and what arrives.

use super::*;

#[tokio::test]
async fn an_approved_template_reaches_whoever_has_not_written_with_its_parameters_in_their_places() {
    let whatsapp = connector();
    let server = Connected::start(&whatsapp, HARBOUR, 0).await;
    let none = picture("image/png", 100);
    for (variant, says) in [
        (order(), "Hi Ada, your order 42 is ready at the harbour."),
        (template("order_ready", "de", &["Bo", "7"]), "Hallo Bo, die Bestellung 7 liegt am Hafen bereit."),
        (template("hello_harbour", "en_US", &[]), "Hello from the harbour."),
    ] {
        Case::new(&whatsapp, &server, variant, &none).publish().await.unwrap();
        assert_eq!(server.live().await.last().unwrap()["text"], says);
    }
    let raw: Value = serde_json::from_str(server.live().await[0]["raw"].as_str().unwrap()).unwrap();
    assert_eq!(
        raw["template"],
        json!({
            "name": "order_ready", "language": { "policy": "deterministic", "code": "en_US" },
            "components": [{ "type": "body", "parameters": [{ "type": "text", "text": "Ada" }, { "type": "text", "text": "42" }] }],
        })
    );
}

#[tokio::test]
async fn the_medium_that_a_header_asks_for_is_that_of_the_post_and_one_place_may_stand_twice() {
    let whatsapp = connector();
    let server = Connected::start(&whatsapp, HARBOUR, 0).await;
    for (file, variant) in [
        (picture("image/png", 3_000), template("new_menu", "en_US", &["May"])),
        (film(), template("tour", "en_US", &[])),
        (picture("application/pdf", 900), template("invoice", "en_US", &[])),
    ] {
        Case::new(&whatsapp, &server, with(variant, &file), &file).publish().await.unwrap();
        let live = server.live().await;
        assert_eq!(server.shown(&live.last().unwrap()["media"][0]).await, file.1);
    }
    assert_eq!(server.live().await[0]["text"], "The menu of May is out. Ask for May!");
}

/// What preparing comes to, and that nothing left.
async fn refused(variant: Variant, file: &Picture) -> (String, String) {
    let whatsapp = connector();
    let server = Connected::start(&whatsapp, HARBOUR, 0).await;
    let mut case = Case::new(&whatsapp, &server, variant, file);
    let Err(Failure::Rejected { code, detail }) = case.publish().await else { panic!("it is taken") };
    assert_eq!((server.requests().await, server.calls("media").await), (0, 0), "nothing was sent or uploaded");
    (code, detail)
}

#[tokio::test]
async fn what_is_not_approved_or_not_there_or_asks_for_something_else_is_refused_before_anything_is_sent() {
    let (photo, paper) = (picture("image/png", 3_000), picture("application/pdf", 900));
    for (variant, code, words) in [
        (template("nothing", "en_US", &[]), "template_missing", "no template named nothing"),
        (template("order_ready", "fr", &["Ada", "1"]), "template_missing", "is there in en_US, de, and not in fr"),
        (template("order", "en_US", &[]), "template_missing", "no template named order"),
        (template("winter_sale", "en_US", &["x"]), "template_not_approved", "this one is PENDING"),
        (template("autumn_sale", "en_US", &["x"]), "template_not_approved", "this one is REJECTED"),
        (template("summer_sale", "en_US", &["x"]), "template_not_approved", "this one is PAUSED"),
        (template("spring_sale", "en_US", &["x"]), "template_not_approved", "this one is DISABLED"),
        (template("order_ready", "en_US", &["Ada"]), "template_parameters", "takes 2 parameters, and 1 are given"),
        (template("hello_harbour", "en_US", &["Ada"]), "template_parameters", "takes 0 parameters"),
        (template("new_menu", "en_US", &["May"]), "template_parameters", "takes a picture"),
        (with(template("tour", "en_US", &[]), &photo), "template_parameters", "takes a video"),
        (with(template("invoice", "en_US", &[]), &photo), "template_parameters", "takes a document"),
        (with(order(), &photo), "template_parameters", "takes no picture"),
        (template("named_places", "en_US", &["Ada"]), "template_unsupported", "places with names"),
        (template("headline", "en_US", &[]), "template_unsupported", "a headline that varies"),
        (template("tracking", "en_US", &[]), "template_unsupported", "buttons that vary"),
    ] {
        let told = refused(variant, &photo).await;
        assert_eq!(told.0, code, "{}", told.1);
        assert!(told.1.contains(words), "{words}: {}", told.1);
    }
    let told = refused(with(template("new_menu", "en_US", &["May"]), &paper), &paper).await;
    assert_eq!(told.0, "template_parameters", "{}", told.1);
}

#[tokio::test]
async fn a_template_is_as_long_as_its_text_with_the_parameters_in_their_places() {
    let (whatsapp, none) = (connector(), picture("image/png", 100));
    let server = Connected::start(&whatsapp, HARBOUR, 0).await;
    // With "Ada" the rest of its text has 44 characters.
    let longest = async |n: usize| {
        let template = template("order_ready", "en_US", &["Ada", &"é".repeat(n)]);
        Case::new(&whatsapp, &server, template, &none).publish().await.map_err(|failure| failure.code().to_owned())
    };
    assert!(longest(980).await.is_ok());
    assert_eq!(longest(981).await.map(drop), Err("content_too_long".into()));
    assert_eq!(server.live().await.len(), 1);
}

#[tokio::test]
async fn templates_are_read_to_the_end_of_their_list_and_one_that_cannot_be_read_sends_nothing() {
    let whatsapp = connector();
    let server = Connected::start(&whatsapp, HARBOUR, 0).await;
    let none = picture("image/png", 100);
    server.set(json!({"whatsapp_page": 1})).await;
    Case::new(&whatsapp, &server, template("order_ready", "de", &["Bo", "7"]), &none).publish().await.unwrap();
    assert_eq!((server.calls("terms").await, server.live().await.len()), (4, 1), "one when it was connected");
    for (kind, params) in [("drop_before_commit", json!({})), ("garbage", json!({})), ("status", json!({"code": 500}))]
    {
        server.order("terms", kind, params).await;
        let mut case = Case::new(&whatsapp, &server, order(), &none);
        assert_eq!(case.publish().await.map(drop), Err(Failure::Unavailable), "{kind}");
    }
    assert_eq!(server.requests().await, 1);
}

#[tokio::test]
async fn a_template_that_ended_after_it_was_looked_at_is_refused_by_whatsapp() {
    let whatsapp = connector();
    let server = Connected::start(&whatsapp, HARBOUR, 0).await;
    let none = picture("image/png", 100);
    for (number, code) in [
        (132_000, "template_parameters"),
        (132_001, "template_missing"),
        (132_005, "content_too_long"),
        (132_007, "blocked_by_policy"),
        (132_012, "template_parameters"),
        (132_015, "template_not_approved"),
        (132_016, "template_not_approved"),
    ] {
        let body = json!({"error": {"message": "no", "code": number}});
        server.order("create_post", "status", json!({"code": 400, "body": body})).await;
        let mut case = Case::new(&whatsapp, &server, order(), &none);
        let Err(Failure::Rejected { code: told, .. }) = case.publish().await else { panic!("{number}") };
        assert_eq!(told, code, "{number}");
    }
}
