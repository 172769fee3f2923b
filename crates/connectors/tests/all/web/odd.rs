//! Pages that are no product's, and ways to one.

use connectors::Outcome;

use super::{asked, connector, guarded, look, odd, page, seen, shop};

#[tokio::test]
async fn what_is_no_product_has_a_named_outcome() {
    let sim = shop().await;
    let web = connector();
    for (what, word, reason) in [
        ("loop", "malformed", "circle"),
        ("endless", "malformed", "larger than"),
        ("bomb", "malformed", "larger than"),
        ("soft-404", "not_found", ""),
        ("consent", "blocked", "consent"),
        ("list", "malformed", "lists 2 products"),
        ("paper", "malformed", "application/pdf"),
        ("gone", "not_found", ""),
        ("nothing", "not_found", ""),
        ("elsewhere", "failed", "only http and https"),
        ("staff", "blocked", "asks not to"),
    ] {
        let outcome = look(&web, &odd(&sim, what)).await;
        assert_eq!(outcome.as_str(), word, "{what}: {outcome:?}");
        assert!(
            outcome.reason().contains(reason),
            "{what}: {}",
            outcome.reason()
        );
    }
    let asked = asked(&sim).await;
    assert!(
        asked
            .iter()
            .all(|(path, _)| !path.starts_with("/shop/private")),
        "{asked:?}"
    );
    let captcha = look(&web, &odd(&sim, "captcha")).await;
    assert_eq!(captcha.as_str(), "blocked", "{captcha:?}");
}

#[tokio::test]
async fn a_page_that_moved_is_followed_and_tells_where_it_is() {
    let sim = shop().await;
    let target = odd(&sim, "moved");
    let outcome = look(&connector(), &target).await;
    assert_eq!(seen(&outcome).listing, target.listing);
    let content = seen(&outcome).content.as_ref().expect("content");
    assert_eq!(
        content.url.as_deref(),
        Some(page(&sim, "US", "linked-kettle").url.as_str())
    );
}

#[tokio::test]
async fn a_private_address_is_never_asked() {
    let sim = shop().await;
    let outcome = look(&guarded(), &page(&sim, "US", "linked-kettle")).await;
    let Outcome::Failed { reason, retryable } = &outcome else {
        panic!("{outcome:?}")
    };
    assert!(
        reason.contains("not a public address") && !retryable,
        "{reason}"
    );
    assert!(asked(&sim).await.is_empty());
}
