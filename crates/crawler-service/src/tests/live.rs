//! Previews, live searches and live reads, through the worker.

use contracts::catalog::v1::{Content, Observation, Values};
use contracts::crawl::v1::preview_response::{Candidate, Disagreement, Found, Told};
use contracts::crawl::v1::search_response::Hits;
use contracts::crawl::v1::{
    Failure, LiveResponse, PreviewResponse, SearchResponse, live_response, preview_response,
    search_response,
};
use http::StatusCode;
use serde_json::json;

use super::Stage;
use super::credentials::fields;
use super::peers::{failure, seen};

const PREVIEW: &str = "/api/v1/sources/preview";

fn priced(external_id: &str, price_minor: i64) -> Observation {
    Observation {
        values: Some(Values {
            offer: 1,
            currency: Some("EUR".to_owned()),
            price_minor: Some(price_minor),
            ..Values::default()
        }),
        content: Some(Content {
            title: Some("A lamp".to_owned()),
            ..Content::default()
        }),
        ..seen("amazon", external_id)
    }
}

fn refuse(stage: &Stage, failure: Failure) {
    let mut script = stage.peers.script();
    script.preview.result = Some(preview_response::Result::Failure(failure.clone()));
    script.search.result = Some(search_response::Result::Failure(failure.clone()));
    script.live.result = Some(live_response::Result::Failure(failure));
}

#[tokio::test]
async fn a_preview_tells_what_each_strategy_found_and_where_they_differ() {
    let stage = Stage::new().await;
    let client = stage.client("bw_mine_write");
    let candidate = |strategy: &str, confidence, price| Candidate {
        strategy: strategy.to_owned(),
        confidence,
        observation: Some(priced("B000000007", price)),
        variants: Vec::new(),
    };
    let told = |strategy: &str, value: &str| Told {
        strategy: strategy.to_owned(),
        value: value.to_owned(),
    };
    stage.peers.script().preview = PreviewResponse {
        result: Some(preview_response::Result::Found(Found {
            source: "amazon".to_owned(),
            marketplace: "US".to_owned(),
            external_id: "B000000007".to_owned(),
            url: "https://www.amazon.com/dp/B000000007".to_owned(),
            candidates: vec![
                candidate("json_ld", 90, 1_999),
                candidate("text", 20, 2_999),
            ],
            disagreements: vec![Disagreement {
                field: "price".to_owned(),
                told: vec![told("json_ld", "19.99"), told("text", "29.99")],
            }],
        })),
    };
    let body = json!({"url": "https://www.amazon.com/dp/B000000007"});
    let shown = client
        .post(PREVIEW, body.clone())
        .await
        .expect(StatusCode::OK);
    assert_eq!(
        (&shown["chosen"], &shown["tracked"]),
        (&json!("json_ld"), &json!(null))
    );
    let product = &shown["candidates"][0]["product"];
    assert_eq!(
        product["price"],
        json!({"amount": "19.99", "currency": "EUR"})
    );
    assert_eq!(
        (&product["title"], &product["rating"]),
        (&json!("A lamp"), &json!(null))
    );
    assert_eq!(
        shown["disagreements"],
        json!([{"field": "price", "told": [{"strategy": "json_ld", "value": "19.99"},
                                          {"strategy": "text", "value": "29.99"}]}])
    );
    stage.track(7, 1).await;
    let shown = client
        .post(PREVIEW, body.clone())
        .await
        .expect(StatusCode::OK);
    assert_eq!(shown["tracked"]["product_id"], json!(7));
    let theirs = stage.client("bw_theirs_write").post(PREVIEW, body).await;
    assert_eq!(theirs.expect(StatusCode::OK)["tracked"], json!(null));
}

#[tokio::test]
async fn a_preview_by_id_looks_at_the_page_that_the_source_has_for_it() {
    let stage = Stage::new().await;
    let client = stage.client("bw_mine_write");
    refuse(&stage, failure("not_found", false, None));
    let amazon = json!({"source": "amazon", "marketplace": "de", "external_id": "b000000007"});
    client
        .post(PREVIEW, amazon)
        .await
        .expect(StatusCode::NOT_FOUND);
    let asked = stage.peers.script().previews.pop().expect("one went out");
    assert_eq!(asked.url, "https://www.amazon.de/dp/B000000007");
    for (body, field) in [
        (json!({}), "url"),
        (json!({"source": "amazon"}), "url"),
        (json!({"source": "nowhere", "external_id": "1"}), "source"),
        (
            json!({"source": "amazon", "external_id": "not an ASIN"}),
            "external_id",
        ),
        (
            json!({"source": "haier", "external_id": "GA0SZC00U"}),
            "external_id",
        ),
    ] {
        let refused = client.post(PREVIEW, body.clone()).await;
        assert_eq!(refused.fields(), [field], "{body}");
    }
    assert!(
        stage.peers.script().previews.is_empty(),
        "nobody went out for those"
    );
}

#[tokio::test]
async fn every_failure_of_a_preview_has_its_problem() {
    let stage = Stage::new().await;
    let client = stage.client("bw_mine_write");
    for url in [
        "not an address",
        "ftp://shop.example/a",
        "https://www.amazon.com/gp/help",
    ] {
        assert_eq!(
            client.post(PREVIEW, json!({"url": url})).await.fields(),
            ["url"],
            "{url}"
        );
    }
    assert!(
        stage.peers.script().previews.is_empty(),
        "nobody went out for those"
    );
    let body = json!({"url": "https://www.amazon.com/dp/B000000007"});
    for (outcome, retryable, status) in [
        ("not_found", false, 404),
        ("blocked", true, 502),
        ("malformed", true, 502),
        ("network", true, 502),
        ("failed", true, 502),
        ("failed", false, 422),
        ("timeout", true, 504),
        ("rate_limited", true, 429),
    ] {
        refuse(&stage, failure(outcome, retryable, Some(7)));
        let answer = client.post(PREVIEW, body.clone()).await;
        assert_eq!(answer.status.as_u16(), status, "{outcome}: {}", answer.body);
        if status == 429 {
            assert_eq!(answer.headers["retry-after"], "7");
        }
        let told = answer.body.to_string().to_lowercase();
        assert!(told.contains(&format!("it was {outcome}")), "{told}");
    }
    stage.peers.script().hangs = true;
    let late = client.post(PREVIEW, body).await;
    assert_eq!(late.status, StatusCode::GATEWAY_TIMEOUT);
    assert_eq!(late.headers["content-type"], "application/problem+json");
}

#[tokio::test]
async fn a_tenant_waits_for_a_few_at_once_and_others_are_free() {
    let stage = Stage::new().await;
    stage.peers.script().hangs = true;
    let body = json!({"url": "https://www.amazon.com/dp/B000000007"});
    let mine = stage.client("bw_mine_write");
    let at_once = stage.state.settings.live_per_tenant;
    let waiting: Vec<_> = (0..at_once)
        .map(|_| {
            let (mine, body) = (mine.clone(), body.clone());
            tokio::spawn(async move { mine.post(PREVIEW, body).await.status })
        })
        .collect();
    super::eventually("all of them wait", async || {
        stage.peers.script().previews.len() == at_once
    })
    .await;
    let refused = mine.post(PREVIEW, body.clone()).await;
    assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS);
    assert!(refused.headers.contains_key("retry-after"));
    let theirs = stage.client("bw_theirs_write").post(PREVIEW, body).await;
    assert_eq!(
        theirs.status,
        StatusCode::GATEWAY_TIMEOUT,
        "it had its turn"
    );
    for one in waiting {
        assert_eq!(one.await.expect("ended"), StatusCode::GATEWAY_TIMEOUT);
    }
}

#[tokio::test]
async fn a_source_is_searched_live_as_it_can_be() {
    let stage = Stage::new().await;
    let client = stage.client("bw_mine_write");
    stage.peers.script().search = SearchResponse {
        result: Some(search_response::Result::Hits(Hits {
            found: vec![priced("B000000001", 100), priced("B000000002", 200)],
            total: Some(40),
            more: true,
        })),
    };
    let path = "/api/v1/sources/amazon/search";
    let found = client
        .get(&format!("{path}?q=ear%20buds&marketplace=de&limit=2"))
        .await;
    let found = found.expect(StatusCode::OK);
    assert_eq!(
        (&found["total"], &found["more"], &found["marketplace"]),
        (&json!(40), &json!(true), &json!("DE"))
    );
    assert_eq!(found["items"][1]["price"]["amount"], json!("2.00"));
    client
        .get(&format!("{path}?category=172282"))
        .await
        .expect(StatusCode::OK);
    // Whoever may only look does not spend the tenant's money.
    let looking = stage.client("bw_mine");
    let refused = looking.get(&format!("{path}?q=ear")).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    looking
        .get("/api/v1/sources/popmart/search?q=ear")
        .await
        .expect(StatusCode::OK);
    {
        let script = stage.peers.script();
        let asked: Vec<_> = script
            .searches
            .iter()
            .filter_map(|one| one.search.clone())
            .collect();
        assert_eq!((asked[0].kind.as_str(), asked[0].limit), ("keyword", 2));
        assert_eq!(
            (asked[1].kind.as_str(), asked[1].term.as_str()),
            ("category", "172282")
        );
    }
    assert_eq!(client.get(path).await.fields(), ["q"]);
    assert_eq!(
        client
            .get(&format!("{path}?q=x&marketplace=XX"))
            .await
            .fields(),
        ["marketplace"]
    );
    assert_eq!(
        client.get(&format!("{path}?q=x&limit=1000")).await.fields(),
        ["limit"]
    );
    assert_eq!(
        client
            .get("/api/v1/sources/web/search?q=x&marketplace=DE")
            .await
            .fields(),
        ["q"]
    );
    assert_eq!(
        client
            .get("/api/v1/sources/nowhere/search?q=x")
            .await
            .status,
        StatusCode::NOT_FOUND
    );
    let without = client.get("/api/v1/sources/haier/search?category=tv").await;
    assert_eq!(without.fields(), ["credential"]);
    refuse(&stage, failure("rate_limited", true, Some(30)));
    let slow = client.get(&format!("{path}?q=x")).await;
    assert_eq!(
        (slow.status.as_u16(), &slow.headers["retry-after"]),
        (429, &"30".parse().expect("a header"))
    );
}

#[tokio::test]
async fn live_reads_use_the_tenants_credential_and_land_in_the_catalogue() {
    let stage = Stage::new().await;
    let client = stage.client("bw_mine");
    let path = |rest: &str| format!("/api/v1/sources/haier/{rest}");
    assert_eq!(client.get(&path("balance")).await.fields(), ["credential"]);
    let admin = stage.client("bw_mine_admin");
    admin
        .put(&path("credential"), fields("x"))
        .await
        .expect(StatusCode::OK);
    stage.peers.script().live = LiveResponse {
        result: Some(live_response::Result::Answer(live_response::Answer {
            body: json!({"items": [{"product_code": "A1"}]}).to_string(),
            observations: vec![seen("haier", "A1")],
        })),
    };
    let read = client.get(&path("prices?product_codes=A1,%20B2")).await;
    assert_eq!(
        read.expect(StatusCode::OK)["items"][0]["product_code"],
        json!("A1")
    );
    for rest in [
        "products",
        "balance",
        "logistics?order_code=O-1",
        "stock?product_code=A1&county_code=310101",
    ] {
        client.get(&path(rest)).await.expect(StatusCode::OK);
    }
    {
        let script = stage.peers.script();
        let first = &script.lives[0];
        assert_eq!(
            (
                first.name.as_str(),
                first.parameters["product_codes"].as_str()
            ),
            ("prices", "A1, B2")
        );
        assert_eq!(first.credential["client_secret"], "x");
        let recorded = &script.recorded[0];
        assert!(recorded.monitor.is_none());
        assert_eq!(recorded.tenant_id, stage.tenant.to_string());
        assert_eq!(
            recorded.hits[0].owner_tenant_id,
            Some(stage.tenant.to_string())
        );
        assert_eq!(script.lives.len(), 5);
    }
    for (rest, field) in [
        ("prices", "product_codes"),
        ("prices?product_codes=A1;drop", "product_codes"),
        ("stock?product_code=A1&county_code=31", "county_code"),
        (
            "products?product_codes=A1&product_codes=B2",
            "product_codes",
        ),
        ("stock?county_code=310101", "product_code"),
        ("logistics", "order_code"),
        ("balance?x=1", "x"),
    ] {
        assert_eq!(client.get(&path(rest)).await.fields(), [field], "{rest}");
    }
    // Core away costs the catalogue a row, not the caller the answer.
    stage.peers.script().core_away = true;
    client.get(&path("products")).await.expect(StatusCode::OK);
    refuse(&stage, failure("blocked", true, None));
    assert_eq!(
        client.get(&path("balance")).await.status,
        StatusCode::BAD_GATEWAY
    );
}
