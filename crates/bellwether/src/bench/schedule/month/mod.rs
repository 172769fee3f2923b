//! A month of dispatching with a clock of its own: how late work begins, whether tenants get their shares, and whether
//! each host is left alone between two requests.
//!
//! The rules are those of the crawler: windows, reserves and shares. Only the clock, the hosts and what becomes due are
//! made up, the latter by fixed numbers, so that each run is the same.

mod hosts;
mod lateness;
mod market;

use bus::Priority;
use serde_json::{Value, json};

use lateness::Lateness;
use market::Market;

/// Steps of the clock: between two, work is claimed and hosts are asked.
pub const STEPS_A_MINUTE: usize = 2;
const STEPS_A_DAY: usize = 24 * 60 * STEPS_A_MINUTE;
/// Fairness is measured over so long: what tenants get in a moment is whole targets.
const STEPS_OF_FAIRNESS: usize = 30 * STEPS_A_MINUTE;

/// A source: its share of the work, its hosts, and how much of what they allow the work needs on average.
#[derive(Clone, Copy)]
pub struct Source {
    pub name: &'static str,
    pub share: f64,
    pub hosts: usize,
    pub load: f64,
}

const SOURCES: [Source; 4] = [
    Source {
        name: "amazon",
        share: 0.55,
        hosts: 1,
        load: 0.80,
    },
    Source {
        name: "popmart",
        share: 0.20,
        hosts: 12,
        load: 0.95,
    },
    Source {
        name: "haier",
        share: 0.15,
        hosts: 40,
        load: 0.60,
    },
    Source {
        name: "web",
        share: 0.10,
        hosts: 200,
        load: 0.85,
    },
];

/// Simulates and prints; the figures for the last line.
pub fn run(days: usize, tenants: usize, a_day: f64) -> Value {
    println!("simulating {days} days of {tenants} tenants and {a_day:.0} targets a day");
    let mut lateness: [Lateness; 3] = Default::default();
    let mut indices = Vec::new();
    let mut hosts = serde_json::Map::new();
    for source in SOURCES {
        let mut market = Market::new(source, tenants, a_day);
        for step in 0..days * STEPS_A_DAY {
            market.step(step, &mut lateness);
            if (step + 1) % STEPS_OF_FAIRNESS == 0 {
                indices.extend(market.fairness());
            }
        }
        let (most, allowed) = (market.hosts.most, market.hosts.allowed);
        println!(
            "  {:<8} {} hosts, each asked at most {most} times in a minute of {allowed} allowed; {} of {} targets left over",
            source.name,
            source.hosts,
            market.left(),
            market.became_due
        );
        let kept = json!({ "most_a_minute": most, "allowed": allowed, "kept": most <= allowed });
        hosts.insert(source.name.to_owned(), kept);
    }
    let mut late = serde_json::Map::new();
    for (priority, lateness) in Priority::ALL.iter().zip(&lateness) {
        println!(
            "  {:<8} late by {:.1} min in the middle, {:.1} min at the 99th percentile",
            priority.as_str(),
            lateness.percentile(50),
            lateness.percentile(99)
        );
        late.insert(priority.as_str().to_owned(), lateness.figures());
    }
    indices.sort_by(f64::total_cmp);
    let mean = indices.iter().sum::<f64>() / indices.len().max(1) as f64;
    let worst = indices.get(indices.len() / 100).copied().unwrap_or(1.0);
    println!(
        "  fairness (Jain's index of what tenants that waited all the time got by weight): {mean:.4} on average, {worst:.4} at the 1st percentile, over {} crowded half hours",
        indices.len()
    );
    let rounded = |value: f64| (value * 10_000.0).round() / 10_000.0;
    json!({
        "days": days,
        "jain": rounded(mean),
        "jain_p1": rounded(worst),
        "crowds": indices.len(),
        "lateness": late,
        "hosts": hosts,
    })
}
