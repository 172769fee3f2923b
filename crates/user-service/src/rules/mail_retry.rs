//! When a mail that the server would not take now is tried again.

use chrono::TimeDelta;

/// After each try that failed; then the mail is given up. The first waits are short because servers often refuse a
/// sender they do not know once (greylisting), the last ones long because a server may be away for a night.
const WAITS_MINUTES: [i64; 8] = [1, 5, 15, 60, 180, 360, 720, 720];

/// How long to wait after the try with this number, from 1; `None`: it was the last.
#[must_use]
pub fn wait(attempt: i32) -> Option<TimeDelta> {
    let place = usize::try_from(attempt).ok()?.checked_sub(1)?;
    WAITS_MINUTES.get(place).copied().map(TimeDelta::minutes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_and_end() {
        assert_eq!(wait(1), Some(TimeDelta::minutes(1)));
        assert!((2..=8).all(|attempt| wait(attempt) >= wait(attempt - 1)));
        assert_eq!(wait(9), None);
        assert_eq!((wait(0), wait(-1)), (None, None));
    }
}
