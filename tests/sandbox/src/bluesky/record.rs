//! What the lexicons say of records: what a post and a gate of replies must look like. Unknown fields are allowed there.

use aws_lc_rs::digest::{SHA256, digest};
use serde_json::Value;
use unicode_segmentation::UnicodeSegmentation as _;

use super::{PLATFORM, holder};
use crate::state::World;
use crate::store::{Attached, Card};

pub(super) const POST: &str = "app.bsky.feed.post";
pub(super) const GATE: &str = "app.bsky.feed.threadgate";
const ALPHABET: &[u8; 32] = b"234567abcdefghijklmnopqrstuvwxyz";
/// Bytes of a picture of a post.
const MAX_IMAGE: usize = 1_000_000;
/// Bytes of a video, and what its alternative text may have.
const MAX_VIDEO: usize = 100_000_000;
const MAX_VIDEO_ALT: (usize, usize) = (1_000, 10_000);

/// Why a record is none: the error's name, and words.
pub(super) type Wrong = (&'static str, String);

fn wrong(collection: &str, what: &str) -> Wrong {
    ("InvalidRequest", format!("Invalid {collection} record: {what}"))
}

/// A content's address. The true one is of the record's binary form; this is as good as any.
pub(super) fn cid(bytes: &[u8]) -> String {
    let hash = digest(&SHA256, bytes);
    let digit = |b: &u8| char::from(b"abcdefghijklmnopqrstuvwxyz234567"[usize::from(b & 31)]);
    format!("bafyrei{}", hash.as_ref().iter().chain(hash.as_ref()).take(52).map(digit).collect::<String>())
}

/// A key of the server's own: thirteen digits of base32.
pub(super) fn tid(number: u64) -> String {
    (0..13).rev().map(|n| char::from(ALPHABET[usize::try_from(number >> (5 * n) & 31).unwrap_or_default()])).collect()
}

pub(super) fn is_tid(key: &str) -> bool {
    key.len() == 13
        && key.bytes().all(|b| ALPHABET.contains(&b))
        && key.bytes().next().is_some_and(|b| ALPHABET[..16].contains(&b))
}

fn string<'a>(value: &'a Value, collection: &str, at: &str) -> Result<&'a str, Wrong> {
    value.as_str().ok_or_else(|| wrong(collection, &format!("Missing required key \"{at}\" at $.record")))
}

fn instant(value: &Value, collection: &str) -> Result<(), Wrong> {
    let text = string(value, collection, "createdAt")?;
    text.parse::<jiff::Timestamp>().map(drop).map_err(|_| wrong(collection, "Invalid datetime at $.record.createdAt"))
}

/// What a post shows.
#[derive(Default)]
pub(super) struct Shown {
    pub(super) text: String,
    pub(super) media: Vec<Attached>,
    pub(super) card: Option<Card>,
    pub(super) reply_to: Option<String>,
}

/// Reads a post.
pub(super) fn post(world: &World, record: &Value) -> Result<Shown, Wrong> {
    let bad = |what: &str| wrong(POST, what);
    if record["$type"] != POST {
        return Err(bad("$type must be app.bsky.feed.post"));
    }
    let text = string(&record["text"], POST, "text")?;
    instant(&record["createdAt"], POST)?;
    if text.len() > 3_000 {
        return Err(bad(&format!("string too big (maximum 3000, got {}) at $.record.text", text.len())));
    }
    let graphemes = text.graphemes(true).count();
    if graphemes > 300 {
        return Err(bad(&format!("grapheme too big (maximum 300, got {graphemes}) at $.record.text")));
    }
    for facet in record["facets"].as_array().into_iter().flatten() {
        self::facet(facet).ok_or_else(|| bad("a facet is malformed at $.record.facets"))?;
    }
    let mut shown = Shown { text: text.to_owned(), ..Shown::default() };
    if !record["reply"].is_null() {
        let strong = |at: &Value| at["uri"].is_string() && at["cid"].is_string();
        let reply = &record["reply"];
        if !strong(&reply["root"]) || !strong(&reply["parent"]) {
            return Err(bad("a reference is malformed at $.record.reply"));
        }
        shown.reply_to = reply["parent"]["uri"].as_str().and_then(|uri| uri.rsplit('/').next()).map(str::to_owned);
    }
    let embed = &record["embed"];
    match embed["$type"].as_str() {
        None if embed.is_null() => {}
        Some("app.bsky.embed.record") => quoted(&embed["record"])?,
        Some("app.bsky.embed.recordWithMedia") => {
            if embed["record"]["$type"].as_str().is_some_and(|kind| kind != "app.bsky.embed.record") {
                return Err(bad("an unknown record at $.record.embed.record"));
            }
            quoted(&embed["record"]["record"])?;
            below(world, &embed["media"], &mut shown)?;
        }
        _ => below(world, embed, &mut shown)?,
    }
    Ok(shown)
}

/// Pictures, a video or a card.
fn below(world: &World, embed: &Value, shown: &mut Shown) -> Result<(), Wrong> {
    match embed["$type"].as_str() {
        Some("app.bsky.embed.images") => shown.media = images(world, &embed["images"])?,
        Some("app.bsky.embed.video") => shown.media = vec![video(world, embed)?],
        Some("app.bsky.embed.external") => shown.card = Some(card(&embed["external"])?),
        _ => return Err(wrong(POST, "an unknown embed at $.record.embed")),
    }
    Ok(())
}

/// A record in one of its versions. Whether it is there is not looked at, as the reference server does not.
fn quoted(record: &Value) -> Result<(), Wrong> {
    let (uri, cid) = (record["uri"].as_str().unwrap_or_default(), record["cid"].as_str().unwrap_or_default());
    let whole = uri.strip_prefix("at://did:").is_some_and(|rest| rest.split('/').count() == 3);
    if whole && cid.starts_with("baf") {
        Ok(())
    } else {
        Err(wrong(POST, "a reference is malformed at $.record.embed.record"))
    }
}

fn facet(facet: &Value) -> Option<()> {
    let (start, end) = (facet["index"]["byteStart"].as_u64()?, facet["index"]["byteEnd"].as_u64()?);
    let known = |feature: &Value| match feature["$type"].as_str()? {
        "app.bsky.richtext.facet#link" => feature["uri"].as_str().filter(|uri| uri.contains(':')).map(drop),
        "app.bsky.richtext.facet#tag" => {
            feature["tag"].as_str().filter(|tag| tag.graphemes(true).count() <= 64 && tag.len() <= 640).map(drop)
        }
        "app.bsky.richtext.facet#mention" => feature["did"].as_str().filter(|did| did.starts_with("did:")).map(drop),
        _ => None,
    };
    facet["features"].as_array()?.iter().try_for_each(known)?;
    (start <= end).then_some(())
}

fn images(world: &World, images: &Value) -> Result<Vec<Attached>, Wrong> {
    let bad = |what: &str| wrong(POST, what);
    let list = images.as_array().ok_or_else(|| bad("Missing required key \"images\" at $.record.embed"))?;
    if list.len() > 4 {
        return Err(bad(&format!("array too big (maximum 4, got {}) at $.record.embed.images", list.len())));
    }
    let mut out = Vec::new();
    for (n, image) in list.iter().enumerate() {
        let at = format!("$.record.embed.images[{n}]");
        let alt = image["alt"].as_str().ok_or_else(|| bad(&format!("Missing required key \"alt\" at {at}")))?;
        let (blob, ratio) = (&image["image"], &image["aspectRatio"]);
        let cid = blob["ref"]["$link"].as_str().filter(|_| blob["$type"] == "blob");
        let cid = cid.ok_or_else(|| bad(&format!("expected a blob at {at}.image")))?;
        shape(ratio, &at)?;
        held(world, blob, cid, MAX_IMAGE, &format!("{at}.image"))?;
        out.push(Attached { id: cid.to_owned(), alt: Some(alt.to_owned()) });
    }
    Ok(out)
}

fn shape(ratio: &Value, at: &str) -> Result<(), Wrong> {
    if !ratio.is_null() && (ratio["width"].as_u64().unwrap_or(0) < 1 || ratio["height"].as_u64().unwrap_or(0) < 1) {
        return Err(wrong(POST, &format!("integer too small (minimum 1) at {at}.aspectRatio")));
    }
    Ok(())
}

/// Whether a blob is there, small enough, and what the record says of it.
fn held(world: &World, blob: &Value, cid: &str, most: usize, at: &str) -> Result<(), Wrong> {
    let held = world.look(PLATFORM).shelf.get(cid);
    let held = held.ok_or_else(|| ("BlobNotFound", format!("Could not find blob: {cid}")))?;
    if held.bytes.len() > most {
        let got = held.bytes.len();
        return Err(wrong(POST, &format!("blob too big (maximum {most}, got {got}) at {at}")));
    }
    if blob["mimeType"] != held.mime.as_str() || blob["size"] != held.bytes.len() {
        return Err(("InvalidMimeType", "Referenced blob is not what was uploaded".into()));
    }
    Ok(())
}

/// `app.bsky.embed.video`: an MP4; captions are not imitated.
fn video(world: &World, embed: &Value) -> Result<Attached, Wrong> {
    let at = "$.record.embed";
    let bad = |what: &str| wrong(POST, &format!("{what} at {at}"));
    let (blob, alt) = (&embed["video"], embed["alt"].as_str());
    let known = ["$type", "video", "alt", "aspectRatio", "presentation"];
    if !embed.as_object().is_some_and(|fields| fields.keys().all(|name| known.contains(&name.as_str()))) {
        return Err(bad("a field that is not imitated"));
    }
    let cid = blob["ref"]["$link"].as_str().filter(|_| blob["$type"] == "blob");
    let cid = cid.ok_or_else(|| bad("expected a blob"))?;
    if blob["mimeType"] != "video/mp4" {
        return Err(bad("expected a blob with the type video/mp4"));
    }
    let long = |alt: &str| alt.graphemes(true).count() > MAX_VIDEO_ALT.0 || alt.len() > MAX_VIDEO_ALT.1;
    if alt.is_some_and(long) {
        return Err(bad("string too big (maximum 1000 graphemes)"));
    }
    shape(&embed["aspectRatio"], at)?;
    held(world, blob, cid, MAX_VIDEO, &format!("{at}.video"))?;
    Ok(Attached { id: cid.to_owned(), alt: alt.map(str::to_owned) })
}

fn card(external: &Value) -> Result<Card, Wrong> {
    let text = |name: &str| {
        let missing = || wrong(POST, &format!("Missing required key \"{name}\" at $.record.embed.external"));
        external[name].as_str().map(str::to_owned).ok_or_else(missing)
    };
    Ok(Card { url: text("uri")?, title: text("title")?, description: Some(text("description")?), thumbnail: None })
}

/// Reads a gate: the key of its post, and who may reply, in a word.
pub(super) fn gate(record: &Value, key: &str) -> Result<String, Wrong> {
    let bad = |what: &str| wrong(GATE, what);
    if record["$type"] != GATE {
        return Err(bad("$type must be app.bsky.feed.threadgate"));
    }
    instant(&record["createdAt"], GATE)?;
    let post = string(&record["post"], GATE, "post")?;
    let ours = post.strip_prefix("at://").and_then(|rest| rest.split_once('/'));
    if ours.is_none_or(|(did, rest)| holder(did).is_none() || rest != format!("{POST}/{key}")) {
        return Err(bad("the post must have the key of its gate at $.record.post"));
    }
    let rules = record["allow"].as_array().cloned().unwrap_or_default();
    let rule = |rule: &Value| {
        rule["$type"].as_str().and_then(|kind| kind.strip_prefix("app.bsky.feed.threadgate#")).map(str::to_owned)
    };
    let known = ["mentionRule", "followingRule", "followerRule", "listRule"];
    let names: Option<Vec<String>> = rules.iter().map(rule).collect();
    match names {
        Some(names) if names.len() <= 5 && names.iter().all(|name| known.contains(&name.as_str())) => {
            Ok(names.join(" "))
        }
        _ => Err(bad("an unknown rule at $.record.allow")),
    }
}
