//! Syncs of a catalogue: what they read, why they run, how they end.

use chrono::{DateTime, TimeDelta, Utc};
use connectors::{Ability, About, MonitorKind, Ownership};

/// How long a price counts as one that moves.
pub const RECENTLY: TimeDelta = TimeDelta::days(7);
/// An incremental sync that finds the catalogue in disorder starts a full one, unless there was one so recently.
pub const LOOKED_THROUGH: TimeDelta = TimeDelta::hours(6);

/// How much of a catalogue a sync reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// All that the source lists.
    Full,
    /// What is likely to have changed, or is asked for by name.
    Incremental,
}

impl Mode {
    /// The word in API and tables.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Full => "full",
            Self::Incremental => "incremental",
        }
    }
}

/// Why a sync runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trigger {
    /// No full sync of this source ever went well.
    FirstRun,
    /// The tenant's credential is another one.
    CredentialsChanged,
    /// What is known does not fit what the source has.
    IntegrityFailed,
    /// By the clock.
    Periodic,
    /// What moved its price is looked at again.
    ChangedPrice,
    /// What is nearly gone is looked at again.
    LowStock,
    /// Somebody asked.
    OnDemand,
}

impl Trigger {
    /// The word in API and tables.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::FirstRun => "first_run",
            Self::CredentialsChanged => "credentials_changed",
            Self::IntegrityFailed => "integrity_failed",
            Self::Periodic => "periodic",
            Self::ChangedPrice => "changed_price",
            Self::LowStock => "low_stock",
            Self::OnDemand => "on_demand",
        }
    }
}

/// What somebody asks for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Asked {
    /// These codes alone.
    pub codes: Vec<String>,
    /// What is of this category.
    pub category: Option<String>,
    /// What is of this brand.
    pub brand: Option<String>,
    /// It is about prices.
    pub prices: bool,
    /// It is about stock.
    pub stock: bool,
}

impl Asked {
    /// What its log says is read.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match (self.prices, self.stock) {
            (true, false) => "prices",
            (false, true) => "stock",
            _ => "products",
        }
    }

    /// Why it runs, when a person or program asks; `first`: no full one ever went well.
    #[must_use]
    pub const fn trigger(&self, mode: Mode, first: bool) -> Trigger {
        match (mode, self.prices, self.stock) {
            (Mode::Full, ..) if first => Trigger::FirstRun,
            (Mode::Full, ..) => Trigger::OnDemand,
            (Mode::Incremental, ..) if !self.codes.is_empty() => Trigger::OnDemand,
            (Mode::Incremental, true, false) => Trigger::ChangedPrice,
            (Mode::Incremental, false, true) => Trigger::LowStock,
            _ => Trigger::OnDemand,
        }
    }

    /// Of what is watched, what an incremental sync without codes looks at: what moved its price lately, what is nearly
    /// gone, or either; all of a category or brand that is named without saying which of the two matters.
    #[must_use]
    pub fn choice(&self) -> Choice {
        let named = self.category.is_some() || self.brand.is_some();
        let either = self.prices == self.stock;
        Choice {
            changed_price: self.prices || (either && !named),
            low_stock: self.stock || (either && !named),
        }
    }
}

/// What an incremental sync looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Choice {
    /// What moved its price lately.
    pub changed_price: bool,
    /// What is nearly gone.
    pub low_stock: bool,
}

/// Whether a source has a catalogue that can be synced.
#[must_use]
pub fn syncs(about: &About) -> bool {
    about.abilities.contains(&Ability::Sync)
}

/// Whether a new credential starts a full sync by itself: it shows a catalogue that nobody has seen.
#[must_use]
pub fn follows_credential(about: &About) -> bool {
    syncs(about)
        && about.ownership == Ownership::Tenant
        && about.abilities.contains(&Ability::Catalogue)
}

/// A search that lists a part of a catalogue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listing {
    /// How.
    pub kind: String,
    /// For what.
    pub term: String,
    /// Narrows a keyword search.
    pub category: Option<String>,
}

impl Listing {
    /// For people.
    #[must_use]
    pub fn name(&self) -> String {
        let words = [self.term.as_str(), self.category.as_deref().unwrap_or("")];
        let words: Vec<&str> = words.into_iter().filter(|word| !word.is_empty()).collect();
        format!("{} {}", self.kind.replace('_', " "), words.join(" "))
            .trim()
            .to_owned()
    }
}

/// The search that lists what a full sync is about; `Ok(None)`: the source cannot list everything, so that only what the
/// tenant's monitors search for is known.
///
/// # Errors
/// (field, what is accepted) when the source cannot list what is named.
pub fn listing(about: &About, asked: &Asked) -> Result<Option<Listing>, (&'static str, String)> {
    let can = |kind| about.monitors.contains(&kind);
    let of = |kind: MonitorKind, term: &str, category: Option<&str>| {
        Ok(Some(Listing {
            kind: kind.as_str().to_owned(),
            term: term.to_owned(),
            category: category.map(ToOwned::to_owned),
        }))
    };
    match (asked.category.as_deref(), asked.brand.as_deref()) {
        (None, None) if about.abilities.contains(&Ability::Catalogue) => {
            of(MonitorKind::Catalogue, "", None)
        }
        (None, None) => Ok(None),
        (Some(category), None) if can(MonitorKind::Category) => {
            of(MonitorKind::Category, category, None)
        }
        (None, Some(brand)) if can(MonitorKind::Brand) => of(MonitorKind::Brand, brand, None),
        (category, Some(brand)) if can(MonitorKind::Keyword) => {
            of(MonitorKind::Keyword, brand, category)
        }
        (Some(_), _) => Err(("category", format!("{} has no categories", about.name))),
        (_, Some(_)) => Err(("brand", format!("{} has no brands", about.name))),
    }
}

/// How a sync stands when all of it has ended. `cancelled`: somebody ended its crawl.
#[must_use]
pub const fn ended(success: u32, failed: u32, cancelled: bool) -> &'static str {
    match (success, failed, cancelled) {
        (_, 0, false) => "success",
        (0, _, _) => "failed",
        _ => "partial",
    }
}

/// One line for people about a sync that has ended.
#[must_use]
pub fn message(success: u32, failed: u32, missing: u32, cancelled: bool) -> String {
    let total = success + failed;
    let mut text = match (total, failed) {
        (0, _) => "There was nothing to do".to_owned(),
        (_, 0) => format!("All {total} done"),
        _ => format!("{success} of {total} done, {failed} failed"),
    };
    if missing > 0 {
        text.push_str(&format!("; {missing} known codes are gone"));
    }
    if cancelled {
        text.push_str("; it was cancelled");
    }
    text
}

/// How often the clock syncs a catalogue; `None`: never.
#[derive(Debug, Clone, Copy)]
pub struct Clock {
    /// Between two full syncs.
    pub full: Option<TimeDelta>,
    /// Between two incremental ones.
    pub incremental: Option<TimeDelta>,
}

impl Clock {
    /// Which sync is due of a catalogue whose last ones ended then. A full one serves as an incremental one, too.
    #[must_use]
    pub fn due(
        &self,
        full_at: DateTime<Utc>,
        incremental_at: Option<DateTime<Utc>>,
        now: DateTime<Utc>,
    ) -> Option<Mode> {
        let over = |last: DateTime<Utc>, every: Option<TimeDelta>| {
            every.is_some_and(|every| last + every <= now)
        };
        let latest = incremental_at.map_or(full_at, |at| at.max(full_at));
        if over(full_at, self.full) {
            Some(Mode::Full)
        } else if over(latest, self.incremental) {
            Some(Mode::Incremental)
        } else {
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn about(source: &str) -> &'static About {
        connectors::about(source.parse().expect("a name")).expect("registered")
    }

    fn asked(codes: &[&str], prices: bool, stock: bool) -> Asked {
        Asked {
            codes: codes.iter().map(|code| (*code).to_owned()).collect(),
            prices,
            stock,
            ..Asked::default()
        }
    }

    #[test]
    fn what_is_read_and_why_follows_from_what_is_asked() {
        let cases = [
            (asked(&[], true, false), "prices", Trigger::ChangedPrice),
            (asked(&[], false, true), "stock", Trigger::LowStock),
            (asked(&[], true, true), "products", Trigger::OnDemand),
            (asked(&[], false, false), "products", Trigger::OnDemand),
            (asked(&["A"], true, false), "prices", Trigger::OnDemand),
        ];
        for (asked, kind, trigger) in cases {
            assert_eq!(asked.kind(), kind);
            assert_eq!(asked.trigger(Mode::Incremental, true), trigger, "{asked:?}");
            assert_eq!(asked.trigger(Mode::Full, true), Trigger::FirstRun);
            assert_eq!(asked.trigger(Mode::Full, false), Trigger::OnDemand);
        }
    }

    #[test]
    fn without_codes_it_looks_at_what_is_likely_to_have_moved() {
        let chosen = |asked: &Asked| {
            let choice = asked.choice();
            (choice.changed_price, choice.low_stock)
        };
        assert_eq!(chosen(&asked(&[], false, false)), (true, true));
        assert_eq!(chosen(&asked(&[], true, true)), (true, true));
        assert_eq!(chosen(&asked(&[], true, false)), (true, false));
        assert_eq!(chosen(&asked(&[], false, true)), (false, true));
        let brand = Asked {
            brand: Some("Casarte".to_owned()),
            ..Asked::default()
        };
        assert_eq!(chosen(&brand), (false, false), "all of it");
    }

    #[test]
    fn each_source_lists_as_it_can() {
        let of = |source: &str, category: Option<&str>, brand: Option<&str>| {
            let asked = Asked {
                category: category.map(ToOwned::to_owned),
                brand: brand.map(ToOwned::to_owned),
                ..Asked::default()
            };
            listing(about(source), &asked).map(|found| found.map(|listing| listing.name()))
        };
        assert_eq!(of("haier", None, None), Ok(Some("catalogue".to_owned())));
        assert_eq!(
            of("haier", Some("Fridges"), Some("Casarte")),
            Ok(Some("keyword Casarte Fridges".to_owned()))
        );
        assert_eq!(
            of("popmart", None, Some("DISNEY")),
            Ok(Some("brand DISNEY".to_owned()))
        );
        assert_eq!(of("alibaba1688", None, None), Ok(None));
        assert_eq!(
            of("alibaba1688", Some("1031910"), None),
            Ok(Some("category 1031910".to_owned()))
        );
        assert_eq!(of("web", Some("x"), None).map_err(|e| e.0), Err("category"));
        assert!(!syncs(about("amazon")) && syncs(about("alibaba1688")));
        assert!(follows_credential(about("haier")));
        assert!(
            !follows_credential(about("alibaba1688")),
            "it lists nothing by itself"
        );
    }

    #[test]
    fn the_clock_starts_what_is_due() {
        let now = DateTime::from_timestamp(1_800_000_000, 0).expect("a valid time");
        let clock = Clock {
            full: Some(TimeDelta::days(7)),
            incremental: Some(TimeDelta::hours(1)),
        };
        let ago = |hours| now - TimeDelta::hours(hours);
        assert_eq!(clock.due(ago(168), Some(ago(0)), now), Some(Mode::Full));
        assert_eq!(clock.due(ago(2), None, now), Some(Mode::Incremental));
        assert_eq!(clock.due(ago(0), Some(ago(5)), now), None);
        assert_eq!(
            clock.due(ago(5), Some(ago(1)), now),
            Some(Mode::Incremental)
        );
        let never = Clock {
            full: None,
            incremental: None,
        };
        assert_eq!(never.due(ago(10_000), None, now), None);
    }

    #[test]
    fn an_end_is_told_in_a_word_and_a_line() {
        assert_eq!(ended(0, 0, false), "success");
        assert_eq!(ended(3, 0, false), "success");
        assert_eq!(ended(3, 1, false), "partial");
        assert_eq!(ended(0, 2, false), "failed");
        assert_eq!(ended(3, 0, true), "partial");
        assert_eq!(
            message(3, 1, 1, false),
            "3 of 4 done, 1 failed; 1 known codes are gone"
        );
        assert_eq!(message(0, 0, 0, false), "There was nothing to do");
        assert_eq!(message(2, 0, 0, true), "All 2 done; it was cancelled");
    }
}
