//! What is handed to a worker that opens a task: a target may be what took the last one down.
//!
//! Each opening counts against the target until somebody tells how it went. A lost worker's message comes to the next,
//! which resumes its task; when that one is lost, too, the task is taken apart and each of its targets travels alone,
//! so that a target that takes workers down has no company. One that was opened too often has failed.

/// Openings of a target that others still travel with: the first, and one that resumes.
pub const TOGETHER: i16 = 2;

/// What becomes of a task that is being opened.
#[derive(Debug, PartialEq, Eq)]
pub enum Opening {
    /// All of it is handed out.
    HandOut,
    /// All of it is given back, to travel anew.
    TakeApart,
    /// Its one target was opened too often: the round has failed.
    Hopeless,
}

/// Whether a target with so many openings travels alone.
#[must_use]
pub fn alone(openings: i16) -> bool {
    openings >= TOGETHER
}

/// Decides by the openings so far of each target that is left in the task.
#[must_use]
pub fn decide(openings: &[i16], most: i16) -> Opening {
    match openings {
        [one] if *one >= most => Opening::Hopeless,
        [] | [_] => Opening::HandOut,
        several if several.iter().any(|one| alone(*one)) => Opening::TakeApart,
        _ => Opening::HandOut,
    }
}

/// Why something that was opened so often has failed, for people.
#[must_use]
pub fn given_up(openings: i16) -> String {
    format!("given up after {openings} workers began with it and none came back")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn company_is_kept_for_one_resumption() {
        assert_eq!(decide(&[], 5), Opening::HandOut);
        assert_eq!(decide(&[0, 0, 0], 5), Opening::HandOut);
        assert_eq!(decide(&[1, 0, 1], 5), Opening::HandOut);
        assert_eq!(decide(&[2, 0], 5), Opening::TakeApart);
        assert_eq!(decide(&[9, 9], 5), Opening::TakeApart);
    }

    #[test]
    fn alone_it_is_opened_until_the_most() {
        assert_eq!(decide(&[4], 5), Opening::HandOut);
        assert_eq!(decide(&[5], 5), Opening::Hopeless);
    }
}
