//! Files of captions: SubRip (`.srt`) and WebVTT (W3C, "WebVTT: The Web Video Text Tracks Format"). Whether a file is one is seen from
//! all of it. No I/O here.

use std::str::Lines;

/// The media type of SubRip files. None is registered; this is what players and servers call it.
pub const SUBRIP: &str = "application/x-subrip";
/// The media type of WebVTT files.
pub const WEBVTT: &str = "text/vtt";
/// Largest file of captions, in bytes; ours. Twelve hours of talk come to less, and it is held whole while it is sent.
pub const MAX_CAPTIONS: u64 = 1024 * 1024;

/// Why a file of captions cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CaptionsError {
    /// Its bytes are no text in UTF-8.
    #[error("the captions are not written in UTF-8: save them again with that encoding")]
    NotUtf8,
    /// A time cannot be read.
    #[error("line {0} of the captions is not the time of a cue: it looks like {1}")]
    NoTime(usize, &'static str),
    /// A cue ends before it begins.
    #[error("the cue on line {0} of the captions ends before it begins")]
    Backwards(usize),
    /// Nothing is said.
    #[error("there are no cues in this file of captions")]
    NoCues,
    /// It is larger than captions are.
    #[error("a file of captions has at most {MAX_CAPTIONS} bytes")]
    TooLarge,
}

/// Which kind of captions a file that begins like this may be; none where it is no such file.
pub fn captions_type(head: &[u8]) -> Option<&'static str> {
    let head = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head);
    if let Some(rest) = head.strip_prefix(b"WEBVTT") {
        return rest.first().is_none_or(|b| matches!(b, b' ' | b'\t' | b'\r' | b'\n')).then_some(WEBVTT);
    }
    // A number on a line of its own, and the time of a cue on the next.
    let text = String::from_utf8_lossy(&head[..head.len().min(256)]);
    let mut lines = text.lines().map(str::trim).skip_while(|line| line.is_empty());
    let numbered = lines.next().is_some_and(is_number);
    (numbered && lines.next().is_some_and(|line| line.contains(ARROW))).then_some(SUBRIP)
}

/// What stands between the beginning of a cue and its end.
const ARROW: &str = "-->";

fn is_number(line: &str) -> bool {
    (1..=9).contains(&line.len()) && line.bytes().all(|b| b.is_ascii_digit())
}

/// Reads all cues of a file that [`captions_type`] takes for one of this type.
///
/// # Errors
/// It is no such file.
pub fn check_captions(media_type: &str, bytes: &[u8]) -> Result<(), CaptionsError> {
    if bytes.len() as u64 > MAX_CAPTIONS {
        return Err(CaptionsError::TooLarge);
    }
    let text = std::str::from_utf8(bytes).map_err(|_| CaptionsError::NotUtf8)?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let cues = if media_type == WEBVTT { webvtt(text)? } else { subrip(text)? };
    if cues == 0 { Err(CaptionsError::NoCues) } else { Ok(()) }
}

/// The lines of a file, in blocks with an empty line between two. Each line has its number.
fn blocks(lines: Lines<'_>) -> Vec<Vec<(usize, &str)>> {
    let mut blocks = vec![Vec::new()];
    for (n, line) in lines.enumerate() {
        match blocks.last_mut() {
            Some(block) if !line.trim().is_empty() => block.push((n + 1, line.trim())),
            _ => blocks.push(Vec::new()),
        }
    }
    blocks.retain(|block| !block.is_empty());
    blocks
}

/// A number, a time, and what is said. Who leaves an empty line within what is said writes what looks like a block of its own: it is
/// one only if it begins with a number and a time.
fn subrip(text: &str) -> Result<usize, CaptionsError> {
    const FORM: &str = "00:01:02,500 --> 00:01:04,000";
    let mut cues = 0;
    for (i, block) in blocks(text.lines()).iter().enumerate() {
        let time = match block.as_slice() {
            [(_, number), (line, time), ..] if is_number(number) && time.contains(ARROW) => (*line, *time),
            [(line, time), ..] if i == 0 || time.contains(ARROW) => (*line, *time),
            _ => continue,
        };
        cue(time, ',', FORM)?;
        cues += 1;
    }
    Ok(cues)
}

/// A header; then cues, with or without a name before their time; notes, styles and regions.
fn webvtt(text: &str) -> Result<usize, CaptionsError> {
    const FORM: &str = "00:01:02.500 --> 00:01:04.000";
    let mut cues = 0;
    for block in blocks(text.lines()).iter().skip(1) {
        let word = block.first().and_then(|(_, line)| line.split_whitespace().next());
        if matches!(word, Some("NOTE" | "STYLE" | "REGION")) {
            continue;
        }
        let time = block.iter().take(2).find(|(_, line)| line.contains(ARROW)).or(block.first());
        if let Some((line, time)) = time {
            cue((*line, *time), '.', FORM)?;
            cues += 1;
        }
    }
    Ok(cues)
}

/// The times of a cue; what a WebVTT cue says of its place may follow them.
fn cue((line, text): (usize, &str), point: char, form: &'static str) -> Result<(), CaptionsError> {
    let wrong = CaptionsError::NoTime(line, form);
    let (from, to) = text.split_once(ARROW).ok_or(wrong)?;
    let to = to.split_whitespace().next().ok_or(wrong)?;
    let (from, to) = (instant(from.trim(), point).ok_or(wrong)?, instant(to, point).ok_or(wrong)?);
    if to < from { Err(CaptionsError::Backwards(line)) } else { Ok(()) }
}

/// `01:02:03,500` in milliseconds. WebVTT may leave the hours out; SubRip is found with a point, too.
fn instant(text: &str, point: char) -> Option<u64> {
    let (whole, thousandths) = text.split_once(point).or_else(|| text.split_once('.'))?;
    let digits = |text: &str, most: usize| {
        let fits = (1..=most).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
        fits.then(|| text.parse::<u64>().ok())?
    };
    let parts: Vec<u64> = whole.split(':').map(|part| digits(part, 4)).collect::<Option<_>>()?;
    let (hours, minutes, seconds) = match *parts.as_slice() {
        [hours, minutes, seconds] => (hours, minutes, seconds),
        [minutes, seconds] if point == '.' => (0, minutes, seconds),
        _ => return None,
    };
    let in_range = minutes < 60 && seconds < 60 && thousandths.len() == 3;
    in_range.then(|| Some(((hours * 60 + minutes) * 60 + seconds) * 1_000 + digits(thousandths, 3)?))?
}

#[cfg(test)]
mod tests {
    use super::*;

    const SRT: &str = "1\n00:00:01,000 --> 00:00:02,500\nHello\n\n2\n00:00:03,000 --> 00:00:04,000\nthere\nyou\n";
    const VTT: &str = "WEBVTT - a video\n\nNOTE not shown\n\nintro\n00:01.000 --> 00:02.500 align:start\nHello\n\n\
                       01:00:03.000 --> 01:00:04.000\nthere\n";

    fn told(text: &[u8]) -> Option<Result<(), CaptionsError>> {
        captions_type(text).map(|kind| check_captions(kind, text))
    }

    #[test]
    fn captions_are_known_by_their_beginning_and_read_to_their_end() {
        assert_eq!((captions_type(SRT.as_bytes()), told(SRT.as_bytes())), (Some(SUBRIP), Some(Ok(()))));
        assert_eq!((captions_type(VTT.as_bytes()), told(VTT.as_bytes())), (Some(WEBVTT), Some(Ok(()))));
        let windows = format!("\u{feff}\r\n{}", SRT.replace('\n', "\r\n"));
        assert_eq!(told(windows.as_bytes()), Some(Ok(())), "with a mark of its encoding and the line ends of Windows");
        let odd =
            "1\n00:00:01.000 --> 00:00:02.000\nand\n\nan empty line within\n\n2\n00:00:03,000 --> 00:00:04,000\n\n";
        assert_eq!(told(odd.as_bytes()), Some(Ok(())));
    }

    #[test]
    fn other_texts_are_no_captions() {
        for no in ["", "1", "Hello", "1\nHello", "WEBVTTX\n", "<html>", "00:00:01,000 --> 00:00:02,000\nno number"] {
            assert_eq!(captions_type(no.as_bytes()), None, "{no}");
        }
    }

    #[test]
    fn what_cannot_be_read_is_told_with_its_line() {
        use CaptionsError::{Backwards, NoCues, NoTime, NotUtf8, TooLarge};
        let late = format!("{SRT}\n3\n00:61:01,000 --> 00:62:02,500\nno such minute\n");
        assert!(matches!(told(late.as_bytes()), Some(Err(NoTime(11, _)))), "{:?}", told(late.as_bytes()));
        let back = "1\n00:00:03,000 --> 00:00:02,000\nHello\n";
        assert_eq!(told(back.as_bytes()), Some(Err(Backwards(2))));
        assert!(matches!(told(b"1\n00:00:03,000 -->\nHello\n"), Some(Err(NoTime(2, _)))));
        assert!(matches!(told(b"WEBVTT\n\nHello\nthere\n"), Some(Err(NoTime(3, _)))));
        assert_eq!(told(b"WEBVTT\n\nNOTE nothing\n"), Some(Err(NoCues)));
        assert_eq!(told(b"WEBVTT"), Some(Err(NoCues)));
        let latin = [SRT.as_bytes(), b"caf\xe9\n"].concat();
        assert_eq!(told(&latin), Some(Err(NotUtf8)));
        let most = usize::try_from(MAX_CAPTIONS).unwrap_or(0);
        let filled = |size: usize| format!("{SRT}{}", "a".repeat(size - SRT.len()));
        assert_eq!(told(filled(most).as_bytes()), Some(Ok(())));
        assert_eq!(told(filled(most + 1).as_bytes()), Some(Err(TooLarge)));
    }
}
