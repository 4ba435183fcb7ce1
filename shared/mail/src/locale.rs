//! Which text a recipient of a locale gets.

use std::collections::BTreeMap;

/// The text for a locale, and the locale it is in: the same, then with one part less each (`de-Latn-AT`, `de-Latn`, `de`), then the same of
/// the default. Case does not matter, and `_` is taken for `-` (RFC 4647, section 3.4: lookup).
pub fn pick<'a>(texts: &'a BTreeMap<String, String>, locale: &str, default: &str) -> Option<(&'a str, &'a str)> {
    looked_up(texts, locale).or_else(|| looked_up(texts, default))
}

fn looked_up<'a>(texts: &'a BTreeMap<String, String>, locale: &str) -> Option<(&'a str, &'a str)> {
    let mut wanted = folded(locale);
    loop {
        if let Some((name, text)) = texts.iter().find(|(name, _)| folded(name) == wanted) {
            return Some((name, text));
        }
        let (shorter, last) = wanted.rsplit_once('-')?;
        // A single letter begins an extension and goes with what follows it.
        let shorter =
            shorter.rsplit_once('-').filter(|(_, end)| end.len() == 1 && last.len() > 1).map_or(shorter, |(s, _)| s);
        wanted = shorter.to_owned();
    }
}

fn folded(locale: &str) -> String {
    locale.trim().replace('_', "-").to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_locale_without_a_text_takes_its_languages_and_then_the_defaults() {
        let texts = [("de", "Deutsch"), ("en-GB", "British"), ("en", "English")];
        let texts: BTreeMap<String, String> = texts.map(|(k, v)| (k.to_owned(), v.to_owned())).into();
        for (asked, got) in [
            ("de-AT", "Deutsch"),
            ("de-Latn-AT", "Deutsch"),
            ("de-u-nu-latn", "Deutsch"),
            ("en_gb", "British"),
            ("en-US", "English"),
            ("fr", "British"),
            ("", "British"),
        ] {
            assert_eq!(pick(&texts, asked, "en-GB").map(|(_, text)| text), Some(got), "{asked}");
        }
        assert_eq!(pick(&texts, "fr", "it"), None);
    }
}
