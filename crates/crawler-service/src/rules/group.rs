//! Which claimed targets travel together.

use std::collections::BTreeMap;

use uuid::Uuid;

/// A due target that was claimed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claimed {
    /// The listing's id.
    pub id: i64,
    /// Who pays for it.
    pub payer: Uuid,
    /// Whose listing it is; `None`: everybody's.
    pub owner: Option<Uuid>,
    /// The trace of the request that made it due, if one did.
    pub traceparent: Option<String>,
    /// Whether it travels in a task of its own: see [`super::opening`].
    pub alone: bool,
    /// Whether somebody's plan was charged for this round already.
    pub charged: bool,
}

/// What one task carries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bundle {
    /// Listing ids, most urgent first.
    pub targets: Vec<i64>,
    /// Whose listings they are, all of them; `None`: everybody's.
    pub owner: Option<Uuid>,
    /// The trace that all of them share; `None`: the task begins its own.
    pub traceparent: Option<String>,
}

/// Divides `claimed`, most urgent first, into tasks of at most `task_items`.
///
/// Listings of different owners never travel together: a task is read with one credential. Otherwise full tasks come
/// first in importance, since each may be one paid run upstream: what does not fill a task by itself shares one with
/// others, and such a mixed task has a trace of its own. What all comes from one request keeps its trace.
#[must_use]
pub fn bundles(claimed: Vec<Claimed>, task_items: u32) -> Vec<Bundle> {
    let full = usize::try_from(task_items.max(1)).unwrap_or(usize::MAX);
    let mut by_owner: BTreeMap<Option<Uuid>, Vec<Claimed>> = BTreeMap::new();
    for target in claimed {
        by_owner.entry(target.owner).or_default().push(target);
    }
    let owners = by_owner.into_iter();
    owners
        .flat_map(|(owner, targets)| of_one_owner(owner, targets, full))
        .collect()
}

fn of_one_owner(owner: Option<Uuid>, claimed: Vec<Claimed>, full: usize) -> Vec<Bundle> {
    let mut by_trace: BTreeMap<Option<String>, Vec<i64>> = BTreeMap::new();
    let mut bundles = Vec::new();
    for target in claimed {
        if target.alone {
            bundles.push(Bundle {
                targets: vec![target.id],
                owner,
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
            owner,
            traceparent: traceparent.clone(),
        }));
    }
    bundles.extend(rest.chunks(full).map(|chunk| {
        let first = &chunk[0].1;
        let shared = chunk.iter().all(|(_, traceparent)| traceparent == first);
        Bundle {
            targets: chunk.iter().map(|(id, _)| *id).collect(),
            owner,
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
            payer: Uuid::nil(),
            id,
            owner: None,
            traceparent: traceparent.map(ToOwned::to_owned),
            alone: false,
            charged: false,
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
    fn owners_never_share_a_task() {
        let mut all = claimed(0..9, Some("a"));
        for (place, target) in all.iter_mut().enumerate() {
            target.owner = match place % 3 {
                0 => None,
                one => Some(Uuid::from_u128(one as u128)),
            };
        }
        let bundles = bundles(all, 100);
        assert_eq!(bundles.len(), 3);
        for bundle in bundles {
            let place = bundle.targets[0] % 3;
            assert!(bundle.targets.iter().all(|id| id % 3 == place));
            assert_eq!(bundle.owner.is_none(), place == 0);
        }
    }

    #[test]
    fn nothing_claimed_is_no_task() {
        assert!(bundles(Vec::new(), 100).is_empty());
    }
}
