//! Categories: keywords as monitors in several sources.

use http::StatusCode;
use serde_json::{Value, json};
use uuid::Uuid;

use super::Stage;

const PATH: &str = "/api/v1/categories";

/// (source, keyword, whether it is due) of a category's monitors, in order.
fn monitors(category: &Value) -> Vec<(String, String, bool)> {
    let of = |one: &Value| {
        let text = |key: &str| one[key].as_str().expect("a text").to_owned();
        (
            text("source"),
            text("keyword"),
            one["next_due_at"].is_string(),
        )
    };
    let all = category["monitors"].as_array().expect("a list");
    let mut all: Vec<_> = all.iter().map(of).collect();
    all.sort();
    all
}

fn due(source: &str, keyword: &str) -> (String, String, bool) {
    (source.to_owned(), keyword.to_owned(), true)
}

#[tokio::test]
async fn each_keyword_is_searched_in_each_source_that_costs_nothing() {
    let stage = Stage::new().await;
    let client = stage.client("bw_mine_write");
    let body = json!({"name": "Toys", "keywords": ["labubu", " Skullpanda ", "LABUBU"], "auto_crawl": true});
    let made = client
        .post(PATH, body.clone())
        .await
        .expect(StatusCode::CREATED);
    assert_eq!(made["keywords"], json!(["labubu", "Skullpanda"]));
    assert_eq!(
        monitors(&made),
        [due("popmart", "Skullpanda"), due("popmart", "labubu")]
    );
    assert_eq!(
        client.post(PATH, body).await.fields(),
        ["name"],
        "names are taken once"
    );
    let topology = stage.state.bus.topology().clone();
    let dispatcher = stage.dispatcher_of(connectors::popmart::SOURCE, topology);
    assert_eq!(
        dispatcher.pass().await.expect("dispatched").published,
        2,
        "at once"
    );

    // A credential makes its source one of them.
    let id = made["id"].as_str().expect("an id").to_owned();
    let path = format!("{PATH}/{id}");
    let admin = stage.client("bw_mine_admin");
    let known = connectors::about(connectors::alibaba1688::SOURCE).expect("registered");
    let fields: serde_json::Map<String, Value> = known
        .credential
        .iter()
        .map(|field| (field.name.to_owned(), json!("1")))
        .collect();
    admin
        .put(
            "/api/v1/sources/alibaba1688/credential",
            json!({"fields": fields}),
        )
        .await
        .expect(StatusCode::OK);
    let shown = client.get(&path).await.expect(StatusCode::OK);
    assert_eq!(monitors(&shown).len(), 4);
    admin.delete("/api/v1/sources/alibaba1688/credential").await;
    let shown = client.get(&path).await.expect(StatusCode::OK);
    assert_eq!(monitors(&shown).len(), 2);
}

#[tokio::test]
async fn a_category_decides_over_its_monitors() {
    let stage = Stage::new().await;
    let client = stage.client("bw_mine_write");
    let body = json!({"name": "Audio", "keywords": ["buds"], "auto_crawl": false, "sources": ["amazon"],
                      "marketplace": "de"});
    let made = client.post(PATH, body).await.expect(StatusCode::CREATED);
    assert!(monitors(&made).is_empty(), "nobody asked for it yet");
    let path = format!("{PATH}/{}", made["id"].as_str().expect("an id"));
    let on = client
        .patch(&path, json!({"auto_crawl": true}))
        .await
        .expect(StatusCode::OK);
    assert_eq!(monitors(&on), [due("amazon", "buds")]);
    assert_eq!(on["monitors"][0]["marketplace"], json!("DE"));
    let monitor = on["monitors"][0]["id"].as_str().expect("an id").to_owned();
    let conflict = client.delete(&format!("/api/v1/monitors/{monitor}")).await;
    assert_eq!(conflict.status, StatusCode::CONFLICT);
    let listed = client
        .get(&format!(
            "/api/v1/monitors?category_id={}",
            made["id"].as_str().expect("an id")
        ))
        .await;
    assert_eq!(listed.body["items"][0]["id"], json!(monitor));

    let more = client
        .patch(&path, json!({"keywords": ["buds", "cans"]}))
        .await;
    let more = more.expect(StatusCode::OK);
    assert_eq!(
        monitors(&more),
        [due("amazon", "buds"), due("amazon", "cans")]
    );
    let kept = |category: &Value| {
        let all = category["monitors"].as_array().expect("a list").clone();
        all.iter().any(|one| one["id"] == json!(monitor))
    };
    assert!(kept(&more));
    let less = client
        .patch(&path, json!({"keywords": ["cans"]}))
        .await
        .expect(StatusCode::OK);
    assert!(!kept(&less));
    assert_eq!(stage.peers.script().forgotten, [monitor]);
    let off = client
        .patch(&path, json!({"auto_crawl": false}))
        .await
        .expect(StatusCode::OK);
    assert_eq!(
        monitors(&off),
        [("amazon".to_owned(), "cans".to_owned(), false)]
    );

    assert_eq!(client.delete(&path).await.status, StatusCode::NO_CONTENT);
    assert_eq!(client.get(&path).await.status, StatusCode::NOT_FOUND);
    assert_eq!(
        client.get("/api/v1/monitors").await.body["items"],
        json!([])
    );
    assert_eq!(stage.peers.script().forgotten.len(), 2);
}

#[tokio::test]
async fn bad_categories_are_named_and_others_categories_are_unknown() {
    let stage = Stage::new().await;
    let client = stage.client("bw_mine_write");
    for (body, fields) in [
        (
            json!({"name": " ", "keywords": [" "]}),
            vec!["name", "keywords"],
        ),
        (
            json!({"name": "x", "keywords": ["x"], "sources": ["web", "nowhere"]}),
            vec!["sources[0]", "sources[1]"],
        ),
        (
            json!({"name": "x", "keywords": ["x"], "sources": ["amazon"], "marketplace": "ZZ"}),
            vec!["marketplace"],
        ),
        (json!({"name": "x", "keywords": []}), vec!["keywords"]),
    ] {
        let mut named = client.post(PATH, body).await.fields();
        named.retain(|field| field != "marketplace" || fields.contains(&"marketplace"));
        assert_eq!(named, fields);
    }
    let made = client
        .post(PATH, json!({"name": "x", "keywords": ["x"]}))
        .await;
    let made = made.expect(StatusCode::CREATED);
    let path = format!("{PATH}/{}", made["id"].as_str().expect("an id"));
    let never = format!("{PATH}/{}", Uuid::now_v7());
    let theirs = stage.client("bw_theirs_admin");
    for (method, body) in [
        ("GET", None),
        ("PATCH", Some(json!({"name": "y"}))),
        ("DELETE", None),
    ] {
        let known = theirs.call(method, &path, body.clone()).await;
        let unknown = theirs.call(method, &never, body).await;
        assert_eq!(known.status, StatusCode::NOT_FOUND, "{method}");
        assert_eq!(known.body["detail"], unknown.body["detail"]);
    }
    assert_eq!(theirs.get(PATH).await.body["items"], json!([]));
    theirs
        .post(PATH, json!({"name": "x", "keywords": ["x"]}))
        .await
        .expect(StatusCode::CREATED);
}
