//! Other words for what is live, through the pages.
#![allow(clippy::unwrap_used)]

mod site;

use app::publishing::{PublishCommand, TargetSpec, When, execute, request};
use domain::PostId;
use domain::access::Role;
use domain::publishing::Variant;
use jiff::SignedDuration;
use ports::{PublishJob, StoredReply};
use site::Site;
use std::collections::BTreeMap;

/// A post that is live on these platforms.
async fn live(site: &Site, platforms: &[&str], text: &str) -> PostId {
    let mut accounts = Vec::new();
    for platform in platforms {
        accounts.push(site.world.connect(site.deps(), platform, "ada").await.unwrap().id);
    }
    let command = PublishCommand {
        content: Variant::text(text),
        variants: BTreeMap::new(),
        targets: accounts.iter().map(|id| TargetSpec::Account(*id)).collect(),
        when: When::Now,
        max_lateness_s: None,
    };
    let id = |a: &app::publishing::Accepted| StoredReply { status: 202, body: a.post.id.to_string() };
    let caller = &site.world.caller;
    let reply = request(site.deps(), caller, &command, &site.once(), &id).await.unwrap();
    let post: PostId = reply.stored.body.parse().unwrap();
    let process = site.world.process();
    for account in accounts {
        let job = PublishJob { v: 1, tenant: caller.tenant, post, account, cid: "test".into() };
        let until = site.world.engine.now() + SignedDuration::from_mins(1);
        Box::pin(execute(&process.publishing(), &job, until)).await.unwrap();
    }
    post
}

fn shown(site: &Site, platform: usize) -> Vec<String> {
    site.world.platforms[platform].truth().posted.iter().map(|post| post.text.clone()).collect()
}

#[tokio::test]
async fn the_words_of_a_live_post_are_changed_where_they_can_be_and_stay_elsewhere() {
    let site = Site::new();
    let post = live(&site, &["readable", "write-only"], "Fresh baens").await;
    let mut editor = site.signed_in(Role::Editor).await;
    let here = format!("/console/posts/{post}/words");
    let page = editor.get(&format!("/console/posts/{post}")).await;
    assert!(page.body.contains(&format!("href=\"{here}\"")), "{}", page.body);
    let form = editor.get(&here).await;
    assert!(form.body.contains("Fresh baens</textarea>") && !form.body.contains("name=\"when\""), "{}", form.body);
    assert!(form.body.contains("What is live on write-only cannot be changed"), "{}", form.body);
    assert!(!form.body.contains("name=\"variant_write-only\""));
    for _ in 0..2 {
        let changed = editor.send_form(&form, &here, &[("text", "Fresh beans")]).await;
        let back = format!("/console/posts/{post}?said=amended");
        assert_eq!((changed.status, changed.location()), (303, &*back), "{}", changed.body);
    }
    assert_eq!((shown(&site, 0), shown(&site, 1)), (vec!["Fresh beans".into()], vec!["Fresh baens".into()]));
    let page = editor.get(&format!("/console/posts/{post}?said=amended")).await;
    assert!(
        page.body.contains("people see the new words") && page.body.contains("Changed on the platform"),
        "{}",
        page.body
    );
}

#[tokio::test]
async fn what_a_platform_did_not_take_is_said_and_the_form_comes_back_with_what_is_wrong() {
    let site = Site::new();
    let post = live(&site, &["readable"], "One").await;
    let mut editor = site.signed_in(Role::Editor).await;
    let here = format!("/console/posts/{post}/words");
    let form = editor.get(&here).await;
    let long = "x".repeat(281);
    let wrong = editor.send_form(&form, &here, &[("text", &long)]).await;
    assert_eq!(wrong.status, 422);
    assert!(wrong.error_of("text").unwrap().contains("shorten it by 1"), "{}", wrong.body);
    let refused = editor.send_form(&wrong, &here, &[("text", "refused words")]).await;
    assert_eq!(refused.location(), format!("/console/posts/{post}?said=amended-in-part"));
    let page = editor.get(refused.location()).await;
    assert!(page.body.contains("Not changed there") && page.body.contains("not these words"), "{}", page.body);
    let mut viewer = site.signed_in(Role::Viewer).await;
    assert_eq!(viewer.get(&here).await.status, 403);
    assert!(!viewer.get(&format!("/console/posts/{post}")).await.body.contains(&here));
}

#[tokio::test]
async fn a_title_that_some_platforms_do_not_have_hinders_no_change_and_is_sent_to_none_of_them() {
    let site = Site::new();
    let post = live(&site, &["readable", "write-only"], "Fresh baens").await;
    let mut editor = site.signed_in(Role::Editor).await;
    let here = format!("/console/posts/{post}/words");
    let form = editor.get(&here).await;
    let titled = editor.send_form(&form, &here, &[("text", "Fresh beans"), ("title", "Beans")]).await;
    assert_eq!(
        (titled.status, titled.location()),
        (303, &*format!("/console/posts/{post}?said=amended")),
        "{}",
        titled.body
    );
    assert_eq!((shown(&site, 0), shown(&site, 1)), (vec!["Fresh beans".into()], vec!["Fresh baens".into()]));
    let form = editor.get(&here).await;
    assert!(form.body.contains("Fresh beans</textarea>"), "it can be changed here again: {}", form.body);
    let alone = editor.send_form(&form, &here, &[("title", "More beans")]).await;
    assert_eq!(alone.status, 422, "nothing changes anywhere");
}
