//! Metrics in the CloudWatch embedded metric format: a JSON line on standard output is a metric, so that measuring costs
//! no call and no permission. Specification: "CloudWatch embedded metric format", Amazon CloudWatch User Guide.
//!
//! Dimension sets are fixed here, because every combination of values is a metric that is paid for: nothing about a
//! tenant, an account or a post is ever one. [`MetricSet`] lists them; alarms and dashboards rely on it.

use crate::config::Stage;
use ports::{Measure, Metrics};
use serde_json::{Map, Value, json};
use std::io::Write;
use std::sync::Mutex;

/// The namespace of all metrics.
pub const NAMESPACE: &str = "Herald";

/// The dimensions a metric is cut by. `Environment` is always one of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MetricSet {
    /// One figure for the deployment.
    Whole,
    /// One figure for the deployment, and one per platform.
    WholeAndPlatform,
    /// Per platform and a second, small dimension: the outcome's state, the operation.
    PlatformAnd(&'static str),
    /// By one small dimension.
    By(&'static str),
}

impl MetricSet {
    fn dimensions(self) -> Value {
        match self {
            Self::Whole => json!([["Environment"]]),
            Self::WholeAndPlatform => json!([["Environment"], ["Environment", "Platform"]]),
            Self::PlatformAnd(other) => json!([["Environment", "Platform", other]]),
            Self::By(other) => json!([["Environment", other]]),
        }
    }
}

/// [`Metrics`] on standard output.
#[derive(Debug)]
pub struct EmfMetrics {
    stage: Stage,
    out: Out,
}

#[derive(Debug)]
enum Out {
    Stdout,
    #[allow(dead_code)] // only tests read what was measured
    Kept(Mutex<Vec<String>>),
}

impl EmfMetrics {
    /// Metrics of a deployment.
    pub fn new(stage: Stage) -> Self {
        Self { stage, out: Out::Stdout }
    }

    fn line(&self, at_ms: i64, measure: Measure) -> Value {
        let (set, dimensions, metrics) = parts(measure);
        let definitions: Vec<_> = metrics.iter().map(|(name, unit, _)| json!({"Name": name, "Unit": unit})).collect();
        let mut line = Map::new();
        line.insert(
            "_aws".into(),
            json!({
                "Timestamp": at_ms,
                "CloudWatchMetrics": [{
                    "Namespace": NAMESPACE,
                    "Dimensions": set.dimensions(),
                    "Metrics": definitions,
                }],
            }),
        );
        line.insert("Environment".into(), self.stage.as_str().into());
        for (name, value) in dimensions {
            line.insert(name.into(), value.into());
        }
        for (name, _, value) in metrics {
            line.insert(name.into(), value.into());
        }
        Value::Object(line)
    }
}

type Dimensions = Vec<(&'static str, String)>;
type Values = Vec<(&'static str, &'static str, i64)>;

fn parts(measure: Measure) -> (MetricSet, Dimensions, Values) {
    use MetricSet::{By, PlatformAnd, Whole, WholeAndPlatform};
    let count = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
    let of = |platform: domain::PlatformId| ("Platform", platform.to_string());
    match measure {
        Measure::Outcome { platform, state } => {
            (PlatformAnd("State"), vec![of(platform), ("State", state.into())], vec![("Outcomes", "Count", 1)])
        }
        Measure::Lateness { platform, ms } => {
            (WholeAndPlatform, vec![of(platform)], vec![("LatenessMs", "Milliseconds", ms)])
        }
        Measure::PlatformCall { platform, op, ms } => (
            PlatformAnd("Operation"),
            vec![of(platform), ("Operation", op.into())],
            vec![("PlatformCallMs", "Milliseconds", ms)],
        ),
        Measure::Unknown { platform } => (WholeAndPlatform, vec![of(platform)], vec![("UnknownOutcomes", "Count", 1)]),
        Measure::Webhook { delivered, ms } => {
            let result = if delivered { "delivered" } else { "failed" };
            let metrics = vec![("WebhookAttempts", "Count", 1), ("WebhookMs", "Milliseconds", ms)];
            (By("Result"), vec![("Result", result.into())], metrics)
        }
        Measure::CallTooLarge => (Whole, Vec::new(), vec![("CallsTooLarge", "Count", 1)]),
        Measure::CallFailed => (Whole, Vec::new(), vec![("CallsFailed", "Count", 1)]),
        Measure::Tick { sent, relayed, oldest_s } => (
            Whole,
            Vec::new(),
            vec![
                ("WakeUpsSent", "Count", count(sent)),
                ("EventsRelayed", "Count", count(relayed)),
                ("OldestOverdueSeconds", "Seconds", oldest_s),
            ],
        ),
    }
}

impl Metrics for EmfMetrics {
    fn measure(&self, measure: Measure) {
        let mut line = self.line(crate::clock::now().as_millisecond(), measure).to_string();
        line.push('\n');
        match &self.out {
            // One lock for the whole line. Losing a figure when standard output is gone harms nobody.
            Out::Stdout => drop(std::io::stdout().lock().write_all(line.as_bytes())),
            Out::Kept(kept) => {
                if let Ok(mut kept) = kept.lock() {
                    kept.push(line);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn every_measure() -> Vec<Measure> {
        let platform = || "x".parse::<domain::PlatformId>().unwrap();
        vec![
            Measure::Outcome { platform: platform(), state: "published" },
            Measure::Lateness { platform: platform(), ms: 120 },
            Measure::PlatformCall { platform: platform(), op: "publish", ms: 310 },
            Measure::Unknown { platform: platform() },
            Measure::Webhook { delivered: false, ms: 12 },
            Measure::CallTooLarge,
            Measure::CallFailed,
            Measure::Tick { sent: 3, relayed: 2, oldest_s: 61 },
        ]
    }

    #[test]
    fn every_line_declares_each_of_its_metrics_and_carries_each_of_its_dimensions() {
        let metrics = EmfMetrics { stage: Stage::Dev, out: Out::Kept(Mutex::default()) };
        for measure in every_measure() {
            metrics.measure(measure);
        }
        let Out::Kept(kept) = &metrics.out else { unreachable!() };
        let kept = kept.lock().unwrap();
        assert_eq!(kept.len(), 8);
        for line in kept.iter() {
            assert_eq!(line.matches('\n').count(), 1);
            let line: Value = serde_json::from_str(line).unwrap();
            let declared = &line["_aws"]["CloudWatchMetrics"][0];
            assert_eq!(declared["Namespace"], "Herald");
            assert!(line["_aws"]["Timestamp"].as_i64().unwrap() > 1_700_000_000_000);
            for metric in declared["Metrics"].as_array().unwrap() {
                assert!(line[metric["Name"].as_str().unwrap()].is_i64(), "{line}");
                assert!(matches!(metric["Unit"].as_str().unwrap(), "Count" | "Milliseconds" | "Seconds"));
            }
            for dimension in declared["Dimensions"].as_array().unwrap().iter().flat_map(|set| set.as_array().unwrap()) {
                assert!(line[dimension.as_str().unwrap()].is_string(), "{line}");
            }
            assert_eq!(line["Environment"], "dev");
        }
    }

    #[test]
    fn the_metric_of_the_alarm_on_unknown_outcomes_exists_without_a_platform() {
        let line = EmfMetrics::new(Stage::Prod).line(1, every_measure().swap_remove(3));
        assert_eq!(line["_aws"]["CloudWatchMetrics"][0]["Dimensions"][0], json!(["Environment"]));
        assert_eq!((&line["UnknownOutcomes"], &line["Environment"]), (&1.into(), &"prod".into()));
    }
}
