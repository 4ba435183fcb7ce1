//! What platforms are told that files are called.

use domain::publishing::{MediaKind, Probe};

/// Longest title in a file's name, in characters: with four bytes each and an ending it is shorter than any system's names may be
/// (255 bytes).
const LONGEST: usize = 60;

/// What a platform is told that the `n`-th file is called: programs go by its ending. A document bears its title where it has one,
/// for where documents are files, its readers see the file's name.
pub fn file_name(n: usize, probe: &Probe, title: Option<&str>) -> String {
    let kind = match probe.kind() {
        MediaKind::Picture => "picture",
        MediaKind::Video => "video",
        MediaKind::Document => "document",
        MediaKind::Captions => "captions",
    };
    let ending = match probe.media_type.as_str() {
        "video/quicktime" => "mov",
        "application/x-subrip" => "srt",
        other => other.rsplit('/').next().unwrap_or_default(),
    };
    let title = title.filter(|_| probe.kind() == MediaKind::Document).and_then(|title| in_a_name(title, ending));
    title.map_or_else(|| format!("{kind}{n}.{ending}"), |title| format!("{title}.{ending}"))
}

/// A title as part of a file's name, without the ending that people may have written: what is no letter, digit or plain mark may end
/// a header or a path.
fn in_a_name(title: &str, ending: &str) -> Option<String> {
    let plain = |c: char| if c.is_alphanumeric() || "-_.,()".contains(c) { c } else { ' ' };
    let title: String = title.chars().map(plain).collect();
    let words: Vec<&str> = title.split_whitespace().collect();
    let joined = words.join(" ");
    let bare = match joined.rsplit_once('.') {
        Some((bare, last)) if last.eq_ignore_ascii_case(ending) => bare,
        _ => &joined,
    };
    let short: String = bare.trim_matches(['.', ' ']).chars().take(LONGEST).collect();
    let short = short.trim_end();
    (!short.is_empty()).then(|| short.to_owned())
}
