//! A page read in every way.

use url::Url;

use super::finding::{Figures, Finding, Strategy};
use super::html::Document;
use super::page::Page;
use super::{open_graph, refusal, schema, visible};

/// What all strategies found on a page.
#[derive(Debug)]
pub(super) struct Reading {
    pub(super) page: Page,
    /// One for each strategy, the most trusted first.
    pub(super) findings: Vec<(Strategy, Finding)>,
    /// The way to it through the shop, parts joined by ` > `.
    pub(super) breadcrumbs: Option<String>,
    /// What the page is instead of a product's, where it looks like that.
    pub(super) instead: Option<refusal::Instead>,
}

impl Reading {
    /// Reads a decoded page. Pure, and never panics whatever the text.
    pub(super) fn of(html: &str, url: &Url, marketplace: &str) -> Self {
        let document = Document::parse(html);
        let page = Page::of(&document, url, marketplace);
        let linked = schema::json_ld(&document);
        let micro = schema::microdata(&document);
        let breadcrumbs = schema::breadcrumbs(&linked).or_else(|| schema::breadcrumbs(&micro));
        let product = |items: &[_]| schema::product(items, &page).unwrap_or_default();
        let findings = Strategy::ALL
            .into_iter()
            .map(|strategy| {
                let finding = match strategy {
                    Strategy::JsonLd => product(&linked),
                    Strategy::Microdata => product(&micro),
                    Strategy::Rdfa => product(&schema::rdfa(&document)),
                    Strategy::OpenGraph => open_graph::read(&document, &page),
                    Strategy::Text => visible::read(&document, &page),
                };
                (strategy, finding)
            })
            .collect();
        let instead = refusal::instead(&document, &page, html.len());
        Self {
            page,
            findings,
            breadcrumbs,
            instead,
        }
    }

    /// Strategies that say what history needs, the most trusted first.
    pub(super) fn telling(&self) -> impl Iterator<Item = (Strategy, &Finding)> {
        self.findings
            .iter()
            .filter(|(_, finding)| finding.figures.tell())
            .map(|(strategy, finding)| (*strategy, finding))
    }

    /// What one strategy found.
    pub(super) fn by(&self, strategy: Strategy) -> Option<&Finding> {
        let found = self.findings.iter().find(|(known, _)| *known == strategy);
        found.map(|(_, finding)| finding)
    }

    /// How far a strategy is trusted with this page, 0 to 100: its own trust, more for each that
    /// agrees, less where one made for programs does not.
    pub(super) fn confidence(&self, strategy: Strategy) -> u8 {
        let Some(own) = self.by(strategy) else {
            return 0;
        };
        let others: Vec<(Strategy, bool)> = self
            .telling()
            .filter(|(other, finding)| *other != strategy && finding.figures.price.is_some())
            .map(|(other, finding)| (other, agree(&own.figures, &finding.figures)))
            .collect();
        let agreeing = others.iter().filter(|(_, agrees)| *agrees).count();
        let against = others
            .iter()
            .any(|(other, agrees)| other.is_structured() && !agrees);
        let mut trust = strategy.trust();
        // A person's view that programs confirm is worth more than one that nothing confirms.
        let step = if strategy.is_structured() { 4 } else { 20 };
        trust = trust.saturating_add(step * u8::try_from(agreeing.min(3)).unwrap_or(3));
        if against {
            trust = trust.saturating_sub(30);
        }
        if own.figures.up_to.is_some() {
            trust = trust.saturating_sub(5);
        }
        trust.min(99)
    }
}

/// Whether two strategies can be about the same price: equal, or one inside the other's range.
pub(super) fn agree(one: &Figures, other: &Figures) -> bool {
    let (Some(a), Some(b)) = (one.price, other.price) else {
        return true;
    };
    let inside = |price: i64, figures: &Figures| match (figures.price, figures.up_to) {
        (Some(low), Some(high)) => (low..=high).contains(&price),
        (low, _) => low == Some(price),
    };
    one.currency == other.currency && (inside(a, other) || inside(b, one))
}
