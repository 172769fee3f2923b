//! What a whole round is made of, and how often one may begin.
//!
//! A whole round is "update now" for a tenant: what is new and limited at the sources that can tell, everything it
//! tracks, and its keywords. Not to be confused with a target's round, which is one due fetch.

use connectors::{About, MonitorKind};
use domain::source::Source;

use super::searching::{self, marketplace, name_of};

/// Seconds between the beginnings of two rounds: the least, the most, and where nothing is said.
pub const LEAST_INTERVAL: i64 = 300;
pub const MOST_INTERVAL: i64 = 604_800;
pub const DEFAULT_INTERVAL: i32 = 3_600;
/// Keywords of a round.
pub const MOST_KEYWORDS: usize = 50;
/// The longest keyword, in characters.
pub const LONGEST_KEYWORD: usize = 100;

/// What is wrong with a wish: (field, what is accepted).
pub type Problem = (String, String);

/// What a round is to bring.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wish {
    /// Searched in each source that can.
    pub keywords: Vec<String>,
    /// Only these; `None`: everything tracked, and the searches that cost nothing or that there is a credential for.
    pub sources: Option<Vec<String>>,
    /// Everything tracked.
    pub tracked: bool,
    /// What sources call new.
    pub new_arrivals: bool,
    /// What sources sell in limited numbers.
    pub limited: bool,
}

/// One search of a round.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Search {
    /// Where.
    pub source: Source,
    /// How.
    pub kind: MonitorKind,
    /// For what; empty where the kind needs none.
    pub term: String,
    /// Upper-case country code.
    pub marketplace: String,
    /// For people.
    pub name: String,
}

/// Keywords in their one form: each once, without what surrounds it.
#[must_use]
pub fn keywords(given: Vec<String>) -> Vec<String> {
    let mut keywords: Vec<String> = Vec::new();
    for keyword in given {
        let keyword = keyword.trim();
        let known = keywords
            .iter()
            .any(|known| known.to_lowercase() == keyword.to_lowercase());
        if !keyword.is_empty() && !known {
            keywords.push(keyword.to_owned());
        }
    }
    keywords
}

/// Says everything that is wrong with a wish.
#[must_use]
pub fn problems(wish: &Wish) -> Vec<Problem> {
    let mut problems = Vec::new();
    if wish.keywords.len() > MOST_KEYWORDS {
        let message = format!("must hold at most {MOST_KEYWORDS} words");
        problems.push(("keywords".to_owned(), message));
    }
    for (place, keyword) in wish.keywords.iter().enumerate() {
        if keyword.chars().count() > LONGEST_KEYWORD {
            let message = format!("must have at most {LONGEST_KEYWORD} characters");
            problems.push((format!("keywords[{place}]"), message));
        } else if keyword.chars().any(char::is_control) {
            let message = "must not hold control characters".to_owned();
            problems.push((format!("keywords[{place}]"), message));
        }
    }
    let mut named = Vec::new();
    for (place, name) in wish.sources.iter().flatten().enumerate() {
        match name.parse().ok().and_then(connectors::about) {
            Some(about) => named.push(about),
            None => problems.push((
                format!("sources[{place}]"),
                "is not a source; see GET /api/v1/sources".to_owned(),
            )),
        }
    }
    let searchable = |about: &&About| about.monitors.contains(&MonitorKind::Keyword);
    if wish.sources.as_ref().is_some_and(Vec::is_empty) {
        let message = "must name at least one source; leave it out for all".to_owned();
        problems.push(("sources".to_owned(), message));
    } else if !wish.keywords.is_empty() && !named.is_empty() && !named.iter().any(searchable) {
        let message = "none of these can be searched by keyword; name one that can, or leave the keywords out";
        problems.push(("sources".to_owned(), message.to_owned()));
    }
    if !(wish.tracked || wish.new_arrivals || wish.limited) && wish.keywords.is_empty() {
        let message = "a round of nothing: include something, or name keywords".to_owned();
        problems.push(("include".to_owned(), message));
    }
    problems
}

/// The searches of a round: what is new and limited first, then the keywords in their order.
#[must_use]
pub fn searches(wish: &Wish, has_credential: impl Fn(Source) -> bool) -> Vec<Search> {
    let standing = [
        (wish.new_arrivals, MonitorKind::NewArrivals),
        (wish.limited, MonitorKind::LimitedEditions),
    ];
    let standing = standing
        .into_iter()
        .filter_map(|(wanted, kind)| wanted.then_some((kind, "")));
    let keywords = wish.keywords.iter();
    let asked = standing.chain(keywords.map(|keyword| (MonitorKind::Keyword, keyword.as_str())));
    let mut searches = Vec::new();
    for (kind, term) in asked {
        for about in connectors::registry::ALL.iter().copied() {
            let chosen = match &wish.sources {
                Some(named) => {
                    about.monitors.contains(&kind)
                        && named.iter().any(|name| name == about.source.as_str())
                }
                None => searching::by_default(about, kind, has_credential(about.source)),
            };
            if chosen {
                searches.push(Search {
                    source: about.source,
                    kind,
                    term: term.to_owned(),
                    marketplace: marketplace(about, None),
                    name: name_of(about, kind.as_str(), term),
                });
            }
        }
    }
    searches
}

/// Accepts an interval, `floor` being what the tenant's plan admits; otherwise says what to do.
///
/// # Errors
/// What is accepted, for people.
pub fn interval(seconds: i64, plan: &str, floor: u32) -> Result<i32, String> {
    if !(LEAST_INTERVAL..=MOST_INTERVAL).contains(&seconds) {
        let hint = if seconds == 0 {
            "; to have no rounds, POST /api/v1/scheduler/stop"
        } else {
            ""
        };
        return Err(format!(
            "must be {LEAST_INTERVAL} to {MOST_INTERVAL} seconds (5 minutes to 7 days){hint}"
        ));
    }
    if seconds < i64::from(floor) {
        return Err(format!(
            "the plan `{plan}` has rounds every {floor} seconds at most; ask for {floor} or more, or change the plan"
        ));
    }
    i32::try_from(seconds).map_err(|_| format!("must be at most {MOST_INTERVAL} seconds"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wish(keywords: &[&str], sources: Option<&[&str]>) -> Wish {
        let owned = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
        Wish {
            keywords: owned(keywords),
            sources: sources.map(owned),
            tracked: true,
            new_arrivals: true,
            limited: true,
        }
    }

    fn told(searches: &[Search]) -> Vec<(&str, &str, &str)> {
        let mut told = Vec::new();
        for search in searches {
            told.push((
                search.source.as_str(),
                search.kind.as_str(),
                search.term.as_str(),
            ));
        }
        told
    }

    #[test]
    fn a_round_goes_where_it_costs_nothing_and_where_there_is_a_credential() {
        let free = searches(&wish(&["labubu"], None), |_| false);
        assert_eq!(
            told(&free),
            [
                ("popmart", "new_arrivals", ""),
                ("popmart", "limited_editions", ""),
                ("popmart", "keyword", "labubu")
            ]
        );
        assert!(free.iter().all(|search| !search.name.is_empty()));
        let owned = searches(&wish(&["labubu"], None), |source| {
            source.as_str() == "haier"
        });
        assert!(told(&owned).contains(&("haier", "keyword", "labubu")));
        assert_eq!(owned.len(), 4);
    }

    #[test]
    fn named_sources_are_searched_as_far_as_they_can() {
        let named = searches(&wish(&["a", "b"], Some(&["amazon", "web"])), |_| false);
        assert_eq!(
            told(&named),
            [("amazon", "keyword", "a"), ("amazon", "keyword", "b")]
        );
        let only = Wish {
            new_arrivals: false,
            limited: false,
            ..wish(&[], None)
        };
        assert!(searches(&only, |_| true).is_empty());
    }

    #[test]
    fn wishes_that_make_no_sense_are_named() {
        let fields = |wish: &Wish| -> Vec<String> {
            problems(wish).into_iter().map(|(field, _)| field).collect()
        };
        assert!(fields(&wish(&["a"], None)).is_empty());
        assert_eq!(fields(&wish(&["a"], Some(&["nowhere"]))), ["sources[0]"]);
        assert_eq!(fields(&wish(&["a"], Some(&["web"]))), ["sources"]);
        assert!(fields(&wish(&[], Some(&["web"]))).is_empty());
        assert_eq!(fields(&wish(&[], Some(&[]))), ["sources"]);
        let nothing = Wish {
            tracked: false,
            new_arrivals: false,
            limited: false,
            ..wish(&[], None)
        };
        assert_eq!(fields(&nothing), ["include"]);
        let long = "x".repeat(LONGEST_KEYWORD + 1);
        assert_eq!(
            fields(&wish(&[&long, "a\u{0}b"], None)),
            ["keywords[0]", "keywords[1]"]
        );
        let many: Vec<String> = (0..51).map(|n| n.to_string()).collect();
        let many: Vec<&str> = many.iter().map(String::as_str).collect();
        assert_eq!(fields(&wish(&many, None)), ["keywords"]);
    }

    #[test]
    fn keywords_are_taken_once() {
        let given = ["labubu", " Skullpanda ", "LABUBU", " "].map(ToOwned::to_owned);
        assert_eq!(keywords(given.to_vec()), ["labubu", "Skullpanda"]);
    }

    #[test]
    fn intervals_keep_to_their_bounds_and_to_the_plan() {
        assert_eq!(interval(300, "enterprise", 300), Ok(300));
        assert_eq!(interval(604_800, "free", 3_600), Ok(604_800));
        let refused = |seconds, floor| interval(seconds, "free", floor).expect_err("refused");
        assert!(refused(0, 300).contains("/api/v1/scheduler/stop"));
        for odd in [-1, 299, 604_801, i64::MAX, i64::MIN] {
            assert!(refused(odd, 300).contains("300 to 604800"), "{odd}");
        }
        assert!(refused(900, 3_600).contains("3600 or more"));
    }
}
