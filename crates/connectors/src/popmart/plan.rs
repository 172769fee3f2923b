//! Which lists answer a search, by generation. Pure.

use super::address::Form;
use super::goods::Goods;
use super::settings::{Generation, Settings};
use crate::{MonitorKind, Outcome, Search};

/// A list to go through.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Ask {
    /// Signed calls.
    Search(String),
    Collection(String),
    Category(String),
    /// Files.
    FileOfCollection(String),
    FileOfNew,
    /// Remote procedures. An empty search is the whole shop.
    RpcSearch(String),
    RpcCollection {
        id: String,
        category: Option<String>,
    },
    RpcNew,
}

/// Which rows of the lists are meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Keep {
    All,
    /// Titles that hold every word.
    Words(Vec<String>),
    /// Of this intellectual property.
    Ip(String),
    /// Of this intellectual property, or with every word in the title.
    Series(String),
    Tag(&'static str),
    Limited,
}

/// How a search is answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Plan {
    /// One after the other; one that is not there is passed over if another is.
    pub(crate) asks: Vec<Ask>,
    pub(crate) keep: Keep,
    /// Every hit is new by the shop's own word.
    pub(crate) new: bool,
}

/// Collections of the older generations that public code names; the same in all countries it saw.
const NEW_ARRIVALS: &str = "331";
const KNOWN: &[(&str, &str)] = &[
    ("the monsters", "223"),
    ("disney", "241"),
    ("best sellers", "329"),
    ("trending", "330"),
    ("new arrivals", NEW_ARRIVALS),
];

/// The lists for a search.
///
/// # Errors
/// The configured generation cannot search so.
pub(crate) fn plan(search: &Search, settings: &Settings) -> Result<Plan, Outcome> {
    let term = search.term.trim();
    if search.kind.needs_term() && term.is_empty() {
        return Err(Outcome::hopeless("there is nothing to search for"));
    }
    let plan = match settings.generation {
        Generation::Rest => rest(search, term, settings)?,
        Generation::Cdn => cdn(search, term, settings)?,
        Generation::Rpc => rpc(search, term, settings)?,
    };
    Ok(match search.kind {
        MonitorKind::NewArrivals => Plan { new: true, ..plan },
        _ => plan,
    })
}

fn of(asks: Vec<Ask>, keep: Keep) -> Plan {
    Plan {
        asks,
        keep,
        new: false,
    }
}

fn rest(search: &Search, term: &str, settings: &Settings) -> Result<Plan, Outcome> {
    let collection = |id: &str| Ask::Collection(id.to_owned());
    let category = |id: &str| match Form::of(id) {
        Some(Form::Number) => Ok(Ask::Category(id.to_owned())),
        _ => Err(Outcome::hopeless(
            "the signed generation has numbers for categories; search by the category's number",
        )),
    };
    Ok(match (search.kind, &search.category) {
        (MonitorKind::Keyword, Some(id)) => of(vec![category(id.trim())?], words(term)),
        (MonitorKind::Keyword, None) => of(vec![Ask::Search(term.to_owned())], Keep::All),
        (MonitorKind::Category, _) => of(vec![category(term)?], Keep::All),
        (MonitorKind::Brand | MonitorKind::Series, _) => match known(term) {
            Some(id) => of(vec![collection(id)], Keep::All),
            None => of(vec![Ask::Search(term.to_owned())], words(term)),
        },
        (MonitorKind::NewArrivals, _) => of(vec![collection(NEW_ARRIVALS)], words(term)),
        (MonitorKind::LimitedEditions, _) => of(
            vec![Ask::Search("limited".to_owned()), collection(NEW_ARRIVALS)],
            Keep::Limited,
        ),
        // No signed call lists everything; the collections that are known come closest.
        (MonitorKind::Catalogue, _) => {
            let known = settings.cdn_collections.iter();
            of(known.map(|id| collection(id)).collect(), Keep::All)
        }
    })
}

fn cdn(search: &Search, term: &str, settings: &Settings) -> Result<Plan, Outcome> {
    let file = |id: &str| Ask::FileOfCollection(id.to_owned());
    let configured = || settings.cdn_collections.iter().map(|id| file(id)).collect();
    if search.kind == MonitorKind::Category || search.category.is_some() {
        return Err(Outcome::hopeless(
            "the unsigned files have collections but no categories; search by series, or set sources.popmart.generation",
        ));
    }
    Ok(match search.kind {
        MonitorKind::Brand | MonitorKind::Series => match known(term) {
            Some(id) => of(vec![file(id)], Keep::All),
            None => of(configured(), words(term)),
        },
        MonitorKind::NewArrivals => of(vec![Ask::FileOfNew, file(NEW_ARRIVALS)], words(term)),
        MonitorKind::LimitedEditions => of(configured(), Keep::Limited),
        // Files cannot be searched: their titles can.
        MonitorKind::Keyword | MonitorKind::Category | MonitorKind::Catalogue => {
            of(configured(), words(term))
        }
    })
}

fn rpc(search: &Search, term: &str, settings: &Settings) -> Result<Plan, Outcome> {
    let everything = || vec![Ask::RpcSearch(String::new())];
    let category = |id: &str| match settings.rpc_catalogue.trim() {
        "" => Err(Outcome::hopeless(
            "the RPC lists a category as a part of a collection; name the collection of everything in sources.popmart.rpc_catalogue",
        )),
        all => Ok(Ask::RpcCollection {
            id: all.to_owned(),
            category: Some(id.to_owned()),
        }),
    };
    Ok(match (search.kind, &search.category) {
        (MonitorKind::Keyword, Some(id)) => of(vec![category(id.trim())?], words(term)),
        (MonitorKind::Keyword, None) => of(vec![Ask::RpcSearch(term.to_owned())], Keep::All),
        (MonitorKind::Category, _) => of(vec![category(term)?], Keep::All),
        (MonitorKind::Brand | MonitorKind::Series, _) if Form::of(term).is_some() => of(
            vec![Ask::RpcCollection {
                id: term.to_owned(),
                category: None,
            }],
            Keep::All,
        ),
        // These collections' ids are not known here; the shop's own mark for them is.
        (MonitorKind::Brand | MonitorKind::Series, _)
            if matches!(known(term), Some("329" | "330")) =>
        {
            of(everything(), Keep::Tag("HOT"))
        }
        (MonitorKind::Brand, _) => of(everything(), Keep::Ip(term.to_owned())),
        (MonitorKind::Series, _) => of(
            vec![Ask::RpcSearch(term.to_owned())],
            Keep::Series(term.to_owned()),
        ),
        (MonitorKind::NewArrivals, _) => of(vec![Ask::RpcNew], words(term)),
        (MonitorKind::LimitedEditions, _) => of(everything(), Keep::Limited),
        (MonitorKind::Catalogue, _) => of(everything(), Keep::All),
    })
}

/// The number of a collection by its number or by a name that we know.
fn known(term: &str) -> Option<&str> {
    if Form::of(term) == Some(Form::Number) {
        return Some(term);
    }
    let lower = term.to_lowercase();
    KNOWN
        .iter()
        .find(|(name, _)| *name == lower)
        .map(|(_, id)| *id)
}

fn words(term: &str) -> Keep {
    let words: Vec<String> = term.split_whitespace().map(str::to_lowercase).collect();
    if words.is_empty() {
        Keep::All
    } else {
        Keep::Words(words)
    }
}

impl Keep {
    /// Whether a row is meant.
    pub(crate) fn keeps(&self, goods: &Goods) -> bool {
        let title = || goods.title.as_deref().unwrap_or_default().to_lowercase();
        let holds = |words: &[String]| {
            let title = title();
            words.iter().all(|word| title.contains(word.as_str()))
        };
        let is_of = |ip: &str| {
            let brand = goods.brand.as_deref().unwrap_or_default();
            brand.to_lowercase() == ip.to_lowercase()
        };
        match self {
            Self::All => true,
            Self::Words(words) => holds(words),
            Self::Ip(ip) => is_of(ip),
            Self::Series(name) => {
                let words: Vec<String> = name.split_whitespace().map(str::to_lowercase).collect();
                is_of(name) || holds(&words)
            }
            Self::Tag(tag) => goods
                .tags
                .iter()
                .any(|known| known.eq_ignore_ascii_case(tag)),
            Self::Limited => goods.limited(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn planned(generation: Generation, kind: MonitorKind, term: &str) -> Result<Plan, Outcome> {
        let mut settings =
            Settings::read(&config::Config::defaults().sources).expect("good defaults");
        settings.generation = generation;
        let search = Search {
            kind,
            term: term.to_owned(),
            category: None,
            marketplace: "US".to_owned(),
            limit: 10,
        };
        plan(&search, &settings)
    }

    #[test]
    fn each_generation_has_its_way_to_each_kind() {
        use Generation::{Cdn, Rest, Rpc};
        use MonitorKind::{Brand, Keyword, LimitedEditions, NewArrivals, Series};
        let first = |generation, kind, term| {
            let plan = planned(generation, kind, term).expect("a plan");
            (plan.asks[0].clone(), plan.keep)
        };
        let text = str::to_owned;
        assert_eq!(
            first(Rest, Keyword, "fox"),
            (Ask::Search(text("fox")), Keep::All)
        );
        assert_eq!(
            first(Rest, Series, "41"),
            (Ask::Collection(text("41")), Keep::All)
        );
        assert_eq!(
            first(Rest, Brand, "The Monsters"),
            (Ask::Collection(text("223")), Keep::All)
        );
        assert_eq!(
            first(Rest, Brand, "Piko Pals"),
            (
                Ask::Search(text("Piko Pals")),
                Keep::Words(vec![text("piko"), text("pals")])
            )
        );
        assert_eq!(
            first(Cdn, Series, "Best Sellers"),
            (Ask::FileOfCollection(text("329")), Keep::All)
        );
        assert_eq!(first(Cdn, NewArrivals, ""), (Ask::FileOfNew, Keep::All));
        assert_eq!(
            first(Rpc, Brand, "Piko"),
            (Ask::RpcSearch(String::new()), Keep::Ip(text("Piko")))
        );
        assert_eq!(
            first(Rpc, Series, "best sellers"),
            (Ask::RpcSearch(String::new()), Keep::Tag("HOT"))
        );
        assert_eq!(first(Rpc, NewArrivals, ""), (Ask::RpcNew, Keep::All));
        assert_eq!(
            first(Rpc, LimitedEditions, ""),
            (Ask::RpcSearch(String::new()), Keep::Limited)
        );
        let new = |generation| planned(generation, NewArrivals, "").expect("a plan").new;
        assert!(new(Rest) && new(Cdn) && new(Rpc));
    }

    #[test]
    fn what_a_generation_cannot_do_it_says() {
        for (generation, kind, term) in [
            (Generation::Cdn, MonitorKind::Category, "7"),
            (Generation::Rest, MonitorKind::Category, "Figures"),
            (Generation::Rpc, MonitorKind::Category, "7"),
            (Generation::Rpc, MonitorKind::Keyword, "  "),
        ] {
            let outcome = planned(generation, kind, term).expect_err("no plan");
            assert_eq!((outcome.as_str(), outcome.retryable()), ("failed", false));
        }
    }
}
