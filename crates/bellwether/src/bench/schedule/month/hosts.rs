//! The sources' hosts, each of which lets a request through only so often: what has been handed out waits for it.

use std::collections::VecDeque;

use super::STEPS_A_MINUTE;
use super::lateness::Lateness;

/// Handed out and not begun: (step it was due, how many), by priority.
type Queues = [VecDeque<(usize, u32)>; 3];

/// All hosts of one source.
pub struct Hosts {
    hosts: Vec<Host>,
    /// Whose turn it is to get the next piece.
    next: usize,
    /// Requests that fit into a minute with a pause between any two.
    pub allowed: u32,
    /// The most that one of them got in a minute.
    pub most: u32,
}

#[derive(Default)]
struct Host {
    waiting: Queues,
    /// Milliseconds of its time that are not used up yet.
    credit: u64,
    /// What it got in each step of the last minute.
    recent: VecDeque<u32>,
}

impl Hosts {
    /// So many hosts, with so many milliseconds between two requests to one of them.
    pub fn new(count: usize, gap_ms: u64) -> Self {
        Self {
            hosts: (0..count).map(|_| Host::default()).collect(),
            next: 0,
            allowed: u32::try_from(60_000_u64.div_ceil(gap_ms)).unwrap_or(u32::MAX),
            most: 0,
        }
    }

    /// Takes over what was claimed.
    pub fn hand_out(&mut self, priority: usize, due: usize, count: u32) {
        let hosts = u32::try_from(self.hosts.len()).unwrap_or(1);
        let (each, more) = (count / hosts, count % hosts);
        for place in 0..self.hosts.len() {
            let index = (self.next + place) % self.hosts.len();
            let part = each + u32::from(place < more as usize);
            if part > 0 {
                self.hosts[index].waiting[priority].push_back((due, part));
            }
        }
        self.next = (self.next + more as usize) % self.hosts.len();
    }

    /// One step: every host takes what its pauses allow, the urgent first. Answers how much was begun, by priority.
    pub fn begin(&mut self, gap_ms: u64, now: usize, lateness: &mut [Lateness; 3]) -> [u32; 3] {
        let mut begun = [0; 3];
        for host in &mut self.hosts {
            // Time that nobody used is gone, but for what is left of a pause.
            host.credit = host.credit.min(gap_ms - 1) + 60_000 / STEPS_A_MINUTE as u64;
            let mut got = 0;
            for (priority, queue) in host.waiting.iter_mut().enumerate() {
                while let Some((due, count)) = queue.front_mut() {
                    let most = u32::try_from(host.credit / gap_ms).unwrap_or(u32::MAX);
                    let part = (*count).min(most);
                    if part == 0 {
                        break;
                    }
                    host.credit -= u64::from(part) * gap_ms;
                    lateness[priority].add(now - *due, part);
                    begun[priority] += part;
                    got += part;
                    *count -= part;
                    if *count == 0 {
                        queue.pop_front();
                    }
                }
            }
            host.recent.push_back(got);
            if host.recent.len() > STEPS_A_MINUTE {
                host.recent.pop_front();
            }
            self.most = self.most.max(host.recent.iter().sum());
        }
        begun
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_gets_no_more_than_its_pauses_allow() {
        let mut hosts = Hosts::new(2, 1_000);
        hosts.hand_out(2, 0, 400);
        let mut lateness: [Lateness; 3] = Default::default();
        for step in 0..STEPS_A_MINUTE {
            if step == 1 {
                hosts.hand_out(0, 1, 2);
            }
            let begun = hosts.begin(1_000, step, &mut lateness);
            assert_eq!(begun[0], if step == 1 { 2 } else { 0 }, "urgent at once");
        }
        assert!(
            hosts.most <= hosts.allowed,
            "{} of {}",
            hosts.most,
            hosts.allowed
        );
        assert!(hosts.most + 1 >= hosts.allowed);
    }
}
