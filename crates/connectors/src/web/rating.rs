//! Stars and counts as pages write them.

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

/// Hundredths of a star on a scale to five; `None` when it is off its scale.
pub(super) fn hundredths(text: &str, best: Option<&str>, worst: Option<&str>) -> Option<i32> {
    let stars = decimal(text)?;
    let best = best.and_then(decimal).filter(|best| *best > Decimal::ZERO);
    let best = best.unwrap_or(Decimal::from(5));
    let worst = worst.and_then(decimal).unwrap_or_default();
    let fits = stars >= worst && stars <= best && stars > Decimal::ZERO;
    let scaled = stars.checked_mul(Decimal::from(500))?.checked_div(best)?;
    scaled.round().to_i32().filter(|_| fits)
}

fn decimal(text: &str) -> Option<Decimal> {
    // "4,5", "4.5/5", "4.5 out of 5"
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.' && c != ',');
    let number = text.get(..end.unwrap_or(text.len()))?.replace(',', ".");
    number.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scales_end_at_five() {
        assert_eq!(hundredths("4.5", None, None), Some(450));
        assert_eq!(hundredths("4,5", Some("5"), Some("1")), Some(450));
        assert_eq!(hundredths("90", Some("100"), None), Some(450));
        assert_eq!(hundredths("4.5/5", None, None), Some(450));
        assert_eq!(hundredths("7", None, None), None);
        assert_eq!(hundredths("0", None, None), None);
    }
}
