#![allow(clippy::unwrap_used, clippy::panic)]

use super::*;
use aws_lc_rs::hmac;
use connector_kit::inbound::suite::{Headers, Scheme, holds};
use domain::inbound::MAX_HEARD;
use std::fmt::Write as _;

const CHANNEL: &str = "UCaaaaaaaaaaaaaaaaaaaaaa";
const OTHER: &str = "UCbbbbbbbbbbbbbbbbbbbbbb";

/// In the form of the example on Google's page.
const FEED: &str = r#"<feed xmlns:yt="http://www.youtube.com/xml/schemas/2015" xmlns="http://www.w3.org/2005/Atom">
  <link rel="hub" href="https://pubsubhubbub.appspot.com"/>
  <link rel="self" href="https://www.youtube.com/xml/feeds/videos.xml?channel_id=UCaaaaaaaaaaaaaaaaaaaaaa"/>
  <title>YouTube video feed</title>
  <updated>2015-04-01T19:05:24.552394234+00:00</updated>
  <entry>
    <id>yt:video:dQw4w9WgXcQ</id>
    <yt:videoId>dQw4w9WgXcQ</yt:videoId>
    <yt:channelId>UCaaaaaaaaaaaaaaaaaaaaaa</yt:channelId>
    <title>Bread &amp; butter</title>
    <author><name>Bakery</name><uri>http://www.youtube.com/channel/UCaaaaaaaaaaaaaaaaaaaaaa</uri></author>
    <published>2015-03-06T21:40:57+00:00</published>
    <updated>2015-03-09T19:05:24.552394234+00:00</updated>
  </entry>
</feed>"#;

fn signed(secret: &str, body: &[u8]) -> Headers {
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, secret.as_bytes());
    let tag = hmac::sign(&key, body);
    let hex = tag.as_ref().iter().fold(String::new(), |mut out, byte| {
        write!(out, "{byte:02x}").unwrap();
        out
    });
    vec![("x-hub-signature".to_owned(), format!("sha1={hex}"))]
}

#[test]
fn its_scheme_holds_in_every_case_of_the_suite() {
    let sign = |_: i64, body: &[u8]| signed("hub", body);
    let (ours, others) =
        ([("channel_id", CHANNEL), ("secret", "hub")], [("channel_id", CHANNEL), ("secret", "another")]);
    // A hub's call tells no time.
    let scheme = Scheme { timed: false, ..Scheme::of(&Feed) };
    assert!(holds(&Scheme { proofs: &ours, others: &others, body: FEED, sign: &sign, ..scheme }) > 800);
}

/// RFC 2202, test case 2.
#[test]
fn the_signature_is_that_of_a_published_vector() {
    let headers = [("x-hub-signature".to_owned(), "sha1=effcdf6ae5eb2fa2d27416d5f184df9c259a7c79".to_owned())];
    let ask = Ask { method: "POST", url: "", query: "", headers: &headers, body: b"what do ya want for nothing?" };
    let proofs = Proofs::new([("secret".to_owned(), "Jefe".to_owned().into())].into());
    assert_eq!(Feed.prove(&ask, &proofs, Timestamp::UNIX_EPOCH), Ok(Proved::default()));
    // The other hashes that WebSub allows are not this hub's.
    let other = [("x-hub-signature".to_owned(), "sha256=effcdf6ae5eb2fa2d27416d5f184df9c259a7c79".to_owned())];
    assert_eq!(Feed.prove(&Ask { headers: &other, ..ask }, &proofs, Timestamp::UNIX_EPOCH), Err(Refused::Unproved));
}

fn greet(method: &str, query: &str) -> Result<Option<Greeting>, Refused> {
    let proofs = [("channel_id", CHANNEL), ("secret", "hub")];
    let proofs = Proofs::new(proofs.map(|(name, value)| (name.to_owned(), value.to_owned().into())).into());
    let ask = Ask { method, url: "", query, headers: &[], body: b"" };
    Feed.greet(&ask, &proofs, Timestamp::UNIX_EPOCH)
}

fn asks(mode: &str, topic: &str) -> String {
    let topic =
        topic.replace(':', "%3A").replace('/', "%2F").replace('?', "%3F").replace('=', "%3D").replace('&', "%26");
    format!("hub.topic={topic}&hub.challenge=1158201444&hub.mode={mode}&hub.lease_seconds=432000")
}

#[test]
fn a_hub_that_asks_for_the_channel_of_this_source_hears_its_challenge() {
    for mode in ["subscribe", "unsubscribe"] {
        for start in TOPICS {
            let said = greet("GET", &asks(mode, &format!("{start}{CHANNEL}")));
            assert_eq!(said, Ok(Some(Greeting::text("1158201444"))), "{mode} {start}");
        }
    }
    assert_eq!(greet("POST", &asks("subscribe", &format!("{}{CHANNEL}", TOPICS[0]))), Ok(None));
}

#[test]
fn a_hub_that_asks_for_anything_else_is_refused() {
    let ours = format!("{}{CHANNEL}", TOPICS[0]);
    let good = asks("subscribe", &ours);
    for query in [
        asks("subscribe", &format!("{}{OTHER}", TOPICS[0])),
        asks("subscribe", &format!("{ours}x")),
        asks("subscribe", &format!("{ours}&a=1")),
        asks("subscribe", &ours.replace("https://", "http://")),
        asks("subscribe", &ours.replace("www.youtube.com", "www.youtube.com.example.com")),
        asks("subscribe", &format!("https://example.com/?u={ours}")),
        asks("denied", &ours),
        asks("publish", &ours),
        asks("", &ours),
        good.replace("1158201444", ""),
        good.replace("1158201444", "a%20b"),
        good.replace("1158201444", "%3Cb%3E%0A"),
        good.replace("1158201444", &"a".repeat(MAX_CHALLENGE + 1)),
        good.replace("hub.challenge=", "challenge="),
        good.replace("hub.mode=", "mode="),
        format!("{good}&hub.mode=subscribe"),
        String::new(),
    ] {
        assert!(greet("GET", &query).is_err(), "{query}");
    }
    let longest = good.replace("1158201444", &"a".repeat(MAX_CHALLENGE));
    assert!(greet("GET", &longest).unwrap().is_some());
}

#[test]
fn a_channels_id_and_a_secret_have_their_form() {
    assert!(is_channel(CHANNEL) && is_channel("UC_x5XG1OV2P6uZZ5FSM9Ttw"));
    for bad in ["", "UC", &CHANNEL[1..], &format!("{CHANNEL}a"), "UC aaaaaaaaaaaaaaaaaaaaa", "HCaaaaaaaaaaaaaaaaaaaaaa"]
    {
        assert!(!is_channel(bad), "{bad}");
    }
    assert!(is_short_secret(&"s".repeat(199)) && !is_short_secret(&"s".repeat(200)) && !is_short_secret(""));
}

fn read(body: &str) -> Vec<Heard> {
    Feed.read(&Call { name: "rcp", content_type: "application/atom+xml", body: body.as_bytes() })
}

#[test]
fn a_video_in_the_feed_can_be_seen_and_counts_once_however_often_its_title_changes() {
    let heard = read(FEED);
    let at: Timestamp = "2015-03-06T21:40:57Z".parse().unwrap();
    let standing = Standing { status: MessageStanding::Delivered, at, code: None };
    let what = What::Status { message: "dQw4w9WgXcQ".into(), recipient: None, standing };
    assert_eq!(heard, [Heard { id: "video/dQw4w9WgXcQ".into(), at: Some(at), to: Some(CHANNEL.into()), what }]);
    let later = FEED.replace("2015-03-09T19", "2026-01-01T00").replace("Bread &amp; butter", "Bread");
    assert_eq!(read(&later), heard);
}

#[test]
fn names_count_by_their_namespace_and_not_by_their_prefix() {
    let other = FEED.replace("yt:", "video:").replace("xmlns:video:", "xmlns:video").replace("xmlns:yt", "xmlns:video");
    assert_eq!(read(&other.replace("<id>video:video:", "<id>yt:video:")), read(FEED));
    let foreign = FEED.replace("http://www.youtube.com/xml/schemas/2015", "http://example.com/");
    assert_eq!(read(&foreign)[0].what, What::Unknown { kind: "entry".into() });
    let cdata = FEED.replace(">dQw4w9WgXcQ<", "><![CDATA[dQw4w9]]>&#x57;gXcQ<");
    assert_eq!(read(&cdata), read(FEED));
}

#[test]
fn what_was_taken_away_and_an_entry_without_a_video_are_kept_under_their_names() {
    let gone = r#"<feed xmlns:at="http://purl.org/atompub/tombstones/1.0" xmlns="http://www.w3.org/2005/Atom">
        <at:deleted-entry ref="yt:video:a" when="2026-01-01T00:00:00+00:00"><at:by><name>Bakery</name></at:by></at:deleted-entry>
        <at:deleted-entry ref="yt:video:b" when="2026-01-02T00:00:00+00:00"/><entry><title>x</title></entry></feed>"#;
    let heard = read(gone);
    let seen: Vec<_> = heard.iter().map(|one| (one.id.as_str(), one.at.map(|at| at.to_string()))).collect();
    assert_eq!(
        seen,
        [
            ("deleted-entry/yt:video:a/2026-01-01T00:00:00+00:00", Some("2026-01-01T00:00:00Z".to_owned())),
            ("deleted-entry/yt:video:b/2026-01-02T00:00:00+00:00", Some("2026-01-02T00:00:00Z".to_owned())),
            ("rcp/2", None)
        ]
    );
    let kinds: Vec<_> = heard.into_iter().map(|one| one.what).collect();
    assert_eq!(kinds, ["deleted-entry", "deleted-entry", "entry"].map(|kind| What::Unknown { kind: kind.into() }));
}

#[test]
fn what_is_no_feed_or_wants_to_be_expanded_is_kept_unread() {
    let bomb = format!(
        r#"<!DOCTYPE feed [<!ENTITY a "{}"><!ENTITY b "&a;&a;&a;&a;">]>{}"#,
        "x".repeat(1_000),
        FEED.replace("dQw4w9WgXcQ", "&b;")
    );
    let outside = format!(r#"<!DOCTYPE feed SYSTEM "http://169.254.169.254/">{FEED}"#);
    let deep = format!("{}{}", "<a>".repeat(100_000), "</a>".repeat(100_000));
    let within = FEED.replace("<title>Bread", &format!("{}<title>Bread", "<a>".repeat(20)));
    for body in [
        "",
        "{}",
        "\u{0}",
        "<feed/>",
        "<feed></feed>",
        "<feed xmlns=\"http://www.w3.org/2005/Atom\"></feed>",
        "</feed>",
        &FEED.replace("</feed>", ""),
        &FEED.replace("</entry>", "</entri>"),
        &format!("{FEED}{FEED}"),
        &FEED.replace("Bread &amp;", "Bread &own;"),
        &FEED.replace("Bread &amp;", "Bread &#0;"),
        &FEED.replace("feed", "rss"),
        &bomb,
        &outside,
        &deep,
        &within,
    ] {
        let heard = read(body);
        assert_eq!(heard.len(), 1, "{}", &body[..body.len().min(200)]);
        assert_eq!(heard[0].what, What::Unknown { kind: "unreadable".into() }, "{}", &body[..body.len().min(200)]);
    }
    let not_text = Feed.read(&Call { name: "rcp", content_type: "", body: &[0xff, 0xfe] });
    assert_eq!(not_text[0].what, What::Unknown { kind: "unreadable".into() });
}

#[test]
fn of_a_feed_that_tells_too_much_no_more_is_read_than_one_beyond_the_limit() {
    let entries = "<entry/>".repeat(3) + &"<entry><title/></entry>".repeat(MAX_HEARD + 5);
    let body = format!("<feed xmlns=\"http://www.w3.org/2005/Atom\">{entries}</feed>");
    assert_eq!(read(&body).len(), MAX_HEARD + 1);
    let long = FEED.replace("dQw4w9WgXcQ", &"x".repeat(100_000));
    assert_eq!(read(&long)[0].what, What::Unknown { kind: "entry".into() });
}
