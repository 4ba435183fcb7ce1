//! The figures, printed once at the end.

use std::fmt::Write as _;

use serde_json::{Map, Value, json};

/// All figures in the order they were measured.
#[derive(Default)]
pub(super) struct Table {
    rows: Vec<Row>,
    kept: Map<String, Value>,
}

struct Row {
    part: &'static str,
    name: String,
    value: Option<f64>,
    text: String,
    goal: Option<f64>,
}

impl Table {
    /// Operations per second of our processor time.
    pub(super) fn rate(&mut self, part: &'static str, name: &str, value: f64, goal: Option<f64>) {
        let text = format!("{} /CPU-s", grouped(value));
        self.push(part, name, Some(value), text, goal);
    }

    /// A count.
    pub(super) fn count(&mut self, part: &'static str, name: &str, value: f64, goal: Option<f64>) {
        self.push(part, name, Some(value), format!("{value:.2}"), goal);
    }

    /// A figure with its unit.
    pub(super) fn figure(&mut self, part: &'static str, name: &str, value: f64, unit: &str, goal: Option<f64>) {
        self.push(part, name, Some(value), format!("{value:.1} {unit}"), goal);
    }

    /// What could not be measured because a program is not there.
    pub(super) fn missing(&mut self, part: &'static str, name: &str, program: &str) {
        println!("  SKIPPED {name}: there is no `{program}` on this machine");
        self.push(part, name, None, format!("SKIPPED: no `{program}`"), None);
    }

    /// Keeps details for the file.
    pub(super) fn keep(&mut self, name: &str, value: Value) {
        self.kept.insert(name.to_owned(), value);
    }

    fn push(&mut self, part: &'static str, name: &str, value: Option<f64>, text: String, goal: Option<f64>) {
        self.rows.push(Row { part, name: name.to_owned(), value, text, goal });
    }

    /// Prints.
    pub(super) fn print(&self) {
        let mut part = "";
        for row in &self.rows {
            if row.part != part {
                println!("\n{}", row.part);
                part = row.part;
            }
            let mut line = format!("  {:<68} {:>18}", row.name, row.text);
            if let Some(goal) = row.goal {
                let _ = write!(line, "   goal {}", grouped(goal));
            }
            println!("{line}");
        }
    }

    /// As a document.
    pub(super) fn json(&self) -> Value {
        let row = |row: &Row| json!({ "part": row.part, "name": row.name.trim(), "value": row.value, "text": row.text, "goal": row.goal });
        json!({ "figures": self.rows.iter().map(row).collect::<Vec<_>>(), "details": self.kept })
    }
}

/// `1234567.8` as `1,234,568`; small numbers with two digits after the point where they have them.
fn grouped(value: f64) -> String {
    if value < 100.0 {
        let text = format!("{value:.2}");
        return text.trim_end_matches('0').trim_end_matches('.').to_owned();
    }
    let digits = format!("{value:.0}");
    let mut out = String::new();
    for (n, digit) in digits.chars().enumerate() {
        if n > 0 && (digits.len() - n) % 3 == 0 {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped_and_small_ones_keep_their_fraction() {
        assert_eq!(grouped(1_234_567.8), "1,234,568");
        assert_eq!(grouped(800.0), "800");
        assert_eq!((grouped(0.3), grouped(4.0), grouped(0.0)), ("0.3".into(), "4".into(), "0".into()));
    }
}
