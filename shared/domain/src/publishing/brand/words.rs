//! A text as words: however it is spelled, and whatever stands between them.

use unicode_normalization::UnicodeNormalization;
use unicode_segmentation::UnicodeSegmentation;

/// A text as it is compared: canonically composed, without case, and without characters that nobody sees. Each letter is
/// raised and then lowered by itself, which is Unicode's full case folding but for a few letters of Cherokee and Georgian:
/// "ß" is "ss", and every sigma is one. A typographic apostrophe is the plain one.
fn folded(text: &str) -> String {
    let plain = |c| if matches!(c, '\u{2018}' | '\u{2019}' | '\u{2bc}' | '\u{ff07}') { '\'' } else { c };
    let composed =
        text.nfc().filter(|c| !is_unseen(*c)).map(plain).flat_map(char::to_uppercase).flat_map(char::to_lowercase);
    composed.collect::<String>().nfc().collect()
}

/// Whether nobody sees it: Unicode's property `Default_Ignorable_Code_Point`, which includes the controls of writing direction.
fn is_unseen(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}' | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}'
        | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fff8}' | '\u{1bca0}'..='\u{1bca3}'
        | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

/// The words and signs of a text (Unicode's word boundaries, UAX #29), folded; what lies between them counts as one space.
/// A stop, colon, apostrophe or underscore between letters ends a word, too: nobody hides one behind it.
pub(super) fn tokens(text: &str) -> Vec<String> {
    let folded = folded(text);
    folded.split_word_bounds().filter(|token| !token.trim().is_empty()).flat_map(unjoined).collect()
}

fn unjoined(token: &str) -> Vec<String> {
    let digit = |c: Option<&char>| c.is_some_and(|c| c.is_numeric());
    let all: Vec<char> = token.chars().collect();
    let mut out = vec![String::new()];
    for (i, c) in all.iter().enumerate() {
        // In a number they stay: "3.50" is one.
        let number = i > 0 && digit(all.get(i - 1)) && digit(all.get(i + 1));
        if matches!(c, '_' | '\u{ff3f}' | '\u{203f}' | '\u{2040}')
            || (matches!(c, '.' | ':' | '\'' | '\u{b7}' | '\u{2024}' | '\u{2027}' | '\u{ff0e}' | '\u{ff1a}') && !number)
        {
            out.extend([c.to_string(), String::new()]);
        } else if let Some(last) = out.last_mut() {
            last.push(*c);
        }
    }
    out.retain(|piece| !piece.is_empty());
    out
}

/// Whether these words stand in a text, one behind the other.
pub(super) fn has(text: &[String], sought: &[String]) -> bool {
    !sought.is_empty() && text.windows(sought.len()).any(|window| window == sought)
}

/// Hashtags of a text: a number sign that follows no letter or digit, before a letter, a digit or an underscore.
pub(super) fn hashtags(text: &str) -> usize {
    let word = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
    let mut before = None;
    let mut found = 0;
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        if matches!(c, '#' | '＃') && !word(before) && before != Some('/') && word(rest.peek().copied()) {
            found += 1;
        }
        before = Some(c);
    }
    found
}
