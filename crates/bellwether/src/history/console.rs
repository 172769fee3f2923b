//! What a person sees of an import or export.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use indicatif::{HumanCount, ProgressBar, ProgressStyle};

use super::sender::Counts;

/// How often a line is printed where there is no terminal.
const LINE_EVERY: Duration = Duration::from_secs(3);

/// A bar on a terminal, lines elsewhere. On the error channel: an export may write its table to the other one.
pub struct Progress {
    bar: ProgressBar,
    told: Instant,
}

impl Progress {
    /// A bar of so many bytes.
    pub fn bytes(total: u64) -> Self {
        Self::new(total, "[{bar:36}] {bytes}/{total_bytes} {msg} {eta}")
    }

    /// A bar of products, as soon as it is known how many there are.
    pub fn products() -> Self {
        Self::new(0, "[{bar:36}] {pos}/{len} products {msg} {eta}")
    }

    fn new(total: u64, template: &str) -> Self {
        let style =
            ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
        Self {
            bar: ProgressBar::new(total).with_style(style),
            told: Instant::now(),
        }
    }

    /// How far it is.
    pub fn show(&mut self, done: u64, total: u64, message: String) {
        self.bar.set_length(total);
        self.bar.set_position(done);
        if self.bar.is_hidden() && self.told.elapsed() > LINE_EVERY {
            self.told = Instant::now();
            let share = done.saturating_mul(100).checked_div(total).unwrap_or(0);
            eprintln!("{share} %, {message}");
        }
        self.bar.set_message(message);
    }

    /// Prints lines above the bar.
    pub fn say(&self, lines: &str) {
        self.bar.suspend(|| print!("{lines}"));
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

/// A line for each refused row.
pub fn refusals(refused: &[(u64, String)]) -> String {
    let mut lines = String::new();
    for (line, reason) in refused {
        let _ = writeln!(lines, "line {line}: {reason}");
    }
    lines
}

/// The end of an import as a table.
pub fn summary(counts: Counts, dry_run: bool) -> String {
    let Counts {
        rows,
        new,
        known,
        refused,
        listings,
    } = counts;
    let mut table = String::new();
    for (name, count) in [
        ("rows", rows),
        ("new", new),
        ("known before", known),
        ("refused", refused),
        ("new products", listings),
    ] {
        let _ = writeln!(table, "{name:<14} {}", HumanCount(count));
    }
    if dry_run {
        table.push_str("Nothing was stored: this was a dry run.\n");
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dry_run_tells_the_same_and_that_it_was_one() {
        let counts = Counts {
            rows: 12_345,
            new: 12_000,
            known: 300,
            refused: 45,
            listings: 3,
        };
        let (done, dry) = (summary(counts, false), summary(counts, true));
        assert!(done.contains("rows           12,345\n"), "{done}");
        assert!(dry.starts_with(&done) && dry.contains("dry run"), "{dry}");
    }
}
