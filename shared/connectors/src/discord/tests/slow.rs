//! A channel whose reading takes its time.

use super::*;
use connector_kit::InTime;
use jiff::SignedDuration;
use std::sync::Arc;
use std::time::{Duration, Instant};

#[tokio::test]
async fn a_reading_ends_when_its_time_is_over_however_long_the_platform_takes() {
    let discord = connector();
    let server = connected(&discord).await;
    let small = picture("image/png", 100);
    server.order("list", "delay_ms", json!({"ms": 10_000})).await;
    let variant = Variant::text("the lost one");
    let until = server.now() + SignedDuration::from_millis(300);
    let call = PublishCall { until, ..call_of(&server, &variant, &small) };
    let begun = Instant::now();
    let found = InTime(Arc::new(discord)).find(&call, server.now()).await;
    assert_eq!(found, Err(Failure::Unavailable));
    assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
}
