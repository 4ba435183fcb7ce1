//! Mails: what rendering and tracking one takes, on a newsletter with fifteen links that the template says, five whose address comes from
//! data, and the pixel. `xtask/peers/mails.py` and `mails.mjs` make the same addresses of it.

use mail::message::{Law, Mailbox, Outgoing, build};
use mail::token::{Keys, Subject, Token};
use mail::{Compiled, LinkPlace, Options, Recipient, Rendered, Template, Tracking, Variable, VariableType, compile};
use serde_json::{Map, Value, json};
use std::hint::black_box;
use std::sync::Arc;
use std::time::Duration;

use crate::cpu;

/// The newsletter.
pub const NEWSLETTER: &str = include_str!("../data/newsletter.html");
/// Where links lead; the peers are told the same.
pub const BASE: &str = "https://t.example.com";
const KEY: &[u8; 32] = b"0123456789abcdef0123456789abcdef";
/// Recipients whose addresses are compared.
const COMPARED: usize = 100;

/// Recipients, a line of JSON each: names with what HTML escapes, five products.
pub fn recipients(count: usize) -> String {
    let first = ["Ana", "Søren", "O'Brien", "Zoë & Co", "Li", "<b>Max</b>", "Priya", "Jörg", "Fatima", "Noah", "Aiko"];
    let last = ["Smith", "Müller", "D'Souza", "Nguyen", "García", "Okafor", "Kowalski"];
    let cities = ["Berlin", "São Paulo", "Lagos", "Osaka", "Kraków", "Lyon"];
    let names = ["Lantern & shade", "Garden book", "Bicycle bell", "Coffee \"No. 5\"", "Railway print"];
    let mut lines = String::new();
    for n in 0..count {
        let product = |p: usize| {
            let (id, cents) = (1_000 + (n * 37 + p * 911) % 9_000, (n * 13 + p * 7) % 10_000);
            json!({ "name": names[(n + p) % names.len()], "price": format!("{}.{:02}", cents / 100, cents % 100),
                    "url": format!("https://shop.example.com/p/{id}?c={n}&src=mail") })
        };
        let recipient = json!({
            "contact": format!("{n:032x}"), "email": format!("user{n}@example.net"), "first_name": first[n % first.len()],
            "last_name": last[n % last.len()], "member": n % 3 == 0, "tier": if n % 2 == 0 { "gold" } else { "silver" },
            "since": 2015 + n % 10, "points": n % 500, "city": cities[n % cities.len()],
            "products": (0..5).map(product).collect::<Vec<_>>(),
        });
        lines.push_str(&recipient.to_string());
        lines.push('\n');
    }
    lines
}

/// One recipient of [`recipients`].
pub struct Reader {
    contact: [u8; 16],
    data: Arc<Map<String, Value>>,
}

/// Reads [`recipients`].
pub fn readers(lines: &str) -> Vec<Reader> {
    let reader = |line: &str| {
        let data: Map<String, Value> = serde_json::from_str(line).unwrap();
        let contact = u128::from_str_radix(data["contact"].as_str().unwrap(), 16).unwrap().to_be_bytes();
        Reader { contact, data: data.into() }
    };
    lines.lines().map(reader).collect()
}

/// The newsletter, compiled; with a text part of two lines, as the peers make none, or with the one that is derived.
pub fn compiled(derived: bool) -> Compiled {
    let kinds = [
        ("email", VariableType::Text),
        ("first_name", VariableType::Text),
        ("last_name", VariableType::Text),
        ("city", VariableType::Text),
        ("tier", VariableType::Text),
        ("member", VariableType::Boolean),
        ("since", VariableType::Number),
        ("points", VariableType::Number),
        ("products", VariableType::List),
    ];
    let english = |text: &str| [("en".to_owned(), text.to_owned())].into();
    let template = Template {
        default_locale: "en".into(),
        subject: english("Your week, {{ first_name }}"),
        preheader: english("What happened near {{ city }}"),
        body: english(NEWSLETTER),
        text: if derived { Default::default() } else { english("Good morning {{ first_name }}\nRead it in colour.") },
        variables: kinds
            .map(|(name, kind)| Variable { name: name.into(), kind, required: true, ..Variable::default() })
            .into(),
        link_hosts: vec!["shop.example.com".into()],
        ..Template::default()
    };
    let options = Options { tracking: Tracking { opens: true, clicks: true, trap: false }, ..Options::default() };
    compile(&template, "en", &options).unwrap()
}

/// What makes mails for readers.
pub struct Desk {
    keys: Keys,
    compiled: Compiled,
}

impl Desk {
    /// A desk.
    pub fn new(derived: bool) -> Self {
        Self { keys: Keys::new(1, KEY), compiled: compiled(derived) }
    }

    /// The mail of a reader.
    pub fn mail(&self, reader: &Reader) -> Rendered {
        let tenant = domain::TenantId::from_uuid(uuid::Uuid::from_u128(1));
        let subject = Subject { tenant, run: 2_u128.to_be_bytes(), contact: reader.contact, edition: 0 };
        let token = Token::new(&self.keys, &subject).unwrap();
        let recipient = Recipient {
            data: Arc::clone(&reader.data),
            zone: jiff::tz::TimeZone::UTC,
            place: Some(LinkPlace { base: BASE, token: &token }),
            sent_at: jiff::Timestamp::UNIX_EPOCH,
            postal_address: "1 High St, London",
        };
        self.compiled.render(recipient).unwrap()
    }
}

/// The addresses of ours in the first mails, in order, a mail to a line: what every contestant must make alike.
pub fn addresses(readers: &[Reader]) -> String {
    let desk = Desk::new(false);
    let mut lines = String::new();
    for reader in readers.iter().take(COMPARED) {
        let html = desk.mail(reader).html;
        let found: Vec<&str> = html.split('"').filter(|piece| piece.starts_with(BASE)).collect();
        assert_eq!(found.len(), 21);
        lines.push_str(&found.join(" "));
        lines.push('\n');
    }
    lines
}

/// Mails rendered and tracked, per second of processor time.
pub async fn speed(readers: &[Reader], derived: bool, least: Duration) -> f64 {
    let desk = Desk::new(derived);
    let mut n = 0;
    cpu::per_second(least, async || {
        for _ in 0..100 {
            n += 1;
            black_box(desk.mail(&readers[n % readers.len()]));
        }
        100
    })
    .await
}

/// Mails rendered, tracked and made MIME with the headers of law, per second of processor time.
pub async fn mime(readers: &[Reader], least: Duration) -> f64 {
    let desk = Desk::new(true);
    let from = Mailbox { name: Some("Zoë's Letter".into()), address: "letter@example.com".into() };
    let mut n = 0;
    cpu::per_second(least, async || {
        for _ in 0..100 {
            n += 1;
            let reader = &readers[n % readers.len()];
            let mut content = desk.mail(reader);
            let url = format!("{BASE}/u/{n}");
            for part in [&mut content.html, &mut content.text] {
                part.push_str(&url);
                part.push_str(" 1 High St, London");
            }
            let to = Mailbox { name: None, address: reader.data["email"].as_str().unwrap().to_owned() };
            let law = Law {
                unsubscribe_url: &url,
                unsubscribe_mailbox: None,
                list_id: "letter.example.com",
                list_name: None,
                postal_address: "1 High St, London",
            };
            let outgoing = Outgoing {
                id: "bench@example.com",
                date: jiff::Timestamp::UNIX_EPOCH,
                from: &from,
                to: &to,
                reply_to: None,
                content: &content,
                attachments: &[],
                law: Some(law),
                feedback_id: None,
                headers: &[],
            };
            black_box(build(&outgoing).unwrap());
        }
        100
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newsletter_has_the_links_that_are_measured() {
        let readers = readers(&recipients(COMPARED));
        assert_eq!(addresses(&readers).lines().count(), COMPARED);
        let links = compiled(false).links().to_vec();
        assert_eq!((links.len(), links.iter().filter(|link| link.target.is_none()).count()), (16, 1));
        let mail = Desk::new(true).mail(&readers[5]);
        assert!(mail.html.len() > 33_000 && mail.html.contains("&lt;b&gt;Max"), "{}", mail.html.len());
        assert!(mail.text.contains("Good morning <b>Max</b> ") && mail.text.contains("Look (https://t.example.com/c/"));
    }
}
