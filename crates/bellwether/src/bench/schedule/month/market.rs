//! One source: what waits there, and whose turn it is.

use std::collections::VecDeque;

use bus::Priority;
use crawler_service::rules::fair::{self, Payer};
use crawler_service::rules::window::{PerPriority, Window};
use domain::schedule::mix;

use super::hosts::Hosts;
use super::lateness::Lateness;
use super::{STEPS_A_DAY, STEPS_A_MINUTE, Source};

/// Half of the bulk work is due at two at night of one of three time zones; the rest all day long.
const NIGHTS: [usize; 3] = [2, 8, 18];
const STEPS_AN_HOUR: usize = 60 * STEPS_A_MINUTE;
/// Over so many steps a night's start is spread.
const SPREAD: usize = 30 * STEPS_A_MINUTE;
/// Of the work of a day: urgent, of monitors, bulk of the night.
const HIGH: f64 = 0.01;
const MEDIUM: f64 = 0.01;
const NIGHT: f64 = 0.48;

/// What waits of one tenant at one priority: (step it was due, how many).
type Backlog = VecDeque<(usize, u32)>;

/// One source.
pub struct Market {
    /// What each tenant wants in a day, and its weight.
    tenants: Vec<(f64, u32)>,
    /// By priority, then tenant.
    backlog: [Vec<Backlog>; 3],
    /// How many wait, by priority.
    waiting: [u32; 3],
    times: [Vec<i64>; 3],
    clock: [i64; 3],
    /// Claimed and not begun.
    leased: PerPriority,
    /// What was begun in each step of the last minute.
    done: VecDeque<u32>,
    gap_ms: u64,
    /// The world.
    pub hosts: Hosts,
    /// Targets that became due.
    pub became_due: u64,
    /// Of each tenant's bulk work since fairness was last asked: what it got, and whether it waited all the time.
    got: Vec<(u32, bool)>,
}

impl Market {
    /// A source with its share of `a_day` targets over all sources.
    pub fn new(source: Source, tenants: usize, a_day: f64) -> Self {
        let sizes = sizes(tenants);
        let a_day = a_day * source.share;
        // What its hosts have to let through in a minute, so that the load is as said.
        let needed = a_day / (24.0 * 60.0) / source.load / source.hosts as f64;
        let gap_ms = ((60_000.0 / needed) as u64).max(1);
        let lists = || vec![Backlog::new(); tenants];
        Self {
            tenants: sizes
                .into_iter()
                .enumerate()
                .map(|(tenant, size)| (a_day * size, weight(tenant)))
                .collect(),
            backlog: [lists(), lists(), lists()],
            waiting: [0; 3],
            times: std::array::from_fn(|_| vec![0; tenants]),
            clock: [0; 3],
            leased: PerPriority::default(),
            done: VecDeque::new(),
            gap_ms,
            hosts: Hosts::new(source.hosts, gap_ms),
            became_due: 0,
            got: vec![(0, true); tenants],
        }
    }

    /// One step: something becomes due, room is filled, hosts are asked.
    pub fn step(&mut self, now: usize, lateness: &mut [Lateness; 3]) {
        if now.is_multiple_of(STEPS_A_MINUTE) {
            self.become_due(now);
        }
        let done = self.done.iter().map(|count| u64::from(*count)).sum();
        let window = Window::measured(done, 1);
        for (place, priority) in Priority::ALL.into_iter().enumerate() {
            let room = window.room(priority, self.leased);
            if room > 0 && self.waiting[place] > 0 {
                let claimed = self.claim(place, room);
                self.leased.add(priority, claimed);
            }
        }
        for (tenant, (_, waited)) in self.got.iter_mut().enumerate() {
            *waited &= !self.backlog[2][tenant].is_empty();
        }
        let begun = self.hosts.begin(self.gap_ms, now, lateness);
        self.leased.high -= begun[0];
        self.leased.medium -= begun[1];
        self.leased.low -= begun[2];
        self.done.push_back(begun.iter().sum());
        if self.done.len() > STEPS_A_MINUTE {
            self.done.pop_front();
        }
    }

    /// Jain's index over the tenants that had something to do all the time since the last call; `None`: there was no
    /// crowd, or so little was done that shares cannot be even.
    pub fn fairness(&mut self) -> Option<f64> {
        let tenants = self.tenants.iter().zip(&mut self.got);
        let crowd: Vec<f64> = tenants
            .filter_map(|((_, weight), got)| {
                let (count, waited) = std::mem::replace(got, (0, true));
                waited.then(|| f64::from(count) / f64::from(*weight))
            })
            .collect();
        let sum: f64 = crowd.iter().sum();
        let squares: f64 = crowd.iter().map(|share| share * share).sum();
        let count = crowd.len() as f64;
        (crowd.len() > 1 && sum >= 2.0 * count).then(|| sum * sum / (count * squares))
    }

    /// What still waits or is under way.
    pub fn left(&self) -> u64 {
        let waiting: u64 = self.waiting.iter().map(|count| u64::from(*count)).sum();
        waiting + u64::from(self.leased.total())
    }

    /// One minute's work: a little of it urgent, a little of it monitors, the rest schedules.
    fn become_due(&mut self, now: usize) {
        let of_day = now % STEPS_A_DAY;
        let minutes_a_day = (STEPS_A_DAY / STEPS_A_MINUTE) as f64;
        for tenant in 0..self.tenants.len() {
            let (a_day, _) = self.tenants[tenant];
            let night = NIGHTS[tenant % NIGHTS.len()] * STEPS_AN_HOUR;
            let at_night = (night..night + SPREAD).contains(&of_day);
            let steady = a_day * (1.0 - HIGH - MEDIUM - NIGHT) / minutes_a_day;
            let burst = if at_night {
                a_day * NIGHT / (SPREAD / STEPS_A_MINUTE) as f64
            } else {
                0.0
            };
            let seed = mix(tenant as u64, now as u64);
            let parts = [
                a_day * HIGH / minutes_a_day,
                a_day * MEDIUM / minutes_a_day,
                steady + burst,
            ];
            for (place, amount) in parts.into_iter().enumerate() {
                let count = rounded(amount, mix(seed, place as u64));
                if count > 0 {
                    self.backlog[place][tenant].push_back((now, count));
                    self.waiting[place] += count;
                    self.became_due += u64::from(count);
                }
            }
        }
    }

    /// Hands out up to `room` of one priority, each tenant its share, as the dispatcher does.
    fn claim(&mut self, place: usize, room: u32) -> u32 {
        let mut waiting: Vec<Payer<usize>> = (0..self.tenants.len())
            .filter(|tenant| !self.backlog[place][*tenant].is_empty())
            .map(|tenant| Payer {
                id: tenant,
                weight: self.tenants[tenant].1,
                virtual_time: self.times[place][tenant],
            })
            .collect();
        fair::wake(&mut waiting, self.clock[place]);
        let mut left = room;
        while left > 0 && !waiting.is_empty() {
            let shares = fair::shares(&waiting, left);
            for (payer, share) in waiting.iter_mut().zip(shares) {
                let taken = self.take(place, payer.id, share);
                payer.virtual_time = payer.after(taken);
                self.times[place][payer.id] = payer.virtual_time;
                left -= taken;
            }
            waiting.retain(|payer| !self.backlog[place][payer.id].is_empty());
        }
        let behind = waiting.iter().map(|payer| payer.virtual_time).min();
        let ahead = self.times[place].iter().copied().max().unwrap_or(0);
        self.clock[place] = self.clock[place].max(behind.unwrap_or(ahead));
        room - left
    }

    /// Up to `most` of what one tenant waits for, to its hosts.
    fn take(&mut self, place: usize, tenant: usize, most: u32) -> u32 {
        let mut taken = 0;
        let backlog = &mut self.backlog[place][tenant];
        while let Some((due, count)) = backlog.front_mut().filter(|_| taken < most) {
            let part = (*count).min(most - taken);
            self.hosts.hand_out(place, *due, part);
            taken += part;
            *count -= part;
            if *count == 0 {
                backlog.pop_front();
            }
        }
        self.waiting[place] -= taken;
        if place == 2 {
            self.got[tenant].0 += taken;
        }
        taken
    }
}

fn weight(tenant: usize) -> u32 {
    match tenant {
        tenant if tenant.is_multiple_of(20) => 10,
        tenant if tenant.is_multiple_of(5) => 4,
        _ => 1,
    }
}

/// Each tenant's share of the work: a few have most of it.
fn sizes(tenants: usize) -> Vec<f64> {
    let raw: Vec<f64> = (0..tenants)
        .map(|tenant| 1.0 / (1.0_f64 + (mix(tenant as u64, 7) % 1_000) as f64).sqrt())
        .collect();
    let sum: f64 = raw.iter().sum();
    raw.into_iter().map(|size| size / sum).collect()
}

/// A whole number that is `amount` on average.
fn rounded(amount: f64, seed: u64) -> u32 {
    let luck = (seed >> 11) as f64 / (1_u64 << 53) as f64;
    amount.floor() as u32 + u32::from(luck < amount.fract())
}
