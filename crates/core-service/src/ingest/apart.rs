//! Figures too unlikely to be believed at once, and the looks that decide about them.

use chrono::{DateTime, Utc};
use domain::history::LastKnown;
use domain::observation::Values;
use domain::quarantine::{self, Doubt, SecondLook, Trusted};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::Incoming;
use super::plan::Held;

/// A look that was set apart. Stands in the listing's state while it is open, and in the ledger for good.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Apart {
    /// Its row in the ledger.
    pub id: Uuid,
    /// When the newest doubtful look was.
    pub observed_at: DateTime<Utc>,
    /// The crawl round of that look; 0 for none.
    pub round: i64,
    /// ISO 4217 code of the amounts.
    pub currency: Option<String>,
    /// Minor units.
    pub price: Option<i64>,
    /// Minor units.
    pub list_price: Option<i64>,
    /// Minor units.
    pub buy_box_price: Option<i64>,
    /// What is doubted, for people.
    pub reason: String,
    /// A stable word for it; nothing in what was set apart before there was one.
    #[serde(default)]
    pub code: Option<String>,
    /// How many doubtful looks there were, each unlike the one before.
    pub looks: i32,
    /// When the first of them was set apart.
    pub set_apart_at: DateTime<Utc>,
}

impl Apart {
    fn new(incoming: &Incoming, doubt: &Doubt, now: DateTime<Utc>) -> Self {
        let values = &incoming.values;
        Self {
            id: Uuid::now_v7(),
            observed_at: incoming.observed_at,
            round: incoming.round,
            currency: values.currency.clone(),
            price: values.price,
            list_price: values.list_price,
            buy_box_price: values.buy_box_price,
            reason: doubt.to_string(),
            code: Some(doubt.code().to_owned()),
            looks: 1,
            set_apart_at: now,
        }
    }

    fn values(&self) -> Values {
        quarantine::amounts(
            self.currency.clone(),
            self.price,
            self.list_price,
            self.buy_box_price,
        )
    }
}

/// How figures set apart ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Resolution {
    /// Another look told the same.
    Confirmed,
    /// Another look told what was known before.
    Dismissed,
}

impl Resolution {
    /// The word in the ledger.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Confirmed => "confirmed",
            Self::Dismissed => "dismissed",
        }
    }
}

/// Judges the looks at one listing in the order in which they arrive.
#[derive(Debug)]
pub struct Screen {
    newest: Option<(DateTime<Utc>, Values)>,
    known: LastKnown,
    open: Option<Apart>,
    /// Rows of the ledger that are new or others than before; those that are resolved stand before the open one.
    resolved: Vec<(Apart, Resolution)>,
    changed: bool,
}

impl Screen {
    /// Beginning from the listing's state.
    pub fn new(held: &Held, open: Option<Apart>) -> Self {
        Self {
            newest: held.newest.clone(),
            known: held.known.clone(),
            open,
            resolved: Vec::new(),
            changed: false,
        }
    }

    /// Whether a look may be stored; the error is why it is set apart.
    ///
    /// # Errors
    /// When its figures are too unlikely to be believed at once.
    pub fn judge(&mut self, incoming: &Incoming, now: DateTime<Utc>) -> Result<(), String> {
        let newest = self.newest.as_ref().map(|(_, values)| values);
        let trusted = Trusted::of(newest, &self.known);
        let Some(open) = &mut self.open else {
            return match quarantine::doubt(&trusted, &incoming.values) {
                None => {
                    self.believe(incoming);
                    Ok(())
                }
                Some(doubt) => Err(self.set_apart(Apart::new(incoming, &doubt, now))),
            };
        };
        if open.observed_at == incoming.observed_at {
            // The same look, delivered again, cannot speak for itself.
            return match quarantine::doubt(&trusted, &incoming.values) {
                None => {
                    self.believe(incoming);
                    Ok(())
                }
                Some(_) => Err(open.reason.clone()),
            };
        }
        match quarantine::second_look(&trusted, &open.values(), &incoming.values) {
            SecondLook::Replaces(doubt) => {
                let next = Apart {
                    id: open.id,
                    looks: open.looks.saturating_add(1),
                    set_apart_at: open.set_apart_at,
                    ..Apart::new(incoming, &doubt, now)
                };
                return Err(self.set_apart(next));
            }
            SecondLook::Confirms => self.resolve(Resolution::Confirmed),
            // What was seen before says nothing against what was seen after.
            SecondLook::Dismisses if incoming.observed_at > open.observed_at => {
                self.resolve(Resolution::Dismissed);
            }
            SecondLook::Dismisses | SecondLook::Silent => {}
        }
        self.believe(incoming);
        Ok(())
    }

    /// Takes a look over as trusted, without judging it.
    pub fn believe(&mut self, incoming: &Incoming) {
        let newer = self
            .newest
            .as_ref()
            .is_none_or(|(at, _)| incoming.observed_at >= *at);
        if newer {
            self.known.learn(&incoming.values);
            self.newest = Some((incoming.observed_at, incoming.values.clone()));
        }
    }

    fn set_apart(&mut self, apart: Apart) -> String {
        let reason = apart.reason.clone();
        self.open = Some(apart);
        self.changed = true;
        reason
    }

    fn resolve(&mut self, how: Resolution) {
        if let Some(apart) = self.open.take() {
            self.resolved.push((apart, how));
            self.changed = true;
        }
    }

    /// What changed; `None` when nothing did.
    pub fn finish(self) -> Option<Screened> {
        self.changed.then_some(Screened {
            open: self.open,
            resolved: self.resolved,
        })
    }
}

/// What looks did to the figures of a listing that stand apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Screened {
    /// What stands apart now.
    pub open: Option<Apart>,
    /// What does not any more.
    pub resolved: Vec<(Apart, Resolution)>,
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use domain::observation::Offer;
    use domain::source::Source;

    use super::*;
    use crate::ingest::ListingName;

    fn look(minute: i64, price: Option<i64>) -> Incoming {
        let values = Values {
            offer: if price.is_some() {
                Offer::Offered
            } else {
                Offer::NotCollected
            },
            currency: price.map(|_| "USD".to_owned()),
            price,
            ..Values::default()
        };
        Incoming {
            name: ListingName {
                source: Source::named("amazon"),
                marketplace: "US".into(),
                external_id: "B0APART001".into(),
                owner: None,
            },
            parent: None,
            observed_at: DateTime::UNIX_EPOCH + TimeDelta::minutes(minute),
            round: minute,
            values,
            content: None,
        }
    }

    fn screen() -> Screen {
        let mut screen = Screen::new(&Held::default(), None);
        screen
            .judge(&look(0, Some(2_000)), DateTime::UNIX_EPOCH)
            .expect("the first price");
        screen
    }

    fn judge(screen: &mut Screen, minute: i64, price: Option<i64>) -> bool {
        screen
            .judge(&look(minute, price), DateTime::UNIX_EPOCH)
            .is_ok()
    }

    #[test]
    fn a_second_look_that_agrees_is_believed() {
        let mut screen = screen();
        assert!(!judge(&mut screen, 1, Some(90_000)));
        assert!(
            !judge(&mut screen, 1, Some(90_000)),
            "the same look again is no second one"
        );
        assert!(
            judge(&mut screen, 2, None),
            "a look without a price says nothing about it"
        );
        assert!(judge(&mut screen, 3, Some(90_100)));
        assert!(judge(&mut screen, 4, Some(90_000)), "known from now on");
        let screened = screen.finish().expect("changed");
        assert_eq!(screened.open, None);
        assert_eq!(screened.resolved.len(), 1);
        assert_eq!(screened.resolved[0].1, Resolution::Confirmed);
    }

    #[test]
    fn the_old_figure_dismisses_and_another_one_takes_the_place() {
        let mut screen = screen();
        assert!(!judge(&mut screen, 5, Some(90_000)));
        assert!(!judge(&mut screen, 6, Some(10)));
        assert!(
            judge(&mut screen, 4, Some(2_000)),
            "a look from before decides nothing"
        );
        let open = screen.open.clone().expect("open");
        assert_eq!((open.price, open.looks), (Some(10), 2));
        assert!(judge(&mut screen, 7, Some(2_010)));
        let screened = screen.finish().expect("changed");
        assert_eq!(screened.resolved[0].1, Resolution::Dismissed);
        assert_eq!(screened.open, None);
    }
}
