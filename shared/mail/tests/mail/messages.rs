use mail::Rendered;
use mail::message::{Attachment, BadMessage, Law, Mailbox, Outgoing, address, build, fits_header};
use mail_parser::{Address, Message, MessageParser, MimeHeaders, PartType};
use proptest::prelude::*;
use std::io::Write as _;
use std::process::{Command, Stdio};

const URL: &str =
    "https://t.example.com/u/AQQBAQEBAQEBAQEBAQEBAQEBAgICAgICAgICAgICAgICAgMDAwMDAwMDAwMDAwMDAwPDzk5L1ZZHE6nLWEgOtLKy";
const POSTAL: &str = "Herald's Ltd, 1 High St, London";
const LAW: Law<'_> = Law {
    unsubscribe_url: URL,
    unsubscribe_mailbox: Some("leave@example.com"),
    list_id: "news.example.com",
    list_name: Some("Nachrichten für Österreich"),
    postal_address: POSTAL,
};

fn mailbox(name: &str, address: &str) -> Mailbox {
    Mailbox { name: (!name.is_empty()).then(|| name.to_owned()), address: address.to_owned() }
}

/// A mail with text beyond ASCII, long lines, lines of dots and of `From`, and an equals sign at an end.
fn content(subject: &str) -> Rendered {
    let line = "wörter = und 🎉 mehr ".repeat(60);
    Rendered {
        subject: subject.into(),
        preheader: String::new(),
        html: format!(
            "<p>Zoë {line}</p>\n.\nFrom x\n<a href=\"{URL}\">Out</a> Herald&#x27;s Ltd, 1 High St, London =\n"
        ),
        text: format!("Zoë {line}\n.\n..\nFrom x\ntrailing space \nOut ({URL}) {POSTAL} =\n"),
    }
}

struct Parts {
    from: Mailbox,
    to: Mailbox,
    reply_to: Option<Mailbox>,
    content: Rendered,
    attachments: Vec<Attachment<'static>>,
    law: Option<Law<'static>>,
    feedback: Option<&'static str>,
    headers: Vec<(String, String)>,
}

impl Parts {
    fn new(subject: &str) -> Self {
        Self {
            from: mailbox("Zoë O'Brien, \"Herald\"", "news@example.com"),
            to: mailbox("李小龍", "to@example.net"),
            reply_to: None,
            content: content(subject),
            attachments: Vec::new(),
            law: None,
            feedback: None,
            headers: Vec::new(),
        }
    }

    fn build(&self) -> Result<Vec<u8>, BadMessage> {
        build(&Outgoing {
            id: "0198c000@example.com",
            date: "2026-11-30T23:30:00Z".parse().unwrap(),
            from: &self.from,
            to: &self.to,
            reply_to: self.reply_to.as_ref(),
            content: &self.content,
            attachments: &self.attachments,
            law: self.law,
            feedback_id: self.feedback,
            headers: &self.headers,
        })
    }
}

fn parsed(bytes: &[u8]) -> Message<'_> {
    MessageParser::default().parse(bytes).unwrap()
}

fn one(address: Option<&Address<'_>>) -> (Option<String>, Option<String>) {
    let addr = address.and_then(|address| address.first()).unwrap();
    (addr.name().map(str::to_owned), addr.address().map(str::to_owned))
}

/// Lines end by CRLF, none is longer than 998 bytes, and all is ASCII.
fn well_formed(bytes: &[u8]) {
    assert!(bytes.is_ascii());
    let text = std::str::from_utf8(bytes).unwrap();
    assert!(text.split("\r\n").all(|line| line.len() <= 998 && !line.contains(['\r', '\n'])));
}

/// As a reader of lines sees a text: line ends alike.
fn lines(text: &str) -> String {
    text.replace("\r\n", "\n").trim_end().to_owned()
}

#[test]
fn a_mail_of_advertising_is_read_back_as_it_was_meant_by_another_parser() {
    let mut parts = Parts::new(
        "Grüße 🎉 an alle, die es lesen: ein sehr langer Betreff, der in eine Zeile nicht passt, und noch etwas",
    );
    parts.reply_to = Some(mailbox("Hilfe", "help@exämple.com"));
    parts.law = Some(LAW);
    parts.feedback = Some("run1:ten1:newsletter:herald");
    let bytes = parts.build().unwrap();
    well_formed(&bytes);
    let mail = parsed(&bytes);
    assert_eq!(mail.subject(), Some(parts.content.subject.as_str()));
    assert_eq!(one(mail.from()), (Some("Zoë O'Brien, \"Herald\"".into()), Some("news@example.com".into())));
    assert_eq!(one(mail.to()), (Some("李小龍".into()), Some("to@example.net".into())));
    assert_eq!(one(mail.reply_to()), (Some("Hilfe".into()), Some("help@xn--exmple-cua.com".into())));
    assert_eq!(mail.message_id(), Some("0198c000@example.com"));
    assert_eq!(mail.header_raw("X-Herald-Message").map(str::trim), Some("0198c000@example.com"));
    assert_eq!(mail.date().unwrap().to_rfc3339(), "2026-11-30T23:30:00Z");
    assert_eq!(lines(&mail.body_html(0).unwrap()), lines(&parts.content.html));
    assert_eq!(lines(&mail.body_text(0).unwrap()), lines(&parts.content.text));
    let unfolded = |name: &str| mail.header_raw(name).map(|value| value.replace("\r\n", "").trim().to_owned()).unwrap();
    assert_eq!(unfolded("List-Unsubscribe"), format!("<{URL}>, <mailto:leave@example.com?subject=unsubscribe>"));
    assert_eq!(unfolded("List-Unsubscribe-Post"), "List-Unsubscribe=One-Click");
    assert_eq!(unfolded("Feedback-ID"), "run1:ten1:newsletter:herald");
    assert!(unfolded("List-Id").ends_with("<news.example.com>"), "{}", unfolded("List-Id"));
    let kinds: Vec<_> = mail
        .parts
        .iter()
        .filter_map(|part| part.content_type())
        .map(|t| format!("{}/{}", t.ctype(), t.subtype().unwrap_or("-")))
        .collect();
    assert_eq!(
        kinds,
        ["multipart/alternative", "text/plain", "text/html"],
        "the text first: the last that a reader knows is shown"
    );
}

#[test]
fn files_are_attached_and_pictures_stand_beside_the_html_that_shows_them() {
    let mut parts = Parts::new("Files");
    let every: Vec<u8> = (0..=255).cycle().take(5_000).collect();
    parts.attachments = vec![
        Attachment {
            name: "Rechnung für März.pdf",
            media_type: "application/pdf",
            content_id: None,
            bytes: every.clone().into(),
        },
        Attachment {
            name: "logo.png",
            media_type: "image/png",
            content_id: Some("logo@herald"),
            bytes: every[..100].to_vec().into(),
        },
        Attachment {
            name: "a.csv",
            media_type: "text/csv",
            content_id: None,
            bytes: b"a;b\n1;2\r\n".as_slice().into(),
        },
    ];
    let bytes = parts.build().unwrap();
    well_formed(&bytes);
    let mail = parsed(&bytes);
    let kinds: Vec<_> = mail
        .parts
        .iter()
        .filter_map(|part| part.content_type())
        .map(|t| format!("{}/{}", t.ctype(), t.subtype().unwrap_or("-")))
        .collect();
    assert_eq!(
        kinds,
        [
            "multipart/mixed",
            "multipart/alternative",
            "text/plain",
            "multipart/related",
            "text/html",
            "image/png",
            "application/pdf",
            "text/csv"
        ]
    );
    let named = |name: &str| mail.parts.iter().find(|part| part.attachment_name() == Some(name)).unwrap();
    assert_eq!(named("Rechnung für März.pdf").contents(), every);
    assert_eq!(named("a.csv").contents(), b"a;b\n1;2\r\n", "a file's line ends are its own");
    let logo = mail.parts.iter().find(|part| part.content_id().is_some()).unwrap();
    assert_eq!(
        (logo.content_id(), matches!(logo.body, PartType::InlineBinary(_) | PartType::Binary(_))),
        (Some("logo@herald"), true)
    );
    assert_eq!(logo.contents(), &every[..100]);
}

#[test]
fn pythons_parser_reads_the_same() {
    let script = "import sys,json,email,email.policy\n\
        m=email.message_from_bytes(sys.stdin.buffer.read(),policy=email.policy.default)\n\
        b=lambda k:m.get_body((k,)).get_content()\n\
        print(json.dumps({'defects':[str(d) for p in m.walk() for d in p.defects],'subject':m['subject'],'from':m['from'].addresses[0].display_name,\
        'to':m['to'].addresses[0].display_name,'html':b('html'),'text':b('plain'),'unsubscribe':m['list-unsubscribe'],'post':m['list-unsubscribe-post'],'own':m['x-own'],\
        'files':[[a.get_filename(),a.get_content_type(),list(a.get_payload(decode=True))] for a in m.iter_attachments()]}))";
    let mut parts =
        Parts::new("Grüße 🎉 an alle, die es lesen: ein sehr langer Betreff, der in eine Zeile nicht passt");
    parts.law = Some(LAW);
    parts.headers = vec![("X-Own".into(), "Straße 7".into())];
    parts.attachments = vec![Attachment {
        name: "für.bin",
        media_type: "application/octet-stream",
        content_id: None,
        bytes: vec![0, 255, 10, 13].into(),
    }];
    let bytes = parts.build().unwrap();
    let mut python =
        Command::new("python3").args(["-c", script]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    python.stdin.take().unwrap().write_all(&bytes).unwrap();
    let out = python.wait_with_output().unwrap();
    let read: serde_json::Value = serde_json::from_slice(&out.stdout).unwrap();
    assert_eq!(read["defects"], serde_json::json!([]));
    assert_eq!(read["subject"], parts.content.subject.as_str());
    assert_eq!((read["from"].as_str(), read["to"].as_str()), (parts.from.name.as_deref(), parts.to.name.as_deref()));
    assert_eq!(lines(read["html"].as_str().unwrap()), lines(&parts.content.html));
    assert_eq!(lines(read["text"].as_str().unwrap()), lines(&parts.content.text));
    assert_eq!(read["unsubscribe"], format!("<{URL}>, <mailto:leave@example.com?subject=unsubscribe>"));
    assert_eq!(read["post"], "List-Unsubscribe=One-Click");
    assert_eq!(read["own"], "Straße 7");
    assert_eq!(read["files"], serde_json::json!([["für.bin", "application/octet-stream", [0, 255, 10, 13]]]));
}

#[test]
fn what_could_begin_another_line_of_a_header_is_refused_wherever_it_stands() {
    for bad in [
        "a\rb",
        "a\nb",
        "a\r\nBcc: x@example.com",
        "a\0b",
        "a\u{2028}b",
        "a\u{2029}b",
        "a\u{85}b",
        "a\u{b}b",
        "a\u{7f}b",
        &"a".repeat(901),
    ] {
        assert!(!fits_header(bad), "{bad:?}");
        let refused = |change: &dyn Fn(&mut Parts)| {
            let mut parts = Parts::new("Fine");
            change(&mut parts);
            assert!(
                matches!(
                    parts.build(),
                    Err(BadMessage::Header { .. } | BadMessage::Address { .. } | BadMessage::Attachment)
                ),
                "{bad:?}"
            );
        };
        refused(&|parts| parts.content.subject = bad.into());
        refused(&|parts| parts.from.name = Some(bad.into()));
        refused(&|parts| parts.to.name = Some(bad.into()));
        refused(&|parts| parts.to.address = format!("{bad}@example.com"));
        refused(&|parts| parts.from.address = format!("a@{bad}.example.com"));
        refused(&|parts| parts.reply_to = Some(mailbox(bad, "a@example.com")));
        refused(&|parts| parts.headers = vec![("X-Own".into(), bad.into())]);
        refused(&|parts| parts.headers = vec![(format!("X-{bad}"), "a".into())]);
        let name: &'static str = bad.to_owned().leak();
        refused(&|parts| parts.law = Some(Law { list_name: Some(name), ..LAW }));
        refused(&|parts| parts.law = Some(Law { list_id: name, ..LAW }));
        refused(&|parts| parts.feedback = Some(name));
        refused(&|parts| {
            parts.attachments =
                vec![Attachment { name, media_type: "text/plain", content_id: None, bytes: b"".as_slice().into() }];
        });
        refused(&|parts| {
            parts.attachments =
                vec![Attachment { name: "a", media_type: name, content_id: None, bytes: b"".as_slice().into() }];
        });
        refused(&|parts| {
            parts.attachments = vec![Attachment {
                name: "a",
                media_type: "text/plain",
                content_id: Some(name),
                bytes: b"".as_slice().into(),
            }];
        });
    }
    for name in ["Bcc", "from", "Content-Type", "DKIM-Signature", "Return-Path", "List-Unsubscribe", "Resent-To"] {
        let mut parts = Parts::new("Fine");
        parts.headers = vec![(name.into(), "x".into())];
        assert_eq!(parts.build(), Err(BadMessage::Reserved { header: name.into() }));
    }
    let mut parts = Parts::new("Fine");
    parts.headers = vec![("X-A: b".into(), "x".into())];
    assert!(parts.build().is_err());
}

#[test]
fn advertising_that_does_not_say_how_to_leave_and_who_sends_it_is_not_built() {
    let built = |change: &dyn Fn(&mut Rendered), law: Law<'static>| {
        let mut parts = Parts::new("Fine");
        change(&mut parts.content);
        parts.law = Some(law);
        parts.build().map(|_| ())
    };
    let lacks = |part, what| Err(BadMessage::Lacks { part, what });
    assert_eq!(built(&|_| {}, LAW), Ok(()));
    assert_eq!(built(&|c| c.html = c.html.replace(URL, "x"), LAW), lacks("HTML", "how to unsubscribe"));
    assert_eq!(built(&|c| c.text = c.text.replace(URL, "x"), LAW), lacks("text", "how to unsubscribe"));
    assert_eq!(built(&|c| c.html = c.html.replace("London", "x"), LAW), lacks("HTML", "the sender's postal address"));
    assert_eq!(built(&|c| c.text = c.text.replace("London", "x"), LAW), lacks("text", "the sender's postal address"));
    assert_eq!(built(&|_| {}, Law { postal_address: " ", ..LAW }), lacks("HTML", "the sender's postal address"));
    for url in ["http://t.example.com/u/x", "https://a.example/ b", "https://a.example/>,<x"] {
        assert_eq!(
            built(&|_| {}, Law { unsubscribe_url: url, ..LAW }),
            Err(BadMessage::Header { header: "List-Unsubscribe".into() })
        );
    }
}

#[test]
fn addresses_that_no_provider_takes_are_refused() {
    for (text, out) in [
        ("a.b+c@example.com", Some("a.b+c@example.com")),
        ("a@EXÄMPLE.com", Some("a@xn--exmple-cua.com")),
        ("ä@example.com", None),
        ("\"a b\"@example.com", None),
        ("a@[192.0.2.1]", None),
        ("a@192.0.2.1", None),
        ("a@localhost", None),
        ("a@example.com.", None),
        (".a@example.com", None),
        ("a..b@example.com", None),
        ("a@b@example.com", None),
        ("a@example.com>", None),
        ("a@exam ple.com", None),
        ("a@exam%20ple.com", None),
        ("a,b@example.com", None),
        ("@example.com", None),
        ("a@", None),
        ("", None),
    ] {
        assert_eq!(address(text).as_deref(), out, "{text}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]
    #[test]
    fn whatever_stands_in_names_and_subjects_comes_out_as_it_went_in_or_is_refused(name in ".{1,120}", subject in ".{1,300}", text in "(?s).{0,400}") {
        let mut parts = Parts::new(&subject);
        parts.from.name = Some(name.clone());
        parts.content.text.clone_from(&text);
        match parts.build() {
            Err(_) => prop_assert!(!fits_header(&name) || !fits_header(&subject)),
            Ok(bytes) => {
                well_formed(&bytes);
                let mail = parsed(&bytes);
                let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
                prop_assert_eq!(mail.headers().len(), 8, "no header more than ours");
                prop_assert_eq!(words(mail.subject().unwrap_or_default()), words(&subject));
                prop_assert_eq!(words(&one(mail.from()).0.unwrap_or_default()), words(&name));
                prop_assert_eq!(one(mail.from()).1, Some("news@example.com".to_owned()));
                prop_assert_eq!(lines(&mail.body_text(0).unwrap_or_default()).replace('\r', "\n"), lines(&text).replace('\r', "\n"));
            }
        }
    }
}
