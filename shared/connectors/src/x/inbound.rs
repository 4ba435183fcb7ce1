//! What X tells through its Activity API: one event a call, signed with the application's consumer secret
//! (<https://docs.x.com/x-api/webhooks/quickstart>, <https://docs.x.com/x-api/activity/introduction>; the payloads are the API's
//! own `Post` and `LikeWithPostAuthor`). The question whether the address is ours comes again each hour.

use connector_kit::inbound::{Tree, base64_of, hmac_sha256, hmac_sha256_base64, is_secret, param, unknown, unreadable};
use domain::inbound::{Changed, Heard, Said, What};
use jiff::Timestamp;
use ports::{Ask, Call, Greeting, Inbound, Made, Proofs, Proved, Refused, SourceField, SourceForm};
use secrecy::ExposeSecret as _;
use serde_json::{Value, json};

/// What people enter for it.
pub(crate) const FORM: SourceForm = SourceForm {
    slug: "x",
    name: "X",
    help: "Register the address with POST /2/webhooks, and subscribe to post.mention.create, post.reply.create, post.quote.create, post.repost.create and like.create with POST /2/activity/subscriptions.",
    fields: &[SourceField {
        name: "consumer_secret",
        what: "the API Key Secret of the app (OAuth 1.0a), not the client secret of OAuth 2.0",
        made: Made::Nothing,
        check: is_secret,
    }],
};

/// Longest token that is answered.
const MAX_TOKEN: usize = 256;

/// Its Activity API.
pub(crate) struct Activity;

impl Inbound for Activity {
    fn form(&self) -> &'static SourceForm {
        &FORM
    }

    /// The question proves nothing, and its answer tells whoever asks the signature of a text of theirs. So only a text that
    /// cannot be a body is answered: a body begins with a brace.
    fn greet(&self, ask: &Ask<'_>, proofs: &Proofs, _: Timestamp) -> Result<Option<Greeting>, Refused> {
        if ask.method != "GET" {
            return Ok(None);
        }
        let plain = |token: &String| {
            token.len() <= MAX_TOKEN && token.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_=+/.".contains(&b))
        };
        let token = param(ask.query, "crc_token").filter(plain).ok_or(Refused::Unproved)?;
        let tag = hmac_sha256_base64(proofs.of("consumer_secret").expose_secret().as_bytes(), token.as_bytes());
        Ok(Some(Greeting::json(&json!({ "response_token": format!("sha256={tag}") }))))
    }

    fn prove(&self, ask: &Ask<'_>, proofs: &Proofs, _: Timestamp) -> Result<Proved, Refused> {
        // What `greet` signs for anybody proves nothing.
        if ask.body.first() != Some(&b'{') {
            return Err(Refused::Unproved);
        }
        let tag = ask.header("x-twitter-webhooks-signature").and_then(|it| it.strip_prefix("sha256="));
        let tag = tag.ok_or(Refused::Unproved)?;
        hmac_sha256(proofs.of("consumer_secret").expose_secret().as_bytes(), &[ask.body], base64_of(tag))?;
        Ok(Proved::default())
    }

    fn read(&self, call: &Call<'_>) -> Vec<Heard> {
        let Ok(body) = serde_json::from_slice::<Value>(call.body) else { return unreadable(call.name) };
        let data = Tree(&body).at("data");
        let (Some(id), Some(kind)) = (data.text("event_uuid"), data.text("event_type")) else {
            return unreadable(call.name);
        };
        let payload = data.at("payload");
        let at = payload.text("created_at").and_then(|at| at.parse().ok());
        let to = data.at("filter").text("user_id");
        match what(&kind, payload, data.at("includes")) {
            Some(what) => vec![Heard { id, at, to, what }],
            None => vec![Heard { at, to, ..unknown(id, kind) }],
        }
    }
}

/// What an event says in our words.
fn what(kind: &str, payload: Tree<'_>, includes: Tree<'_>) -> Option<What> {
    let post = || said(payload, includes);
    match kind {
        "post.reply.create" => Some(What::Comment(post()?)),
        "post.mention.create" | "post.quote.create" => Some(What::Mention(post()?)),
        "post.repost.create" => Some(What::Reaction(Said { text: Some("repost".into()), ..post()? })),
        "like.create" => {
            let external_id = payload.text("id")?;
            let on = payload.text("liked_tweet_id").or(payload.text("liked_post_id"));
            Some(What::Reaction(Said { external_id, on, text: Some("like".into()), ..Said::default() }))
        }
        _ => None,
    }
}

fn said(post: Tree<'_>, includes: Tree<'_>) -> Option<Said> {
    let author = post.text("author_id");
    let mut users = includes.at("users").list();
    let handle =
        users.find(|user| author.is_some() && user.text("id") == author).and_then(|user| user.text("username"));
    let referenced = post.at("referenced_tweets").list().next().and_then(|one| one.text("id"));
    let on = referenced.or(post.text("conversation_id"));
    Some(Said { external_id: post.text("id")?, on, author, handle, text: post.text("text"), change: Changed::Added })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]
    use super::*;
    use connector_kit::inbound::suite::{Scheme, holds};

    fn proofs() -> Proofs {
        Proofs::new([("consumer_secret".to_owned(), "consumer".to_owned().into())].into())
    }

    #[test]
    fn its_scheme_holds_in_every_case_of_the_suite() {
        let sign = |_: i64, body: &[u8]| {
            let tag = hmac_sha256_base64(b"consumer", body);
            vec![("x-twitter-webhooks-signature".to_owned(), format!("sha256={tag}"))]
        };
        let (ours, others) = ([("consumer_secret", "consumer")], [("consumer_secret", "another")]);
        let body = r#"{"data":{"event_uuid":"1","event_type":"post.reply.create"}}"#;
        // It tells no time.
        let scheme = Scheme { timed: false, ..Scheme::of(&Activity) };
        assert!(holds(&Scheme { proofs: &ours, others: &others, body, sign: &sign, ..scheme }) > 110);
    }

    #[test]
    fn what_the_question_gets_signed_for_anybody_proves_no_call() {
        for body in ["NTg2OTE0", "=+/.-_", ""] {
            let signature = format!("sha256={}", hmac_sha256_base64(b"consumer", body.as_bytes()));
            let headers = [("x-twitter-webhooks-signature".to_owned(), signature)];
            let ask = Ask { method: "POST", url: "", query: "", headers: &headers, body: body.as_bytes() };
            assert_eq!(Activity.prove(&ask, &proofs(), Timestamp::UNIX_EPOCH).err(), Some(Refused::Unproved), "{body}");
        }
    }

    #[test]
    fn the_question_is_answered_with_its_signature_and_never_that_of_a_body() {
        let greet = |method, query: &str| {
            let ask = Ask { method, url: "", query, headers: &[], body: b"" };
            Activity.greet(&ask, &proofs(), Timestamp::UNIX_EPOCH)
        };
        let tag = hmac_sha256_base64(b"consumer", b"NTg2OTE0");
        let said = greet("GET", "crc_token=NTg2OTE0").unwrap().unwrap();
        assert_eq!(said.body, json!({ "response_token": format!("sha256={tag}") }).to_string());
        assert_eq!(greet("POST", "crc_token=NTg2OTE0"), Ok(None));
        for bad in
            ["", "crc_token=%7B%22data%22%3A1%7D", "crc_token=a&crc_token=b", &format!("crc_token={}", "a".repeat(257))]
        {
            assert!(greet("GET", bad).is_err(), "{bad}");
        }
    }

    fn read(kind: &str, payload: &Value) -> Heard {
        let body = json!({ "data": { "event_uuid": "9", "event_type": kind, "filter": { "user_id": "42" }, "payload": payload,
            "includes": { "users": [{ "id": "7", "username": "ada" }] } } });
        let body = body.to_string();
        let [heard] =
            <[Heard; 1]>::try_from(Activity.read(&Call { name: "rcp", content_type: "", body: body.as_bytes() }))
                .unwrap();
        heard
    }

    #[test]
    fn each_event_is_read_into_our_words() {
        let post = json!({ "id": "100", "text": "Nice", "author_id": "7", "conversation_id": "50",
            "referenced_tweets": [{ "type": "replied_to", "id": "51" }], "created_at": "2026-01-01T00:00:00.000Z" });
        let heard = read("post.reply.create", &post);
        assert_eq!((heard.id.as_str(), heard.to.as_deref()), ("9", Some("42")));
        assert_eq!(heard.at.unwrap().as_second(), 1_767_225_600);
        let What::Comment(said) = heard.what else { panic!("{heard:?}") };
        assert_eq!(
            (said.external_id.as_str(), said.on.as_deref(), said.handle.as_deref()),
            ("100", Some("51"), Some("ada"))
        );
        assert!(matches!(read("post.mention.create", &post).what, What::Mention(_)));
        assert!(
            matches!(read("post.repost.create", &post).what, What::Reaction(said) if said.text.as_deref() == Some("repost"))
        );
        for (kind, payload) in
            [("follow.follow", json!({})), ("dm.received", json!({ "id": "1" })), ("post.reply.create", json!({}))]
        {
            assert_eq!(read(kind, &payload).what, What::Unknown { kind: kind.into() });
        }
        let none = Activity.read(&Call { name: "rcp", content_type: "", body: b"{}" });
        assert_eq!(none[0].what, What::Unknown { kind: "unreadable".into() });
    }
}
