//! Which claimed targets travel together.

use std::collections::BTreeMap;

/// A due target that was claimed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claimed {
    /// The listing's id.
    pub id: i64,
    /// The trace of the request that made it due, if one did.
    pub traceparent: Option<String>,
    /// Whether it travels in a task of its own: see [`super::opening`].
    pub alone: bool,
}

/// What one task carries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bundle {
    /// Listing ids, most urgent first.
    pub targets: Vec<i64>,
    /// The trace that all of them share; `None`: the task begins its own.
    pub traceparent: Option<String>,
}

/// Divides `claimed`, most urgent first, into tasks of at most `task_items`.
///
/// Full tasks come first in importance, since each may be one paid run upstream: what does not fill a task by itself
/// shares one with others, and such a mixed task has a trace of its own. What all comes from one request keeps its trace.
#[must_use]
pub fn bundles(claimed: Vec<Claimed>, task_items: u32) -> Vec<Bundle> {
    let full = usize::try_from(task_items.max(1)).unwrap_or(usize::MAX);
    let mut by_trace: BTreeMap<Option<String>, Vec<i64>> = BTreeMap::new();
    let mut bundles = Vec::new();
    for target in claimed {
        if target.alone {
            bundles.push(Bundle {
                targets: vec![target.id],
                traceparent: target.traceparent,
            });
            continue;
        }
        by_trace
            .entry(target.traceparent)
            .or_default()
            .push(target.id);
    }
    let mut rest: Vec<(i64, Option<String>)> = Vec::new();
    for (traceparent, targets) in by_trace {
        let chunks = targets.chunks_exact(full);
        rest.extend(
            chunks
                .remainder()
                .iter()
                .map(|id| (*id, traceparent.clone())),
        );
        bundles.extend(chunks.map(|chunk| Bundle {
            targets: chunk.to_vec(),
            traceparent: traceparent.clone(),
        }));
    }
    bundles.extend(rest.chunks(full).map(|chunk| {
        let first = &chunk[0].1;
        let shared = chunk.iter().all(|(_, traceparent)| traceparent == first);
        Bundle {
            targets: chunk.iter().map(|(id, _)| *id).collect(),
            traceparent: if shared { first.clone() } else { None },
        }
    }));
    bundles
}

#[cfg(test)]
mod tests {
    use super::*;

    fn claimed(ids: std::ops::Range<i64>, traceparent: Option<&str>) -> Vec<Claimed> {
        ids.map(|id| Claimed {
            id,
            traceparent: traceparent.map(ToOwned::to_owned),
            alone: false,
        })
        .collect()
    }

    #[test]
    fn one_request_keeps_its_trace_and_its_order() {
        let bundles = bundles(claimed(0..5, Some("a")), 2);
        assert_eq!(bundles.len(), 3);
        assert!(
            bundles
                .iter()
                .all(|bundle| bundle.traceparent.as_deref() == Some("a"))
        );
        assert_eq!(bundles[0].targets, [0, 1]);
        assert_eq!(bundles[2].targets, [4]);
    }

    #[test]
    fn small_requests_share_a_task_with_a_trace_of_its_own() {
        let mut all = claimed(0..1, Some("a"));
        all.extend(claimed(1..2, Some("b")));
        all.extend(claimed(2..3, None));
        let bundles = bundles(all, 100);
        assert_eq!(bundles.len(), 1);
        assert_eq!(bundles[0].traceparent, None);
        assert_eq!(bundles[0].targets.len(), 3);
    }

    #[test]
    fn nothing_is_lost_or_doubled() {
        let mut all = claimed(0..250, Some("a"));
        all.extend(claimed(250..333, None));
        all.extend(claimed(333..1000, Some("c")));
        let bundles = bundles(all, 100);
        let mut ids: Vec<i64> = bundles
            .iter()
            .flat_map(|bundle| bundle.targets.clone())
            .collect();
        ids.sort_unstable();
        assert_eq!(ids, (0..1000).collect::<Vec<_>>());
        assert_eq!(bundles.len(), 10, "no task is smaller than need be");
    }

    #[test]
    fn a_suspect_travels_alone() {
        let mut all = claimed(0..3, Some("a"));
        all[1].alone = true;
        let bundles = bundles(all, 100);
        assert_eq!(bundles.len(), 2);
        assert_eq!(
            (&bundles[0].targets[..], bundles[0].traceparent.as_deref()),
            (&[1][..], Some("a"))
        );
        assert_eq!(bundles[1].targets, [0, 2]);
    }

    #[test]
    fn nothing_claimed_is_no_task() {
        assert!(bundles(Vec::new(), 100).is_empty());
    }
}
