//! The standing as Redis keeps it.

use redis::{FromRedisValue, ParsingError, Value};

use crate::standing::Standing;

/// A standing, and when by the clock of its times it was read.
#[derive(Clone, Debug)]
pub(crate) struct Snapshot {
    pub(crate) standing: Standing,
    pub(crate) now: i64,
    /// Grows with each change.
    pub(super) version: i64,
}

/// The names in `state`, in the order of the scripts' answers, without `version` in front and `next`
/// behind.
const NAMES: [&str; 8] = [
    "paused",
    "refused",
    "rests",
    "probe_at",
    "probing",
    "percent",
    "good",
    "limited_at",
];

impl FromRedisValue for Snapshot {
    /// From `{now, {version, ...}}`.
    fn from_redis_value(value: Value) -> Result<Self, ParsingError> {
        let (now, state): (i64, Vec<i64>) = redis::from_redis_value(value)?;
        let [
            version,
            paused,
            refused,
            rests,
            probe_at,
            probing,
            percent,
            good,
            limited_at,
            ..,
        ] = state[..]
        else {
            return Err("the state is shorter than it should be".to_owned().into());
        };
        let count = |number: i64| u32::try_from(number).unwrap_or(0);
        let standing = Standing {
            paused_until: paused,
            refused: count(refused),
            rests: count(rests),
            probe_at,
            probing_until: probing,
            percent: count(percent).max(100),
            good: count(good),
            limited_at,
        };
        Ok(Self {
            standing,
            now,
            version,
        })
    }
}

/// Names and values as `put.lua` takes them.
pub(super) fn fields(standing: &Standing) -> impl Iterator<Item = (&'static str, i64)> {
    let values = [
        standing.paused_until,
        standing.refused.into(),
        standing.rests.into(),
        standing.probe_at,
        standing.probing_until,
        standing.percent.into(),
        standing.good.into(),
        standing.limited_at,
    ];
    NAMES.into_iter().zip(values)
}
