//! What a request for histories asks for.

use std::collections::BTreeSet;

use chrono::{DateTime, Datelike, Utc};
use http_kit::{ApiError, ApiResult};

use super::metric::Metric;

/// Points a line has when the request does not say, unless there are so many lines that it is fewer.
const DEFAULT_POINTS: usize = 1_000;
/// Most products of one request.
const MOST_PRODUCTS: usize = 20;
/// Most points of all lines of an answer together.
const MOST_POINTS: usize = 100_000;

/// A request, read.
#[derive(Debug)]
pub struct Asked {
    /// Lines.
    pub metrics: Vec<Metric>,
    /// The beginning; without it everything known.
    pub from: Option<DateTime<Utc>>,
    /// The end; without it the newest look.
    pub to: Option<DateTime<Utc>>,
    /// Points a line has at most.
    pub most: usize,
}

impl Asked {
    /// The request in one form, however it was written; nothing where a bound lies within a minute: who asks for just
    /// that asks once, and what is kept for all must not fill with it.
    pub fn variant(&self, shown_from: DateTime<Utc>) -> Option<String> {
        let bound = |at: Option<DateTime<Utc>>| match at {
            None => Some("-".to_owned()),
            Some(at) if at.timestamp_subsec_nanos() > 0 => None,
            Some(at) => (at.timestamp() % 60 == 0).then(|| at.timestamp().to_string()),
        };
        let metrics = self.metrics.iter().map(|metric| metric.as_str());
        Some(format!(
            "{} {} {} {} {}",
            shown_from.date_naive(),
            metrics.collect::<Vec<_>>().join(","),
            bound(self.from)?,
            bound(self.to)?,
            self.most
        ))
    }

    /// Reads it.
    ///
    /// # Errors
    /// 422 by field.
    pub fn read(
        metric: Option<&str>,
        from: Option<DateTime<Utc>>,
        to: Option<DateTime<Utc>>,
        points: Option<u32>,
        products: usize,
    ) -> ApiResult<Self> {
        let metrics = metrics(metric)?;
        check_range(from, to)?;
        let lines = metrics.len() * products;
        let most = MOST_POINTS / lines;
        let points = points.and_then(|points| usize::try_from(points).ok());
        if points.is_some_and(|points| points > most) {
            return Err(ApiError::invalid(
                "points",
                format!(
                    "must be at most {most} with {lines} lines; or ask for fewer products or metrics"
                ),
            ));
        }
        Ok(Self {
            metrics,
            from,
            to,
            most: points.unwrap_or(DEFAULT_POINTS.min(most)),
        })
    }
}

/// Refuses a range that is none.
pub(super) fn check_range(from: Option<DateTime<Utc>>, to: Option<DateTime<Utc>>) -> ApiResult<()> {
    let year = |at: &DateTime<Utc>| (0..=9_999).contains(&at.year());
    for (field, at) in [("from", from), ("to", to)] {
        if at.is_some_and(|at| !year(&at)) {
            return Err(ApiError::invalid(
                field,
                "must lie in a year from 0 to 9999",
            ));
        }
    }
    match (from, to) {
        (Some(from), Some(to)) if from >= to => {
            Err(ApiError::invalid("from", "must be before `to`"))
        }
        (Some(from), None) if from >= Utc::now() => Err(ApiError::invalid(
            "from",
            "must lie in the past: nothing was seen after now",
        )),
        _ => Ok(()),
    }
}

/// Reads ids, each once.
///
/// # Errors
/// 422 when they are none or too many.
pub fn product_ids(text: &str) -> ApiResult<Vec<i64>> {
    let number = |id: &str| id.trim().parse::<i64>().ok();
    let ids: Option<Vec<i64>> = text.split(',').map(number).collect();
    let mut ids = ids.ok_or_else(|| {
        ApiError::invalid("ids", "must be product ids parted by commas, such as 17,23")
    })?;
    let mut seen = BTreeSet::new();
    ids.retain(|id| seen.insert(*id));
    if ids.len() > MOST_PRODUCTS {
        return Err(ApiError::invalid(
            "ids",
            format!(
                "must be at most {MOST_PRODUCTS} products; ask for the others in another request"
            ),
        ));
    }
    Ok(ids)
}

fn metrics(text: Option<&str>) -> ApiResult<Vec<Metric>> {
    let Some(text) = text else {
        return Ok(vec![Metric::Price, Metric::Rank]);
    };
    let mut metrics = text
        .split(',')
        .map(|name| {
            Metric::parse(name.trim()).ok_or_else(|| {
                let known = Metric::ALL.map(Metric::as_str).join(", ");
                ApiError::invalid(
                    "metric",
                    format!("must be one or more, parted by commas, of: {known}"),
                )
            })
        })
        .collect::<ApiResult<Vec<_>>>()?;
    metrics.sort_unstable();
    metrics.dedup();
    Ok(metrics)
}

#[cfg(test)]
mod tests {
    use super::*;

    pub fn variant(metric: Option<&str>, from: Option<&str>, to: Option<&str>) -> Option<String> {
        let at = |text: &str| text.parse().expect("a time");
        let asked = Asked::read(metric, from.map(at), to.map(at), None, 1).expect("a request");
        asked.variant(DateTime::UNIX_EPOCH)
    }

    #[test]
    fn the_same_request_is_one_however_it_is_written() {
        let plain = variant(None, Some("2026-01-01T00:00:00Z"), None);
        assert_eq!(
            plain.as_deref(),
            Some("1970-01-01 price,rank 1767225600 - 1000")
        );
        for metric in ["rank,price", " price , rank,price"] {
            let same = variant(Some(metric), Some("2026-01-01T01:00:00+01:00"), None);
            assert_eq!(same, plain, "{metric}");
        }
        assert_ne!(
            variant(Some("price"), None, None),
            variant(None, None, None)
        );
    }

    #[test]
    fn what_is_asked_for_within_a_minute_is_not_kept() {
        for at in ["2026-01-01T00:00:01Z", "2026-01-01T00:00:00.001Z"] {
            assert_eq!(variant(None, Some(at), None), None);
            assert_eq!(variant(None, None, Some(at)), None);
        }
    }
}
