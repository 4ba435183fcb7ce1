//! Whom a page's post on LinkedIn is shown to.

use super::*;
use crate::tests::rules::{Post, Rules};
use domain::accounts::AccountKind;
use domain::publishing::{Targeting, check_author};

fn of(text: &str) -> Variant {
    let names = |kind: &str, numbers: &[u8]| numbers.iter().map(|n| format!("urn:li:{kind}:{n}")).collect();
    let targeting = Targeting {
        industries: names("industry", &[4, 6]),
        seniorities: names("seniority", &[3]),
        functions: names("function", &[8]),
        regions: names("geo", &[101]),
    };
    Variant { targeting, ..Variant::text(text) }
}

#[tokio::test]
async fn a_pages_post_names_whom_it_is_shown_to_and_a_lost_one_is_found() {
    let linkedin = connector();
    let server = Connected::start(&linkedin, "ada-demo", PAGE).await;
    let small = picture("image/png", 100);
    Case::new(&linkedin, &server, of("for some"), &small).publish().await.unwrap();
    let expected = json!([{
        "industries": ["urn:li:industry:4", "urn:li:industry:6"], "seniorities": ["urn:li:seniority:3"],
        "jobFunctions": ["urn:li:function:8"], "geoLocations": ["urn:li:geo:101"],
    }]);
    assert_eq!(server.live().await[0]["targets"], expected);
    let mut one = of("for a region");
    one.targeting = Targeting { regions: one.targeting.regions, ..Targeting::default() };
    let mut case = Case::new(&linkedin, &server, one, &small);
    server.fault(Fault::DropBeforeCommit).await;
    case.publish().await.unwrap_err();
    assert_eq!(case.find().await, Ok(Finding::Absent));
    server.fault(Fault::CommitThenDrop).await;
    case.publish().await.unwrap_err();
    assert!(matches!(case.find().await, Ok(Finding::Found(_))));
    assert_eq!(
        server.live().await[1]["targets"],
        json!([{ "geoLocations": ["urn:li:geo:101"] }]),
        "and no empty lists"
    );
}

#[tokio::test]
async fn an_audience_that_is_too_small_ends_the_post_in_words_and_other_refusals_stay_what_they_are() {
    let linkedin = connector();
    let server = Connected::start(&linkedin, "ada-demo", PAGE).await;
    let small = picture("image/png", 100);
    server.set(json!({ "linkedin_audience": 300 })).await;
    Case::new(&linkedin, &server, of("just enough"), &small).publish().await.unwrap();
    server.set(json!({ "linkedin_audience": 299 })).await;
    let refused = Case::new(&linkedin, &server, of("too few"), &small).publish().await.unwrap_err();
    assert_eq!(refused.code(), "audience_refused");
    let Failure::Rejected { detail, .. } = &refused else { panic!("{refused:?}") };
    assert!(detail.contains("300 followers") && detail.contains("too small"), "{detail}");
    for (code, message, expected) in [
        (403, "Not enough permissions to target", "access_denied"),
        (400, "something else is wrong", "invalid_request"),
        (503, "the audience service is down", "unconfirmed"),
    ] {
        let body = json!({ "status": code, "message": message });
        server.order("create_post", "status", json!({ "code": code, "body": body })).await;
        let refused = Case::new(&linkedin, &server, of(message), &small).publish().await.unwrap_err();
        assert_eq!(refused.code(), expected, "{message}");
    }
    // What is shown to everybody has no audience that could be too small.
    let body = json!({ "status": 400, "message": "audience" });
    server.order("create_post", "status", json!({ "code": 400, "body": body })).await;
    let refused = Case::new(&linkedin, &server, Variant::text("for all"), &small).publish().await.unwrap_err();
    assert_eq!(refused.code(), "invalid_request");
}

#[tokio::test]
async fn a_members_post_is_shown_to_nobody_in_particular() {
    let linkedin = connector();
    let server = Connected::start(&linkedin, "ada-demo", MEMBER).await;
    let small = picture("image/png", 100);
    let refused = Case::new(&linkedin, &server, of("mine"), &small).publish().await;
    assert!(matches!(&refused, Err(Failure::Unsupported { detail }) if detail.contains("pages")), "{refused:?}");
    assert_eq!(server.requests().await, 0);
    let told = check_author(&of("mine"), linkedin.descriptor(), AccountKind::Person, "/content").unwrap();
    assert_eq!((told.code.as_str(), told.field.as_str()), ("unsupported", "/content/targeting"));
    assert!(told.detail.contains("only posts of pages"), "{}", told.detail);
    for (variant, author) in [(of("a page's"), AccountKind::Organisation), (Variant::text("all"), AccountKind::Person)]
    {
        assert_eq!(check_author(&variant, linkedin.descriptor(), author, "/content"), None);
    }
}

#[test]
fn whom_a_post_is_shown_to_is_named_by_urns_of_the_right_kind_at_most_twenty_of_each() {
    let linkedin = connector();
    let rules = Rules::of(linkedin.descriptor(), Post::new("look", &[]));
    let urns = |kind: &str, most: u64| -> Vec<String> { (0..most).map(|n| format!("urn:li:{kind}:{n}")).collect() };
    rules.most(20, "targeting_invalid /targeting/industries", |p, n| p.targeting.industries = urns("industry", n));
    rules.most(20, "targeting_invalid /targeting/seniorities", |p, n| p.targeting.seniorities = urns("seniority", n));
    rules.most(20, "targeting_invalid /targeting/functions", |p, n| p.targeting.functions = urns("function", n));
    rules.most(20, "targeting_invalid /targeting/regions", |p, n| p.targeting.regions = urns("geo", n));
    rules.takes(|p| p.targeting.regions = vec![format!("urn:li:geo:{}", "1".repeat(20))]);
    for wrong in ["", "1", "EU", "urn:li:geo:", "urn:li:geo:x", "urn:li:industry:1", "urn:li:geo:1 ", "urn:li:geo:١"] {
        rules.because("targeting_invalid /targeting/regions/0", "like urn:li:geo:1", |p| {
            p.targeting.regions = vec![wrong.into()];
        });
    }
    rules.refuses("targeting_invalid /targeting/regions/0", |p| {
        p.targeting.regions = vec![format!("urn:li:geo:{}", "1".repeat(21))];
    });
    rules.because("targeting_invalid /targeting/functions/1", "twice", |p| {
        p.targeting.functions = vec!["urn:li:function:1".into(); 2];
    });
}
