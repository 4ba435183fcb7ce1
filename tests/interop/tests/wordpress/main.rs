//! The connector of WordPress against WordPress itself, which `cargo xtask interop` installs and starts.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::doc_markdown)]

mod comments;
mod site;

use connector_kit::contract::{self, Case, Harness as _};
use domain::publishing::{ContentKind, Failure, Finding, LinkCard, MediaRef, Receipt, Variant};
use interop::Trouble;
use ports::KeyFailure;
use serde_json::json;
use site::{Site, drafts, is_publishing, media, picture, posts};

const MORE: &str = "Opening hours & more <soon>";

#[tokio::test]
async fn the_contract_is_kept_by_the_real_server() {
    let site = Site::start("ada").await;
    contract::run(site.connector(), &site, &picture()).await;
}

#[tokio::test]
async fn only_a_user_who_may_publish_with_an_application_password_is_connected() {
    let site = Site::start("owner").await;
    let profile = &site.account().profile;
    assert_eq!(profile.name, "Harbour Coffee & Friends");
    assert_eq!((profile.external_id.as_str(), profile.handle.as_deref()), ("1", Some("owner")));
    assert_eq!(profile.home.as_deref(), Some(format!("{}/wp-json", site.front).as_str()));
    let ada = site.password("ada");
    for (server, user, password, field) in [
        (site.front.clone(), "ada", site.password("owner"), "password"),
        (site.front.clone(), "nobody", ada.clone(), "password"),
        (site.front.clone(), "cleo", site.password("cleo"), "user"),
        (site.front.clone(), "ada", "the one to sign in with".to_owned(), "password"),
        ("http://127.0.0.1:1".to_owned(), "ada", ada.clone(), "server"),
    ] {
        let failure = site.keyed(&server, user, &password).await.unwrap_err();
        let KeyFailure::Refused { field: refused, detail } = failure else { panic!("{server} {user}: {failure:?}") };
        assert_eq!(refused, field, "{server} {user}: {detail}");
    }
    // Every page of a site names its API.
    let page = site.keyed(&format!("{}/no-such-page", site.front), "ada", &ada).await.unwrap();
    assert_eq!(page.profile.home, profile.home);
    site.proxy.strip_authorization(true);
    let failure = site.keyed(&site.front, "ada", &ada).await.unwrap_err();
    site.proxy.strip_authorization(false);
    assert!(failure.to_string().contains("Authorization"), "{failure}");
    site.keyed(&site.front, "ada", &ada).await.unwrap();
}

#[tokio::test]
async fn an_answer_lost_while_preparing_leaves_no_second_draft_and_no_second_picture() {
    let site = Site::start("ada").await;
    let picture = picture();
    let mut variant = Variant::text("Prepared in spite of everything");
    variant.parts[0].media = vec![MediaRef { alt_text: Some(MORE.into()), ..MediaRef::new(picture.0.id) }; 2];
    let mut case = Case::new(site.connector(), &site, variant, &picture);
    let (before, library) = (drafts(&site).await.len(), media(&site).await.len());
    for route in ["/wp-json/wp/v2/media", "/wp-json/wp/v2/posts"] {
        let path = route.to_owned();
        site.proxy.order(Trouble::DropAnswer, move |request| {
            request.method == "POST" && request.target.split('?').next() == Some(&path)
        });
        assert_eq!(case.prepare().await.unwrap_err(), Failure::Unavailable, "{route}");
    }
    case.prepare().await.unwrap();
    assert!(site.proxy.is_calm());
    assert_eq!((drafts(&site).await.len(), media(&site).await.len()), (before + 1, library + 2));
    case.publish().await.unwrap();
    assert_eq!(drafts(&site).await.len(), before);
}

#[tokio::test]
async fn publishing_twice_leaves_one_post_and_its_address_as_it_was() {
    let site = Site::start("ada").await;
    let picture = picture();
    let mut case = Case::new(site.connector(), &site, Variant::text("Said once, asked twice"), &picture);
    let before = posts(&site).await.len();
    site.proxy.order(Trouble::DropAnswer, is_publishing);
    assert!(matches!(case.publish().await, Err(Failure::Unconfirmed { .. })));
    let Ok(Finding::Proved(found)) = case.find().await else { panic!("it is live") };
    let again = case.publish().await.unwrap();
    assert_eq!(again.receipt, found);
    assert_eq!(posts(&site).await.len(), before + 1);
    let url = found.url.unwrap();
    assert!(url.starts_with(&site.front) && !url.contains("herald-"), "{url}");
}

#[tokio::test]
async fn a_draft_that_somebody_deleted_is_made_anew_and_in_doubt_a_person_is_asked() {
    let site = Site::start("ada").await;
    let picture = picture();
    let mut case = Case::new(site.connector(), &site, Variant::text("Thrown away meanwhile"), &picture);
    for (query, finding) in [("", Finding::Resembling(1)), ("?force=true", Finding::Unreadable)] {
        case.prepare().await.unwrap();
        let id = case.progress.clone().unwrap()["post"].as_u64().unwrap();
        site.api(reqwest::Method::DELETE, &format!("posts/{id}{query}"), None).await;
        assert_eq!(case.find().await, Ok(finding), "{query}");
    }
    case.publish().await.unwrap();
}

#[tokio::test]
async fn what_is_deleted_lies_in_the_bin_and_a_stranger_deletes_nothing() {
    let site = Site::start("owner").await;
    let picture = picture();
    let published =
        Case::new(site.connector(), &site, Variant::text("Not for ever"), &picture).publish().await.unwrap();
    let ada = Site::of(&site, "ada").await;
    let theirs = Case::new(ada.connector(), &ada, Variant::text("other"), &picture);
    assert_eq!(theirs.delete(&published.receipt).await.unwrap_err().code(), "forbidden");
    let ours = Case::new(site.connector(), &site, Variant::text("other"), &picture);
    ours.delete(&published.receipt).await.unwrap();
    let id = published.receipt.id.clone().unwrap();
    let kept = site.api(reqwest::Method::GET, &format!("posts/{id}?context=edit"), None).await;
    assert_eq!(kept["status"], "trash");
    ours.delete(&published.receipt).await.unwrap();
    ours.delete(&Receipt { id: Some("999999".into()), url: None }).await.unwrap();
}

fn article(title: &str) -> Variant {
    Variant {
        title: Some(title.into()),
        summary: Some("In short: coffee & <cake>".into()),
        tags: vec!["R&D".into(), "Größe".into()],
        categories: vec!["News & views".into()],
        kind: ContentKind::Article,
        link: Some(LinkCard { url: "https://example.com/more".into(), title: Some("More".into()), description: None }),
        ..Variant::text("First paragraph.\nSecond line.\n\nSecond paragraph.")
    }
}

#[tokio::test]
async fn an_article_is_read_back_as_it_was_written() {
    let owner = Site::start("owner").await;
    let picture = picture();
    let ada = Site::of(&owner, "ada").await;
    let title = format!("{MORE} · {}", posts(&owner).await.len());
    let early = Case::new(ada.connector(), &ada, article(&title), &picture).publish().await;
    if posts(&owner).await.iter().all(|post| !post["title"]["rendered"].as_str().unwrap().starts_with("Opening")) {
        assert_eq!(early.unwrap_err().code(), "category_unknown", "an author makes no categories");
    }
    for site in [&owner, &ada] {
        let mut variant = article(&title);
        let shows = |what: &str| MediaRef { alt_text: Some(what.into()), ..MediaRef::new(picture.0.id) };
        variant.parts[0].media = vec![shows("the <harbour> & \"more\""), shows("the bar")];
        let mut case = Case::new(site.connector(), site, variant, &picture);
        case.key.push_str(&site.account().profile.external_id);
        let receipt = case.publish().await.unwrap().receipt;
        let (id, url) = (receipt.id.unwrap(), receipt.url.unwrap());
        assert!(url.contains("/opening-hours-more-soon"), "{url}");
        let post = owner.api(reqwest::Method::GET, &format!("posts/{id}?context=edit"), None).await;
        let text = |field: &str| site::text_of(post[field]["rendered"].as_str().unwrap());
        assert_eq!((text("title"), text("excerpt")), (title.clone(), "In short: coffee & <cake>".to_owned()));
        assert_eq!(post["status"], "publish");
        let mut names = Vec::new();
        for (route, field) in [("tags", "tags"), ("categories", "categories")] {
            for id in post[field].as_array().unwrap() {
                let term = owner.api(reqwest::Method::GET, &format!("{route}/{id}"), None).await;
                names.push(site::text_of(term["name"].as_str().unwrap()));
            }
        }
        names.sort();
        assert_eq!(names, ["Größe", "News & views", "R&D"]);
        let seen = owner.posts().await.into_iter().find(|seen| seen.id == id).unwrap();
        assert_eq!(seen.alts, ["the <harbour> & \"more\"", "the bar"]);
        let lines: Vec<&str> = seen.text.lines().filter(|line| !line.trim().is_empty()).collect();
        assert_eq!(lines, ["First paragraph.", "Second line.", "Second paragraph.", "More"]);
        let raw = post["content"]["raw"].as_str().unwrap();
        assert!(raw.contains("<!-- wp:image") && raw.contains("href=\"https://example.com/more\""), "{raw}");
    }
}

#[tokio::test]
async fn a_draft_stays_a_draft_and_its_doubt_is_settled_by_its_name() {
    let site = Site::start("ada").await;
    let picture = picture();
    let variant = Variant { draft: true, title: Some("For later".into()), ..Variant::text("A draft") };
    let mut case = Case::new(site.connector(), &site, variant, &picture);
    let (live, before) = (posts(&site).await.len(), drafts(&site).await.len());
    for (trouble, found) in [(Trouble::DropRequest, false), (Trouble::DropAnswer, true)] {
        site.proxy.order(trouble, is_publishing);
        assert!(matches!(case.publish().await, Err(Failure::Unconfirmed { .. })));
        let finding = case.find().await.unwrap();
        assert_eq!(matches!(finding, Finding::Proved(_)), found, "{finding:?}");
    }
    case.publish().await.unwrap();
    assert_eq!((posts(&site).await.len(), drafts(&site).await.len()), (live, before + 1));
}

#[tokio::test]
async fn a_file_that_the_server_refuses_is_refused_for_its_reason() {
    let site = Site::start("ada").await;
    for (picture, code) in [
        // The server takes 2 MB.
        (site::sized(3_000_000, "image/png"), "media_too_large"),
        (site::text(), "media_processing_failed"),
    ] {
        let mut variant = Variant::text(format!("with a file: {code}"));
        variant.parts[0].media = vec![MediaRef::new(picture.0.id)];
        let mut case = Case::new(site.connector(), &site, variant, &picture);
        let failure = case.prepare().await.unwrap_err();
        assert_eq!(failure.code(), code, "{failure}");
    }
}

#[tokio::test]
async fn plain_permalinks_do_as_well() {
    let mut site = Site::start("ada").await;
    site.account_mut().profile.home = Some(format!("{}/index.php?rest_route=", site.front));
    let picture = picture();
    let mut variant = Variant::text("By way of a query");
    variant.parts[0].media = vec![MediaRef::new(picture.0.id); 2];
    let mut case = Case::new(site.connector(), &site, variant, &picture);
    let receipt = case.publish().await.unwrap().receipt;
    case.delete(&receipt).await.unwrap();
}

#[tokio::test]
async fn a_password_that_was_taken_back_is_no_refusal_of_the_post() {
    let site = Site::start("ada").await;
    let made =
        site.api(reqwest::Method::POST, "users/me/application-passwords", Some(json!({ "name": "short" }))).await;
    let (uuid, password) = (made["uuid"].as_str().unwrap(), made["password"].as_str().unwrap());
    let short = site.with(site.keyed(&site.front, "ada", password).await.unwrap());
    let picture = picture();
    let mut prepared = Case::new(short.connector(), &short, Variant::text("prepared in time"), &picture);
    prepared.prepare().await.unwrap();
    site.api(reqwest::Method::DELETE, &format!("users/me/application-passwords/{uuid}"), None).await;
    let mut late = Case::new(short.connector(), &short, Variant::text("too late"), &picture);
    assert_eq!(late.prepare().await.unwrap_err(), Failure::Unauthorized);
    assert_eq!(prepared.prepare().await.unwrap_err(), Failure::Unauthorized);
    assert_eq!(prepared.find().await.unwrap_err(), Failure::Unauthorized);
}

#[tokio::test]
async fn what_is_written_is_shown_and_nothing_of_it_acts() {
    for who in ["ada", "owner"] {
        let site = Site::start(who).await;
        let picture = picture();
        let text =
            format!("Hello <b>there</b> & [gallery] <script>x</script>\n:)\n\nhttps://www.youtube.com/watch?v=1 {who}");
        let published = Case::new(site.connector(), &site, Variant::text(&text), &picture).publish().await.unwrap();
        let shown = site.posts().await;
        let seen = shown.iter().find(|post| Some(&post.id) == published.receipt.id.as_ref()).unwrap();
        let fold = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        // The site itself draws what people write as a face.
        assert_eq!(fold(&seen.text).replace("🙂", ":)"), fold(&text), "{who}");
    }
}
