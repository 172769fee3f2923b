//! When a target's failures are worth telling.

use super::outcome::Outcome;

/// How a target fares.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Health {
    /// Rounds in a row that ended badly for reasons of its own.
    pub strikes: i32,
    /// Whether its trouble was told.
    pub troubled: bool,
}

/// What is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    /// It is in trouble from now on.
    Trouble,
    /// It is good again.
    Recovered,
}

/// What the end of a round says about the target itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sign {
    /// It is there and can be read.
    Good,
    /// It cannot be had.
    Bad,
    /// Nothing: the source turned us away, or we could not even ask.
    Nothing,
}

impl Sign {
    /// Of an outcome. A refusal is the source's trouble, which is told as such: a thousand targets behind one closed door
    /// are one trouble.
    #[must_use]
    pub const fn of(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Ok => Self::Good,
            Outcome::Blocked | Outcome::RateLimited => Self::Nothing,
            Outcome::NotFound
            | Outcome::Malformed
            | Outcome::Suspicious
            | Outcome::Timeout
            | Outcome::Network
            | Outcome::Failed => Self::Bad,
        }
    }
}

/// How it fares after a round that ended, and what is told of it. `limit` bad ends in a row are trouble. What nobody
/// tracks any more begins anew: nobody was told.
#[must_use]
pub const fn after(
    before: Health,
    sign: Sign,
    tracked: bool,
    limit: i32,
) -> (Health, Option<Turn>) {
    let well = Health {
        strikes: 0,
        troubled: false,
    };
    if !tracked {
        return (well, None);
    }
    match sign {
        Sign::Nothing => (before, None),
        Sign::Good if before.troubled => (well, Some(Turn::Recovered)),
        Sign::Good => (well, None),
        Sign::Bad => {
            let strikes = before.strikes.saturating_add(1);
            let turns = !before.troubled && strikes >= limit;
            let after = Health {
                strikes,
                troubled: before.troubled || turns,
            };
            (after, if turns { Some(Turn::Trouble) } else { None })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is told after each of these ends.
    fn told(outcomes: &[Outcome]) -> Vec<Option<Turn>> {
        let mut health = Health::default();
        let each = outcomes.iter().map(|outcome| {
            let (next, turn) = after(health, Sign::of(*outcome), true, 3);
            health = next;
            turn
        });
        each.collect()
    }

    #[test]
    fn trouble_is_told_once_and_its_end_once() {
        use Outcome::{Malformed, Network, NotFound, Ok};
        assert_eq!(
            told(&[NotFound, NotFound, NotFound, NotFound, Ok, Ok]),
            [
                None,
                None,
                Some(Turn::Trouble),
                None,
                Some(Turn::Recovered),
                None
            ]
        );
        assert_eq!(
            told(&[Network, Malformed, Ok, Network, NotFound, Malformed]),
            [None, None, None, None, None, Some(Turn::Trouble)],
            "one good end begins anew"
        );
    }

    #[test]
    fn a_closed_door_is_not_the_targets_trouble() {
        use Outcome::{Blocked, NotFound, RateLimited};
        let closed = [Blocked, RateLimited].repeat(20);
        assert!(told(&closed).iter().all(Option::is_none));
        assert_eq!(
            told(&[NotFound, Blocked, NotFound, RateLimited, NotFound]),
            [None, None, None, None, Some(Turn::Trouble)],
            "nor does it make the others forgotten"
        );
    }

    #[test]
    fn what_nobody_tracks_begins_anew() {
        let troubled = Health {
            strikes: 9,
            troubled: true,
        };
        assert_eq!(
            after(troubled, Sign::Bad, false, 3),
            (Health::default(), None)
        );
    }
}
