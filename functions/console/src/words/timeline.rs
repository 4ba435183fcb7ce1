//! A delivery's timeline: each note of the domain as a short title and, where there is a reason, a sentence.

use super::sentence;
use crate::view::{Moment, Tone};
use domain::publishing::Note;

/// What a note says in a few words, and the sentence that goes with it. The words are the domain's own; only what names
/// an instant or a long reason is told differently here, where there is a zone and a second line.
pub fn title(note: &Note, zone: &str) -> (String, Option<String>) {
    match note {
        Note::Answered { failure } => ("Not taken".into(), Some(sentence(&failure.to_string()))),
        Note::WaitsUntil { until } => {
            let moment = Moment::precise(*until, zone);
            (format!("Waits until {} {}", moment.text, moment.zone), None)
        }
        Note::OutcomeUnknown { detail } => (
            "Outcome unknown".into(),
            Some(format!(
                "{} It may or may not be live: the platform will be read, and nothing is sent again.",
                sentence(detail)
            )),
        ),
        Note::Taken { detail } => (
            "Taken, not published yet".into(),
            Some(format!("{} The platform is asked what became of it, and nothing is sent again.", sentence(detail))),
        ),
        Note::NotAmended { detail } => ("Not changed there".into(), Some(sentence(detail))),
        Note::AmendmentUnknown { detail } => (
            "Perhaps changed there".into(),
            Some(format!(
                "{} It may show the new words, or not. Saving the same words again is safe.",
                sentence(detail)
            )),
        ),
        Note::AskedPeople { reason } => ("Handed to a person".into(), Some(sentence(reason))),
        Note::Sent { attempt, .. } if *attempt == 1 => {
            (note.to_string(), Some("The decision to send was written down before the request left.".into()))
        }
        Note::GaveUp { .. } => ("Given up".into(), None),
        other => (other.to_string(), None),
    }
}

/// How a note is meant.
pub fn tone(note: &Note) -> Tone {
    match note {
        Note::Confirmed { .. } | Note::Approved => Tone::Good,
        Note::Reclaimed
        | Note::NotAmended { .. }
        | Note::AmendmentUnknown { .. }
        | Note::Answered { .. }
        | Note::OutcomeUnknown { .. }
        | Note::AskedPeople { .. }
        | Note::RemovedInPart { .. }
        | Note::Parked => Tone::Warn,
        Note::Missed | Note::GaveUp { .. } => Tone::Bad,
        Note::Edited | Note::Amending | Note::Amended | Note::Claimed | Note::Canceled | Note::Removed => Tone::Neutral,
        _ => Tone::Info,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use domain::publishing::Failure;

    #[test]
    fn a_note_tells_its_instant_in_the_readers_zone_and_its_reason_as_a_sentence() {
        let until = "2026-03-10T08:15:00Z".parse().unwrap();
        assert_eq!(
            title(&Note::WaitsUntil { until }, "Europe/Berlin").0,
            "Waits until Tue 10 Mar 2026, 09:15:00 Europe/Berlin"
        );
        let refused = Note::Answered { failure: Failure::Unavailable };
        assert_eq!(title(&refused, "UTC").1.unwrap(), "The platform could not be reached.");
        assert_eq!(title(&Note::Canceled, "UTC"), ("Called off".into(), None));
    }
}
