//! The way back: what the libraries of those who call us sign, proved by Herald's own inlets.

use crate::herald::now_s;
use crate::witness::{Signed, signed};
use connectors::inlets;
use jiff::Timestamp;
use ports::{Ask, Proofs, Refused};

/// An address of ours, as the caller knows it.
const URL: &str = "https://herald.test/api/inbound/of-a-tenant/0123456789abcdef";
/// Seconds that a signature counts, either way.
const WINDOW_S: i64 = 300;

/// A library that signs, or that verifies what its vendor signs, and whose calls those are.
struct Caller {
    language: &'static str,
    library: &'static str,
    slug: &'static str,
    /// Whether a signature says when it was made.
    is_timed: bool,
}

const CALLERS: [Caller; 10] = [
    caller("Python", "standardwebhooks", "standard", true),
    caller("Python", "svix", "standard", true),
    caller("JavaScript", "standardwebhooks", "standard", true),
    caller("JavaScript", "svix", "standard", true),
    caller("Python", "twilio", "twilio", false),
    caller("Python", "twilio, of JSON", "twilio", false),
    caller("Python", "slack-sdk", "slack", true),
    caller("Python", "sendgrid", "sendgrid", true),
    caller("JavaScript", "discord-interactions", "discord", true),
    caller("JavaScript", "@octokit/webhooks-methods", "facebook", false),
];

const fn caller(language: &'static str, library: &'static str, slug: &'static str, is_timed: bool) -> Caller {
    Caller { language, library, slug, is_timed }
}

/// A call on its way, to be changed.
#[derive(Clone)]
struct Call {
    query: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

impl Call {
    fn of(signed: &Signed) -> Self {
        Self { query: signed.query.clone(), headers: signed.headers.clone().into_iter().collect(), body: signed.body() }
    }
}

impl Caller {
    fn sign(&self) -> Option<Signed> {
        signed(self.language, self.library, URL, now_s())
    }

    /// What Herald says to a call, so many seconds later, of a source with these proofs.
    fn judged(&self, call: &Call, proofs: &Signed, later_s: i64) -> Result<(), Refused> {
        let inlets = inlets();
        let inlet = inlets.get(&self.slug.parse().unwrap()).unwrap();
        let proofs =
            Proofs::new(proofs.proofs.iter().map(|(name, value)| (name.clone(), value.clone().into())).collect());
        assert!(proofs.fit(inlet.form()), "{}", self.slug);
        let url = if call.query.is_empty() { URL.to_owned() } else { format!("{URL}?{}", call.query) };
        let ask = Ask { method: "POST", url: &url, query: &call.query, headers: &call.headers, body: &call.body };
        inlet.prove(&ask, &proofs, Timestamp::from_second(now_s() + later_s).unwrap()).map(|_| ())
    }

    /// Everything about one call of it.
    fn holds(&self) -> Option<()> {
        let (signed, other) = (self.sign()?, self.sign()?);
        let (name, whole) = (format!("{}: {}", self.language, self.library), Call::of(&signed));
        assert_eq!(self.judged(&whole, &signed, 0), Ok(()), "{name}");
        assert_eq!(self.judged(&whole, &other, 0), Err(Refused::Wrong), "{name}, with another's secret");
        for at in 0..whole.body.len() {
            let mut changed = whole.clone();
            changed.body[at] ^= 1;
            assert_eq!(self.judged(&changed, &signed, 0), Err(Refused::Wrong), "{name}, byte {at}");
        }
        for n in 0..whole.headers.len() {
            for at in 0..whole.headers[n].1.len() {
                let mut changed = whole.clone();
                let mut value = changed.headers[n].1.clone().into_bytes();
                value[at] ^= 1;
                changed.headers[n].1 = String::from_utf8(value).unwrap();
                self.judged(&changed, &signed, 0).expect_err(&format!("{name}, {:?}", changed.headers[n]));
            }
            let (mut gone, mut twice) = (whole.clone(), whole.clone());
            gone.headers.remove(n);
            twice.headers.push(whole.headers[n].clone());
            for changed in [gone, twice] {
                assert_eq!(self.judged(&changed, &signed, 0), Err(Refused::Unproved), "{name}, {:?}", changed.headers);
            }
        }
        // A few seconds for the test itself.
        for later_s in [WINDOW_S + 1, -WINDOW_S - 10] {
            let expected = if self.is_timed { Err(Refused::Stale) } else { Ok(()) };
            assert_eq!(self.judged(&whole, &signed, later_s), expected, "{name}, {later_s} s later");
        }
        for later_s in [WINDOW_S - 10, -WINDOW_S] {
            assert_eq!(self.judged(&whole, &signed, later_s), Ok(()), "{name}, {later_s} s later");
        }
        Some(())
    }
}

#[test]
fn what_the_libraries_of_vendors_sign_is_proved_and_refused_with_a_byte_a_time_or_a_secret_changed() {
    for caller in &CALLERS {
        // Where a language cannot be had, that is said already.
        caller.holds();
    }
}
