//! Units, summed and priced by the list of `docs/costs.md`.

use crate::life::Life;
use crate::meter::{Line, Meter, Unit};
use serde_json::{Value, json};

/// Dollars per million, as `docs/costs.md` lists them (a test holds them to it), with the name the document gives each.
pub const PRICES: [(Unit, &str, f64); 7] = [
    (Unit::Write, "wru", 0.625),
    (Unit::Read, "rru", 0.125),
    (Unit::Sqs, "sqs", 0.40),
    (Unit::Event, "evt", 1.00),
    (Unit::Secret, "sec", 5.00),
    (Unit::Invocation, "inv", 0.20),
    (Unit::Api, "api", 1.00),
];

/// Units per delivery in the steps that `steps` accepts.
pub fn per_delivery(life: &Life, deliveries: usize, unit: Unit, steps: impl Fn(&str) -> bool) -> f64 {
    counted(&life.meter, deliveries, unit, steps)
}

/// Units of a meter per delivery.
pub fn counted(meter: &Meter, deliveries: usize, unit: Unit, steps: impl Fn(&str) -> bool) -> f64 {
    let lines = meter.lines();
    let of = lines.iter().filter(|((step, u, _), _)| *u == unit && steps(step));
    of.fold(0.0, |sum, (_, n)| sum + n) / deliveries as f64
}

/// Dollars per million deliveries, without compute and logs.
pub fn dollars(life: &Life, deliveries: usize, steps: impl Fn(&str) -> bool) -> f64 {
    priced(&life.meter, deliveries, steps)
}

/// Dollars of a meter per million deliveries.
pub fn priced(meter: &Meter, deliveries: usize, steps: impl Fn(&str) -> bool) -> f64 {
    PRICES.iter().map(|(unit, _, price)| price * counted(meter, deliveries, *unit, &steps)).sum()
}

/// Every line, the sums, and the price, per delivery.
pub fn report(life: &Life, deliveries: usize) -> Value {
    let mut report = metered(&life.meter, deliveries, |step| step != "tell");
    report["dollars_per_million_telling_nobody"] = dollars(life, deliveries, |step| step == "tell").into();
    report
}

/// Likewise, of a meter: its lines, and the sums and the price of the steps that `steps` accepts.
pub fn metered(meter: &Meter, deliveries: usize, steps: impl Fn(&str) -> bool) -> Value {
    let n = deliveries as f64;
    let name = |of: Unit| PRICES.iter().find(|(unit, ..)| *unit == of).map_or("", |(_, name, _)| name);
    let line = |((step, unit, what), count): (Line, f64)| json!({ "step": step, "unit": name(unit), "what": what, "per_delivery": count / n });
    let sums: serde_json::Map<String, Value> = PRICES
        .iter()
        .map(|(unit, name, _)| ((*name).to_owned(), counted(meter, deliveries, *unit, &steps).into()))
        .collect();
    json!({
        "lines": meter.lines().into_iter().map(line).collect::<Vec<_>>(),
        "sums": sums,
        "dollars_per_million": priced(meter, deliveries, &steps),
    })
}
