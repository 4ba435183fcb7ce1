//! Asking a receiver whether it agrees to be sent to, as `CloudEvents`' web hooks do (1.0.2, HTTP web hooks, 4).

use super::{AGENT, Webhooks};
use http::{HeaderMap, Method, header};
use ports::{Agreed, NotAgreed, ValidationCall};
use std::time::Duration;

/// Seconds that a receiver has for its answer: a person waits for it.
const TIMEOUT_S: u64 = 10;

/// Asks once. Only the headers of the answer are looked at.
pub(super) async fn ask(webhooks: &Webhooks, call: ValidationCall<'_>) -> Result<Agreed, NotAgreed> {
    let egress = &webhooks.0;
    let (client, url) = egress.customer(call.url, call.policy).map_err(|refused| NotAgreed(refused.to_string()))?;
    let mut request = client
        .request(Method::OPTIONS, url)
        .header(header::USER_AGENT, AGENT)
        .header("WebHook-Request-Origin", call.origin)
        .timeout(egress.at_most(Duration::from_secs(TIMEOUT_S)));
    if let Some(rate) = call.rate {
        request = request.header("WebHook-Request-Rate", rate);
    }
    let answer = match request.send().await {
        Ok(answer) => answer,
        Err(error) if error.is_timeout() => return Err(NotAgreed(format!("it did not answer within {TIMEOUT_S} s"))),
        Err(_) => return Err(NotAgreed("no connection could be made, or it broke".into())),
    };
    if !answer.status().is_success() {
        return Err(NotAgreed(format!("it answered OPTIONS with {}", answer.status().as_u16())));
    }
    agreed(answer.headers(), call.origin)
}

/// What the headers of an answer say (4.2).
fn agreed(headers: &HeaderMap, origin: &str) -> Result<Agreed, NotAgreed> {
    let one = |name: &str| {
        let mut all = headers.get_all(name).iter();
        let first = all.next().map(|value| value.to_str().unwrap_or_default().trim().to_owned());
        if all.next().is_some() { Some(String::new()) } else { first }
    };
    let allowed = one("WebHook-Allowed-Origin");
    if !allowed.is_some_and(|allowed| allowed == "*" || allowed.eq_ignore_ascii_case(origin)) {
        return Err(NotAgreed(format!("its answer to OPTIONS has no WebHook-Allowed-Origin of {origin} or *")));
    }
    match one("WebHook-Allowed-Rate").as_deref() {
        None | Some("*") => Ok(Agreed { rate: None }),
        Some(text) => match text.parse::<u64>() {
            Ok(rate) if rate > 0 => Ok(Agreed { rate: Some(u32::try_from(rate).unwrap_or(u32::MAX)) }),
            _ => {
                Err(NotAgreed("its WebHook-Allowed-Rate is neither a number of requests a minute above 0 nor *".into()))
            }
        },
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::egress::{Egress, Guard};
    use crate::script::{Script, answer};
    use domain::egress::EgressPolicy;
    use ports::WebhookSender as _;

    async fn asked(server: &Script, rate: Option<u32>) -> Result<Agreed, NotAgreed> {
        let webhooks = Webhooks::new(Egress::new(Guard::new(true)));
        let url = server.url("/hook?a=b");
        let call = ValidationCall { url: &url, policy: &EgressPolicy::STRICT, origin: "herald.example", rate };
        webhooks.validate(call).await
    }

    async fn answering(status: &str, headers: &str) -> Script {
        Script::start(vec![answer(status, headers, b"")]).await
    }

    #[tokio::test]
    async fn a_receiver_is_asked_by_name_and_what_it_agrees_to_may_have_a_rate() {
        for (headers, rate) in [
            ("WebHook-Allowed-Origin: herald.example\r\n", None),
            ("WebHook-Allowed-Origin: HERALD.example\r\nWebHook-Allowed-Rate: *\r\n", None),
            ("webhook-allowed-origin: *\r\nwebhook-allowed-rate: 120\r\n", Some(120)),
            ("WebHook-Allowed-Origin: *\r\nAllow: POST\r\nWebHook-Allowed-Rate: 1\r\n", Some(1)),
            ("WebHook-Allowed-Origin: *\r\nWebHook-Allowed-Rate: 4294967296\r\n", Some(u32::MAX)),
        ] {
            let server = answering("200 OK", headers).await;
            assert_eq!(asked(&server, Some(60)).await, Ok(Agreed { rate }), "{headers}");
            let request = server.seen().remove(0);
            let head = request.to_ascii_lowercase();
            assert!(head.starts_with("options /hook?a=b http/1.1"), "{head}");
            assert!(head.contains("webhook-request-origin: herald.example\r\n"), "{head}");
            assert!(head.contains("webhook-request-rate: 60\r\n"), "{head}");
            assert!(!head.contains("webhook-request-callback"), "{head}");
        }
        let server = answering("204 No Content", "WebHook-Allowed-Origin: *\r\n").await;
        assert_eq!(asked(&server, None).await, Ok(Agreed { rate: None }));
        assert!(!server.seen().remove(0).to_ascii_lowercase().contains("webhook-request-rate"));
    }

    #[tokio::test]
    async fn whatever_is_no_agreement_is_none_and_repeats_nothing_that_was_said() {
        for (status, headers) in [
            ("200 OK", ""),
            ("200 OK", "WebHook-Allowed-Origin: other.example\r\n"),
            ("200 OK", "WebHook-Allowed-Origin: herald.example.evil\r\n"),
            ("200 OK", "WebHook-Allowed-Origin: other.example, herald.example\r\n"),
            ("200 OK", "WebHook-Allowed-Origin: *\r\nWebHook-Allowed-Origin: *\r\n"),
            ("200 OK", "WebHook-Allowed-Origin: *\r\nWebHook-Allowed-Rate: 0\r\n"),
            ("200 OK", "WebHook-Allowed-Origin: *\r\nWebHook-Allowed-Rate: canary\r\n"),
            ("200 OK", "WebHook-Allowed-Origin: *\r\nWebHook-Allowed-Rate: -1\r\n"),
            ("403 Forbidden", "WebHook-Allowed-Origin: *\r\n"),
            ("405 Method Not Allowed", "X: canary\r\n"),
            ("302 Found", "Location: http://127.0.0.1:1/canary\r\nWebHook-Allowed-Origin: *\r\n"),
        ] {
            let server = answering(status, headers).await;
            let refused = asked(&server, None).await.unwrap_err().to_string();
            assert!(!refused.contains("canary"), "{refused}");
            assert_eq!(server.seen().len(), 1, "{status} {headers}: once, and nothing is followed");
        }
        let webhooks = Webhooks::new(Egress::new(Guard::new(true)));
        let call =
            ValidationCall { url: "http://127.0.0.1:1/", policy: &EgressPolicy::STRICT, origin: "h", rate: None };
        assert!(webhooks.validate(call).await.is_err(), "nobody there");
    }
}
