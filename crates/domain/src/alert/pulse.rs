//! Tests that see something happen.

use super::baseline::{previous, window};
use super::depth::{Depth, severity_past};
use super::shape::{AvailabilityEvent, BuyBoxEvent, End, Extreme, Move};
use super::timeline::{Timeline, TooShort};
use super::{
    Amount, BaselineKind, ContentField, Figure, Fired, Kind, Severity, Sight, Told, basis_points,
};
use crate::availability::Availability;

/// A move from the value before.
pub(super) fn moved(
    test: &Move,
    line: &Timeline<'_>,
    index: usize,
) -> Result<Option<Fired>, TooShort> {
    let sight = line.at(index);
    let Told::Value(now) = sight.told(test.metric) else {
        return Ok(None);
    };
    let before = previous(line, index, test.metric)?;
    Ok(before.and_then(|before| move_between(test, sight.at, before, now)))
}

/// As [`moved`], from values that are known.
pub(super) fn move_between(
    test: &Move,
    at: chrono::DateTime<chrono::Utc>,
    before: Amount,
    now: Amount,
) -> Option<Fired> {
    let sides = test.direction.sides();
    let inside = |side| matches!(test.depth(before, now, side), Depth::Inside(_));
    sides.iter().any(|side| inside(*side)).then(|| Fired {
        at,
        kind: test.metric.kind(),
        metric: Some(test.metric),
        severity: test.severity(before, now),
        before: Figure::of(test.metric, before),
        after: Figure::of(test.metric, now),
        change: basis_points(before.number(), now.number()),
        baseline: Some(BaselineKind::Previous),
        days: None,
        limit: None,
        changes: Vec::new(),
    })
}

/// A new lowest or highest of some days.
pub(super) fn extreme(
    test: &Extreme,
    line: &Timeline<'_>,
    index: usize,
) -> Result<Option<Fired>, TooShort> {
    let sight = line.at(index);
    let Told::Value(now) = sight.told(test.metric) else {
        return Ok(None);
    };
    // What is not beyond the value before is not beyond all of them; that needs no window.
    let before = previous(line, index, test.metric)?.filter(|before| before.comparable(now));
    if before.is_some_and(|before| !test.is_beyond(before, now)) {
        return Ok(None);
    }
    let window = window(line, index, test.metric, now, test.days)?;
    let end = match test.end {
        End::Lowest => window.lowest,
        End::Highest => window.highest,
    };
    let end = end.map(|number| now.with(number));
    let Some(end) = end.filter(|end| window.known(test.min_days) && test.is_beyond(*end, now))
    else {
        return Ok(None);
    };
    let (kind, baseline) = match test.end {
        End::Lowest => (Kind::Lowest, BaselineKind::Lowest),
        End::Highest => (Kind::Highest, BaselineKind::Highest),
    };
    Ok(Some(Fired {
        at: sight.at,
        kind,
        metric: Some(test.metric),
        severity: severity_past(end, now),
        before: Figure::of(test.metric, end),
        after: Figure::of(test.metric, now),
        change: basis_points(end.number(), now.number()),
        baseline: Some(baseline),
        days: Some(test.days),
        limit: None,
        changes: Vec::new(),
    }))
}

impl Extreme {
    /// Whether `now` is beyond another value by as much as the test asks for.
    fn is_beyond(&self, other: Amount, now: Amount) -> bool {
        if self.min_step.is_some_and(|step| !step.comparable(now)) {
            return false;
        }
        let difference = i128::from(other.number()) - i128::from(now.number());
        let beyond = match self.end {
            End::Lowest => difference,
            End::Highest => -difference,
        };
        let least = self.min_step.map_or(1, |step| step.number().max(1));
        beyond >= i128::from(least)
    }
}

/// An alert without a number.
fn told(sight: &Sight, kind: Kind, severity: Severity, before: &str, after: &str) -> Fired {
    Fired {
        at: sight.at,
        kind,
        metric: None,
        severity,
        before: Figure::Text(before.to_owned()),
        after: Figure::Text(after.to_owned()),
        change: None,
        baseline: None,
        days: None,
        limit: None,
        changes: Vec::new(),
    }
}

/// Another seller in the buy box.
pub(super) fn buy_box(
    test: &BuyBoxEvent,
    line: &Timeline<'_>,
    index: usize,
) -> Result<Option<Fired>, TooShort> {
    let sight = line.at(index);
    let Some(now) = &sight.seller else {
        return Ok(None);
    };
    let Some(before) = line.back(index, |_, sight| sight.seller.as_ref())? else {
        return Ok(None);
    };
    if before == now {
        return Ok(None);
    }
    let is = |holder: &str, name: &str| holder.trim().to_lowercase() == name.trim().to_lowercase();
    let severity = match test {
        BuyBoxEvent::Changed => Severity::Warning,
        BuyBoxEvent::Won { seller } if is(now, seller) && !is(before, seller) => Severity::Info,
        BuyBoxEvent::Lost { seller } if is(before, seller) && !is(now, seller) => Severity::Warning,
        BuyBoxEvent::Won { .. } | BuyBoxEvent::Lost { .. } => return Ok(None),
    };
    Ok(Some(told(sight, Kind::BuyBox, severity, before, now)))
}

/// Another way in which the product can be had.
pub(super) fn availability(
    test: &AvailabilityEvent,
    line: &Timeline<'_>,
    index: usize,
) -> Result<Option<Fired>, TooShort> {
    let sight = line.at(index);
    if let AvailabilityEvent::Changed { from, to } = test {
        let known =
            |sight: &Sight| Some(sight.availability).filter(|word| *word != Availability::Unknown);
        let Some(now) = known(sight) else {
            return Ok(None);
        };
        let Some(before) = line.back(index, |_, sight| known(sight))? else {
            return Ok(None);
        };
        let wanted = |words: &[Availability], word| words.is_empty() || words.contains(&word);
        let fires = before != now && wanted(from, before) && wanted(to, now);
        return Ok(fires.then(|| {
            let (before, now) = (before.as_str(), now.as_str());
            told(sight, Kind::Availability, Severity::Warning, before, now)
        }));
    }
    let Some(now) = sight.buyable else {
        return Ok(None);
    };
    let restock = *test == AvailabilityEvent::Restock;
    if now != restock {
        return Ok(None);
    }
    let before = line.back(index, |_, sight| sight.buyable)?;
    if before != Some(!now) {
        return Ok(None);
    }
    let (kind, severity) = match restock {
        true => (Kind::Restock, Severity::Info),
        false => (Kind::Availability, Severity::Warning),
    };
    let word = |buyable| if buyable { "in_stock" } else { "out_of_stock" };
    Ok(Some(told(sight, kind, severity, word(!now), word(now))))
}

/// Other words or pictures of the listing.
pub(super) fn content(fields: &[ContentField], sight: &Sight) -> Option<Fired> {
    let changes: Vec<_> = sight
        .changes
        .iter()
        .filter(|change| fields.contains(&change.field))
        .cloned()
        .collect();
    let first = changes.first()?;
    let (before, after) = (first.before.join("\n"), first.after.join("\n"));
    let fired = told(sight, Kind::Content, Severity::Info, &before, &after);
    Some(Fired { changes, ..fired })
}
