//! Words that Amazon's pages are made of, shared by both actors.

use chrono::{DateTime, Datelike, TimeDelta, Utc};

use crate::{
    market::{AMAZON_SHOWN_STOCK, Offering, Rank},
    world::Seen,
};

/// "23,642".
pub(super) fn thousands(number: i64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// "800+ bought in past month"; `None` where the page says nothing.
pub(super) fn bought(number: Option<i64>) -> Option<String> {
    match number? {
        0 => None,
        number @ 1_000.. => Some(format!("{}K+ bought in past month", number / 1_000)),
        number => Some(format!("{number}+ bought in past month")),
    }
}

/// "In stock", or the last units counted down. `None` for what cannot be bought.
pub(super) fn few_left(seen: &Seen) -> Option<String> {
    let snapshot = &seen.snapshot;
    if !snapshot.in_stock() {
        return None;
    }
    Some(match snapshot.stock {
        Some(units) if units <= AMAZON_SHOWN_STOCK => {
            format!("Only {units} left in stock - order soon.")
        }
        _ => "In stock".to_owned(),
    })
}

/// "4.2 4.2 out of 5 stars (23,642) 4.2 out of 5 stars".
pub(super) fn customer_reviews(seen: &Seen) -> Option<String> {
    let (rating, count) = (seen.snapshot.rating?, seen.snapshot.review_count?);
    Some(format!(
        "{rating:.1} {rating:.1} out of 5 stars ({}) {rating:.1} out of 5 stars",
        thousands(count)
    ))
}

/// The best-seller ranks as one text: `prefix` is "#" in axesso's rows and nothing in junglee's.
pub(super) fn ranks(ranks: &[Rank], prefix: &str, joint: &str) -> Option<String> {
    let (root, rest) = ranks.split_first()?;
    let root_text = format!(
        "{prefix}{} in {} (See Top 100 in {})",
        thousands(root.rank.into()),
        root.category,
        root.category
    );
    Some(rest.iter().fold(root_text, |text, entry| {
        format!(
            "{text}{joint}{prefix}{} in {}",
            thousands(entry.rank.into()),
            entry.category
        )
    }))
}

/// "Monday, 4 May": the day a parcel would arrive, without a year.
pub(super) fn delivery(at: DateTime<Utc>) -> String {
    (at + TimeDelta::days(5)).format("%A, %-d %B").to_string()
}

/// The day the listing was first available: some two years before reviews reached their number.
pub(super) fn first_available(offering: &Offering) -> String {
    let day = DateTime::from_timestamp(1_700_000_000 + i64::from(offering.reviews) * 700, 0);
    day.map(|day| format!("{} {}", day.format("%-d %B"), day.year()))
        .unwrap_or_default()
}

/// The Amazon part of a listing that is known to be Amazon's.
pub(super) fn offering(seen: &Seen) -> Option<&Offering> {
    seen.listing.offering()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_like_the_page() {
        assert_eq!(thousands(7), "7");
        assert_eq!(thousands(23_642), "23,642");
        assert_eq!(thousands(1_000_000), "1,000,000");
        assert_eq!(
            bought(Some(800)).as_deref(),
            Some("800+ bought in past month")
        );
        assert_eq!(
            bought(Some(2_000)).as_deref(),
            Some("2K+ bought in past month")
        );
        assert_eq!(bought(Some(0)), None);
        let rank = |rank, category: &str| Rank {
            category: category.to_owned(),
            rank,
        };
        let both = [rank(28, "Health"), rank(1, "Earplugs")];
        assert_eq!(
            ranks(&both, "", "").as_deref(),
            Some("28 in Health (See Top 100 in Health)1 in Earplugs")
        );
        assert_eq!(
            ranks(&both, "#", " ").as_deref(),
            Some("#28 in Health (See Top 100 in Health) #1 in Earplugs")
        );
    }
}
