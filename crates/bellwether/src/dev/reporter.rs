//! Progress for people: a line a step, and a bar for what takes long, on a terminal or in a log.

use std::sync::Mutex;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

/// Prints what happens during a start.
pub struct Reporter {
    started: Instant,
    /// Guards whole lines against each other.
    turn: Mutex<()>,
}

impl Reporter {
    /// A reporter whose times count from now.
    pub fn new() -> Self {
        Self {
            started: Instant::now(),
            turn: Mutex::new(()),
        }
    }

    /// Something is finished.
    pub fn done(&self, what: &str) {
        let _turn = self.turn.lock();
        println!("  ✓ {what} ({:.1} s)", self.started.elapsed().as_secs_f32());
    }

    /// Something begins or is worth knowing.
    pub fn note(&self, what: &str) {
        let _turn = self.turn.lock();
        println!("  · {what}");
    }

    /// A bar for `total` steps; where there is no terminal it prints a line every few seconds instead.
    pub fn bar(&self, what: &str, total: u64) -> Bar {
        let style = ProgressStyle::with_template("    {msg:28} [{bar:30}] {pos}/{len} {eta}")
            .unwrap_or_else(|_| ProgressStyle::default_bar());
        let bar = ProgressBar::new(total)
            .with_style(style)
            .with_message(what.to_owned());
        Bar {
            hidden: bar.is_hidden(),
            bar,
            what: what.to_owned(),
            told: Instant::now(),
        }
    }
}

/// A running bar.
pub struct Bar {
    bar: ProgressBar,
    hidden: bool,
    what: String,
    told: Instant,
}

impl Bar {
    /// `steps` more are done.
    pub fn advance(&mut self, steps: u64) {
        self.bar.inc(steps);
        if self.hidden && self.told.elapsed() > Duration::from_secs(3) {
            self.told = Instant::now();
            println!(
                "    {} {}/{}",
                self.what,
                self.bar.position(),
                self.bar.length().unwrap_or_default()
            );
        }
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
