//! Which strategy counts, and that differences are told.

use connectors::{Connector, Outcome};
use market_sim::{ListingKey, Source};

use super::{connector, guarded, look, now, odd, page, seen, shop};

#[tokio::test]
async fn a_page_that_contradicts_itself_asks_for_a_choice() {
    let sim = shop().await;
    let web = connector();
    let mut target = page(&sim, "US", "mixed-speaker");
    let outcome = look(&web, &target).await;
    let Outcome::Malformed { what } = &outcome else {
        panic!("{outcome:?}")
    };
    for part in ["json_ld says", "open_graph says", "choose"] {
        assert!(what.contains(part), "{what}");
    }
    let listing = ListingKey::new(Source::Web, "US", "mixed-speaker");
    let listing = sim.market().find(&listing).expect("listed").clone();
    let price = sim
        .market()
        .at(&listing, now())
        .price
        .expect("a price")
        .minor;
    for (strategy, wanted) in [
        ("json_ld", price),
        ("open_graph", price + price / 4),
        ("text", price),
    ] {
        target.strategy = Some(strategy.into());
        let outcome = look(&web, &target).await;
        assert_eq!(seen(&outcome).values.price, Some(wanted), "{strategy}");
    }
}

#[tokio::test]
async fn a_choice_that_finds_nothing_is_never_replaced() {
    let sim = shop().await;
    let web = connector();
    let mut target = page(&sim, "US", "linked-kettle");
    target.strategy = Some("microdata".into());
    let outcome = look(&web, &target).await;
    let Outcome::Malformed { what } = &outcome else {
        panic!("{outcome:?}")
    };
    assert!(
        what.starts_with("the page changed: microdata found nothing; json_ld still finds "),
        "{what}"
    );
    target.strategy = Some("guessing".into());
    assert_eq!(look(&web, &target).await.as_str(), "failed");
}

#[tokio::test]
async fn a_preview_shows_every_way_and_every_difference() {
    let sim = shop().await;
    let web = connector();
    let target = page(&sim, "US", "mixed-speaker");
    let url = target.url.parse().expect("a URL");
    let preview = web.preview(&url).await.expect("a page").expect("a preview");
    assert_eq!(
        (&preview.listing, &preview.url),
        (&target.listing, &target.url)
    );
    let mut found: Vec<&str> = preview
        .candidates
        .iter()
        .map(|one| one.strategy.as_str())
        .collect();
    assert_eq!(preview.candidates[0].strategy, "json_ld");
    assert!(
        preview
            .candidates
            .is_sorted_by(|one, next| one.confidence >= next.confidence)
    );
    found.sort_unstable();
    assert_eq!(found, ["json_ld", "open_graph", "text"]);
    let about: Vec<&str> = preview
        .disagreements
        .iter()
        .map(|one| one.field.as_str())
        .collect();
    assert_eq!(about, ["price"]);
    assert_eq!(preview.disagreements[0].told.len(), 3);

    let target = page(&sim, "US", "linked-kettle");
    let url = format!("{}?utm_source=mail#reviews", target.url)
        .parse()
        .expect("a URL");
    let preview = web.preview(&url).await.expect("a page").expect("a preview");
    assert_eq!(preview.listing, target.listing);
    assert!(
        preview.disagreements.is_empty(),
        "{:?}",
        preview.disagreements
    );
    assert!(preview.candidates[0].confidence > 90);
}

#[tokio::test]
async fn a_preview_of_what_is_no_product_says_why() {
    let sim = shop().await;
    let web = connector();
    for (what, word) in [
        ("list", "malformed"),
        ("captcha", "blocked"),
        ("gone", "not_found"),
    ] {
        let url = odd(&sim, what).url.parse().expect("a URL");
        let outcome = web.preview(&url).await.expect_err(what);
        assert_eq!(outcome.as_str(), word, "{what}: {outcome:?}");
    }
    let url = odd(&sim, "list").url.parse().expect("a URL");
    assert_eq!(
        guarded().preview(&url).await.expect_err("private").as_str(),
        "failed"
    );
}
