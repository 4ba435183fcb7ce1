//! S7: what the environment says of proxies counts for nobody. The environment of a process cannot be changed safely while it
//! runs, so the calls are made in a process of their own.

use crate::answers::callers;
use crate::callers::Told;
use crate::receiver::{Receiver, Step, say};
use crate::trap::Trap;
use std::process::Command;

#[tokio::test]
async fn no_proxy_of_the_environment_is_used() {
    let trap = Trap::set().await;
    let proxy = format!("http://127.0.0.1:{}", trap.port);
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "proxies::calls_of_a_process_with_proxies_reach_the_receiver_itself", "--ignored"]);
    for name in ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"] {
        command.env(name, &proxy);
    }
    command.env_remove("NO_PROXY").env_remove("no_proxy");
    let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert_eq!(trap.connects().await, 0, "{said}");
    assert!(output.status.success() && said.contains("1 passed"), "{said}");
}

#[tokio::test]
#[ignore = "run by the test above, with proxies in its environment"]
async fn calls_of_a_process_with_proxies_reach_the_receiver_itself() {
    let fine = vec![Step::Hear, say("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok")];
    let receiver = Receiver::doing(fine).await;
    let (callers, url) = (callers(), receiver.url());
    assert_eq!(callers.hook(&url).await, Told::Status(200));
    assert_eq!(callers.post(&url).await, Told::Status(200));
    assert_eq!(callers.platform(&url).await, Told::Status(200));
    assert_eq!(callers.medium(&url).await, Ok(2));
    assert_eq!(receiver.requests().len(), 4);
}
