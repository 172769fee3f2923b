//! Recorded answers of the real upstream, read with the values they hold. Runs where the samples lie beside the
//! workspace.

use connectors::popmart::SOURCE;
use connectors::{Connector, Outcome};
use domain::availability::Availability;
use domain::observation::Observation;

use crate::support::{cx, observed, sample, target};

fn title(observation: &Observation) -> &str {
    observation
        .content
        .as_ref()
        .and_then(|content| content.title.as_deref())
        .unwrap_or_default()
}

fn popmart(name: &str, marketplace: &str) -> Option<Outcome> {
    let targets = [target(SOURCE, marketplace, "2155")];
    let connector = super::connector();
    Some(connector.read(&sample(name)?, &cx(&targets)).remove(0).1)
}

#[test]
fn popmart_details() {
    let Some(outcome) = popmart("popmart-v1-productDetails.json", "US") else {
        return;
    };
    let [product, single, set] = observed(&outcome) else {
        panic!("{outcome:?}")
    };
    assert!(title(product).starts_with("THE MONSTERS Big into Energy"));
    assert_eq!(
        (product.values.price, product.values.currency.as_deref()),
        (Some(2799), Some("USD"))
    );
    assert_eq!(
        (product.values.stock_quantity, product.values.in_stock),
        (Some(12), Some(true))
    );
    let content = product.content.as_ref().expect("content");
    assert_eq!(content.series.as_deref(), Some("THE MONSTERS"));
    assert_eq!(content.category.as_deref(), Some("Plush"));
    assert!(content.flags.blind_box);
    assert_eq!(
        (single.values.price, single.values.in_stock),
        (Some(2799), Some(false))
    );
    assert_eq!(
        (set.values.price, set.values.stock_quantity),
        (Some(16_794), Some(12))
    );
    assert!(title(set).ends_with("– Whole set"));
}

#[test]
fn popmart_sold_out_yen_and_signature() {
    let Some(outcome) = popmart("popmart-v1-productDetails-soldout.json", "US") else {
        return;
    };
    for observation in observed(&outcome) {
        assert_eq!(observation.values.availability, Availability::OutOfStock);
        assert_eq!(observation.values.stock_quantity, Some(0));
    }
    let outcome = popmart("popmart-v1-productDetails-jpy.json", "JP").expect("a sample");
    let product = &observed(&outcome)[0];
    let money = product.values.money(product.values.price).expect("money");
    assert_eq!(money.to_string(), "2255 JPY");
    let outcome = popmart("popmart-error-signature.json", "US").expect("a sample");
    assert_eq!((outcome.as_str(), outcome.retryable()), ("failed", false));
}
