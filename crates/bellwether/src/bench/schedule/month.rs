//! A month of dispatching with a clock of its own: how late work is, and whether tenants get their shares.
//!
//! The rules are those of the crawler; only the clock, the sources' speed and what becomes due are made up, the latter by
//! fixed numbers, so that each run is the same.

use std::collections::VecDeque;

use bus::Priority;
use crawler_service::rules::fair::{self, Payer};
use crawler_service::rules::window::{PerPriority, Window};
use domain::schedule::mix;

const TENANTS: usize = 1_000;
const MINUTES_A_DAY: usize = 24 * 60;
const DAYS: usize = 30;
/// What becomes due in a day, all sources together.
const A_DAY: f64 = 1_000_000.0;
/// Each source: its share of the work, and how much of its speed the work needs on average.
const SOURCES: [(&str, f64, f64); 4] = [
    ("amazon", 0.55, 0.80),
    ("popmart", 0.20, 0.95),
    ("haier", 0.15, 0.60),
    ("web", 0.10, 0.85),
];
/// Half of the bulk work is due at two at night of one of three time zones; the rest all day long.
const NIGHTS: [usize; 3] = [2 * 60, 8 * 60, 18 * 60];
/// Over so many minutes a night's start is spread.
const SPREAD: usize = 30;

/// What waits of one tenant at one source and priority: (minute it was due, how many).
type Backlog = VecDeque<(usize, u32)>;

struct Market {
    name: &'static str,
    share: f64,
    /// Targets it can take in a minute.
    speed: u32,
    /// By priority, then tenant.
    backlog: [Vec<Backlog>; 3],
    times: [Vec<i64>; 3],
    clock: [i64; 3],
    most_in_a_minute: u32,
}

/// How late work was, in minutes.
#[derive(Default)]
struct Lateness(Vec<u64>);

impl Lateness {
    fn add(&mut self, minutes: usize, count: u32) {
        if self.0.len() <= minutes {
            self.0.resize(minutes + 1, 0);
        }
        self.0[minutes] += u64::from(count);
    }

    fn percentile(&self, percent: u64) -> usize {
        let all: u64 = self.0.iter().sum();
        let mut seen = 0;
        for (minutes, count) in self.0.iter().enumerate() {
            seen += count;
            if seen * 100 >= all * percent {
                return minutes;
            }
        }
        0
    }
}

/// Simulates and prints.
pub fn run() {
    println!("simulating {DAYS} days of {TENANTS} tenants");
    let weights: Vec<u32> = (0..TENANTS).map(weight).collect();
    let sizes = sizes();
    let mut lateness: [Lateness; 3] = Default::default();
    let mut indices = Vec::new();
    for (name, share, load) in SOURCES {
        let mut market = Market::new(name, share, load);
        for minute in 0..DAYS * MINUTES_A_DAY {
            market.become_due(minute, &sizes);
            let served = market.dispatch(minute, &weights, &mut lateness);
            if let Some(index) = market.jain(&served, &weights) {
                indices.push(index);
            }
        }
        println!(
            "  {:<8} at most {} of {} allowed in a minute, {} left over",
            market.name,
            market.most_in_a_minute,
            market.speed,
            market.left()
        );
    }
    for (priority, lateness) in Priority::ALL.iter().zip(&lateness) {
        println!(
            "  {:<8} late by {} min in the middle, {} min at the 99th percentile",
            priority.as_str(),
            lateness.percentile(50),
            lateness.percentile(99)
        );
    }
    indices.sort_by(f64::total_cmp);
    let mean = indices.iter().sum::<f64>() / indices.len().max(1) as f64;
    println!(
        "  fairness (Jain's index of what tenants that waited got by weight): {mean:.4} on average, {:.4} at the 1st percentile, over {} crowded minutes",
        indices.get(indices.len() / 100).copied().unwrap_or(1.0),
        indices.len()
    );
}

fn weight(tenant: usize) -> u32 {
    match tenant {
        tenant if tenant.is_multiple_of(20) => 10,
        tenant if tenant.is_multiple_of(5) => 4,
        _ => 1,
    }
}

/// Each tenant's share of the work: a few have most of it.
fn sizes() -> Vec<f64> {
    let raw: Vec<f64> = (0..TENANTS)
        .map(|tenant| 1.0 / (1.0_f64 + (mix(tenant as u64, 7) % 1_000) as f64).sqrt())
        .collect();
    let sum: f64 = raw.iter().sum();
    raw.into_iter().map(|size| size / sum).collect()
}

impl Market {
    fn new(name: &'static str, share: f64, load: f64) -> Self {
        let lists = || vec![Backlog::new(); TENANTS];
        Self {
            name,
            share,
            speed: (A_DAY * share / MINUTES_A_DAY as f64 / load).ceil() as u32,
            backlog: [lists(), lists(), lists()],
            times: std::array::from_fn(|_| vec![0; TENANTS]),
            clock: [0; 3],
            most_in_a_minute: 0,
        }
    }

    /// One minute's work: a little of it urgent, a little of it monitors, the rest schedules.
    fn become_due(&mut self, minute: usize, sizes: &[f64]) {
        let of_day = minute % MINUTES_A_DAY;
        for (tenant, size) in sizes.iter().enumerate() {
            let a_day = A_DAY * self.share * size;
            let night = NIGHTS[tenant % NIGHTS.len()];
            let at_night = (night..night + SPREAD).contains(&of_day);
            let steady = a_day * 0.5 / MINUTES_A_DAY as f64;
            let burst = if at_night {
                a_day * 0.48 / SPREAD as f64
            } else {
                0.0
            };
            let seed = mix(tenant as u64, minute as u64);
            let parts = [
                a_day * 0.01 / MINUTES_A_DAY as f64,
                a_day * 0.01 / MINUTES_A_DAY as f64,
            ];
            for (place, amount) in parts.into_iter().chain([steady + burst]).enumerate() {
                let count = rounded(amount, mix(seed, place as u64));
                if count > 0 {
                    self.backlog[place][tenant].push_back((minute, count));
                }
            }
        }
    }

    /// Hands out one minute of the source's speed, as the dispatcher does. Answers what each tenant got of bulk work.
    fn dispatch(
        &mut self,
        minute: usize,
        weights: &[u32],
        lateness: &mut [Lateness; 3],
    ) -> Vec<u32> {
        let window = Window {
            size: self.speed,
            task_items: 1,
        };
        let mut taken = PerPriority::default();
        let mut served = vec![0; TENANTS];
        // Twice: a reserve that nobody needed is free again as soon as the source has worked on.
        for reserved in [true, false] {
            for (place, priority) in Priority::ALL.into_iter().enumerate() {
                let room = match reserved {
                    true => window.room(priority, taken),
                    false => self.speed.saturating_sub(taken.total()),
                };
                let got = self.claim(place, minute, room, weights, &mut lateness[place]);
                taken.add(priority, got.iter().sum());
                if priority == Priority::Low {
                    for (all, count) in served.iter_mut().zip(got) {
                        *all += count;
                    }
                }
            }
        }
        self.most_in_a_minute = self.most_in_a_minute.max(taken.total());
        served
    }

    fn claim(
        &mut self,
        place: usize,
        minute: usize,
        room: u32,
        weights: &[u32],
        lateness: &mut Lateness,
    ) -> Vec<u32> {
        if room == 0 {
            return vec![0; TENANTS];
        }
        let mut waiting: Vec<Payer<usize>> = (0..TENANTS)
            .filter(|tenant| !self.backlog[place][*tenant].is_empty())
            .map(|tenant| Payer {
                id: tenant,
                weight: weights[tenant],
                virtual_time: self.times[place][tenant],
            })
            .collect();
        fair::wake(&mut waiting, self.clock[place]);
        let mut got = vec![0; TENANTS];
        let mut left = room;
        while left > 0 && !waiting.is_empty() {
            let shares = fair::shares(&waiting, left);
            for (payer, share) in waiting.iter_mut().zip(&shares) {
                let taken = take(&mut self.backlog[place][payer.id], *share, minute, lateness);
                payer.virtual_time = payer.after(taken);
                self.times[place][payer.id] = payer.virtual_time;
                got[payer.id] += taken;
                left -= taken;
            }
            waiting.retain(|payer| !self.backlog[place][payer.id].is_empty());
        }
        let behind = waiting.iter().map(|payer| payer.virtual_time).min();
        let ahead = self.times[place].iter().copied().max().unwrap_or(0);
        self.clock[place] = self.clock[place].max(behind.unwrap_or(ahead));
        got
    }

    /// How evenly those were served that had more to do than they got; nothing in a minute without a crowd.
    fn jain(&self, served: &[u32], weights: &[u32]) -> Option<f64> {
        // A share of less than one unit cannot be even within a minute.
        let crowd: Vec<f64> = (0..TENANTS)
            .filter(|tenant| !self.backlog[2][*tenant].is_empty())
            .map(|tenant| f64::from(served[tenant]) / f64::from(weights[tenant]))
            .collect();
        let sum: f64 = crowd.iter().sum();
        let squares: f64 = crowd.iter().map(|share| share * share).sum();
        (crowd.len() > 1 && sum >= crowd.len() as f64)
            .then(|| sum * sum / (crowd.len() as f64 * squares))
    }

    fn left(&self) -> u64 {
        let counts = self.backlog.iter().flatten().flatten();
        counts.map(|(_, count)| u64::from(*count)).sum()
    }
}

/// A whole number that is `amount` on average.
fn rounded(amount: f64, seed: u64) -> u32 {
    let luck = (seed >> 11) as f64 / (1_u64 << 53) as f64;
    amount.floor() as u32 + u32::from(luck < amount.fract())
}

fn take(backlog: &mut Backlog, most: u32, minute: usize, lateness: &mut Lateness) -> u32 {
    let mut taken = 0;
    while taken < most {
        let Some((due, count)) = backlog.front_mut() else {
            break;
        };
        let part = (*count).min(most - taken);
        lateness.add(minute - *due, part);
        taken += part;
        *count -= part;
        if *count == 0 {
            backlog.pop_front();
        }
    }
    taken
}
