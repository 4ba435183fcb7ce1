//! Who the receiver is: its certificate must be of its name, of now, and of an authority that is trusted.

use crate::callers::{Callers, Liar, Told};
use crate::receiver::{Receiver, Step, say};
use connector_kit::{Egress, Guard, Limits, Setup};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::{ServerConfig, crypto::aws_lc_rs};

const AUTHORITY: &[u8] = include_bytes!("certs/authority.pem");
const KEY: &[u8] = include_bytes!("certs/receiver.key.pem");
const GOOD: &[u8] = include_bytes!("certs/good.pem");
const EXPIRED: &[u8] = include_bytes!("certs/expired.pem");
const SELF_SIGNED: &[u8] = include_bytes!("certs/self-signed.pem");

fn server(certificate: &[u8]) -> TlsAcceptor {
    let chain = vec![CertificateDer::from_pem_slice(certificate).unwrap()];
    let key = PrivateKeyDer::from_pem_slice(KEY).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .unwrap();
    TlsAcceptor::from(Arc::new(config))
}

/// Every name leads to this machine; `trusting` the authority of the test, or those of the machine.
fn callers(trusting: bool) -> Callers {
    let limits = Limits { connect: Duration::from_millis(400), ..Limits::default() };
    let roots = if trusting { vec![reqwest::Certificate::from_pem(AUTHORITY).unwrap()] } else { Vec::new() };
    let names = Liar::telling(&[&["127.0.0.1"]]);
    Callers::new(Egress::with(Guard::new(true), Setup { names, limits, roots }))
}

fn fine() -> Vec<Step> {
    vec![Step::Hear, say("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok")]
}

/// What all callers are told there, with how many requests the receiver could read.
async fn told(certificate: &[u8], name: &str, trusting: bool) -> (Told, usize) {
    let receiver = Receiver::start(vec![fine()], Some(server(certificate))).await;
    let url = format!("https://{name}:{}/hook", receiver.address.port());
    let callers = callers(trusting);
    let hook = callers.hook(&url).await;
    assert_eq!(callers.post(&url).await, hook);
    assert_eq!(callers.medium(&url).await.is_ok(), hook == Told::Status(200));
    (hook, receiver.requests().len())
}

#[tokio::test]
async fn only_the_certificate_of_this_name_and_time_from_a_trusted_authority_is_spoken_to() {
    assert_eq!(told(GOOD, "receiver.example.com", true).await, (Told::Status(200), 3));
    for (what, certificate, name, trusting) in [
        ("another name", GOOD, "other.example.com", true),
        ("a name above it", GOOD, "example.com", true),
        ("expired", EXPIRED, "receiver.example.com", true),
        ("signed by itself", SELF_SIGNED, "receiver.example.com", true),
        ("an authority that this machine does not know", GOOD, "receiver.example.com", false),
    ] {
        assert_eq!(told(certificate, name, trusting).await, (Told::Unsent, 0), "{what}");
    }
}

#[tokio::test]
async fn a_server_that_does_not_speak_tls_or_does_not_end_its_greeting_gets_nothing() {
    for steps in [vec![say("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n"), Step::Wait], vec![Step::Wait], vec![]] {
        let receiver = Receiver::doing(steps).await;
        let url = format!("https://receiver.example.com:{}/hook", receiver.address.port());
        let began = Instant::now();
        assert_eq!(callers(true).hook(&url).await, Told::Unsent);
        assert_eq!(callers(true).post(&url).await, Told::Unsent);
        assert!(began.elapsed() < Duration::from_secs(2));
        assert!(receiver.requests().is_empty() && receiver.is_let_go().await);
    }
}
