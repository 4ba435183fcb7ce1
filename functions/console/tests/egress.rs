//! What webhook endpoints may be, through the pages.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod site;

use domain::access::Role;
use domain::egress::EgressPolicy;
use site::Site;

const FORM: &str = "/console/team/egress-policy";

async fn policy(site: &Site) -> EgressPolicy {
    app::webhooks::egress_policy(site.deps(), &site.world.caller).await.unwrap()
}

#[tokio::test]
async fn an_owner_allows_http_and_a_port_and_takes_both_back() {
    let site = Site::new();
    let mut owner = site.signed_in(Role::Owner).await;
    let page = owner.get("/console/team").await;
    let ticked = [("egress_http", "1"), ("egress_port", "9443"), ("egress_port", "8080")];
    let saved = owner.send_form(&page, FORM, &ticked).await;
    assert_eq!((saved.status, saved.location()), (303, "/console/team?said=egress-saved"), "{}", saved.body);
    assert_eq!(policy(&site).await, EgressPolicy { http: true, ports: vec![8080, 9443] });
    let page = owner.get(saved.location()).await;
    for shown in ["It counts for every endpoint", r#"name="egress_http" value="1" checked"#, r#"value="8080" checked"#]
    {
        assert!(page.body.contains(shown), "{shown}: {}", page.body);
    }
    assert!(!page.body.contains(r#"value="8443" checked"#));
    assert_eq!(owner.send_form(&page, FORM, &[]).await.status, 303);
    assert!(policy(&site).await.is_strict(), "what is not ticked is not allowed");
}

#[tokio::test]
async fn a_port_that_cannot_be_allowed_is_refused_on_the_page_and_nothing_is_changed() {
    let site = Site::new();
    let mut owner = site.signed_in(Role::Owner).await;
    let page = owner.get("/console/team").await;
    for port in ["25", "many"] {
        let refused = owner.send_form(&page, FORM, &[("egress_http", "1"), ("egress_port", port)]).await;
        let told = refused.error_of("egress").unwrap_or_else(|| panic!("{}", refused.body));
        assert!(refused.status == 422 && told.contains("cannot be allowed"), "{told}");
        assert!(policy(&site).await.is_strict());
    }
}

#[tokio::test]
async fn who_is_no_owner_reads_what_is_allowed_and_changes_nothing() {
    let site = Site::new();
    let mut owner = site.signed_in(Role::Owner).await;
    let page = owner.get("/console/team").await;
    assert_eq!(owner.send_form(&page, FORM, &[("egress_http", "1"), ("egress_port", "8443")]).await.status, 303);
    let mut editor = site.signed_in(Role::Editor).await;
    let seen = editor.get("/console/team").await;
    assert!(seen.body.contains("plain http, port 8443") && !seen.body.contains(FORM), "{}", seen.body);
    let csrf = seen.hidden_with("/console/sign-out", &[]);
    let fields = [csrf, site::pairs(&[("idempotency_key", "anything8")])].concat();
    assert_eq!(editor.post(FORM, &fields).await.status, 403);
    assert!(!policy(&site).await.is_strict());
}
