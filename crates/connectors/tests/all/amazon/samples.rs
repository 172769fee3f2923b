//! Recorded answers of the real upstream, each read with the values it holds. Runs where the samples lie beside the
//! workspace; a sample that nobody reads is a failure.

use connectors::{Connector, Hits, MonitorKind, Outcome, Search, Target, Work};
use domain::availability::Availability;
use domain::observation::{Observation, Offer};
use serde_json::{Value, json};

use super::stub::{Apify, Fault, item, targets};
use super::{SOURCE, connector};
use crate::support::{Recorder, crawl, cx, observed, samples, target};

/// Reads a sample, or fails.
type Reader = fn(&[u8]);

/// Who reads which sample.
const READERS: &[(&str, Reader)] = &[
    ("apify-axesso-dataset-page.json", axesso_page),
    ("apify-axesso-input.json", |bytes| {
        same_input(bytes, "US", |settings| {
            settings.actor = "axesso_data~amazon-product-details-scraper".into();
        });
    }),
    ("apify-axesso-item-buyboxused.json", axesso_used_buy_box),
    ("apify-axesso-item-notfound.json", |bytes| {
        assert_eq!(read(bytes, &[us("B0C6XM9DSV")]), [(0, Outcome::NotFound)]);
    }),
    ("apify-axesso-item.json", axesso_item),
    ("apify-axesso-search-input.json", |bytes| {
        same_search_input(bytes, MonitorKind::Keyword, "water bottle");
    }),
    ("apify-axesso-search-items.json", axesso_search),
    (
        "apify-bestseller-item-junglee-shape.json",
        bestseller_junglee,
    ),
    (
        "apify-bestseller-items-crawlerbros.json",
        bestseller_crawlerbros,
    ),
    ("apify-bestsellers-input.json", |bytes| {
        let page = "https://www.amazon.com/Best-Sellers-Health-Household/zgbs/hpc";
        same_search_input(bytes, MonitorKind::Category, page);
    }),
    ("apify-error-400.json", |bytes| {
        refused(bytes, 400, "failed")
    }),
    ("apify-error-401.json", |bytes| {
        refused(bytes, 401, "failed")
    }),
    ("apify-error-402.json", |bytes| {
        refused(bytes, 402, "blocked")
    }),
    ("apify-error-403-permission.json", |bytes| {
        refused(bytes, 403, "blocked");
    }),
    // Unknown to Apify is not unknown to Amazon.
    ("apify-error-404.json", |bytes| {
        refused(bytes, 404, "failed")
    }),
    ("apify-error-408-sync.json", |bytes| passes(bytes, 408)),
    ("apify-error-429.json", |bytes| passes(bytes, 429)),
    ("apify-junglee-error-item.json", |bytes| {
        assert_eq!(read(bytes, &[us("B000000000")]), [(0, Outcome::NotFound)]);
    }),
    ("apify-junglee-input.json", |bytes| {
        same_input(bytes, "US", |_| {});
    }),
    ("apify-junglee-item-partial.json", junglee_partial),
    ("apify-junglee-item.json", junglee_item),
    ("apify-junglee-reduced-items.json", junglee_reduced),
    ("apify-run-aborted.json", |bytes| {
        ended(bytes, "failed", "the run was aborted");
    }),
    ("apify-run-failed.json", |bytes| {
        ended(bytes, "failed", "The Actor process has exited with code 1.");
    }),
    ("apify-run-ready.json", goes_on),
    ("apify-run-running.json", goes_on),
    ("apify-run-succeeded.json", |bytes| {
        ended(bytes, "failed", "the run ended without this product");
    }),
    ("apify-run-timed-out.json", |bytes| {
        ended(bytes, "timeout", "")
    }),
    // Webhooks are not used, since nobody signs them; the run they carry is the run that polls show.
    ("apify-webhook-succeeded.json", |bytes| {
        let told: Value = serde_json::from_slice(bytes).expect("JSON");
        assert_eq!(told["eventData"]["actorRunId"], told["resource"]["id"]);
        let run = json!({"data": told["resource"]}).to_string();
        ended(
            run.as_bytes(),
            "failed",
            "the run ended without this product",
        );
    }),
];

#[test]
fn every_sample_is_read_with_its_values() {
    let all = samples("apify-");
    for (name, bytes) in &all {
        let (_, reader) = READERS
            .iter()
            .find(|(known, _)| known == name)
            .unwrap_or_else(|| panic!("nobody reads {name}"));
        eprintln!("{name}");
        reader(bytes);
    }
    assert!(all.is_empty() || all.len() >= READERS.len());
}

fn us(asin: &str) -> Target {
    target(SOURCE, "US", asin)
}

/// Reads an Amazon sample: one item, or a page of them.
fn read(bytes: &[u8], targets: &[Target]) -> Vec<(usize, Outcome)> {
    let mut body = bytes.to_vec();
    if !body.trim_ascii_start().starts_with(b"[") {
        body = [&b"["[..], &body, &b"]"[..]].concat();
    }
    connector().read(&body, &cx(targets))
}

fn only(read: &[(usize, Outcome)]) -> &Observation {
    assert_eq!(read.len(), 1, "{read:?}");
    let seen = observed(&read[0].1);
    assert_eq!(seen.len(), 1, "no variant has a price here");
    &seen[0]
}

fn title(observation: &Observation) -> &str {
    let content = observation.content.as_ref().expect("content");
    content.title.as_deref().unwrap_or_default()
}

fn attribute<'a>(observation: &'a Observation, name: &str) -> Option<&'a str> {
    let content = observation.content.as_ref().expect("content");
    content.attributes.get(name).map(String::as_str)
}

fn ranks(observation: &Observation) -> Vec<(i32, &str)> {
    let ranks = &observation.values.ranks;
    ranks
        .iter()
        .map(|entry| (entry.rank, entry.category.as_str()))
        .collect()
}

fn junglee_item(bytes: &[u8]) {
    let read = read(bytes, &[target(SOURCE, "AU", "B0D3V6Y38G")]);
    let seen = only(&read);
    assert!(title(seen).starts_with("Loop Quiet 2 Ear Plugs"));
    let values = &seen.values;
    assert_eq!(values.currency.as_deref(), Some("AUD"));
    assert_eq!((values.price, values.offer), (Some(3995), Offer::Offered));
    assert_eq!(
        (values.list_price, values.buy_box_price),
        (None, Some(3995))
    );
    assert_eq!(values.buy_box_seller.as_deref(), Some("Loop Earplugs AU"));
    assert_eq!(
        (values.availability, values.in_stock, values.stock_quantity),
        (Availability::InStock, Some(true), None)
    );
    assert_eq!(values.rating_hundredths, Some(420));
    assert_eq!(values.review_count, Some(23_642));
    assert_eq!(
        ranks(seen),
        [(28, "Health, Household & Personal Care"), (1, "Earplugs")]
    );
    let content = seen.content.as_ref().expect("content");
    assert_eq!(content.brand.as_deref(), Some("Loop"));
    assert_eq!((content.images.len(), content.features.len()), (7, 5));
    assert_eq!(
        content.category.as_deref(),
        Some("Health, Household & Personal Care > Medication & Remedies > Ear Care > Ear Plugs")
    );
    assert_eq!(
        content.url.as_deref(),
        Some("https://www.amazon.com.au/dp/B0D3V6Y38G")
    );
    for (name, value) in [
        ("seller", "Loop Earplugs AU"),
        ("seller_id", "A1CVBR8PLBYTJC"),
        ("monthly_sales", "800"),
        ("variants", "B0D3V6TR98, B0D3V4V1KD, B0D3V61JC8"),
        ("weight", "30 Grams"),
        ("dimensions", "7.8 x 7.8 x 1.9 centimetres"),
        ("manufacturer", "Loop"),
        ("model", "en-qt-vlt-03"),
        ("material", "Silicone"),
        ("release_date", "2024-06-06"),
        ("position", "26"),
        ("sponsored", "yes"),
    ] {
        assert_eq!(attribute(seen, name), Some(value), "{name}");
    }
    assert_eq!(attribute(seen, "Customer Reviews"), None);
}

fn junglee_partial(bytes: &[u8]) {
    let read = read(bytes, &[target(SOURCE, "AU", "B0FCYRR949")]);
    let seen = only(&read);
    let values = &seen.values;
    assert_eq!(
        (values.price, values.currency.as_deref()),
        (Some(1299), Some("AUD"))
    );
    assert_eq!(
        (values.in_stock, values.availability),
        (None, Availability::Unknown)
    );
    assert_eq!(
        (values.rating_hundredths, values.review_count),
        (Some(380), Some(4))
    );
    assert!(values.ranks.is_empty() && values.buy_box_price.is_none());
    let content = seen.content.as_ref().expect("content");
    assert_eq!(title(seen), "Portable Clothesline");
    assert_eq!(content.brand.as_deref(), Some("Ayvicco"));
    assert_eq!(
        content.category.as_deref(),
        Some("Home > Laundry, Steaming & Ironing")
    );
    assert!(content.images.is_empty() && content.description.is_none());
}

fn junglee_reduced(bytes: &[u8]) {
    let rows: Vec<Value> = serde_json::from_slice(bytes).expect("JSON");
    let targets: Vec<Target> = rows
        .iter()
        .map(|row| target(SOURCE, "CA", row["asin"].as_str().expect("an ASIN")))
        .collect();
    let read = read(bytes, &targets);
    assert_eq!(read.len(), 12);
    let told: Vec<_> = read
        .iter()
        .map(|(_, outcome)| {
            let values = &observed(outcome)[0].values;
            (values.price, values.rating_hundredths, values.review_count)
        })
        .collect();
    assert_eq!(
        told,
        [
            (None, Some(450), Some(280)),
            (Some(2288), Some(490), Some(38)),
            (Some(19_799), None, None),
            (Some(99_189), Some(440), Some(111)),
            (None, Some(500), Some(2)),
            (Some(397), Some(460), Some(2429)),
            (Some(10_099), Some(480), Some(1167)),
            (Some(10_900), Some(450), Some(14)),
            (Some(2797), Some(470), Some(78)),
            (Some(4399), Some(440), Some(43)),
            (Some(797), Some(470), Some(2245)),
            (Some(1618), Some(470), Some(1171)),
        ]
    );
    for (_, outcome) in &read {
        let seen = &observed(outcome)[0];
        let priced = seen.values.price.is_some();
        assert_eq!(seen.values.currency.as_deref(), priced.then_some("CAD"));
        let offer = if priced {
            Offer::Offered
        } else {
            Offer::NotCollected
        };
        assert_eq!(seen.values.offer, offer);
    }
    let brands: Vec<Option<&str>> = read
        .iter()
        .map(|(_, outcome)| observed(outcome)[0].content.as_ref()?.brand.as_deref())
        .collect();
    assert_eq!((brands[0], brands[1]), (Some("Scepter"), None));
    let first = observed(&read[0].1)[0].content.as_ref().expect("content");
    let text = first.description.as_deref().unwrap_or_default();
    assert!(text.starts_with("Excellent for use with outboard engines"));
    assert_eq!(first.images.len(), 1);
}

fn axesso_item(bytes: &[u8]) {
    let read = read(bytes, &[us("B0CM9DB6WF")]);
    let seen = only(&read);
    assert_eq!(
        seen.listing.external_id, "B0CM9DB6WF",
        "joined by address, not by ASIN"
    );
    assert_eq!(attribute(seen, "shown_variant"), Some("B0CLD7RNM8"));
    let values = &seen.values;
    assert_eq!((values.price, values.list_price), (Some(999), None));
    assert_eq!(values.currency.as_deref(), Some("USD"));
    assert_eq!(values.buy_box_seller.as_deref(), Some("Amazon.com"));
    assert_eq!(
        (values.availability, values.in_stock),
        (Availability::InStock, Some(true))
    );
    assert_eq!(values.rating_hundredths, Some(460));
    assert_eq!(values.review_count, Some(20_796));
    assert_eq!(
        ranks(seen),
        [(71, "Sports & Outdoors"), (6, "Water Bottles")]
    );
    let content = seen.content.as_ref().expect("content");
    assert_eq!(
        content.brand.as_deref(),
        Some("Zak Designs"),
        "without the direction mark"
    );
    assert_eq!((content.images.len(), content.videos.len()), (6, 6));
    assert!(content.features.len() >= 3);
    assert!(
        content
            .description
            .as_deref()
            .is_some_and(|text| text.starts_with("Drinking more water"))
    );
    assert_eq!(
        content.category.as_deref(),
        Some("Sports & Outdoors > Sports & Outdoor Recreation Accessories > Sports Water Bottles")
    );
    for (name, value) in [
        ("fulfilled_by", "Amazon.com"),
        ("seller", "Amazon.com"),
        ("monthly_sales", "1000"),
        ("min_order_quantity", "1"),
        ("category_id", "3395091"),
        ("material", "Plastic, Silicone"),
        ("dimensions", "2.78\"W x 7\"H"),
    ] {
        assert_eq!(attribute(seen, name), Some(value), "{name}");
    }
    assert_eq!(attribute(seen, "seller_id"), None);
    let variants = attribute(seen, "variants").expect("variants without a price");
    assert!(variants.starts_with("B0DM5HVFR2") && !variants.contains("B0CLD7RNM8"));
    assert!(
        content
            .attributes
            .values()
            .all(|text| !text.contains('\u{200e}'))
    );
}

fn axesso_used_buy_box(bytes: &[u8]) {
    let read = read(bytes, &[us("B0DKTNNS1C")]);
    let seen = only(&read);
    assert_eq!(
        seen.values.price,
        Some(2099),
        "the new offer, not the used one"
    );
    assert_eq!(seen.values.stock_quantity, None);
    assert_eq!(seen.values.review_count, Some(35_159));
    assert_eq!(attribute(seen, "condition"), None);
    assert_eq!(attribute(seen, "monthly_sales"), Some("500"));
    let content = seen.content.as_ref().expect("content");
    assert_eq!(content.brand.as_deref(), Some("THERMOS"));
}

fn axesso_page(bytes: &[u8]) {
    let targets = [us("B0BGS8QTSM"), us("B0C6XM9DSV"), us("B0DPPSXQ43")];
    let mut read = read(bytes, &targets);
    read.sort_by_key(|(place, _)| *place);
    assert_eq!(read.len(), 3);
    let first = &observed(&read[0].1)[0];
    assert_eq!(
        (first.values.price, first.values.list_price),
        (Some(1040), Some(1599))
    );
    assert_eq!(
        ranks(first),
        [(2778, "Sports & Outdoors"), (132, "Water Bottles")]
    );
    assert_eq!(
        attribute(first, "barcode"),
        Some("707226943400, 374528123924, 00707226943400")
    );
    assert_eq!(
        attribute(first, "weight"),
        Some("10.72 ounces"),
        "the first of two"
    );
    assert_eq!(attribute(first, "release_date"), Some("2018-07-14"));
    assert_eq!(attribute(first, "monthly_sales"), Some("300"));
    assert_eq!(read[1].1, Outcome::NotFound);
    let gone = &observed(&read[2].1)[0];
    assert_eq!(
        (
            gone.values.offer,
            gone.values.price,
            gone.values.availability
        ),
        (Offer::None, None, Availability::OutOfStock)
    );
    assert_eq!(gone.values.review_count, Some(10_657));
}

/// What a search finds in a dataset of these rows.
fn search(bytes: &[u8], kind: MonitorKind, term: &str, marketplace: &str) -> Hits {
    let rows: Value = serde_json::from_slice(bytes).expect("JSON");
    let rows = match rows {
        Value::Array(rows) => rows,
        row => vec![row],
    };
    let search = Search {
        kind,
        term: term.into(),
        category: None,
        marketplace: marketplace.into(),
        limit: 50,
    };
    wait(async {
        let connector = Apify::with(rows, "SUCCEEDED").serve().await;
        connector
            .search(&search, Work::URGENT, &Recorder::default())
            .await
            .expect("hits")
    })
}

fn wait<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime")
        .block_on(work)
}

fn axesso_search(bytes: &[u8]) {
    let hits = search(bytes, MonitorKind::Keyword, "water bottle", "US");
    assert_eq!(
        (hits.found.len(), hits.total, hits.more),
        (2, Some(48), true)
    );
    let first = &hits.found[0];
    assert_eq!(first.listing.external_id, "B0CLD7RNM8");
    assert!(title(first).starts_with("Zak Designs Barbie Sage"));
    let values = &first.values;
    assert_eq!(
        (values.price, values.list_price, values.currency.as_deref()),
        (Some(999), None, Some("USD"))
    );
    assert_eq!(
        (values.rating_hundredths, values.review_count),
        (Some(460), Some(20_796))
    );
    assert_eq!(
        values.availability,
        Availability::Unknown,
        "a list does not tell"
    );
    assert_eq!(attribute(first, "position"), Some("1"));
    assert_eq!(attribute(first, "sponsored"), None);
    assert_eq!(attribute(first, "monthly_sales"), Some("1000"));
    assert_eq!(
        first.content.as_ref().map(|content| content.images.len()),
        Some(1)
    );
    let second = &hits.found[1];
    assert_eq!(
        (
            second.values.price,
            second.values.offer,
            second.values.currency.as_deref()
        ),
        (None, Offer::NotCollected, None)
    );
    assert_eq!(second.values.rating_hundredths, None);
    assert_eq!(attribute(second, "position"), Some("2"));
    // The same rows, met among the results of products.
    let read = read(bytes, &[us("B08VFC3B3D"), us("B0CLD7RNM8")]);
    assert_eq!(read.len(), 2);
}

fn bestseller_junglee(bytes: &[u8]) {
    let page = "https://www.amazon.com.au/gp/bestsellers/health/5148452051";
    let hits = search(bytes, MonitorKind::Category, page, "AU");
    let [hit] = hits.found.as_slice() else {
        panic!("{hits:?}")
    };
    assert_eq!(hit.listing.external_id, "B0D3V6Y38G");
    assert_eq!(title(hit), "Loop Quiet 2 Ear Plugs");
    assert_eq!(
        (hit.values.price, hit.values.currency.as_deref()),
        (Some(3995), Some("AUD"))
    );
    assert_eq!(
        (hit.values.rating_hundredths, hit.values.review_count),
        (Some(420), Some(23_642))
    );
    assert_eq!(attribute(hit, "position"), Some("1"));
    let content = hit.content.as_ref().expect("content");
    assert_eq!(
        content.category.as_deref(),
        Some("Health, Household & Personal Care > Earplugs")
    );
    assert_eq!(content.images.len(), 1);
    let read = read(bytes, &[target(SOURCE, "AU", "B0D3V6Y38G")]);
    assert_eq!(only(&read).values.price, Some(3995));
}

fn bestseller_crawlerbros(bytes: &[u8]) {
    let hits = search(bytes, MonitorKind::Category, "Electronics", "US");
    let told: Vec<_> = hits
        .found
        .iter()
        .map(|hit| {
            let values = &hit.values;
            (
                hit.listing.external_id.as_str(),
                values.price,
                values.rating_hundredths,
                values.review_count,
                attribute(hit, "position"),
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            (
                "B08XVYZ1Y5",
                Some(2299),
                Some(450),
                Some(125_432),
                Some("1")
            ),
            ("B0933BVK6T", Some(2899), None, None, Some("2")),
        ]
    );
    let first = &hits.found[0];
    assert_eq!(first.values.currency.as_deref(), Some("USD"));
    assert_eq!(title(first), "Amazon Fire TV Stick 4K");
    let content = first.content.as_ref().expect("content");
    assert_eq!(content.category.as_deref(), Some("Electronics"));
    assert_eq!(attribute(first, "offers"), Some("1"));
}

/// A run that goes on in this state and ends later.
fn goes_on(bytes: &[u8]) {
    let mut told: Value = serde_json::from_slice(bytes).expect("JSON");
    let status = match told["data"]["status"].take() {
        Value::String(status) if status == "READY" => "READY",
        status => {
            assert_eq!(status, "RUNNING");
            "RUNNING"
        }
    };
    let apify = Apify::with(vec![item(1)], "SUCCEEDED").change(|inner| {
        inner.extra = own_ids(told["data"].take());
        inner.statuses = [status, status, "SUCCEEDED"].into();
    });
    let recorder = wait(async { crawl(&apify.serve().await, &targets(1)).await });
    assert_eq!(recorder.words(1), ["ok"]);
}

/// A run that is over in this state.
fn ended(bytes: &[u8], word: &str, reason: &str) {
    let mut told: Value = serde_json::from_slice(bytes).expect("JSON");
    let usd = told["data"]["usageTotalUsd"].clone();
    let apify = Apify::with(vec![item(1)], "RUNNING")
        .change(|inner| inner.extra = own_ids(told["data"].take()));
    let recorder = wait(async { crawl(&apify.serve().await, &targets(2)).await });
    assert_eq!(recorder.words(2), ["ok", word]);
    let outcomes = recorder.outcomes.lock().expect("not poisoned");
    let said = outcomes
        .iter()
        .find(|(place, _)| *place == 1)
        .map(|(_, outcome)| outcome.reason());
    assert!(said.is_some_and(|said| said.contains(reason)));
    let costs = recorder.costs.lock().expect("not poisoned");
    assert_eq!(usd, json!(0.2654));
    assert_eq!(
        costs.iter().map(|cost| cost.micro_usd).collect::<Vec<_>>(),
        [265_400]
    );
}

/// A recorded run without the ids that lead elsewhere than to our stand-in.
fn own_ids(mut run: Value) -> Value {
    if let Some(run) = run.as_object_mut() {
        for id in ["id", "defaultDatasetId", "defaultKeyValueStoreId"] {
            assert!(run.remove(id).is_some_and(|id| id.is_string()));
        }
        run.retain(|name, value| name != "status" || !value.is_null());
    }
    run
}

/// A start that is refused so.
fn refused(bytes: &[u8], status: u16, word: &str) {
    let apify = Apify::with(vec![item(1)], "SUCCEEDED").change(|inner| {
        inner
            .faults
            .push(("start", Fault::Body(status, bytes.to_vec())))
    });
    let recorder = wait(async { crawl(&apify.serve().await, &targets(1)).await });
    assert_eq!(recorder.words(1), [word]);
    let body: Value = serde_json::from_slice(bytes).expect("JSON");
    let kind = body["error"]["type"].as_str().expect("a type");
    let outcomes = recorder.outcomes.lock().expect("not poisoned");
    let reason = outcomes[0].1.reason();
    assert!(status == 404 || reason.contains(kind), "{reason}");
}

/// A trouble that passes, met while a paid run is waited for.
fn passes(bytes: &[u8], status: u16) {
    let apify = Apify::with(vec![item(1)], "SUCCEEDED").change(|inner| {
        inner
            .faults
            .push(("poll", Fault::Body(status, bytes.to_vec())))
    });
    let recorder = wait(async { crawl(&apify.serve().await, &targets(1)).await });
    assert_eq!((recorder.words(1), apify.starts()), (vec!["ok"], 1));
}

/// Our input has no field that the recorded one does not know, and each of its type.
fn same_input(bytes: &[u8], marketplace: &str, change: fn(&mut connectors::amazon::Settings)) {
    let apify = Apify::with(Vec::new(), "SUCCEEDED");
    wait(async {
        let connector = apify.serve_with(change).await;
        crawl(&connector, &[target(SOURCE, marketplace, "B0CM9DB6WF")]).await;
    });
    compare(&apify, bytes);
}

fn same_search_input(bytes: &[u8], kind: MonitorKind, term: &str) {
    let apify = Apify::with(Vec::new(), "SUCCEEDED");
    let search = Search {
        kind,
        term: term.into(),
        category: None,
        marketplace: "US".into(),
        limit: 10,
    };
    wait(async {
        let connector = apify.serve().await;
        let recorder = Recorder::default();
        let found = connector.search(&search, Work::URGENT, &recorder).await;
        assert!(found.is_err(), "an empty dataset says nothing");
    });
    compare(&apify, bytes);
}

fn compare(apify: &Apify, bytes: &[u8]) {
    let theirs: Value = serde_json::from_slice(bytes).expect("JSON");
    let ours = apify.inner().runs[0].input.clone();
    fits("", &ours, &theirs);
}

fn fits(path: &str, ours: &Value, theirs: &Value) {
    match (ours, theirs) {
        (Value::Object(ours), Value::Object(theirs)) => {
            for (name, value) in ours {
                let other = theirs
                    .get(name)
                    .unwrap_or_else(|| panic!("{path}/{name} is ours alone"));
                fits(&format!("{path}/{name}"), value, other);
            }
        }
        (Value::Array(ours), Value::Array(theirs)) => {
            fits(&format!("{path}[]"), &ours[0], &theirs[0]);
        }
        _ => assert_eq!(
            std::mem::discriminant(ours),
            std::mem::discriminant(theirs),
            "{path}"
        ),
    }
}
