//! What every scheme of proving a call must withstand, in one table that each connector's tests run: it panics on a breach.

// Test code: a breach is a panic.
#![allow(clippy::missing_panics_doc, clippy::panic)]

use super::WINDOW_S;
use jiff::Timestamp;
use ports::{Ask, Inbound, Proofs, Refused};

/// The headers of a call.
pub type Headers = Vec<(String, String)>;

/// A scheme, and how a caller makes its proof.
#[derive(Clone, Copy)]
pub struct Scheme<'a> {
    /// Who calls.
    pub inlet: &'a dyn Inbound,
    /// What the source has.
    pub proofs: &'a [(&'a str, &'a str)],
    /// What another tenant's source has.
    pub others: &'a [(&'a str, &'a str)],
    /// The document that it relies on; empty where there is none.
    pub document: &'a [u8],
    /// The address that is called.
    pub url: &'a str,
    /// A body as the platform sends it.
    pub body: &'a str,
    /// Makes the headers of a call at this time (seconds since 1970) with this body.
    pub sign: &'a dyn Fn(i64, &[u8]) -> Headers,
    /// Whether the proof tells its time, and counts only for a while.
    pub timed: bool,
    /// Whether the proof covers the body.
    pub whole: bool,
}

impl<'a> Scheme<'a> {
    /// One that tells its time and covers the body; the rest is to be filled in.
    pub fn of(inlet: &'a dyn Inbound) -> Self {
        Self {
            inlet,
            proofs: &[],
            others: &[],
            document: &[],
            url: "https://herald.test/api/inbound/any/token",
            body: "",
            sign: &|_, _| Headers::new(),
            timed: true,
            whole: true,
        }
    }
}

/// The seconds that lie so many after the suite's now.
pub fn at(offset: i64) -> i64 {
    1_800_000_000 + offset
}

/// Runs every case; how many there were.
pub fn holds(scheme: &Scheme<'_>) -> usize {
    let mut run = Run { scheme, cases: 0 };
    let (body, headers) = (scheme.body.as_bytes(), (scheme.sign)(at(0), scheme.body.as_bytes()));
    run.taken("as it is", &headers, body);
    run.bodies(&headers, body);
    run.headers(&headers, body);
    run.times(body);
    run.refused("another tenant's secret", scheme.others, &headers, body);
    run.refused("no secret", &[], &headers, body);
    run.cases
}

struct Run<'a, 'b> {
    scheme: &'a Scheme<'b>,
    cases: usize,
}

impl Run<'_, '_> {
    fn ask(&mut self, proofs: &[(&str, &str)], headers: &Headers, body: &[u8]) -> Result<(), Refused> {
        self.cases += 1;
        let now = Timestamp::from_second(at(0)).unwrap_or_default();
        let url = self.scheme.url;
        let query = url.split_once('?').map_or("", |(_, query)| query);
        let proofs = proofs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned().into())).collect();
        let ask = Ask { method: "POST", url, query, headers, body };
        let proofs = Proofs::new(proofs).with(self.scheme.document.to_vec());
        self.scheme.inlet.prove(&ask, &proofs, now).map(drop)
    }

    fn taken(&mut self, what: &str, headers: &Headers, body: &[u8]) {
        let said = self.ask(self.scheme.proofs, headers, body);
        assert_eq!(said, Ok(()), "{what} must be taken");
    }

    fn refused(&mut self, what: &str, proofs: &[(&str, &str)], headers: &Headers, body: &[u8]) {
        assert!(self.ask(proofs, headers, body).is_err(), "{what} must be refused");
    }

    /// The proof is for the bytes as they came.
    fn bodies(&mut self, headers: &Headers, body: &[u8]) {
        if !self.scheme.whole {
            return;
        }
        for place in 0..body.len() {
            let mut other = body.to_vec();
            other[place] ^= 1;
            self.refused(&format!("byte {place} of the body flipped"), self.scheme.proofs, headers, &other);
        }
        let spaced = [[b" ", body].concat(), [body, b" "].concat(), [body, b"\n"].concat(), Vec::new()];
        for other in spaced {
            self.refused("a body with more or less white space, or none", self.scheme.proofs, headers, &other);
        }
    }

    /// What proves it stands there once, whole and unchanged.
    fn headers(&mut self, headers: &Headers, body: &[u8]) {
        for (place, (name, value)) in headers.iter().enumerate() {
            let with = |value: String| {
                let mut other = headers.clone();
                other[place].1 = value;
                other
            };
            for at in 0..value.len() {
                let mut bytes = value.clone().into_bytes();
                bytes[at] ^= 1;
                let Ok(flipped) = String::from_utf8(bytes) else { continue };
                self.refused(&format!("byte {at} of {name} flipped"), self.scheme.proofs, &with(flipped), body);
            }
            let mut twice = headers.clone();
            twice.push((name.clone(), value.clone()));
            self.refused(&format!("{name} twice"), self.scheme.proofs, &twice, body);
            // As the gateway joins what came twice (HTTP API, payload format 2.0).
            self.refused(&format!("{name} joined"), self.scheme.proofs, &with(format!("{value},{value}")), body);
            self.refused(&format!("{name} empty"), self.scheme.proofs, &with(String::new()), body);
            let mut without = headers.clone();
            without.remove(place);
            self.refused(&format!("{name} missing"), self.scheme.proofs, &without, body);
        }
    }

    fn times(&mut self, body: &[u8]) {
        if !self.scheme.timed {
            return;
        }
        for offset in [-WINDOW_S, WINDOW_S] {
            self.taken(&format!("signed {offset} s off"), &(self.scheme.sign)(at(offset), body), body);
        }
        for offset in [-WINDOW_S - 1, WINDOW_S + 1, -86_400] {
            let headers = (self.scheme.sign)(at(offset), body);
            self.refused(&format!("signed {offset} s off"), self.scheme.proofs, &headers, body);
        }
    }
}
