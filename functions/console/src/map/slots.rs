//! The queue slots of an account: a week as its form has it, and back.

use super::{Book, Reader, zones};
use crate::view::{Fact, FieldError, SlotDay, SlotsLink, SlotsPage};
use crate::words::{WEEKDAYS, sentence};
use app::publishing::NewSlots;
use domain::AccountId;
use domain::access::Permission;
use domain::accounts::Account;
use domain::publishing::{SlotPlan, SlotTime, Violation};
use jiff::civil::{Time, Weekday};

/// The field of a day: its name in small letters.
fn field(name: &str) -> String {
    name.to_lowercase()
}

/// What stands in the form.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WeekDraft {
    days: [String; 7],
    zone: String,
}

impl WeekDraft {
    /// As it was typed; `form` reads a field by its name.
    pub fn typed<'a>(form: impl Fn(&str) -> &'a str) -> Self {
        Self { days: WEEKDAYS.map(|(_, name, _)| form(&field(name)).to_owned()), zone: form("zone").to_owned() }
    }

    /// As the plan is.
    pub fn of(plan: &SlotPlan) -> Self {
        let times = |day: Weekday| {
            let times = plan.times.iter().filter(|slot| slot.weekday == day);
            times.map(|slot| slot.at.strftime("%H:%M").to_string()).collect::<Vec<_>>().join(", ")
        };
        Self { days: WEEKDAYS.map(|(.., day)| times(day)), zone: plan.zone.clone() }
    }

    /// The slots it asks for, or what is no time.
    pub fn slots(&self) -> Result<NewSlots, Vec<FieldError>> {
        let (mut times, mut wrong) = (Vec::new(), Vec::new());
        for ((_, name, weekday), typed) in WEEKDAYS.iter().zip(&self.days) {
            let parts = typed.split(|c: char| matches!(c, ',' | ';') || c.is_whitespace());
            for part in parts.filter(|part| !part.is_empty()) {
                match time(part) {
                    Some(at) => times.push(SlotTime { weekday: *weekday, at }),
                    None => wrong.push(FieldError {
                        field: field(name),
                        text: format!("“{part}” is no time: write 09:00, and a comma between times."),
                    }),
                }
            }
        }
        if wrong.is_empty() { Ok(NewSlots { zone: self.zone.clone(), times }) } else { Err(wrong) }
    }
}

/// A time to the minute, `9:00` or `09:00`.
fn time(text: &str) -> Option<Time> {
    let (hour, minute) = text.split_once(':')?;
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    let shaped = (1..=2).contains(&hour.len()) && minute.len() == 2 && digits(hour) && digits(minute);
    shaped.then(|| Time::new(hour.parse().ok()?, minute.parse().ok()?, 0, 0).ok()).flatten()
}

/// The page, without the next free slot.
pub fn slots_page(
    reader: &Reader<'_>,
    book: &Book,
    account: &Account,
    draft: &WeekDraft,
    errors: Vec<FieldError>,
) -> SlotsPage {
    let day = |((_, label, _), times): (&(&str, &str, Weekday), &String)| SlotDay {
        id: field(label),
        label: (*label).into(),
        times: times.clone(),
    };
    let fact = |((_, label, _), times): (&(&str, &str, Weekday), &String)| Fact {
        label: (*label).into(),
        value: if times.is_empty() { "None".into() } else { times.clone() },
    };
    SlotsPage {
        account: book.named(account),
        action: reader.may(Permission::Publish).then(|| slots_href(account.id)),
        idempotency_key: reader.fresh(),
        errors,
        days: WEEKDAYS.iter().zip(&draft.days).map(day).collect(),
        zone: draft.zone.clone(),
        zones: zones(&draft.zone),
        next: None,
        none_free: None,
        facts: WEEKDAYS.iter().zip(&draft.days).map(fact).collect(),
    }
}

/// Where an account's slots are seen and changed.
pub fn slots_href(account: AccountId) -> String {
    format!("/console/accounts/{account}/slots")
}

/// The ways to the slots of every connected account.
pub fn slots_links(book: &Book) -> Vec<SlotsLink> {
    let link = |account: &Account| SlotsLink { account: book.named(account), href: slots_href(account.id) };
    book.connected().map(link).collect()
}

/// Violations of a week.
pub fn slots_errors(violations: &[Violation]) -> Vec<FieldError> {
    let field = |violation: &Violation| if violation.field == "/timezone" { "zone" } else { "slots" };
    violations.iter().map(|v| FieldError { field: field(v).into(), text: sentence(&v.detail) }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::TenantId;

    #[test]
    fn a_form_asks_for_the_week_it_shows() {
        let id = uuid::Uuid::from_u128(1);
        let plan = SlotPlan::standard(TenantId::from_uuid(id), AccountId::from_uuid(id), "Europe/Berlin".into());
        let draft = WeekDraft::of(&plan);
        assert_eq!(draft.days[6], "09:00, 13:00, 17:00");
        let slots = draft.slots().unwrap();
        assert_eq!((slots.times, slots.zone), (plan.times, plan.zone));
    }

    #[test]
    fn times_are_read_as_people_write_them_and_what_is_none_is_named() {
        let week = |monday: &'static str| WeekDraft::typed(move |name| if name == "monday" { monday } else { "" });
        let times = week(" 9:00;17:30,\n23:59 , ").slots().unwrap().times;
        assert_eq!(
            times.iter().map(|slot| slot.at.to_string()).collect::<Vec<_>>(),
            ["09:00:00", "17:30:00", "23:59:00"]
        );
        for bad in ["9", "24:00", "09:60", "9:0", "+9:00", "09:00:30", "nine", "٠٩:٠٠", "9am"] {
            let wrong = WeekDraft::typed(|name| if name == "sunday" { bad } else { "" }).slots().unwrap_err();
            assert_eq!((wrong[0].field.as_str(), wrong.len()), ("sunday", 1), "{bad}");
            assert!(wrong[0].text.contains(bad), "{bad}");
        }
    }
}
