//! Dates, numbers and money in the words of a locale.
//!
//! Dates and numbers follow the Unicode consortium's locale data (CLDR), which the libraries carry. How a currency stands beside its amount
//! is stable in none of them yet; it follows the same data here, for the languages whose habit differs from "amount, space, currency".

use icu_calendar::{Date, Gregorian};
use icu_datetime::FixedCalendarDateTimeFormatter;
use icu_datetime::fieldsets::{T, YMD, YMDT};
use icu_datetime::input::{DateTime, Time};
use icu_decimal::DecimalFormatter;
use icu_decimal::input::Decimal;
use icu_decimal::options::DecimalFormatterOptions;
use icu_locale_core::Locale;
use jiff::Timestamp;
use jiff::civil;
use jiff::tz::TimeZone;
use std::sync::OnceLock;

/// How long a date is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Length {
    Short,
    Usual,
    Long,
}

impl Length {
    pub(crate) fn of(name: &str) -> Option<Self> {
        match name {
            "short" => Some(Self::Short),
            "medium" => Some(Self::Usual),
            "long" => Some(Self::Long),
            _ => None,
        }
    }
}

type Dates = FixedCalendarDateTimeFormatter<Gregorian, YMD>;
type Moments = FixedCalendarDateTimeFormatter<Gregorian, YMDT>;
type Times = FixedCalendarDateTimeFormatter<Gregorian, T>;

/// The habits of a locale; each is made when it is first asked for.
pub(crate) struct Formats {
    locale: Locale,
    dates: [OnceLock<Option<Dates>>; 3],
    moments: [OnceLock<Option<Moments>>; 3],
    times: OnceLock<Option<Times>>,
    numbers: OnceLock<Option<DecimalFormatter>>,
}

impl std::fmt::Debug for Formats {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Formats").field("locale", &self.locale).finish_non_exhaustive()
    }
}

/// A moment as data has it: at a place on the clock, or an instant for everybody.
pub(crate) fn moment(text: &str, zone: &TimeZone) -> Option<civil::DateTime> {
    if let Ok(instant) = text.parse::<Timestamp>() {
        return Some(instant.to_zoned(zone.clone()).datetime());
    }
    text.parse::<civil::DateTime>()
        .ok()
        .or_else(|| Some(text.parse::<civil::Date>().ok()?.to_datetime(civil::Time::midnight())))
}

impl Formats {
    /// The habits of a locale; of English where it is none.
    pub(crate) fn new(locale: &str) -> Self {
        let locale = locale.replace('_', "-").parse().or_else(|_| "en".parse()).unwrap_or(Locale::UNKNOWN);
        Self {
            locale,
            dates: Default::default(),
            moments: Default::default(),
            times: OnceLock::new(),
            numbers: OnceLock::new(),
        }
    }

    /// `1. Dezember 2026`.
    pub(crate) fn date(&self, at: civil::DateTime, length: Length) -> Option<String> {
        let set = match length {
            Length::Short => YMD::short(),
            Length::Usual => YMD::medium(),
            Length::Long => YMD::long(),
        };
        let made = self.dates.get(length as usize)?.get_or_init(|| Dates::try_new((&self.locale).into(), set).ok());
        Some(made.as_ref()?.format(&date(at)?).to_string())
    }

    /// The date and the time of day.
    pub(crate) fn moment(&self, at: civil::DateTime, length: Length) -> Option<String> {
        let set = match length {
            Length::Short => YMD::short(),
            Length::Usual => YMD::medium(),
            Length::Long => YMD::long(),
        };
        let set = set.with_time_hm();
        let made = self.moments.get(length as usize)?.get_or_init(|| Moments::try_new((&self.locale).into(), set).ok());
        Some(made.as_ref()?.format(&DateTime { date: date(at)?, time: time(at)? }).to_string())
    }

    /// The time of day.
    pub(crate) fn time(&self, at: civil::DateTime) -> Option<String> {
        let made = self.times.get_or_init(|| Times::try_new((&self.locale).into(), T::hm()).ok());
        Some(made.as_ref()?.format(&time(at)?).to_string())
    }

    /// A number written in digits (`-12.5`), with so many digits after the point, or as many as it has.
    pub(crate) fn number(&self, digits: &str, places: Option<i16>) -> Option<String> {
        let mut number: Decimal = digits.parse().ok()?;
        if let Some(places) = places {
            number.round(-places);
            number.pad_end(-places);
        }
        self.decimal(&number)
    }

    fn decimal(&self, number: &Decimal) -> Option<String> {
        let make = || DecimalFormatter::try_new((&self.locale).into(), DecimalFormatterOptions::default()).ok();
        Some(self.numbers.get_or_init(make).as_ref()?.format(number).to_string())
    }

    /// An amount of minor units of a currency (ISO 4217).
    pub(crate) fn money(&self, minor: i64, currency: &str) -> Option<String> {
        let code = currency.to_ascii_uppercase();
        if code.len() != 3 || !code.bytes().all(|byte| byte.is_ascii_uppercase()) {
            return None;
        }
        let exponent = exponent(&code);
        let amount = |minor: i128| {
            let mut number = Decimal::from(minor);
            number.multiply_pow10(-exponent);
            number.pad_end(-exponent);
            self.decimal(&number)
        };
        let symbol = self.symbol(&code);
        let lettered = symbol.ends_with(|c: char| c.is_ascii_alphabetic());
        Some(match self.habit() {
            Habit::After => format!("{}\u{a0}{symbol}", amount(minor.into())?),
            Habit::Before { space } => {
                let sign = if minor < 0 { "-" } else { "" };
                // A code in letters never touches the digits (CLDR: currencySpacing).
                let gap = if space || lettered { "\u{a0}" } else { "" };
                format!("{sign}{symbol}{gap}{}", amount(i128::from(minor).abs())?)
            }
        })
    }

    fn habit(&self) -> Habit {
        let region = self.locale.id.region.map(|region| region.to_string()).unwrap_or_default();
        match (self.locale.id.language.as_str(), region.as_str()) {
            ("en" | "ja" | "zh" | "ko" | "th" | "hi" | "tr" | "fil" | "bn" | "ta" | "te" | "ga" | "cy", _)
            | ("es", "MX" | "US" | "GT" | "HN" | "NI" | "PA" | "PE" | "PR" | "SV" | "DO" | "419") => {
                Habit::Before { space: false }
            }
            ("nl" | "id", _)
            | ("de", "AT" | "CH" | "LI")
            | ("it", "CH")
            | ("es", "AR" | "CO" | "CR" | "UY" | "PY" | "VE" | "BO") => Habit::Before { space: true },
            ("pt", region) if region != "PT" => Habit::Before { space: true },
            _ => Habit::After,
        }
    }

    /// The sign of a currency where nobody takes it for another's, else its code.
    fn symbol<'a>(&self, code: &'a str) -> &'a str {
        let language = self.locale.id.language.as_str();
        let region = self.locale.id.region.map(|region| region.to_string()).unwrap_or_default();
        match (code, language, region.as_str()) {
            ("EUR", ..) => "€",
            ("GBP", ..) => "£",
            ("INR", ..) => "₹",
            ("KRW", ..) => "₩",
            ("BRL", ..) => "R$",
            ("JPY", "zh", _) | ("CNY", "ja", _) => code,
            ("JPY", ..) | ("CNY", "zh", _) => "¥",
            ("USD", _, "CA" | "AU" | "NZ" | "MX" | "AR" | "CL" | "CO" | "UY" | "SG" | "HK") => "US$",
            ("USD", ..) | ("CAD", _, "CA") | ("AUD", _, "AU") | ("NZD", _, "NZ") | ("MXN", _, "MX") => "$",
            ("PLN", "pl", _) => "zł",
            ("CZK", "cs", _) => "Kč",
            ("HUF", "hu", _) => "Ft",
            ("SEK", "sv", _) | ("NOK", "nb" | "no" | "nn", _) => "kr",
            ("DKK", "da", _) => "kr.",
            ("TRY", "tr", _) => "₺",
            ("UAH", "uk", _) => "₴",
            ("RUB", "ru", _) => "₽",
            _ => code,
        }
    }
}

enum Habit {
    After,
    Before { space: bool },
}

/// Digits of a currency's minor unit (ISO 4217, table A.1).
fn exponent(code: &str) -> i16 {
    match code {
        "BIF" | "CLP" | "DJF" | "GNF" | "ISK" | "JPY" | "KMF" | "KRW" | "PYG" | "RWF" | "UGX" | "UYI" | "VND"
        | "VUV" | "XAF" | "XOF" | "XPF" => 0,
        "BHD" | "IQD" | "JOD" | "KWD" | "LYD" | "OMR" | "TND" => 3,
        "CLF" | "UYW" => 4,
        _ => 2,
    }
}

fn date(at: civil::DateTime) -> Option<Date<Gregorian>> {
    Date::try_new_gregorian(at.year().into(), at.month().unsigned_abs(), at.day().unsigned_abs()).ok()
}

fn time(at: civil::DateTime) -> Option<Time> {
    Time::try_new(at.hour().unsigned_abs(), at.minute().unsigned_abs(), at.second().unsigned_abs(), 0).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_said_in_the_locale_and_instants_in_the_zone() {
        let berlin = TimeZone::get("Europe/Berlin").expect("is a zone");
        let at = moment("2026-11-30T23:30:00Z", &berlin).expect("is a moment");
        for (locale, length, said) in [
            ("de-AT", Length::Long, "1. Dezember 2026"),
            ("en-US", Length::Long, "December 1, 2026"),
            ("en_GB", Length::Long, "1 December 2026"),
            ("fr", Length::Long, "1 décembre 2026"),
            ("de", Length::Short, "01.12.26"),
            ("ja", Length::Long, "2026年12月1日"),
        ] {
            assert_eq!(Formats::new(locale).date(at, length).as_deref(), Some(said), "{locale}");
        }
        assert_eq!(Formats::new("de").time(at).as_deref(), Some("00:30"));
        assert_eq!(Formats::new("en-US").time(at).as_deref(), Some("12:30\u{202f}AM"));
        let day = moment("2026-12-01", &berlin).expect("is a day");
        assert_eq!(
            Formats::new("de").date(day, Length::Long).as_deref(),
            Some("1. Dezember 2026"),
            "a day has no zone"
        );
        assert_eq!(moment("yesterday", &berlin), None);
    }

    #[test]
    fn money_is_minor_units_and_its_currency_stands_where_the_locale_has_it() {
        for (locale, minor, currency, said) in [
            ("de", 123_456_789, "EUR", "1.234.567,89\u{a0}€"),
            ("de-AT", 999, "EUR", "€\u{a0}9,99"),
            ("en-US", 123_456, "USD", "$1,234.56"),
            ("en-CA", 100, "USD", "US$1.00"),
            ("en-US", -500, "EUR", "-€5.00"),
            ("en-US", 500, "CHF", "CHF\u{a0}5.00"),
            ("ja", 1_500, "JPY", "¥1,500"),
            ("fr", 123_456, "EUR", "1\u{202f}234,56\u{a0}€"),
            ("pt-BR", 1_050, "brl", "R$\u{a0}10,50"),
            ("en", 1_234, "KWD", "KWD\u{a0}1.234"),
            ("en", i64::MIN, "JPY", "-¥9,223,372,036,854,775,808"),
        ] {
            assert_eq!(Formats::new(locale).money(minor, currency).as_deref(), Some(said), "{locale} {currency}");
        }
        assert_eq!(Formats::new("en").money(1, "€"), None);
        assert_eq!(Formats::new("de").number("1234.5", Some(2)).as_deref(), Some("1.234,50"));
        assert_eq!(Formats::new("hi").number("1234567", None).as_deref(), Some("12,34,567"));
    }
}
