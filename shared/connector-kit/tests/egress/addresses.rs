//! S7: no address that a customer names leads inside, however it is spelled and whatever its name resolves to.

use crate::callers::{Callers, Liar};
use crate::receiver::{Receiver, Step, say};
use crate::trap::Trap;
use async_trait::async_trait;
use connector_kit::{Egress, Guard, Limits, Names, Setup};
use domain::egress::EgressPolicy;
use std::io;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

/// Of every range that is not public an address or two, as literals of an URL's host without brackets.
const INSIDE: [&str; 63] = [
    "0.0.0.0",
    "0.1.2.3",
    "10.0.0.1",
    "10.255.255.255",
    "100.64.0.1",
    "100.100.100.200",
    "100.127.255.255",
    "127.0.0.1",
    "127.0.0.2",
    "127.255.255.254",
    "168.63.129.16",
    "169.254.0.1",
    "169.254.169.254",
    "169.254.170.2",
    "169.254.170.23",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.1",
    "192.0.0.192",
    "192.0.2.1",
    "192.31.196.1",
    "192.52.193.1",
    "192.88.99.1",
    "192.168.1.1",
    "192.175.48.1",
    "198.18.0.1",
    "198.19.255.255",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "239.255.255.255",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::127.0.0.1",
    "::ffff:8.8.8.8",
    "::ffff:127.0.0.1",
    "::ffff:7f00:1",
    "::ffff:a9fe:a9fe",
    "::ffff:0:127.0.0.1",
    "64:ff9b::7f00:1",
    "64:ff9b:1::1",
    "100::1",
    "2001::1",
    "2001:2::1",
    "2001:10::1",
    "2001:20::1",
    "2001:db8::1",
    "2002:7f00:1::",
    "2002:a9fe:a9fe::1",
    "2620:4f:8000::1",
    "2a00:1450:4001::5efe:7f00:1",
    "2a00:1450:4001::200:5efe:a00:1",
    "3fff::1",
    "5f00::1",
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1",
    "febf::1",
    "fec0::1",
    "ff02::1",
    "ff0e::1",
];

/// Hosts that come to one of them, or to no public name.
const SPELLINGS: [&str; 43] = [
    "127.1",
    "127.0.1",
    "2130706433",
    "0x7f000001",
    "0x7f.1",
    "0x7F.0X0.0x0.0x1",
    "0177.0.0.1",
    "017700000001",
    "0177.0.0x0.1",
    "127.0.0.1.",
    "127.1.",
    "0",
    "0x0",
    "2852039166",
    "0xa9fea9fe",
    "0251.0376.0251.0376",
    "0xa9.254.0251.254",
    "169.254.43518",
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
    "example.com.",
    "①②⑦.⓪.⓪.①",
    "１２７．０．０．１",
    "127。0。0。1",
    "ⓛⓞⓒⓐⓛⓗⓞⓢⓣ",
    "%31%32%37.0.0.1",
    "%6c%6f%63alhost",
    "127.0.0.1%00.example.com",
    "user@127.0.0.1",
    "user:secret@example.com",
    "example.com@127.0.0.1",
    "127.0.0.1\\@example.com",
    "[fe80::1%25lo]",
    "[::1%25lo]",
];

/// A guard that lets every scheme and the trap's port through: only the rules of addresses stand between.
fn open_but_for_addresses(port: u16) -> Guard {
    Guard { allow_private: false, always: EgressPolicy { http: true, ports: vec![port] } }
}

fn callers(port: u16, names: Arc<dyn Names>) -> Callers {
    Callers::new(Egress::with_names(open_but_for_addresses(port), names))
}

fn urls(host: &str, port: u16) -> [String; 4] {
    [
        format!("https://{host}:{port}/x"),
        format!("http://{host}:{port}/x"),
        format!("https://{host}/x"),
        format!("http://{host}/x"),
    ]
}

#[tokio::test]
async fn no_address_spelling_or_name_reaches_the_inside() {
    let trap = Trap::set().await;
    let port = trap.port;
    let mut tried = 0;
    // Every name leads to the trap, so that one that gets past the guard is caught.
    let names = Liar::telling(&[&["127.0.0.1"]]);
    let inward = callers(port, Arc::clone(&names) as Arc<dyn Names>);
    let literal = |address: &&str| if address.contains(':') { format!("[{address}]") } else { (*address).to_owned() };
    let literals = INSIDE.iter().map(literal);
    for host in literals.chain(SPELLINGS.iter().map(|host| (*host).to_owned())) {
        tried += 1;
        for url in urls(&host, port) {
            assert!(!inward.any_gets_through(&url).await, "{url}");
        }
    }
    // A name that resolves to one of them, alone or among public ones: one spoils it, for the client would try them in turn.
    for address in INSIDE {
        for answers in
            [vec![address], vec![address, "93.184.216.34"], vec!["93.184.216.34", "2606:4700::1111", address]]
        {
            tried += 1;
            names.tell(&[&answers]);
            for url in urls("hooks.example.com", port) {
                assert!(!inward.any_gets_through(&url).await, "{url} at {answers:?}");
            }
        }
    }
    names.tell(&[&[]]);
    assert!(!inward.any_gets_through(&urls("hooks.example.com", port)[0]).await, "a name without addresses");
    assert_eq!(trap.connects().await, 0);
    println!("S7: {tried} addresses and names, 0 connects");
}

#[tokio::test]
async fn a_name_that_changes_its_mind_after_the_check_reaches_nothing() {
    let trap = Trap::set().await;
    let names = Liar::telling(&[]);
    let callers = callers(trap.port, Arc::clone(&names) as Arc<dyn Names>);
    for inside in ["127.0.0.1", "::1", "::ffff:127.0.0.1", "169.254.169.254", "10.0.0.1"] {
        for url in &urls("rebinding.example.com", trap.port)[..2] {
            names.tell(&[&["93.184.216.34"], &[inside]]);
            assert!(callers.registers(url).await, "at registration the name is public");
            assert!(!callers.any_gets_through(url).await, "{url} at {inside}");
        }
    }
    assert_eq!(trap.connects().await, 0);
    println!("S7: 5 rebound names over 2 schemes, 0 connects");
}

#[tokio::test]
async fn what_is_connected_to_is_what_was_looked_up_and_looked_up_once() {
    let fine = vec![Step::Hear, say("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok")];
    let receiver = Receiver::doing(fine).await;
    // A second look-up would lead where nobody answers.
    let names = Liar::telling(&[&["127.0.0.1"], &["127.0.0.3"]]);
    let limits = Limits { connect: Duration::from_secs(1), ..Limits::default() };
    let setup = Setup { names: Arc::clone(&names) as Arc<dyn Names>, limits, ..Setup::default() };
    let callers = Callers::new(Egress::with(Guard::new(true), setup));
    let url = format!("http://only-our-resolver-knows.example.com:{}/", receiver.address.port());
    assert_eq!(callers.webhook(&url).await.status, Some(200));
    assert_eq!((names.asked(), receiver.requests().len()), (1, 1));
    assert!(receiver.requests()[0].contains("host: only-our-resolver-knows.example.com:"), "it is called by its name");
}

/// A resolver that does not answer.
struct Silent;

#[async_trait]
impl Names for Silent {
    async fn addresses(&self, _: &str) -> io::Result<Vec<IpAddr>> {
        std::future::pending().await
    }
}

#[tokio::test]
async fn a_resolver_that_does_not_answer_holds_nobody_up() {
    let short = Duration::from_millis(100);
    let limits = Limits { resolve: short, ..Limits::default() };
    let setup = Setup { names: Arc::new(Silent), limits, ..Setup::default() };
    let callers = Callers::new(Egress::with(Guard::new(false), setup));
    let tries = callers.any_gets_through("https://hooks.example.com/");
    assert_eq!(tokio::time::timeout(Duration::from_secs(4), tries).await, Ok(false));
}

#[tokio::test]
async fn scheme_port_and_length_are_those_that_the_policy_allows() {
    let trap = Trap::set().await;
    let port = trap.port;
    let public = || Liar::telling(&[&["93.184.216.34"]]);
    let strict = Callers::new(Egress::with_names(Guard::new(false), public()));
    let http = strict.clone().allowed(EgressPolicy { http: true, ports: vec![] });
    let ports = strict.clone().allowed(EgressPolicy { http: false, ports: vec![8443] });
    let both = strict.clone().allowed(EgressPolicy { http: true, ports: vec![8443] });
    for (url, whom) in [
        ("https://example.com/hook?x=1", [true, true, true, true]),
        ("https://8.8.8.8/", [true, true, true, true]),
        ("https://[2606:4700::1]/", [true, true, true, true]),
        ("http://example.com/", [false, true, false, true]),
        ("http://example.com:443/", [false, false, false, false]),
        ("https://example.com:80/", [false, false, false, false]),
        ("https://example.com:8443/", [false, false, true, true]),
        ("http://example.com:8443/", [false, false, false, true]),
        ("https://example.com:22/", [false, false, false, false]),
        ("http://127.0.0.1/", [false, false, false, false]),
        ("https://127.0.0.1:8443/", [false, false, false, false]),
        // Names of an inside are none of the outside, whatever they resolve to.
        ("https://example.com./", [false, false, false, false]),
        ("https://intranet/", [false, false, false, false]),
        ("https://localhost/", [false, false, false, false]),
        ("https://metadata.google.internal/", [false, false, false, false]),
        ("ws://example.com/", [false, false, false, false]),
    ] {
        let mut allowed = [false; 4];
        for (callers, allowed) in [&strict, &http, &ports, &both].into_iter().zip(&mut allowed) {
            *allowed = callers.registers(url).await;
        }
        assert_eq!(allowed, whom, "{url}");
    }
    let inward = callers(port, Liar::telling(&[&["127.0.0.1"]]));
    for url in [
        "ftp://example.com/".to_owned(),
        "file:///etc/passwd".into(),
        "gopher://example.com/".into(),
        "https:///etc/passwd".into(),
        "https://".into(),
        "//example.com/".into(),
        "example.com".into(),
        String::new(),
        format!("https://example.com/{}", "a".repeat(2_048)),
        format!("https://{}.com/", "a.".repeat(5_000)),
    ] {
        assert!(!inward.any_gets_through(&url).await, "{url}");
    }
    assert_eq!(trap.connects().await, 0);
}

#[tokio::test]
async fn what_a_policy_allows_counts_for_webhooks_alone() {
    // Names lead inside, so that nothing leaves this machine; that is found out only after the policy has been asked.
    let names = Liar::telling(&[&["127.0.0.1"]]);
    let open = EgressPolicy { http: true, ports: vec![8080] };
    let setup = Setup { names: Arc::clone(&names) as Arc<dyn Names>, ..Setup::default() };
    let callers = Callers::new(Egress::with(Guard::new(false), setup)).allowed(open);
    let url = "http://hooks.example.com:8080/";
    callers.hook(url).await;
    assert_eq!(names.asked(), 1, "a webhook is let through to the name");
    callers.post(url).await;
    assert!(callers.medium(url).await.is_err());
    assert_eq!(names.asked(), 1, "an account's server and a medium are not");
}

#[tokio::test]
async fn a_local_stack_may_call_loopback_over_http_but_still_no_other_scheme() {
    let receiver = Receiver::doing(vec![Step::Hear, say("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok")]).await;
    let callers = Callers::new(Egress::new(Guard::new(true)));
    assert!(callers.registers(&receiver.url()).await && callers.registers("http://localhost:9/").await);
    assert!(!callers.registers("ftp://127.0.0.1/").await);
    assert!(callers.any_gets_through(&receiver.url()).await);
}
