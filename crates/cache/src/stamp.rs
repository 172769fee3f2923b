//! How an answer stands in Redis: under which tokens it was read, until when it is good, its tag, its body.

use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::HeaderValue;

use crate::Answer;

/// Bytes of a token.
const TOKEN: usize = 16;

/// The tokens of everything and of a subject, as they were before an answer was read. Both are random and change when
/// what they stand for is forgotten, so that an answer from before is known by its old ones.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stamp(pub [u8; 2 * TOKEN]);

impl Stamp {
    /// From both tokens, when both are there.
    pub fn of(epoch: Option<Vec<u8>>, subject: Option<Vec<u8>>) -> Option<Self> {
        let both = [epoch?, subject?].concat();
        both.try_into().ok().map(Self)
    }

    /// A new token.
    pub fn token() -> [u8; TOKEN] {
        rand::random()
    }

    /// As it is stored.
    pub fn seal(&self, answer: &Answer, life: Duration) -> Vec<u8> {
        let tag = answer.tag.as_bytes();
        let ends = millis_since_1970(SystemTime::now() + life);
        let mut sealed = Vec::with_capacity(self.0.len() + 9 + tag.len() + answer.body.len());
        sealed.extend_from_slice(&self.0);
        sealed.extend_from_slice(&ends.to_be_bytes());
        sealed.push(u8::try_from(tag.len()).unwrap_or(u8::MAX));
        sealed.extend_from_slice(&tag[..tag.len().min(usize::from(u8::MAX))]);
        sealed.extend_from_slice(&answer.body);
        sealed
    }

    /// What was stored under this stamp, and how long it is still good.
    pub fn open(&self, sealed: Vec<u8>) -> Option<(Answer, Duration)> {
        let sealed = Bytes::from(sealed);
        let (stamp, rest) = sealed.split_at_checked(self.0.len())?;
        if stamp != self.0 {
            return None;
        }
        let (ends, rest) = rest.split_first_chunk::<8>()?;
        let now = millis_since_1970(SystemTime::now());
        let left = u64::from_be_bytes(*ends).checked_sub(now)?;
        let (length, rest) = rest.split_first()?;
        let (tag, body) = rest.split_at_checked(usize::from(*length))?;
        let answer = Answer {
            tag: HeaderValue::from_bytes(tag).ok()?,
            body: sealed.slice_ref(body),
        };
        Some((answer, Duration::from_millis(left)))
    }
}

fn millis_since_1970(at: SystemTime) -> u64 {
    let since = at.duration_since(SystemTime::UNIX_EPOCH);
    since.map_or(0, |since| {
        u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_opens_under_its_own_stamp_and_in_time_only() {
        let stamp = Stamp([1; 32]);
        let answer = Answer {
            body: Bytes::from_static(b"{}"),
            tag: HeaderValue::from_static("W/\"abc\""),
        };
        let sealed = stamp.seal(&answer, Duration::from_secs(60));
        let (opened, left) = stamp.open(sealed.clone()).expect("opened");
        assert_eq!(opened, answer);
        assert!(left <= Duration::from_secs(60) && left > Duration::from_secs(50));
        assert_eq!(Stamp([2; 32]).open(sealed.clone()), None);
        for length in 0..sealed.len() - answer.body.len() {
            assert_eq!(stamp.open(sealed[..length].to_vec()), None, "{length}");
        }
        let mut past = sealed;
        past[32..40].copy_from_slice(&1_u64.to_be_bytes());
        assert_eq!(stamp.open(past), None);
    }
}
