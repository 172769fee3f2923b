//! How far a value moved, exactly.

use super::BasisPoints;

/// The signed move from `before` to `after`, rounded toward zero; `None` when there is no base to measure from.
#[must_use]
pub fn basis_points(before: i64, after: i64) -> Option<BasisPoints> {
    if before <= 0 {
        return None;
    }
    let exact = (i128::from(after) - i128::from(before)) * 10_000;
    i64::try_from(exact / i128::from(before)).ok()
}
