//! Figures that Amazon shows as text.

use domain::availability::Availability;
use domain::observation::CategoryRank;
use rust_decimal::Decimal;

/// Ranks out of `#71 in Sports & Outdoors (See Top 100 in …) #6 in Water Bottles`, with or
/// without `#`, the root category first.
pub(crate) fn ranks(text: &str) -> Vec<CategoryRank> {
    let mut parts = vec![String::new()];
    let mut depth = 0_u32;
    for c in text.chars() {
        match c {
            '(' => depth += 1,
            // After the remark in brackets, and at each #, a new rank begins.
            ')' if depth > 0 => {
                depth -= 1;
                if depth == 0 {
                    parts.push(String::new());
                }
            }
            _ if depth > 0 => {}
            '#' => parts.push(String::new()),
            _ => {
                if let Some(part) = parts.last_mut() {
                    part.push(c);
                }
            }
        }
    }
    parts.iter().filter_map(|part| rank(part)).collect()
}

/// One `2,778 in Sports & Outdoors`.
fn rank(part: &str) -> Option<CategoryRank> {
    let part = part.trim_matches(|c: char| c.is_whitespace() || c == '\u{200e}');
    let part = part.strip_prefix("Nr.").unwrap_or(part).trim_start();
    let (number, category) = part.split_once(" in ")?;
    if !number
        .chars()
        .all(|c| c.is_ascii_digit() || matches!(c, ',' | '.' | ' '))
    {
        return None;
    }
    let digits: String = number.chars().filter(char::is_ascii_digit).collect();
    let rank = digits.parse().ok().filter(|rank| *rank >= 1)?;
    let category = category.trim();
    (!category.is_empty()).then(|| CategoryRank {
        category: category.to_owned(),
        rank,
    })
}

/// Hundredths of a star out of `4.6 out of 5 stars` or `4,6 von 5 Sternen`.
pub(crate) fn rating(text: &str) -> Option<i32> {
    let first = text.split_whitespace().next()?.replace(',', ".");
    hundredths(first.parse().ok()?)
}

/// Hundredths of a star; `None` outside 0 to 5.
pub(crate) fn hundredths(stars: Decimal) -> Option<i32> {
    let hundredths = stars.checked_mul(Decimal::from(100))?.round();
    i32::try_from(hundredths)
        .ok()
        .filter(|value| (0..=500).contains(value))
}

/// What a line such as `Only 9 left in stock - order soon.` says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Stock {
    pub(crate) availability: Availability,
    pub(crate) in_stock: Option<bool>,
    pub(crate) quantity: Option<i32>,
}

pub(crate) fn stock(text: &str) -> Stock {
    let text = text.to_lowercase();
    let of = |availability, in_stock, quantity| Stock {
        availability,
        in_stock: Some(in_stock),
        quantity,
    };
    if ["unavailable", "out of stock", "not available", "sold out"]
        .iter()
        .any(|s| text.contains(s))
    {
        return of(Availability::OutOfStock, false, None);
    }
    if ["pre-order", "preorder", "will be released"]
        .iter()
        .any(|s| text.contains(s))
    {
        return of(Availability::PreOrder, false, None);
    }
    if let Some(left) = text.strip_prefix("only ") {
        let quantity = left
            .split_whitespace()
            .next()
            .and_then(|number| number.parse().ok());
        return of(Availability::InStock, true, quantity);
    }
    if text.starts_with("in stock") || text.starts_with("available to ship") {
        return of(Availability::InStock, true, None);
    }
    Stock::default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(text: &str) -> Vec<(i32, String)> {
        ranks(text)
            .into_iter()
            .map(|entry| (entry.rank, entry.category))
            .collect()
    }

    #[test]
    fn ranks_are_read_in_either_actors_spelling() {
        assert_eq!(
            pairs(
                "#2,778 in Sports & Outdoors (See Top 100 in Sports & Outdoors) #132 in Water Bottles"
            ),
            [
                (2778, "Sports & Outdoors".into()),
                (132, "Water Bottles".into())
            ]
        );
        assert_eq!(
            pairs(
                "28 in Health, Household & Personal Care (See Top 100 in Health, Household & \
                 Personal Care)1 in Earplugs"
            ),
            [
                (28, "Health, Household & Personal Care".into()),
                (1, "Earplugs".into())
            ]
        );
        assert_eq!(
            pairs("Nr. 5 in Küche (Siehe Top 100 in Küche)"),
            [(5, "Küche".into())]
        );
        assert_eq!(pairs("no rank (yet"), []);
        assert_eq!(pairs("#0 in Nothing #99999999999 in Too Much"), []);
    }

    #[test]
    fn ratings_are_hundredths() {
        assert_eq!(rating("4.6 out of 5 stars"), Some(460));
        assert_eq!(rating("4,6 von 5 Sternen"), Some(460));
        assert_eq!(rating("46 out of 5"), None);
        assert_eq!(rating(""), None);
    }

    #[test]
    fn stock_lines_are_understood() {
        let left = stock("Only 9 left in stock - order soon.");
        assert_eq!((left.in_stock, left.quantity), (Some(true), Some(9)));
        assert_eq!(stock("In Stock").availability, Availability::InStock);
        let gone = stock(
            "Currently unavailable. We don't know when or if this item will be back in stock.",
        );
        assert_eq!(gone.availability, Availability::OutOfStock);
        assert_eq!(stock(""), Stock::default());
        assert_eq!(stock("Ships from overseas"), Stock::default());
    }
}
