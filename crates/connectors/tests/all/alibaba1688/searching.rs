//! Pages of searches, as far as reading them goes.

use super::read;
use crate::support::observed;

const PAGE: &str = include_str!("fixtures/page.json");

#[test]
fn a_page_tells_of_the_offers_in_it() {
    let outcome = read(PAGE.as_bytes(), "9007199254740993").expect("it is in the page");
    let [row] = observed(&outcome) else {
        panic!("{outcome:?}")
    };
    assert_eq!(
        (row.values.price, row.values.list_price),
        (Some(1760), Some(1850))
    );
    assert_eq!(
        (row.values.in_stock, row.values.rating_hundredths),
        (None, Some(480))
    );
    let content = row.content.as_ref().expect("content");
    assert_eq!(content.title.as_deref(), Some("双层玻璃杯 耐热便携随手杯"));
    assert_eq!(
        content.images,
        ["https://cbu01.alicdn.com/img/ibank/glass-1.jpg"]
    );
    for (name, value) in [
        ("title_translated", "Double-wall glass tumbler"),
        ("monthly_sales", "412"),
        ("repurchase_rate", "31%"),
        ("tags", "isJxhy, isOnePsale"),
        ("created_at", "2025-03-01T00:30:00+08:00"),
        ("min_order_quantity", "2"),
    ] {
        assert_eq!(
            content.attributes.get(name).map(String::as_str),
            Some(value),
            "{name}"
        );
    }
}

#[test]
fn a_zero_in_a_list_is_no_price_and_others_are_left_out() {
    let outcome = read(PAGE.as_bytes(), "7012345678901").expect("it is in the page");
    assert_eq!(observed(&outcome)[0].values.price, None);
    assert_eq!(read(PAGE.as_bytes(), "4711"), None);
}
