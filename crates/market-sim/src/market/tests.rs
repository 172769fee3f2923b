//! The market's promises: repeatable, moving, believable.

#![expect(clippy::unwrap_used, reason = "a test may fail where it stands")]

use std::collections::HashSet;

use chrono::TimeDelta;

use super::*;

fn moment(day: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(dynamics::EPOCH + day * dynamics::DAY, 0).unwrap()
}

fn year(market: &Market, listing: &Listing) -> Vec<Snapshot> {
    (0..365 * 4)
        .map(|n| market.at(listing, moment(0) + TimeDelta::hours(6 * n)))
        .collect()
}

#[test]
fn the_catalogue_is_wide_and_its_ids_look_real() {
    let market = Market::new(1);
    let of = |source| {
        market
            .catalogue()
            .iter()
            .filter(move |l| l.key.source == source)
    };
    assert!(of(Source::Amazon).count() >= 16);
    assert!(of(Source::Popmart).count() >= 12);
    let keys: HashSet<_> = market.catalogue().iter().map(|l| &l.key).collect();
    assert_eq!(keys.len(), market.catalogue().len());
    for listing in of(Source::Amazon) {
        let asin = &listing.key.external_id;
        assert!(asin.len() == 10 && asin.starts_with("B0"), "{asin}");
        assert!(
            asin.bytes()
                .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit()),
            "{asin}"
        );
    }
    for place in ["US", "GB", "DE", "JP", "CA", "AU"] {
        assert!(
            of(Source::Amazon).any(|l| l.key.marketplace == place),
            "{place}"
        );
    }
}

#[test]
fn one_seed_is_one_market_and_another_seed_another() {
    let (market, same, other) = (Market::new(5), Market::new(5), Market::new(6));
    let mut differ = 0;
    for listing in market.catalogue() {
        for day in [-400, 0, 77, 300] {
            let at = moment(day) + TimeDelta::seconds(12_345);
            assert_eq!(market.at(listing, at), same.at(listing, at));
            differ += usize::from(market.at(listing, at) != other.at(listing, at));
        }
    }
    assert!(differ > 100, "only {differ} differ");
}

#[test]
fn a_year_is_believable() {
    let market = Market::new(1);
    for listing in market.catalogue() {
        let year = year(&market, listing);
        let name = &listing.title;
        let prices: Vec<i64> = year
            .iter()
            .filter_map(|s| s.price)
            .map(|p| p.minor)
            .collect();
        let regular = listing.price.minor as f64;
        assert!(
            prices
                .iter()
                .all(|p| (0.6..1.3).contains(&(*p as f64 / regular))),
            "{name}: {prices:?}"
        );
        for pair in year.windows(2) {
            assert!(
                pair[0].review_count <= pair[1].review_count,
                "{name}: reviews shrank"
            );
        }
        for snapshot in &year {
            let rating = snapshot.rating.unwrap_or(4.0);
            assert!((3.0..=5.0).contains(&rating), "{name}: rating {rating}");
            assert!(snapshot.stock.unwrap() >= 0);
            assert_eq!(
                snapshot.in_stock() && listing.offering().is_some(),
                snapshot.seller.is_some()
            );
        }
        if listing.offering().is_some() {
            let in_stock = year.iter().filter(|s| s.in_stock()).count() as f64 / year.len() as f64;
            assert!(in_stock > 0.8, "{name}: in stock {in_stock}");
            assert!(
                prices.iter().collect::<HashSet<_>>().len() >= 3,
                "{name} never moves"
            );
            let ranks: HashSet<_> = year.iter().map(|s| s.ranks[0].rank).collect();
            assert!(ranks.len() > 50, "{name}: ranks {ranks:?}");
        }
    }
    let sold_out = |s: &Snapshot| s.availability == Availability::OutOfStock;
    let amazon_outage = market
        .catalogue()
        .iter()
        .filter(|l| l.offering().is_some())
        .any(|l| year(&market, l).iter().any(sold_out));
    assert!(amazon_outage, "nothing ever sells out on amazon");
}

#[test]
fn calm_prices_hold_for_days_and_live_ones_move_within_minutes() {
    let market = Market::new(1);
    let changes = |tempo| {
        let listing = market
            .catalogue()
            .iter()
            .find(|l| l.tempo == tempo && l.offering().is_some());
        let listing = listing.unwrap();
        let prices: Vec<_> = (0..60 * 24)
            .map(|m| {
                market
                    .conditions(listing, moment(100) + TimeDelta::minutes(m))
                    .price
            })
            .collect();
        prices.windows(2).filter(|pair| pair[0] != pair[1]).count()
    };
    assert!(changes(Tempo::Calm) <= 1);
    assert!(changes(Tempo::Live) >= 60, "{}", changes(Tempo::Live));
}

#[test]
fn limited_editions_sell_out_and_announcements_stay_ahead() {
    let market = Market::new(1);
    for listing in market.catalogue() {
        let Some(release) = listing.release() else {
            continue;
        };
        let year = year(&market, listing);
        if release.limited {
            let in_stock = year.iter().filter(|s| s.in_stock()).count();
            assert!(
                (10..700).contains(&in_stock),
                "{}: in stock {in_stock}",
                listing.title
            );
        }
        for snapshot in &year {
            assert_eq!(
                snapshot.availability == Availability::PreOrder,
                release.pre_order
            );
            assert_eq!(snapshot.up_time.unwrap() > snapshot.at, release.pre_order);
        }
    }
}

#[test]
fn invented_listings_are_stable_and_refuse_unknown_places() {
    let market = Market::new(1);
    for (source, marketplace, id) in [
        (Source::Amazon, "US", "B0TEST0001"),
        (Source::Amazon, "JP", "B0TEST0002"),
        (Source::Popmart, "JP", "9001"),
    ] {
        let key = ListingKey::new(source, marketplace, id);
        let listing = market.invent(&key).unwrap();
        assert_eq!(listing.title, market.invent(&key).unwrap().title);
        assert!(market.at(&listing, moment(10)).in_stock());
    }
    assert!(
        market
            .invent(&ListingKey::new(Source::Amazon, "ZZ", "B0TEST0001"))
            .is_none()
    );
}
