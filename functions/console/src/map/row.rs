//! A row of media in the composer's form: a file, what is said of it, where in a thread it stands, and what a video has besides.

use super::draft::one_line;
use domain::MediaId;
use domain::publishing::{CaptionTrack, Media, MediaRef};

/// Tracks of captions a row is read for; every platform takes fewer.
const MAX_TRACKS: usize = 20;

/// A row of media, as it was typed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Row {
    /// What is stored already.
    pub id: Option<MediaId>,
    /// The address to fetch it from.
    pub url: String,
    /// What it shows.
    pub alt: String,
    /// What it is called, if it is a video or a document.
    pub title: String,
    /// The part of a thread that it stands in, counted from 1; empty: the first.
    pub part: String,
    /// The instant of a video whose picture is its cover, in seconds.
    pub cover: String,
    /// Captions of a video.
    pub tracks: Vec<Track>,
}

/// Captions of a video in one language, as they were typed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Track {
    /// The id of the stored file.
    pub file: String,
    /// The language.
    pub language: String,
    /// What viewers choose them by.
    pub name: String,
}

impl Row {
    /// The row as a form has it; `field` gives what its field of a name holds.
    pub fn typed<'a>(field: impl Fn(&str) -> &'a str) -> Self {
        let text = |name: &str| field(name).trim().to_owned();
        let tracks = (0..MAX_TRACKS).map(|k| Track {
            file: text(&format!("captions_{k}")),
            language: text(&format!("language_{k}")),
            name: text(&format!("name_{k}")),
        });
        Self {
            id: field("id").trim().parse().ok(),
            url: text("url"),
            alt: text("alt"),
            title: text("title"),
            part: text("part"),
            cover: text("cover"),
            tracks: tracks.filter(|track| *track != Track::default()).collect(),
        }
    }

    /// A row with a medium of the library, and what is said of it there.
    pub fn of(medium: &Media) -> Self {
        Self { id: Some(medium.id), alt: medium.alt_text.clone().unwrap_or_default(), ..Self::default() }
    }

    /// The row of a medium that a content has in the part of this index.
    pub(super) fn said(medium: &MediaRef, part: usize) -> Self {
        let text = |value: &Option<String>| value.clone().unwrap_or_default();
        let track = |track: &CaptionTrack| Track {
            file: track.id.to_string(),
            language: track.language.clone(),
            name: text(&track.name),
        };
        Self {
            id: Some(medium.id),
            url: String::new(),
            alt: text(&medium.alt_text),
            title: text(&medium.title),
            part: if part == 0 { String::new() } else { (part + 1).to_string() },
            cover: medium.cover_ms.map(seconds).unwrap_or_default(),
            tracks: medium.captions.iter().map(track).collect(),
        }
    }

    /// The same as a browser sends it back that nobody typed anything into.
    pub(super) fn sent_back(mut self) -> Self {
        for line in [&mut self.alt, &mut self.title] {
            *line = one_line(line);
        }
        for Track { language, name, .. } in &mut self.tracks {
            (*language, *name) = (one_line(language), one_line(name));
        }
        self
    }

    /// What of it cannot be read, in words.
    pub fn unread(&self) -> Vec<String> {
        let mut out = Vec::new();
        if !self.part.is_empty() && !self.part.parse::<u16>().is_ok_and(|part| part > 0) {
            out.push("Give the number of the part of the thread: 1 is the first.".into());
        }
        if !self.cover.is_empty() && millis(&self.cover).is_none() {
            out.push("Give the instant of the cover in seconds, such as 1.5.".into());
        }
        if self.tracks.iter().any(|track| track.file.parse::<MediaId>().is_err()) {
            out.push("Choose the file of the captions, too.".into());
        }
        out
    }

    /// The index of the part of a thread that it stands in.
    pub fn part(&self) -> usize {
        self.part.parse::<u16>().map_or(0, |part| usize::from(part).saturating_sub(1))
    }

    /// The medium as a content has it; none while nothing is stored.
    pub fn reference(&self) -> Option<MediaRef> {
        let text = |value: &String| Some(value.clone()).filter(|value| !value.is_empty());
        let track = |track: &Track| {
            let id = track.file.parse().ok()?;
            Some(CaptionTrack { id, language: track.language.clone(), name: text(&track.name) })
        };
        Some(MediaRef {
            alt_text: text(&self.alt),
            title: text(&self.title),
            captions: self.tracks.iter().filter_map(track).collect(),
            cover_ms: millis(&self.cover),
            ..MediaRef::new(self.id?)
        })
    }

    /// The stored files of its captions.
    pub fn captions(&self) -> impl Iterator<Item = MediaId> {
        self.tracks.iter().filter_map(|track| track.file.parse().ok())
    }
}

/// Milliseconds as seconds, without noughts at the end.
fn seconds(ms: u32) -> String {
    let text = format!("{}.{:03}", ms / 1_000, ms % 1_000);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// Seconds with at most three places after the point, or comma, in milliseconds.
fn millis(text: &str) -> Option<u32> {
    let (whole, places) = text.split_once(['.', ',']).unwrap_or((text, "0"));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    if !digits(whole) || !digits(places) || places.len() > 3 {
        return None;
    }
    whole.parse::<u32>().ok()?.checked_mul(1_000)?.checked_add(format!("{places:0<3}").parse().ok()?)
}

#[cfg(test)]
mod tests {
    use super::{millis, seconds};

    #[test]
    fn an_instant_is_read_in_seconds_to_the_millisecond_and_shown_as_it_was() {
        for (ms, text) in [(0, "0"), (1, "0.001"), (1_500, "1.5"), (62_050, "62.05"), (10_000, "10")] {
            assert_eq!((seconds(ms), millis(text)), (text.to_owned(), Some(ms)));
        }
        assert_eq!((seconds(u32::MAX), millis("4294967.295")), ("4294967.295".into(), Some(u32::MAX)));
        assert_eq!((millis("1,5"), millis("01.500")), (Some(1_500), Some(1_500)));
        for no in ["", "-1", "+1", "1.", ".5", "1.0005", "1:30", "one", "4294967.296", "99999999999"] {
            assert_eq!(millis(no), None, "{no}");
        }
    }
}
