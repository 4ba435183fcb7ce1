#![allow(clippy::unwrap_used)]

use super::*;
use crate::script::{Script, answer};
use crate::{Reader, Webhooks};
use domain::publishing::{Media, MediaSource, Piece};
use domain::{MediaId, MemberId, TenantId};
use ports::{MediaError, MediaReader as _, Object, Uploads, WebhookCall, WebhookSender as _};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};

/// A resolver that answers as it was told, one list per question.
struct Liar(Vec<Vec<&'static str>>, AtomicUsize);

#[async_trait]
impl Names for Liar {
    async fn addresses(&self, _: &str) -> io::Result<Vec<IpAddr>> {
        let n = self.1.fetch_add(1, Ordering::SeqCst).min(self.0.len() - 1);
        Ok(self.0[n].iter().map(|text| text.parse().unwrap()).collect())
    }
}

fn lying(answers: Vec<Vec<&'static str>>, guard: Guard) -> Arc<Egress> {
    Egress::with_names(guard, Arc::new(Liar(answers, AtomicUsize::new(0))))
}

struct NoUploads;

#[async_trait]
impl Uploads for NoUploads {
    async fn presign_put(&self, _: &str, _: &str) -> Result<String, MediaError> {
        Err(MediaError::Absent)
    }
    async fn read(&self, _: &str, _: Option<Piece>, _: Option<&str>) -> Result<Object, MediaError> {
        Err(MediaError::Absent)
    }
}

pub(crate) fn medium(url: &str) -> Media {
    Media {
        id: MediaId::from_uuid(uuid_nil()),
        tenant: TenantId::from_uuid(uuid_nil()),
        created_by: MemberId::from_uuid(uuid_nil()),
        created_at: "2026-01-01T00:00:00Z".parse().unwrap(),
        source: MediaSource::Url { url: url.into() },
        probe: None,
        alt_text: None,
    }
}

fn uuid_nil() -> uuid::Uuid {
    uuid::Uuid::nil()
}

/// Everything that goes to a customer's address: registration, a webhook, a medium. True when any of them got through.
async fn any_gets_through(egress: &Arc<Egress>, url: &str) -> bool {
    let webhooks = Webhooks::new(Arc::clone(egress));
    let (headers, secrets) = (BTreeMap::new(), [SECRET.to_owned().into()]);
    let call = WebhookCall { url, headers: &headers, id: "evt_1".into(), timestamp: 1, body: "{}", secrets: &secrets };
    let reader = Reader::new(Arc::clone(egress), Arc::new(NoUploads));
    webhooks.check(url).await.is_ok()
        || webhooks.send(call).await.status.is_some()
        || reader.peek(&medium(url), 16).await.is_ok()
        || reader.open(&medium(url)).await.is_ok()
}

const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

#[tokio::test]
async fn no_odd_host_port_scheme_or_address_reaches_the_inside() {
    let trap = Script::json("{}").await;
    let port = trap.address.port();
    // A guard that would let the trap's port through: only the address rules stand between.
    let guard = Guard { allow_private: false, ports: Box::leak(Box::new([443, 80, port])) };
    let hosts = [
        "127.0.0.1",
        "127.1",
        "127.0.1",
        "2130706433",
        "0x7f000001",
        "0x7f.1",
        "0177.0.0.1",
        "017700000001",
        "127.0.0.1.",
        "0.0.0.0",
        "0",
        "127.255.255.254",
        "localhost",
        "LOCALHOST",
        "localhost.",
        "api.localhost",
        "localhost.localdomain",
        "printer.local",
        "db.internal",
        "metadata.google.internal",
        "router.lan",
        "nas.home.arpa",
        "intranet",
        "169.254.169.254",
        "169.254.170.2",
        "0xa9fea9fe",
        "2852039166",
        "0251.0376.0251.0376",
        "10.0.0.1",
        "172.16.0.1",
        "192.168.1.1",
        "100.64.0.1",
        "168.63.129.16",
        "224.0.0.1",
        "255.255.255.255",
        "[::]",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[::ffff:a9fe:a9fe]",
        "[::127.0.0.1]",
        "[64:ff9b::7f00:1]",
        "[64:ff9b:1::1]",
        "[2002:7f00:1::]",
        "[2001::1]",
        "[2001:db8::1]",
        "[fd00:ec2::254]",
        "[fc00::1]",
        "[fe80::1]",
        "[ff02::1]",
        "[5f00::1]",
        "①②⑦.⓪.⓪.①",
        "127。0。0。1",
        "%31%32%37.0.0.1",
        "user@127.0.0.1",
        "user:secret@example.com",
        "example.com@127.0.0.1",
        "127.0.0.1\\@example.com",
    ];
    let egress = lying(vec![vec!["127.0.0.1"]], guard);
    for host in hosts {
        for url in [format!("https://{host}:{port}/x"), format!("http://{host}:{port}/x"), format!("https://{host}/x")]
        {
            assert!(!any_gets_through(&egress, &url).await, "{url}");
        }
    }
    for url in [
        format!("http://example.com:{port}/"),
        "https://example.com:22/".into(),
        "https://example.com:6379/".into(),
        "ftp://example.com/".into(),
        "file:///etc/passwd".into(),
        "gopher://example.com/".into(),
        "https:///etc/passwd".into(),
        "https://".into(),
        "//example.com/".into(),
        "example.com".into(),
        String::new(),
        format!("https://example.com/{}", "a".repeat(MAX_URL)),
    ] {
        assert!(!any_gets_through(&egress, &url).await, "{url}");
    }
    assert_eq!(trap.seen().len(), 0, "nothing ever connected");
}

#[tokio::test]
async fn a_name_that_changes_its_mind_after_the_check_reaches_nothing() {
    let trap = Script::json("{}").await;
    let guard = Guard { allow_private: false, ports: Box::leak(Box::new([trap.address.port()])) };
    let egress = lying(vec![vec!["93.184.216.34"], vec!["127.0.0.1"]], guard);
    let url = format!("https://rebinding.example.com:{}/", trap.address.port());
    assert_eq!(egress.check(&url).await, Ok(()), "at registration the name is public");
    assert!(!any_gets_through(&egress, &url).await);
    assert_eq!(trap.seen().len(), 0);
}

#[tokio::test]
async fn what_the_client_connects_to_is_what_the_guarded_resolver_said() {
    let server = Script::json("{}").await;
    let egress = lying(vec![vec!["127.0.0.1"]], Guard::new(true));
    let url = format!("http://only-our-resolver-knows.example.com:{}/", server.address.port());
    assert!(any_gets_through(&egress, &url).await);
    let reader = Reader::new(egress, Arc::new(NoUploads));
    assert!(reader.open(&medium(&url)).await.is_ok());
    assert!(!server.seen().is_empty());
}

#[tokio::test]
async fn one_private_address_among_public_ones_spoils_the_name() {
    let trap = Script::json("{}").await;
    let guard = Guard { allow_private: false, ports: Box::leak(Box::new([trap.address.port()])) };
    let url = format!("https://mixed.example.com:{}/", trap.address.port());
    for answers in [vec!["127.0.0.1", "93.184.216.34"], vec!["93.184.216.34", "::1"], vec![]] {
        assert!(!any_gets_through(&lying(vec![answers], guard), &url).await);
    }
    assert_eq!(trap.seen().len(), 0);
}

#[tokio::test]
async fn a_redirect_to_the_inside_is_an_answer_and_not_followed() {
    let trap = Script::json("{}").await;
    let to_trap = answer("302 Found", &format!("location: {}\r\n", trap.url("/latest/meta-data/")), b"");
    let redirector = Script::start(vec![to_trap]).await;
    let egress = Egress::new(Guard::new(true));
    let (headers, secrets) = (BTreeMap::new(), [SECRET.to_owned().into()]);
    let url = redirector.url("/hook");
    let call =
        WebhookCall { url: &url, headers: &headers, id: "e".into(), timestamp: 1, body: "{}", secrets: &secrets };
    assert_eq!(Webhooks::new(Arc::clone(&egress)).send(call).await.status, Some(302));
    let reader = Reader::new(egress, Arc::new(NoUploads));
    assert!(matches!(reader.open(&medium(&url)).await, Err(MediaError::Unavailable(_))));
    assert_eq!(trap.seen().len(), 0);
}

#[tokio::test]
async fn a_local_stack_may_call_loopback_over_http_but_still_no_other_scheme() {
    let server = Script::json("{}").await;
    let egress = Egress::new(Guard::new(true));
    assert_eq!(egress.check(&server.url("/")).await, Ok(()));
    assert_eq!(egress.check("http://localhost:9/").await, Ok(()));
    assert_eq!(egress.check("ftp://127.0.0.1/").await, Err(UrlNotAllowed));
    assert!(any_gets_through(&egress, &server.url("/")).await);
}

#[test]
fn a_public_https_address_is_admitted() {
    for url in [
        "https://example.com/hook?x=1",
        "https://hooks.example.co.uk:443/",
        "https://8.8.8.8/",
        "https://[2606:4700::1]/",
    ] {
        assert!(Guard::new(false).admit(url).is_ok(), "{url}");
    }
}
