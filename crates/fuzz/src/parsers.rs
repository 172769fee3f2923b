//! What is fuzzed.

use std::sync::Arc;

use chrono::DateTime;
use connectors::{Connector, Outcome, ReadCx, Registry, Target, listing_url};
use domain::listing::ListingRef;
use domain::observation::check;
use domain::source::Source;
use egress::{Egress, Limits};

type Parse = Box<dyn Fn(&[u8]) -> String>;

/// One parser of foreign text.
pub(crate) struct Parser {
    pub(crate) name: String,
    /// Lines at the beginning of an input that stay as they are.
    pub(crate) header: bool,
    /// What became of an input, in words that differ where its way through the parser did.
    pub(crate) parse: Parse,
}

/// Every parser: through the registry, so that a new source is among them by itself.
pub(crate) fn all() -> anyhow::Result<Vec<Parser>> {
    let egress = Egress::new(Limits::default())?;
    let registry = Registry::new(&config::Config::defaults().sources, &egress, None)?;
    let mut parsers = Vec::new();
    for source in registry.sources() {
        let Some(connector) = registry.get(source) else {
            continue;
        };
        for (name, reader) in connector.readers() {
            parsers.push(Parser {
                name: format!("{}-{name}", source.as_str()),
                header: false,
                parse: Box::new(reader),
            });
        }
        parsers.push(reading(source, connector));
    }
    parsers.push(Parser {
        name: "address".to_owned(),
        header: false,
        parse: Box::new(
            |input| match listing_url::parse(&String::from_utf8_lossy(input)) {
                Ok(listing) => {
                    let page = listing_url::page(&listing);
                    format!("{} {}", listing.source.as_str(), page.len() > 40)
                }
                Err(why) => plain(&why.to_string()),
            },
        ),
    });
    Ok(parsers)
}

/// A source's reading of answers. An input's first line names the product they are about:
/// marketplace, blank, id.
fn reading(source: Source, connector: Arc<dyn Connector>) -> Parser {
    let parse = move |input: &[u8]| {
        let end = input.iter().position(|byte| *byte == b'\n');
        let (head, body) = input.split_at(end.map_or(0, |end| end + 1));
        let target = Target::new(listing(source, &String::from_utf8_lossy(head)));
        let observed_at = DateTime::from_timestamp(1_780_000_000, 0).unwrap_or_default();
        let cx = ReadCx {
            targets: std::slice::from_ref(&target),
            observed_at,
        };
        let outcomes = connector.read(body, &cx);
        let told = outcomes.iter().map(|(place, outcome)| {
            assert_eq!(*place, 0, "an outcome for a target that does not exist");
            if let Outcome::Observed(all) = outcome {
                for one in all {
                    let fits = check(one.observed_at, &one.values, observed_at);
                    assert_eq!(fits, Ok(()), "{one:?}");
                }
                let values = all.first().map(|one| &one.values);
                let shape =
                    values.map(|v| (v.offer, v.availability, v.price.is_some(), v.in_stock));
                format!("{shape:?} {}", all.len().min(3))
            } else {
                format!("{} {}", outcome.as_str(), plain(&outcome.reason()))
            }
        });
        told.collect::<Vec<_>>().join("; ")
    };
    Parser {
        name: source.as_str().to_owned(),
        header: true,
        parse: Box::new(parse),
    }
}

fn listing(source: Source, head: &str) -> ListingRef {
    let (marketplace, id) = head.trim().split_once(' ').unwrap_or(("US", "1"));
    listing_url::from_id(source, marketplace, id).unwrap_or_else(|_| ListingRef {
        source,
        marketplace: "US".to_owned(),
        external_id: "1".to_owned(),
    })
}

/// A text without what changes with every input.
fn plain(text: &str) -> String {
    text.chars()
        .filter(|c| !c.is_ascii_digit())
        .take(48)
        .collect()
}
