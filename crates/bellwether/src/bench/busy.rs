//! How busy the machine is, and with whom.

use std::time::{Duration, Instant};

use nix::unistd::{SysconfVar, sysconf};
use serde_json::{Value, json};

/// Processor time of what was measured.
#[derive(Default)]
pub struct Busy {
    time: Duration,
    own: u64,
    all: u64,
}

/// Processor time, from an instant on.
pub struct Since {
    began: Instant,
    own: u64,
    all: u64,
}

impl Since {
    /// From now on.
    pub fn now() -> Self {
        Self {
            began: Instant::now(),
            own: own_ticks(),
            all: all_ticks(),
        }
    }
}

impl Busy {
    /// What was measured from that instant until now counts.
    pub fn add(&mut self, since: &Since) {
        self.time += since.began.elapsed();
        self.own += own_ticks().saturating_sub(since.own);
        self.all += all_ticks().saturating_sub(since.all);
    }

    /// Processors kept busy: by this process, by everything on the machine, and how many there are.
    pub fn told(&self) -> Value {
        let ticks = sysconf(SysconfVar::CLK_TCK).ok().flatten().unwrap_or(100) as f64;
        let seconds = self.time.as_secs_f64();
        let cores = |spent: u64| {
            let cores = spent as f64 / ticks / seconds;
            (cores * 100.0).round() / 100.0
        };
        json!({
            "this_process": cores(self.own),
            "machine": cores(self.all),
            "of": std::thread::available_parallelism().map_or(1, usize::from),
        })
    }
}

/// User and system time of this process.
fn own_ticks() -> u64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // The second field is a name in brackets, which may hold spaces.
    let fields = stat.rsplit_once(')').map_or("", |(_, fields)| fields);
    sum(fields.split_whitespace().skip(11).take(2))
}

/// All time of all processors that was neither idle nor spent waiting for a disk.
fn all_ticks() -> u64 {
    let stat = std::fs::read_to_string("/proc/stat").unwrap_or_default();
    let first = stat.lines().next().unwrap_or_default();
    let fields: Vec<&str> = first.split_whitespace().skip(1).collect();
    let busy = fields
        .iter()
        .enumerate()
        .filter(|(place, _)| !matches!(place, 3 | 4 | 8 | 9));
    sum(busy.map(|(_, field)| *field))
}

fn sum<'a>(fields: impl Iterator<Item = &'a str>) -> u64 {
    fields.filter_map(|field| field.parse::<u64>().ok()).sum()
}
