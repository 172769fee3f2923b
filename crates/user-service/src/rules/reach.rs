//! How far an API key reaches, and that nothing it makes reaches farther. Pure.

use chrono::{DateTime, Utc};
use ipnet::IpNet;

use super::network;

/// Until when and from where a key works.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reach {
    /// When it stops working; never if absent.
    pub ends: Option<DateTime<Utc>>,
    /// From where; none: from anywhere.
    pub networks: Vec<IpNet>,
}

/// In what one reach goes beyond another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Beyond {
    /// It lasts longer than until then.
    Time(DateTime<Utc>),
    /// It works from elsewhere.
    Place,
}

impl Reach {
    /// Whether this lies within another reach.
    ///
    /// # Errors
    /// In what not.
    pub fn within(&self, other: &Self) -> Result<(), Beyond> {
        if let Some(last) = other.ends
            && self.ends.is_none_or(|ends| ends > last)
        {
            return Err(Beyond::Time(last));
        }
        if !network::within(&self.networks, &other.networks) {
            return Err(Beyond::Place);
        }
        Ok(())
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    fn reach(ends: Option<i64>, networks: &[&str]) -> Reach {
        let ends = ends.map(|seconds| DateTime::from_timestamp(seconds, 0).unwrap());
        let networks = networks.iter().map(|text| text.parse().unwrap()).collect();
        Reach { ends, networks }
    }

    #[test]
    fn nothing_lasts_longer_or_reaches_farther_than_its_maker() {
        let maker = reach(Some(100), &["192.0.2.0/24", "2001:db8::/32"]);
        let last = Beyond::Time(DateTime::from_timestamp(100, 0).unwrap());
        let cases = [
            (reach(Some(100), &["192.0.2.0/24"]), Ok(())),
            (
                reach(Some(99), &["192.0.2.7/32", "2001:db8:1::/48"]),
                Ok(()),
            ),
            (reach(Some(101), &["192.0.2.0/24"]), Err(last)),
            (reach(None, &["192.0.2.0/24"]), Err(last)),
            (reach(Some(9), &[]), Err(Beyond::Place)),
            (reach(Some(9), &["192.0.0.0/16"]), Err(Beyond::Place)),
            (
                reach(Some(9), &["192.0.2.0/24", "198.51.100.1/32"]),
                Err(Beyond::Place),
            ),
        ];
        for (made, expected) in cases {
            assert_eq!(made.within(&maker), expected, "{made:?}");
        }
        let free = reach(None, &[]);
        assert_eq!(free.within(&free), Ok(()));
        assert_eq!(maker.within(&free), Ok(()));
    }
}
