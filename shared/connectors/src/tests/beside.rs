//! What stands beside a post, tried where no platform's own tests do: a first comment where it is one more part, pictures that
//! move, links that stand in the text.

use super::rules::{self, Post, film};
use super::{Connected, Known, egress, picture};
use crate::{discord, mastodon, meta, slack, telegram, tiktok, youtube};
use connector_kit::Http;
use connector_kit::contract::{Case, Picture};
use domain::publishing::{LinkCard, MediaRef, Variant};
use ports::{AllRoles, Wording};

#[tokio::test]
async fn a_first_comment_answers_its_post_where_threads_do() {
    let http = || Http::new(egress());
    comments(&telegram::Telegram::new(http()), "harbour_bot").await;
    comments(&discord::Discord::new(http()), "harbour_bot").await;
    comments(&mastodon::Mastodon::new(http()), "ada").await;
    comments(&meta::Threads::new(http()), "harbour.coffee.demo").await;
}

/// A first comment of somebody of the sandbox who has an account on a platform whose threads are replies.
async fn comments<C: AllRoles + Known>(connector: &C, actor: &str) {
    let server = Connected::start(connector, actor, 0).await;
    let none = picture("image/png", 100);
    let variant = Variant { first_comment: Some("More in the shop".into()), ..Variant::text("Open today") };
    let mut case = Case::new(connector, &server, variant, &none);
    let post = case.publish().await.unwrap().receipt;
    let comment = case.publish().await.unwrap().receipt;
    let live = server.live().await;
    let said = live.iter().find(|said| said["id"].as_str() == comment.id.as_deref()).unwrap();
    let shown = (said["text"].as_str(), said["reply_to"].as_str());
    assert_eq!(shown, (Some("More in the shop"), post.id.as_deref()), "{}", server.platform);
    assert_eq!(live.len(), 2, "{}", server.platform);
}

/// A post with this one medium.
async fn shown(connector: &dyn AllRoles, server: &Connected, medium: &Picture) -> Vec<u8> {
    let mut variant = Variant::text("It moves");
    variant.parts[0].media.push(MediaRef { alt_text: Some("a wave".into()), ..MediaRef::new(medium.0.id) });
    Case::new(connector, server, variant, medium).publish().await.unwrap();
    let live = server.live().await;
    server.shown(&live[0]["media"][0]).await
}

#[tokio::test]
async fn a_picture_that_moves_arrives_as_it_is_where_it_is_a_picture_like_any_other() {
    let gif = picture("image/gif", 3_000);
    let discord = discord::Discord::new(Http::new(egress()));
    let server = Connected::start(&discord, "harbour_bot", 0).await;
    assert_eq!(shown(&discord, &server, &gif).await, gif.1);
    let slack = slack::Slack::new(Http::new(egress()));
    let mut server = Connected::start(&slack, "harbour-coffee-demo", 0).await;
    "T0HARBOUR1/C0GENERAL1".clone_into(&mut server.account.profile.external_id);
    assert_eq!(shown(&slack, &server, &gif).await, gif.1);
}

#[test]
fn captions_are_refused_where_herald_sends_none_and_never_for_want_of_the_platform() {
    let mut refused = Vec::new();
    for descriptor in crate::Registry::new(egress()).describe().all().iter().map(|connector| connector.descriptor()) {
        let mut post = Post::new("look", &[film()]).titled("A film");
        post.speaks(&[(rules::captions("text/vtt"), "en")]);
        let about = post.violations(descriptor);
        let of_captions: Vec<_> = about.iter().filter(|v| v.field.contains("captions")).collect();
        match &descriptor.limits.video {
            Some(rule) if rule.captions.is_some() => assert!(of_captions.is_empty(), "{about:?}"),
            Some(_) => {
                let [one] = of_captions.as_slice() else { panic!("{}: {about:?}", descriptor.id) };
                assert_eq!((one.code.as_str(), one.field.as_str()), ("unsupported", "/parts/0/media/0/captions"));
                assert!(one.detail.starts_with("Herald sends no captions to"), "{}", one.detail);
                refused.push(descriptor.id.to_string());
            }
            // That it takes no videos is all there is to say.
            None => assert!(of_captions.is_empty(), "{about:?}"),
        }
    }
    assert_eq!(refused.len(), 12, "{refused:?}");
}

#[test]
fn a_link_stands_at_the_end_of_the_words_where_there_are_no_cards() {
    let http = || Http::new(egress());
    let all: [Box<dyn Wording>; 4] = [
        Box::new(discord::Discord::new(http())),
        Box::new(youtube::YouTube::new(http())),
        Box::new(tiktok::TikTok::new(http())),
        Box::new(meta::Instagram::new(http())),
    ];
    let link = LinkCard { url: "https://example.com/a".into(), title: Some("not shown".into()), description: None };
    let variant = Variant { title: Some("A film".into()), link: Some(link), ..Variant::text("Look") };
    for wording in all {
        let sent = wording.render(&variant).join("\n");
        assert!(sent.contains("Look") && sent.ends_with("https://example.com/a"), "{sent}");
    }
}
