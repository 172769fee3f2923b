//! Moves that late observations took back, and what had moved last before them.
//!
//! A second observation of an instant may take the place of the one that moved a metric last. Which move was the last
//! one then stands further back than a batch reads, so that history is read backwards until it is found: seldom, and
//! after the batch's own rows are written.

use chrono::{DateTime, Utc};
use domain::alert::basis_points;
use domain::observation::{Offer, Values};
use sea_orm::DbErr;
use sea_orm::sqlx::PgConnection;

use super::decide::Work;
use super::plan::{Held, LastMove};
use super::store::backwards;

/// Finds the last moves of the listings that lost theirs, and writes them.
pub async fn restore(connection: &mut PgConnection, work: &Work) -> Result<(), DbErr> {
    let mut found = Vec::new();
    for (id, planned) in &work.planned {
        let Some(held) = work.locked.get(id) else {
            continue;
        };
        let search = Search::of(held, &planned.held);
        if !search.is_over() {
            found.push((*id, last_moves(connection, *id, search).await?));
        }
    }
    backwards::write_moves(connection, found).await
}

/// What moved last, by all of history.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct LastMoves {
    /// The last point whose values differed from the one before it.
    pub changed_at: Option<DateTime<Utc>>,
    /// The price's last move.
    pub price: LastMove,
    /// The rank's last move.
    pub rank: LastMove,
}

async fn last_moves(
    connection: &mut PgConnection,
    listing_id: i64,
    mut search: Search,
) -> Result<LastMoves, DbErr> {
    let mut before = None;
    loop {
        let page = backwards::values(connection, listing_id, before).await?;
        let Some((oldest, _)) = page.last() else {
            return Ok(search.ended());
        };
        before = Some(*oldest);
        for (at, values) in page {
            search.older(at, values);
        }
        if search.is_over() {
            return Ok(search.found);
        }
    }
}

/// Goes back over the points that have values of their own, for what is not known any more: what a source never told
/// would else be looked for through all of history.
#[derive(Debug, Default)]
struct Search {
    /// What is known, or found by now.
    found: LastMoves,
    /// What is there to be found.
    changed: bool,
    price: bool,
    rank: bool,
    /// The oldest point so far, of those that have the metric.
    last: Option<(DateTime<Utc>, Values)>,
    priced: Option<(DateTime<Utc>, Values)>,
    ranked: Option<(DateTime<Utc>, i32)>,
}

impl Search {
    /// For what had moved last and is not there any more. Nothing is less than any instant.
    fn of(held: &Held, planned: &Held) -> Self {
        let lost = |before: LastMove, now: LastMove| now.at < before.at;
        let (changed, price, rank) = (
            planned.changed_at < held.changed_at,
            lost(held.price_move, planned.price_move),
            lost(held.rank_move, planned.rank_move),
        );
        let kept = |lost: bool, last: LastMove| if lost { LastMove::default() } else { last };
        Self {
            found: LastMoves {
                changed_at: planned.changed_at.filter(|_| !changed),
                price: kept(price, planned.price_move),
                rank: kept(rank, planned.rank_move),
            },
            changed,
            price,
            rank,
            ..Self::default()
        }
    }

    fn is_over(&self) -> bool {
        !(self.changed || self.price || self.rank)
    }

    fn older(&mut self, at: DateTime<Utc>, values: Values) {
        if self.price && values.offer == Offer::Offered {
            if let Some((moved_at, after)) = &self.priced
                && after.currency == values.currency
                && let (Some(before), Some(after)) = (values.price, after.price)
                && before != after
            {
                self.found.price = moved(*moved_at, before, after);
                self.price = self.found.price.at.is_none();
            }
            self.priced = Some((at, values.clone()));
        }
        if let (true, Some(before)) = (self.rank, values.rank()) {
            if let Some((moved_at, after)) = self.ranked
                && before != after
            {
                self.found.rank = moved(moved_at, before.into(), after.into());
                self.rank = self.found.rank.at.is_none();
            }
            self.ranked = Some((at, before));
        }
        if let (true, Some((changed_at, after))) = (self.changed, &self.last)
            && *after != values
        {
            self.found.changed_at = Some(*changed_at);
            self.changed = false;
        }
        self.last = Some((at, values));
    }

    /// What was found when there is nothing older: the very first point is a change, too.
    fn ended(self) -> LastMoves {
        let first = self.last.map(|(at, _)| at).filter(|_| self.changed);
        LastMoves {
            changed_at: first.or(self.found.changed_at),
            ..self.found
        }
    }
}

fn moved(at: DateTime<Utc>, before: i64, after: i64) -> LastMove {
    match basis_points(before, after) {
        Some(change) => LastMove {
            change: Some(change),
            at: Some(at),
        },
        None => LastMove::default(),
    }
}

#[cfg(test)]
mod tests {
    use domain::observation::CategoryRank;

    use super::*;

    fn at(minute: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_760_000_000 + minute * 60, 0).expect("a date")
    }

    fn values(price: Option<i64>, rank: Option<i32>) -> Values {
        Values {
            offer: if price.is_some() {
                Offer::Offered
            } else {
                Offer::None
            },
            currency: price.map(|_| "USD".into()),
            price,
            ranks: rank
                .map(|rank| CategoryRank {
                    category: "Toys".into(),
                    rank,
                })
                .into_iter()
                .collect(),
            ..Values::default()
        }
    }

    fn all() -> Search {
        Search {
            changed: true,
            price: true,
            rank: true,
            ..Search::default()
        }
    }

    #[test]
    fn only_what_was_lost_is_looked_for() {
        let moved = |minute| LastMove {
            change: Some(1),
            at: Some(at(minute)),
        };
        let held = Held {
            changed_at: Some(at(9)),
            price_move: moved(9),
            ..Held::default()
        };
        assert!(Search::of(&held, &held).is_over());
        let planned = Held {
            price_move: LastMove::default(),
            ..held.clone()
        };
        let mut search = Search::of(&held, &planned);
        for (minute, price) in [(9, 80), (5, 80), (3, 100)] {
            assert!(!search.is_over());
            search.older(at(minute), values(Some(price), None));
        }
        assert!(
            search.is_over(),
            "no rank was ever told, and none is waited for"
        );
        assert_eq!(search.found.price.at, Some(at(5)));
        assert_eq!(search.found.changed_at, Some(at(9)), "as planned");
    }

    #[test]
    fn each_metrics_last_move_is_the_first_point_of_its_newest_run() {
        let mut search = all();
        for (minute, price, rank) in [
            (9, None, None),
            (7, Some(80), Some(5)),
            (5, Some(80), None),
            (4, None, Some(5)),
            (3, Some(100), Some(4)),
            (1, Some(50), None),
        ] {
            search.older(at(minute), values(price, rank));
        }
        let found = search.ended();
        let moved = |change, minute| LastMove {
            change: Some(change),
            at: Some(at(minute)),
        };
        assert_eq!(found.changed_at, Some(at(9)));
        assert_eq!(found.price, moved(-2000, 5));
        assert_eq!(found.rank, moved(2500, 4));
    }

    #[test]
    fn without_a_move_the_first_point_is_the_last_change() {
        let mut search = all();
        for minute in [9, 3] {
            search.older(at(minute), values(Some(100), None));
        }
        let expected = LastMoves {
            changed_at: Some(at(3)),
            ..LastMoves::default()
        };
        assert_eq!(search.ended(), expected);
    }
}
