//! A schedule in requests and answers.

use chrono::NaiveTime;
use domain::schedule::{self, Spec, Weekday};
use http_kit::{ApiError, ApiResult};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How times of day are written.
const TIME: &str = "%H:%M";

/// When to look: at the times of a cron expression, or within windows only, or both.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Schedule {
    /// Minute, hour, day of the month, month, weekday; null: the interval counts. Looks start within 5 % of the time to
    /// the next one, at most half an hour, after its times, so that not all start at once.
    #[schema(example = "0 2 * * *")]
    #[serde(default)]
    pub cron: Option<String>,
    /// IANA name, of the cron expression and the windows; left out of a request: the tenant's own.
    #[schema(example = "Asia/Shanghai")]
    #[serde(default)]
    pub time_zone: Option<String>,
    /// Looks happen only within these, at most 14; what falls between waits for the next. Empty: at any time.
    #[serde(default)]
    pub windows: Vec<Window>,
}

/// From one time of day to another, on some weekdays. One that ends at or before its beginning goes on past midnight.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Window {
    /// On which days it begins: `mon`, `tue`, `wed`, `thu`, `fri`, `sat`, `sun`.
    #[schema(value_type = Vec<String>, example = json!(["mon", "tue", "wed", "thu", "fri"]))]
    pub days: Vec<Weekday>,
    /// `HH:MM`.
    #[schema(example = "09:00")]
    pub from: String,
    /// `HH:MM`, not included.
    #[schema(example = "18:00")]
    pub to: String,
}

impl Schedule {
    /// In the one form that is kept.
    ///
    /// # Errors
    /// 422 about a time of day, or about a schedule that says nothing. Whether it can be kept is checked later.
    pub fn spec(&self, home: &str) -> ApiResult<Spec> {
        if self.cron.is_none() && self.windows.is_empty() {
            return Err(ApiError::invalid(
                "schedule",
                "says nothing: give a cron expression or windows, or leave it out",
            ));
        }
        let zone = self.time_zone.as_deref().unwrap_or(home).trim();
        let windows = self.windows.iter().enumerate();
        Ok(Spec {
            cron: self.cron.as_deref().map(single_spaced),
            time_zone: schedule::time_zone(zone).unwrap_or(zone).to_owned(),
            windows: windows
                .map(|(place, window)| window.read(place))
                .collect::<ApiResult<_>>()?,
        })
    }

    /// As it is shown.
    pub fn of(spec: &Spec) -> Self {
        let window = |window: &schedule::Window| Window {
            days: window.days.clone(),
            from: window.from.format(TIME).to_string(),
            to: window.to.format(TIME).to_string(),
        };
        Self {
            cron: spec.cron.clone(),
            time_zone: Some(spec.time_zone.clone()),
            windows: spec.windows.iter().map(window).collect(),
        }
    }
}

impl Window {
    fn read(&self, place: usize) -> ApiResult<schedule::Window> {
        let time = |field: &str, text: &str| {
            NaiveTime::parse_from_str(text.trim(), TIME).map_err(|_| {
                ApiError::invalid(
                    format!("schedule.windows[{place}].{field}"),
                    "must be a time of day such as 09:30",
                )
            })
        };
        Ok(schedule::Window {
            days: self.days.clone(),
            from: time("from", &self.from)?,
            to: time("to", &self.to)?,
        })
    }
}

fn single_spaced(text: &str) -> String {
    let fields: Vec<&str> = text.split_whitespace().collect();
    fields.join(" ")
}
