//! Watching a sync, and its summary.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use anyhow::Context;
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::Value;

use super::api::Api;

/// How often it is looked at.
const EVERY: Duration = Duration::from_millis(300);
/// How often a line is printed where there is no terminal.
const LINE_EVERY: Duration = Duration::from_secs(3);
/// Looks in a row that may fail: the installation may be started anew meanwhile.
const PATIENCE: u32 = 100;
/// Failures that are named.
const NAMED: usize = 20;

/// How watching ended.
pub enum Ended {
    /// The sync is over: its log.
    Over(Value),
    /// Nobody watches any more; it goes on.
    Left {
        /// Its log's id.
        id: String,
    },
}

/// Watches until the sync is over, or Ctrl-C.
pub async fn until_the_end(api: &Api, log: &Value) -> anyhow::Result<Ended> {
    let id = log["id"].as_str().context("a sync without id")?.to_owned();
    let mut bar = Bar::new(log);
    let mut failures = 0;
    loop {
        let look = async {
            tokio::time::sleep(EVERY).await;
            api.log(&id).await
        };
        let looked = tokio::select! {
            looked = look => looked,
            stopped = tokio::signal::ctrl_c() => {
                stopped.context("wait for Ctrl-C")?;
                return Ok(Ended::Left { id });
            }
        };
        match looked {
            Ok(log) => {
                failures = 0;
                bar.show(&log);
                if !log["completed_at"].is_null() {
                    bar.end();
                    return Ok(Ended::Over(log));
                }
            }
            Err(error) if failures >= PATIENCE => return Err(error),
            Err(_) => failures += 1,
        }
    }
}

/// A bar on a terminal, lines elsewhere.
struct Bar {
    bar: ProgressBar,
    told: Instant,
    last: String,
}

impl Bar {
    fn new(log: &Value) -> Self {
        let style = ProgressStyle::with_template("{msg:24} [{bar:36}] {pos}/{len} {elapsed}")
            .unwrap_or_else(|_| ProgressStyle::default_bar());
        let bar = ProgressBar::new(0).with_style(style);
        let mut bar = Self {
            bar,
            told: Instant::now(),
            last: String::new(),
        };
        if bar.bar.is_hidden() {
            bar.line(log);
        }
        bar
    }

    fn show(&mut self, log: &Value) {
        let (total, done) = (
            count(log, "total"),
            count(log, "success") + count(log, "failed"),
        );
        self.bar.set_length(total);
        self.bar.set_position(done);
        self.bar.set_message(words(log));
        if self.bar.is_hidden() && self.told.elapsed() > LINE_EVERY {
            self.line(log);
        }
    }

    fn line(&mut self, log: &Value) {
        self.told = Instant::now();
        let done = count(log, "success") + count(log, "failed");
        let line = format!("{} {done}/{}", words(log), count(log, "total"));
        if line != self.last {
            println!("{line}");
            self.last = line;
        }
    }

    fn end(&self) {
        self.bar.finish_and_clear();
    }
}

fn words(log: &Value) -> String {
    let source = log["source"].as_str().unwrap_or_default();
    let mode = log["mode"].as_str().unwrap_or_default();
    match log["status"].as_str() {
        Some("pending") => format!("{source} {mode}: waits"),
        _ if log["crawl_id"].is_null() => format!("{source} {mode}: lists"),
        _ => format!("{source} {mode}: reads"),
    }
}

fn count(log: &Value, key: &str) -> u64 {
    log[key].as_u64().unwrap_or(0)
}

/// The end of a sync as a table.
pub fn summary(log: &Value) -> String {
    let text = |key: &str| log[key].as_str().unwrap_or_default();
    let seconds = log["duration_ms"].as_u64().unwrap_or(0) as f64 / 1000.0;
    let mut table = String::new();
    let rows = [
        (
            "sync",
            format!("{} {} ({})", text("source"), text("mode"), text("trigger")),
        ),
        ("status", text("status").to_owned()),
        ("total", count(log, "total").to_string()),
        ("success", count(log, "success").to_string()),
        ("failed", count(log, "failed").to_string()),
        ("duration", format!("{seconds:.1} s")),
    ];
    for (name, value) in rows {
        let _ = writeln!(table, "{name:<10} {value}");
    }
    let failures: Vec<&Value> = log["failures"].as_array().into_iter().flatten().collect();
    if failures.is_empty() {
        return table;
    }
    let _ = writeln!(table, "\n{:<24} {:<12} reason", "failed code", "outcome");
    for failure in failures.iter().take(NAMED) {
        let of = |key: &str| failure[key].as_str().unwrap_or("-");
        let _ = writeln!(
            table,
            "{:<24} {:<12} {}",
            of("code"),
            of("outcome"),
            of("reason")
        );
    }
    let named = u64::try_from(failures.len().min(NAMED)).unwrap_or(0);
    let more = count(log, "failed").saturating_sub(named);
    if more > 0 {
        let _ = writeln!(table, "and {more} more");
    }
    table
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_summary_names_what_failed_and_counts_the_rest() {
        let failures: Vec<Value> = (0..25)
            .map(|n| json!({"code": format!("A{n:02}"), "outcome": "not_found", "reason": null}))
            .collect();
        let log = json!({
            "source": "haier", "mode": "full", "trigger": "first_run", "status": "partial", "total": 40,
            "success": 10, "failed": 30, "duration_ms": 12_340, "failures": failures,
        });
        let table = summary(&log);
        assert!(
            table.contains("sync       haier full (first_run)\n"),
            "{table}"
        );
        assert!(table.contains("duration   12.3 s\n"), "{table}");
        assert!(table.contains("A19") && !table.contains("A20"), "{table}");
        assert!(table.ends_with("and 10 more\n"), "{table}");
    }
}
