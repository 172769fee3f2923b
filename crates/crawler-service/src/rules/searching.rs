//! What a source can be searched for, by a monitor or live.

use chrono::{DateTime, TimeDelta, Utc};
use connectors::{Ability, About, MonitorKind, Ownership};

/// The longest name of a monitor, in characters.
pub const LONGEST_NAME: usize = 200;

/// What is wrong with a search: (field, what is accepted).
pub type Problem = (&'static str, String);

/// Says everything that is wrong with a search of this source.
#[must_use]
pub fn problems(
    about: &About,
    kind: &str,
    term: &str,
    category: Option<&str>,
    marketplace: &str,
) -> Vec<Problem> {
    let mut problems = Vec::new();
    match MonitorKind::parse(kind).filter(|kind| about.monitors.contains(kind)) {
        None => problems.push(("kind", kinds(about))),
        Some(kind) if kind.needs_term() && term.trim().is_empty() => {
            problems.push(("term", "must not be empty".to_owned()));
        }
        Some(kind) if !kind.needs_term() && !term.is_empty() => {
            problems.push(("term", format!("is not used by {}", kind.as_str())));
        }
        Some(kind) if kind != MonitorKind::Keyword && category.is_some() => {
            problems.push(("category", "only narrows a keyword search".to_owned()));
        }
        Some(_) => {}
    }
    if !serves(about, marketplace) {
        problems.push(("marketplace", marketplaces(about)));
    }
    problems
}

fn kinds(about: &About) -> String {
    let kinds: Vec<&str> = about.monitors.iter().map(|kind| kind.as_str()).collect();
    if kinds.is_empty() {
        format!("{} cannot be searched", about.name)
    } else {
        format!("must be one of: {}", kinds.join(", "))
    }
}

/// What is accepted as a marketplace of this source.
#[must_use]
pub fn marketplaces(about: &About) -> String {
    if about.marketplaces.is_empty() {
        "must be an upper-case ISO 3166 code".to_owned()
    } else {
        format!("must be one of: {}", about.marketplaces.join(", "))
    }
}

/// Whether the source sells there.
#[must_use]
pub fn serves(about: &About, marketplace: &str) -> bool {
    if about.marketplaces.is_empty() {
        marketplace.len() == 2 && marketplace.bytes().all(|byte| byte.is_ascii_uppercase())
    } else {
        about.marketplaces.contains(&marketplace)
    }
}

/// Where a source is searched by default: as wished if it sells there, otherwise at its first marketplace, and where
/// it names none in the United States, which every source of that kind serves.
#[must_use]
pub fn marketplace(about: &About, wished: Option<&str>) -> String {
    wished
        .filter(|wished| serves(about, wished))
        .or(about.marketplaces.first().copied())
        .unwrap_or("US")
        .to_owned()
}

/// Whether this source is searched where none is named: where it costs nobody anything and needs no credential, or the
/// tenant has one.
#[must_use]
pub fn by_default(about: &About, kind: MonitorKind, has_credential: bool) -> bool {
    about.monitors.contains(&kind)
        && (has_credential
            || (about.ownership == Ownership::Public && !about.abilities.contains(&Ability::Paid)))
}

/// The name of a search that nobody named.
#[must_use]
pub fn name_of(about: &About, kind: &str, term: &str) -> String {
    let kind = kind.replace('_', " ");
    let name = if term.is_empty() {
        format!("{}: {kind}", about.name)
    } else {
        format!("{}: {kind} {term}", about.name)
    };
    name.chars().take(LONGEST_NAME).collect()
}

/// When a monitor runs next after a person changed it.
#[must_use]
pub fn due_after_change(
    active: bool,
    due_at: Option<DateTime<Utc>>,
    last_run_at: Option<DateTime<Utc>>,
    interval: (i32, i32),
    now: DateTime<Utc>,
) -> Option<DateTime<Utc>> {
    let (before, after) = interval;
    if !active {
        return None;
    }
    if before == after && due_at.is_some() {
        return due_at;
    }
    let regular = last_run_at.map_or(now, |last| last + TimeDelta::seconds(i64::from(after)));
    Some(regular.max(now))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn about(source: &str) -> &'static About {
        connectors::about(source.parse().expect("a name")).expect("registered")
    }

    fn fields(problems: Vec<Problem>) -> Vec<&'static str> {
        problems.into_iter().map(|(field, _)| field).collect()
    }

    #[test]
    fn a_source_is_searched_as_it_can_be() {
        let amazon = about("amazon");
        assert!(problems(amazon, "keyword", "ear buds", Some("172282"), "US").is_empty());
        assert_eq!(
            fields(problems(amazon, "series", "x", None, "XX")),
            ["kind", "marketplace"]
        );
        assert_eq!(
            fields(problems(amazon, "keyword", " ", None, "US")),
            ["term"]
        );
        assert_eq!(
            fields(problems(about("web"), "keyword", "x", None, "DE")),
            ["kind"]
        );
        let popmart = about("popmart");
        let place = &marketplace(popmart, None);
        assert!(problems(popmart, "new_arrivals", "", None, place).is_empty());
        assert_eq!(
            fields(problems(popmart, "new_arrivals", "x", None, place)),
            ["term"]
        );
        assert_eq!(
            fields(problems(popmart, "brand", "x", Some("y"), place)),
            ["category"]
        );
    }

    #[test]
    fn categories_go_where_it_costs_nothing() {
        let words =
            |source, credential| by_default(about(source), MonitorKind::Keyword, credential);
        assert!(words("popmart", false));
        assert!(!words("amazon", false), "its runs cost money");
        assert!(!words("alibaba1688", false));
        assert!(words("alibaba1688", true));
        assert!(!words("web", true), "it cannot be searched");
        assert!(by_default(
            about("popmart"),
            MonitorKind::NewArrivals,
            false
        ));
        assert!(!by_default(
            about("alibaba1688"),
            MonitorKind::NewArrivals,
            true
        ));
        assert_eq!(marketplace(about("amazon"), Some("DE")), "DE");
        let first = about("amazon").marketplaces[0];
        assert_eq!(marketplace(about("amazon"), Some("ZZ")), first);
    }

    #[test]
    fn a_change_moves_the_next_run_only_with_the_interval() {
        let now = DateTime::from_timestamp(1_800_000_000, 0).expect("a valid time");
        let (hour, day) = (TimeDelta::hours(1), TimeDelta::days(1));
        let (last, due) = (Some(now - hour), Some(now + day - hour));
        assert_eq!(
            due_after_change(true, due, last, (86_400, 86_400), now),
            due
        );
        assert_eq!(
            due_after_change(true, due, last, (86_400, 7_200), now),
            Some(now + hour)
        );
        assert_eq!(
            due_after_change(true, due, last, (86_400, 900), now),
            Some(now)
        );
        assert_eq!(due_after_change(false, due, last, (900, 900), now), None);
        assert_eq!(
            due_after_change(true, None, None, (900, 900), now),
            Some(now)
        );
        assert_eq!(
            due_after_change(true, None, last, (86_400, 86_400), now),
            due,
            "coming back waits for the regular time"
        );
    }
}
