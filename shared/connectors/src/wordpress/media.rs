//! Pictures, videos and documents: each is uploaded once, under a name that a second try finds again.

use super::api::{Attachment, MEDIA_FIELDS};
use super::error::{not_done, refused};
use super::{Site, WordPress, prepare};
use connector_kit::html::escape;
use connector_kit::{Allowance, Answer, file};
use domain::publishing::{Failure, MediaKind, MediaRef, Probe};
use ports::PublishCall;

/// Codes and words of a file that is larger than the server takes; PHP leaves nothing of a request that is too large.
const TOO_LARGE: [&str; 2] = ["rest_upload_file_too_big", "rest_upload_no_data"];
const TOO_LARGE_FOR_PHP: &str = "upload_max_filesize";

/// What it is.
pub(super) fn kind(call: &PublishCall<'_>, reference: &MediaRef) -> MediaKind {
    let medium = call.media.iter().find(|medium| medium.id == reference.id);
    medium.and_then(|medium| medium.probe.as_ref()).map_or(MediaKind::Picture, Probe::kind)
}

/// What a picture shows; empty where nobody said, and of a video, whose place in the library no theme reads.
fn alt<'a>(call: &PublishCall<'_>, reference: &'a MediaRef) -> &'a str {
    let said = reference.alt_text.as_deref().unwrap_or_default();
    if kind(call, reference) == MediaKind::Video { "" } else { said }
}

/// The text as the library keeps it: one line, in which tags and percent codes would be lost (`sanitize_text_field`). What looks
/// like either, or like an entity, is written as entities, which is what themes expect there.
fn kept(alt: &str) -> String {
    let line = alt.split_whitespace().collect::<Vec<_>>().join(" ");
    let is_code = |rest: &str| rest.len() > 1 && rest.bytes().take(2).all(|b| b.is_ascii_hexdigit());
    let lost = line.contains('<') || line.split('%').skip(1).any(is_code);
    if lost || (line.contains('&') && line.contains(';')) { escape(&line).replace('%', "&#037;") } else { line }
}

/// The `nth` file in the library of the site: the one that an earlier try left there, or a new one. Its id.
pub(super) async fn uploaded(
    wordpress: &WordPress,
    site: &Site<'_>,
    call: &PublishCall<'_>,
    nth: usize,
    reference: &MediaRef,
    time: Allowance,
) -> Result<u64, Failure> {
    let (slug, alt_text) = (format!("{}-{nth}", prepare::slug(call)), kept(alt(call, reference)));
    let answer = wordpress.ask(site.get(&format!("wp/v2/media?slug={slug}&{MEDIA_FIELDS}"))).await?;
    let there: Vec<Attachment> = success(&answer, call)?;
    // Where the server died between the file and its text, the file is of no use.
    if let Some(found) = there.into_iter().find(|found| found.alt_text == alt_text && !found.source_url.is_empty()) {
        return Ok(found.id);
    }
    let files = file(call, nth, "file", time).await?;
    let mut fields = vec![("slug", slug), ("alt_text", alt_text)];
    // Pictures have none here; without one the library makes it of the file's name.
    let title = reference.title.as_deref().map(str::trim).filter(|title| !title.is_empty());
    let title = title.filter(|_| kind(call, reference) != MediaKind::Picture);
    fields.extend(title.map(|title| ("title", escape(title))));
    let answer = wordpress.ask(site.post(&format!("wp/v2/media?{MEDIA_FIELDS}")).files(fields, files)).await?;
    match success::<Attachment>(&answer, call) {
        Err(failure) => Err(refusal(&answer).unwrap_or(failure)),
        made => Ok(made?.id),
    }
}

fn success<T: serde::de::DeserializeOwned>(answer: &Answer, call: &PublishCall<'_>) -> Result<T, Failure> {
    if answer.is_success() { answer.json().ok_or(Failure::Unavailable) } else { Err(not_done(answer, call.now)) }
}

/// What a refused file means: WordPress says so with 400, and with 500 as well.
fn refusal(answer: &Answer) -> Option<Failure> {
    let said = refused(answer);
    let large = |detail: String| Failure::Rejected { code: "media_too_large".into(), detail };
    if answer.status == 413 {
        return Some(large("the site's server takes no file of this size".into()));
    }
    let said = said.filter(|said| said.code.starts_with("rest_upload_"))?;
    let detail = answer.words(&format!("{} ({})", said.message, said.code));
    if TOO_LARGE.contains(&said.code.as_str()) || said.message.contains(TOO_LARGE_FOR_PHP) {
        return Some(large(detail));
    }
    Some(Failure::Rejected { code: "media_processing_failed".into(), detail })
}

/// The files with these ids, in this order.
pub(super) async fn shown(
    wordpress: &WordPress,
    site: &Site<'_>,
    call: &PublishCall<'_>,
    ids: &[u64],
) -> Result<Vec<Attachment>, Failure> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let list: Vec<String> = ids.iter().map(u64::to_string).collect();
    let route = format!("wp/v2/media?include={}&per_page=100&{MEDIA_FIELDS}", list.join(","));
    let mut there: Vec<Attachment> = success(&wordpress.ask(site.get(&route)).await?, call)?;
    let mut take = |id: &u64| there.iter().position(|found| found.id == *id).map(|at| there.swap_remove(at));
    let gone = || Failure::Rejected {
        code: "media_not_found".into(),
        detail: "a file was deleted from the site's library while the post was prepared".into(),
    };
    ids.iter().map(&mut take).collect::<Option<Vec<_>>>().ok_or_else(gone)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_library_would_lose_is_kept_as_entities() {
        for (alt, as_kept) in [
            ("Coffee & cake, 100 %", "Coffee & cake, 100 %"),
            ("two\n lines", "two lines"),
            ("a <b> & \"c\"", "a &lt;b&gt; &amp; &quot;c&quot;"),
            ("50%af", "50&#037;af"),
            ("R&amp;D", "R&amp;amp;D"),
        ] {
            assert_eq!(kept(alt), as_kept, "{alt}");
        }
    }
}
