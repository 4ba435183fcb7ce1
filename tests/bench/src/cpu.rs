//! Processor time of this process, to the nanosecond.

use std::time::Duration;

/// Time that this process's threads were on a processor (`/proc/<pid>/task/<tid>/schedstat`, first field, nanoseconds).
pub fn spent() -> Duration {
    let mut ns = 0;
    for task in std::fs::read_dir("/proc/self/task").unwrap() {
        let text = std::fs::read_to_string(task.unwrap().path().join("schedstat")).unwrap_or_default();
        ns += text.split(' ').next().and_then(|n| n.parse::<u64>().ok()).unwrap_or(0);
    }
    Duration::from_nanos(ns)
}

/// Time that the calling thread was on a processor.
pub fn spent_by_this_thread() -> Duration {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    Duration::from_nanos(text.split(' ').next().and_then(|n| n.parse::<u64>().ok()).unwrap_or(0))
}

/// Operations per second of processor time: runs `work`, which tells how many it did, until `least` is spent.
pub async fn per_second(least: Duration, mut work: impl AsyncFnMut() -> u64) -> f64 {
    let (start, mut done) = (spent(), 0);
    loop {
        done += work().await;
        let spent = spent() - start;
        if spent >= least {
            return done as f64 / spent.as_secs_f64();
        }
    }
}
