//! What people say below the posts of a site.

use super::*;
use crate::tests::listening::{Ear, large_pages_are_asked_for_in_smaller_ones, refusals_move_nothing, said};

/// A visitor says something; its number.
async fn says(server: &Connected, on: &str, text: &str) -> String {
    let words = json!({"platform": "wordpress", "on": on, "text": text, "author": "A & B"});
    server.sandbox.control("say", &words).await["id"].as_str().unwrap().to_owned()
}

async fn post(wordpress: &WordPress, server: &Connected) -> String {
    let small = small();
    let mut case = Case::new(wordpress, server, Variant::text("our post"), &small);
    case.publish().await.unwrap().receipt.id.unwrap()
}

#[tokio::test]
async fn comments_that_wait_for_approval_are_heard_too_and_no_comment_is_taken_for_a_post() {
    let wordpress = connector();
    let server = connected(&wordpress).await;
    let post = post(&wordpress, &server).await;
    let mut ear = Ear::new(&wordpress, &server);
    let first = format!("comment-{}", says(&server, &post, "nice\n\nyes & more").await);
    let answer = format!("comment-{}", says(&server, &first, "indeed").await);
    let (all, pages) = ear.all().await;
    let told: Vec<_> = all.iter().map(|heard| (said(heard).external_id.clone(), said(heard).on.clone())).collect();
    assert_eq!((told, pages), (vec![(answer, Some(first.clone())), (first, Some(post))], 2));
    let one = said(&all[1]);
    assert_eq!((one.author.as_deref(), one.handle.as_deref()), (None, Some("A & B")));
    assert!(
        one.text.as_deref().unwrap().starts_with("nice") && one.text.as_deref().unwrap().ends_with("& more"),
        "{one:?}"
    );
}

#[tokio::test]
async fn many_are_heard_page_by_page_and_what_is_deleted_meanwhile_hides_none() {
    let wordpress = connector();
    let server = connected(&wordpress).await;
    let post = post(&wordpress, &server).await;
    let mut ear = Ear::new(&wordpress, &server);
    let (begun, mut wanted) = (server.now() - jiff::SignedDuration::from_secs(1), Vec::new());
    for n in 0..100 {
        wanted.insert(0, format!("comment-{}", says(&server, &post, &format!("number {n}")).await));
    }
    let ids =
        |heard: &[domain::inbound::Heard]| heard.iter().map(|one| said(one).external_id.clone()).collect::<Vec<_>>();
    let (all, pages) = Ear::since(&wordpress, &server, begun).all().await;
    assert_eq!((ids(&all)[..100].to_vec(), pages), (wanted.clone(), 2), "a page that is full, and none behind it");
    wanted.insert(0, format!("comment-{}", says(&server, &post, "one more").await));
    let first = ear.page().await.unwrap();
    assert!(first.more && ids(&first.heard) == wanted[..100]);
    let home = server.account.profile.home.as_deref().unwrap();
    let number = wanted[3].trim_start_matches("comment-");
    let site = Site::of(&server.app, &server.account, &server.token).unwrap();
    assert!(
        home.contains("wordpress")
            && wordpress.ask(site.delete(&format!("wp/v2/comments/{number}?force=true"))).await.unwrap().is_success()
    );
    let moved = ear.page().await.unwrap();
    assert_eq!((moved.heard.len(), moved.more), (0, false), "what the page begins with has moved up");
    let (again, _) = ear.all().await;
    assert!(ids(&again).contains(&wanted[100]), "the next walk hears it");
    ear.later = jiff::SignedDuration::from_hours(2);
    ear.all().await;
    assert_eq!(ear.ids().await, Vec::<String>::new());
}

#[tokio::test]
async fn what_a_user_of_the_site_says_is_the_accounts_own_where_it_is_theirs() {
    let wordpress = connector();
    let server = connected(&wordpress).await;
    let (at, user) = (server.now().to_string().trim_end_matches('Z').to_owned(), &server.account.profile.external_id);
    let told = |id: u32, author: &str| json!({"id": id, "post": 1, "parent": 0, "author": author.parse::<u64>().unwrap(), "date_gmt": at, "content": {"rendered": "<<<"}});
    server.order("list", "status", json!({"code": 200, "body": [told(9, user), told(8, "77")]})).await;
    let heard = Ear::new(&wordpress, &server).page().await.unwrap().heard;
    assert_eq!(said(&heard[0]).author.as_deref(), Some(user.as_str()));
    assert_eq!((said(&heard[1]).author.as_deref(), said(&heard[1]).text.as_deref()), (Some("77"), Some("<<<")));
    let garbage = [json!({}), json!([{"id": "x"}])];
    refusals_move_nothing(&wordpress, &server, "list", &garbage).await;
}

#[tokio::test]
async fn a_page_too_large_to_read_is_asked_for_in_smaller_ones() {
    let wordpress = connector();
    let server = connected(&wordpress).await;
    let now = server.now().to_string();
    let one = json!([{"id": 7, "post": 5, "parent": 0, "author": 0, "author_name": "A",
        "date_gmt": now.trim_end_matches('Z'), "content": {"rendered": "<p>x</p>"}}]);
    large_pages_are_asked_for_in_smaller_ones(&wordpress, &server, "list", one).await;
}

/// What anybody may write without an account: 65,525 bytes a comment.
#[tokio::test]
async fn a_stranger_who_writes_a_mebibyte_makes_nobody_deaf() {
    let wordpress = connector();
    let server = connected(&wordpress).await;
    let post = post(&wordpress, &server).await;
    let mut ear = Ear::new(&wordpress, &server);
    let mut wanted = vec![format!("comment-{}", says(&server, &post, "before").await)];
    for _ in 0..17 {
        wanted.insert(0, format!("comment-{}", says(&server, &post, &"x".repeat(65_500)).await));
    }
    wanted.insert(0, format!("comment-{}", says(&server, &post, "after").await));
    assert_eq!(ear.ids().await, wanted);
}
