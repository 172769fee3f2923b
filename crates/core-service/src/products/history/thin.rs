//! Fewer points that look the same: of each stretch of time the first, the least, the greatest and the last stay,
//! and so do gaps.

use chrono::{DateTime, Utc};

/// A point of a line: when, and the figure or a gap.
pub type LinePoint = (DateTime<Utc>, Option<i64>);

/// At most about `most` of the points; whether any was left out.
pub fn thin(points: Vec<LinePoint>, most: usize) -> (Vec<LinePoint>, bool) {
    let (Some(first), Some(last)) = (points.first(), points.last()) else {
        return (points, false);
    };
    if points.len() <= most {
        return (points, false);
    }
    // Up to five points of a stretch stay: four and the beginning of a gap.
    let stretches = i64::try_from((most / 5).max(1)).unwrap_or(i64::MAX);
    let start = first.0.timestamp_micros();
    let width = (last.0.timestamp_micros() - start) / stretches + 1;
    let before = points.len();
    let mut kept = Vec::with_capacity(most);
    let stretch_of = |point: &LinePoint| (point.0.timestamp_micros() - start) / width;
    for stretch in points.chunk_by(|a, b| stretch_of(a) == stretch_of(b)) {
        keep(stretch, &mut kept);
    }
    let thinned = kept.len() < before;
    (kept, thinned)
}

fn keep(stretch: &[LinePoint], kept: &mut Vec<LinePoint>) {
    let valued = || {
        stretch
            .iter()
            .enumerate()
            .filter_map(|(index, (_, value))| Some((index, (*value)?)))
    };
    let least = valued()
        .min_by_key(|(_, value)| *value)
        .map(|(index, _)| index);
    let greatest = valued()
        .max_by_key(|(_, value)| *value)
        .map(|(index, _)| index);
    let gap = stretch.iter().position(|(_, value)| value.is_none());
    let mut indexes: Vec<usize> = [Some(0), least, greatest, gap, Some(stretch.len() - 1)]
        .into_iter()
        .flatten()
        .collect();
    indexes.sort_unstable();
    indexes.dedup();
    kept.extend(indexes.into_iter().map(|index| stretch[index]));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(values: impl IntoIterator<Item = Option<i64>>) -> Vec<LinePoint> {
        let at = |minute: usize| {
            let minute = i64::try_from(minute).expect("small");
            DateTime::from_timestamp(1_760_000_000 + minute * 60, 0).expect("a date")
        };
        values
            .into_iter()
            .enumerate()
            .map(|(minute, value)| (at(minute), value))
            .collect()
    }

    #[test]
    fn extremes_ends_and_gaps_stay() {
        let mut values: Vec<Option<i64>> = (0..10_000).map(|i| Some(1000 + i % 7)).collect();
        values[1234] = Some(1);
        values[7777] = Some(9_999);
        values[5000] = None;
        let points = line(values);
        let (kept, thinned) = thin(points.clone(), 100);
        assert!(thinned && kept.len() <= 100, "{}", kept.len());
        for index in [0, 1234, 5000, 7777, 9_999] {
            assert!(kept.contains(&points[index]), "{index}");
        }
        assert!(kept.is_sorted_by_key(|(at, _)| *at));
    }

    #[test]
    fn few_points_stay_as_they_are() {
        let points = line([Some(1), None, Some(2)]);
        assert_eq!(thin(points.clone(), 3), (points, false));
        assert_eq!(thin(Vec::new(), 3), (Vec::new(), false));
    }
}
