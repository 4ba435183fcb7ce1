//! The composer's page from what stands in its form.

use super::draft::SEPARATOR;
use super::library::{captions_pick, is, is_captions, media_types, named_types, post_types};
use super::row::Track;
use super::{Book, Draft, Reader, Row, media_label, media_view, platform, zones};
use crate::view::{
    ComposerPage, Count, FieldError, MediaFields, MediaRow, Pick, PlatformBlock, Target, TrackRow, When,
};
use crate::words;
use domain::platform::{Descriptor, Limits, VideoRule};
use domain::publishing::{BrandRules, Media, MediaKind, Variant, check, cost, said_again, warnings};
use domain::text::TextRule;

/// Bytes of files one form may bring. A function's request holds 6 MB, and base64 takes a third of it.
pub const MAX_UPLOAD: usize = 4_000_000;

/// Rows of media a form is read for; no part of a post takes more.
pub const MAX_ROWS: u16 = 50;

/// The page. `media` are the stored media of the rows and the files of their captions, `brand` the tenant's own rules; `fixed` is a post whose accounts can no
/// longer be changed.
pub fn composer(
    reader: &Reader<'_>,
    book: &Book,
    draft: &Draft,
    media: &[Media],
    brand: &BrandRules,
    errors: Vec<FieldError>,
    fixed: bool,
) -> ComposerPage {
    let targets: Vec<Target> = book.connected().map(|account| target(book, account, draft, fixed)).collect();
    let used = |descriptor: &&Descriptor| book.connected().any(|account| account.platform == descriptor.id);
    let platforms: Vec<&Descriptor> = book.platforms.iter().filter(used).collect();
    let max_media = platforms.iter().map(|d| most_media(&d.limits)).max().unwrap_or(0);
    let media_has = media_fields(reader, &platforms, draft, media);
    let tracks = platforms.iter().filter_map(|d| Some(d.limits.video.as_ref()?.captions.as_ref()?.most)).max();
    let row = |row: &Row| media_row(row, media, tracks.unwrap_or(0));
    let mut rows: Vec<MediaRow> = draft.rows.iter().map(row).collect();
    if rows.last().is_none_or(|row| row.id.is_some()) && rows.len() < max_media as usize {
        rows.push(row(&Row::default()));
    }
    let types = media_types(platforms.iter().flat_map(|d| post_types(&d.limits)));
    let accept = types.join(",");
    let named = named_types(types.iter());
    ComposerPage {
        action: "/console/compose".into(),
        idempotency_key: reader.fresh(),
        rev: None,
        errors,
        text: draft.text.clone(),
        link: draft.link.clone(),
        link_title: draft.link_title.clone(),
        link_description: draft.link_description.clone(),
        extras: draft.extras.fields(&platforms),
        fixed,
        platforms: platforms.iter().map(|d| block(book, d, draft, media, brand)).collect(),
        targets,
        media: rows,
        media_has,
        library: Vec::new(),
        max_media,
        accept,
        upload_note: format!("{named}; all uploads together up to {}", words::size(MAX_UPLOAD as u64)),
        when: draft.when,
        date: draft.date.clone(),
        time: draft.time.clone(),
        zone: draft.zone.clone(),
        zones: zones(&draft.zone),
        again: Some(draft.often.fields()),
        queue_note: Some("The next slot that its accounts have free".into()),
        ..ComposerPage::default()
    }
}

/// Most media that all parts take.
fn most_media(limits: &Limits) -> u32 {
    let videos = limits.video.as_ref().map_or(0, |rule| rule.most);
    let documents = limits.document.as_ref().map_or(0, |rule| rule.most);
    let mixed = limits.mixed.map_or(0, |rule| rule.most);
    let one = limits.images.max(videos).max(documents).max(mixed);
    u32::from(one.saturating_mul(limits.thread_parts).min(MAX_ROWS.max(one)))
}

/// What rows of media can have besides on one of these platforms. The files to choose from are those that are chosen already.
fn media_fields(reader: &Reader<'_>, platforms: &[&Descriptor], draft: &Draft, media: &[Media]) -> MediaFields {
    let on = |has: &dyn Fn(&Limits) -> bool| {
        let have = platforms.iter().filter(|platform| has(&platform.limits));
        have.map(|platform| platform.name.as_str()).collect::<Vec<_>>().join(", ")
    };
    let video = |has: fn(&VideoRule) -> bool| on(&|limits| limits.video.as_ref().is_some_and(has));
    let mut files: Vec<Pick> =
        media.iter().filter(|medium| is_captions(medium)).map(|medium| captions_pick(reader, medium)).collect();
    for id in draft.rows.iter().flat_map(Row::captions).map(|id| id.to_string()) {
        if !files.iter().any(|file| file.value == id) {
            files.push(Pick { value: id, label: "No file of captions, or deleted".into(), chosen: false });
        }
    }
    MediaFields {
        threads: on(&|limits| limits.thread_parts > 1),
        covers: video(|rule| rule.cover_at),
        captions: video(|rule| rule.captions.is_some()),
        files,
    }
}

fn target(book: &Book, account: &domain::accounts::Account, draft: &Draft, fixed: bool) -> Target {
    let id = account.id.to_string();
    let checked = draft.targets.contains(&id);
    // What cannot be unticked is not sent: a tick that is there already would be lost in silence.
    let (blocked, fixed) = match (fixed, account.is_active()) {
        (true, _) => (Some("The accounts of a scheduled post stay as they are."), true),
        (false, true) => (None, false),
        (false, false) if checked => (Some("Reconnect this account first, or leave it out."), false),
        (false, false) => (Some("Reconnect this account first."), true),
    };
    Target { account: book.named(account), checked, id, blocked: blocked.map(Into::into), fixed }
}

/// A row, with room for one more track of captions where there may be so many.
fn media_row(row: &Row, media: &[Media], most_tracks: u16) -> MediaRow {
    let found = row.id.and_then(|id| media.iter().find(|m| m.id == id));
    let video = found.is_none_or(|medium| medium.probe.is_none() || is(medium, MediaKind::Video));
    let track = |Track { file, language, name }: &Track| TrackRow {
        file: file.clone(),
        language: language.clone(),
        name: name.clone(),
    };
    let mut tracks: Vec<TrackRow> = row.tracks.iter().map(track).collect();
    if video && tracks.len() < usize::from(most_tracks) {
        tracks.push(TrackRow::default());
    }
    MediaRow {
        id: row.id.map(|id| id.to_string()),
        label: found.map(media_label),
        thumbnail: found.and_then(|medium| media_view(Some(medium), None).src),
        url: row.url.clone(),
        alt: row.alt.clone(),
        title: row.title.clone(),
        part: row.part.clone(),
        video,
        cover: row.cover.clone(),
        tracks,
    }
}

fn block(book: &Book, descriptor: &Descriptor, draft: &Draft, media: &[Media], brand: &BrandRules) -> PlatformBlock {
    let first = book.connected().find(|account| account.platform == descriptor.id);
    let limits = descriptor.limits.of(draft.extras.kind());
    let url_length = match &limits.text {
        TextRule::Weighted { url, .. } => Some(*url),
        TextRule::Graphemes { url, .. } => *url,
        TextRule::Chars { .. } | TextRule::Utf16 { .. } | TextRule::Entities { .. } | TextRule::EmojiBytes { .. } => {
            None
        }
    };
    PlatformBlock {
        platform: platform(descriptor),
        limit: limits.text.limit(),
        url_length,
        separator: (limits.thread_parts > 1).then(|| SEPARATOR.to_owned()),
        variant: draft.variants.get(descriptor.id.as_str()).cloned().unwrap_or_default(),
        author: first.map_or_else(|| descriptor.name.clone(), |account| account.profile.name.clone()),
        handle: first.and_then(|account| account.profile.handle.clone()),
        count: count(descriptor, draft, media, brand),
    }
}

/// What the form's content comes to on a platform: the same count, and the same rules, the tenant's own among them, by which
/// a post is refused. `media` are the stored media of the rows; what is chosen and not sent yet is not known.
pub fn count(descriptor: &Descriptor, draft: &Draft, media: &[Media], brand: &BrandRules) -> Count {
    let variant = said(descriptor, draft);
    let limits = descriptor.limits.of_content(&variant);
    let card = limits.link_card.is_some();
    let texts: Vec<String> = variant.parts.iter().map(|part| part.text.clone()).collect();
    let rule = |i: usize| match i {
        // Files that are chosen and not sent yet stand beside the first part, too.
        0 if variant.poll.is_none() && limits.pictures.is_none() => {
            limits.text_beside(draft.pictures(variant.parts.len()))
        }
        _ => limits.text_of(&variant, i, media),
    };
    let counts: Vec<u32> = (0..texts.len()).map(|i| rule(i).count(&variant.full_text(i, card))).collect();
    let limit = rule(0).limit();
    let most = counts.iter().copied().max().unwrap_or(0);
    let words = match counts.as_slice() {
        [_, _, ..] => {
            let each: Vec<String> = counts.iter().map(u32::to_string).collect();
            format!("{} of {limit} each ({} parts)", each.join(" + "), counts.len())
        }
        _ => format!("{most} / {limit}"),
    };
    let near = most <= limit && u64::from(most) * 10 > u64::from(limit) * 9;
    Count {
        slug: descriptor.id.to_string(),
        words,
        over: most > limit,
        near,
        parts: texts,
        problems: problems(descriptor, draft, media, brand),
        hints: hints(descriptor, draft, media),
    }
}

/// What the form says on a platform.
fn said(descriptor: &Descriptor, draft: &Draft) -> Variant {
    let (content, mut own) = draft.content(std::slice::from_ref(descriptor), &draft.references());
    own.remove(descriptor.id.as_str()).unwrap_or(content)
}

fn problems(descriptor: &Descriptor, draft: &Draft, media: &[Media], brand: &BrandRules) -> Vec<String> {
    let variant = &said(descriptor, draft);
    let mut violations = check(variant, descriptor, media, "");
    violations.retain(|violation| violation.code != "content_empty");
    // Nor does an empty form lack a word yet.
    if variant.parts.iter().any(|part| !part.text.trim().is_empty()) {
        violations.extend(brand.check_on(descriptor, variant, media, ""));
    }
    sentences(violations.into_iter().map(|violation| violation.detail))
}

/// What is not as one may think, of what is written: it is what the answer to an accepted post warns of.
fn hints(descriptor: &Descriptor, draft: &Draft, media: &[Media]) -> Vec<String> {
    let variant = &said(descriptor, draft);
    let says = variant.parts.iter().any(|part| !part.text.trim().is_empty() || !part.media.is_empty());
    if !says && variant.template.is_none() {
        return Vec::new();
    }
    let again = said_again(descriptor).filter(|_| draft.when == When::Series);
    sentences(warnings(variant, descriptor, media).into_iter().chain(charged(descriptor, variant)).chain(again))
}

/// What the platform charges for what is written, where that is known.
fn charged(descriptor: &Descriptor, variant: &Variant) -> Option<String> {
    let card = descriptor.limits.of_content(variant).link_card.is_some();
    let texts: Vec<String> = (0..variant.steps()).map(|step| variant.full_text(step, card)).collect();
    let micros = cost(variant, descriptor, texts.iter().map(String::as_str)).filter(|micros| *micros > 0)?;
    Some(format!("{} charges {} for it", descriptor.name, words::dollars(micros)))
}

/// Each once, as a sentence.
fn sentences(all: impl Iterator<Item = String>) -> Vec<String> {
    let mut told = Vec::new();
    for sentence in all.map(|words| words::sentence(&words)) {
        if !told.contains(&sentence) {
            told.push(sentence);
        }
    }
    told
}
