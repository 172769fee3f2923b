//! What listings say of themselves.

use contracts::catalog::v1::Observation;
use serde_json::json;

use crate::observation::{Learnt, ago, seen};
use crate::stage::{MINE, Stage};

/// A look at a listing that says this title.
fn titled(asin: &str, minutes: i64, round: i64, title: &str) -> Observation {
    seen(asin, ago(minutes), round).price(2_000).titled(title)
}

#[tokio::test]
async fn descriptions_and_films_are_kept_within_bounds() {
    let stage = Stage::new().await;
    let product = stage.track(MINE, "B0TEXTS001").await;
    let mut look = seen("B0TEXTS001", ago(30), 1).price(2_000).titled("Lamp");
    let content = look.content.as_mut().expect("content");
    content.description = Some("光".repeat(30_000));
    content.videos = vec![String::new(), "https://films.example/1.mp4".into()];
    stage.crawled(vec![look]).await;
    let path = format!("/products/{product}");
    let shown = stage.get(MINE, &path).await.body;
    let text = shown["description"].as_str().expect("a text");
    assert_eq!(text.chars().count(), 20_000);
    assert_eq!(shown["videos"], json!(["https://films.example/1.mp4"]));
    stage
        .crawled(vec![
            seen("B0TEXTS001", ago(20), 2).price(2_000).titled("Lamp"),
        ])
        .await;
    let shown = stage.get(MINE, &path).await.body;
    assert!(
        shown["description"].is_string(),
        "what a look does not tell stays"
    );
    let listed = stage.get(MINE, "/products").await.body;
    assert!(
        listed["items"][0].get("description").is_none(),
        "too long for lists"
    );
}

#[tokio::test]
async fn what_an_older_look_says_only_fills_what_is_not_known() {
    let stage = Stage::new().await;
    let product = stage.track(MINE, "B0TEXTS002").await;
    let rule = json!({ "condition": { "test": "content" } });
    let made = stage.post(MINE, "/alert-rules", &rule).await;
    assert_eq!(made.status.as_u16(), 201, "{}", made.body);
    let look = |minutes, round, title: &str| titled("B0TEXTS002", minutes, round, title);
    stage.crawled(vec![look(60, 1, "Old")]).await;
    stage.crawled(vec![look(40, 2, "New")]).await;
    // It confirms the title, which changes nothing.
    stage.crawled(vec![look(20, 3, "New")]).await;
    let mut late = look(30, 0, "Old");
    late.content.as_mut().expect("content").brand = Some("Acme".into());
    stage.crawled(vec![late]).await;
    let mut imported = look(10, 0, "From a file");
    imported.content.as_mut().expect("content").description = Some("Bright".into());
    stage.imported(vec![imported]).await;
    let shown = stage.get(MINE, &format!("/products/{product}")).await.body;
    assert_eq!(
        (&shown["title"], &shown["brand"], &shown["description"]),
        (&json!("New"), &json!("Acme"), &json!("Bright"))
    );
    let alerts = stage.get(MINE, "/alerts?kind=content").await.body;
    assert_eq!(
        alerts["items"].as_array().map(Vec::len),
        Some(1),
        "the title became another one once: {alerts}"
    );
}

#[tokio::test]
async fn one_brand_has_one_spelling_in_a_source() {
    let stage = Stage::new().await;
    let spelled = |asin: &str, minutes: i64, brand: &str, category: &str| {
        let mut look = seen(asin, ago(minutes), 0).titled(asin);
        let content = look.content.as_mut().expect("content");
        content.brand = Some(brand.into());
        content.category = Some(category.into());
        look
    };
    for n in 1..=4 {
        stage.track(MINE, &format!("B0BRANDS0{n}")).await;
    }
    stage
        .crawled(vec![spelled(
            "B0BRANDS01",
            30,
            "POP MART",
            "Toys > Figures",
        )])
        .await;
    stage
        .crawled(vec![
            spelled("B0BRANDS02", 20, "Pop Mart", "toys>figures"),
            spelled("B0BRANDS03", 20, "ＰＯＰＭＡＲＴ", "Toys > Figures"),
            spelled("B0BRANDS04", 20, "Other", "Toys"),
        ])
        .await;
    let count = async |query: &str| {
        let answer = stage.get(MINE, &format!("/products?{query}")).await;
        answer.body["items"].as_array().expect("items").len()
    };
    assert_eq!(count("brand=POP%20MART").await, 3);
    assert_eq!(count("category=Toys%20%3E%20Figures").await, 3);
    assert_eq!(count("brand=Other").await, 1);
    assert_eq!(
        stage
            .one::<i64>("select count(*) from catalog.spelling where kind = 'brand'")
            .await,
        2
    );
}

#[tokio::test]
async fn what_is_said_again_is_not_learnt_again_and_what_is_said_anew_is() {
    let stage = Stage::new().await;
    let product = stage.track(MINE, "B0TEXTS003").await;
    let look = |minutes, round, title: &str| titled("B0TEXTS003", minutes, round, title);
    let shown = async || {
        let product = stage.get(MINE, &format!("/products/{product}")).await.body;
        product["title"].as_str().map(str::to_owned)
    };
    stage.crawled(vec![look(60, 1, "Lamp")]).await;
    // A stranger's hand shows that the same words are not written once more.
    let _: i64 = stage
        .one("update catalog.listing set title = 'by hand' returning id")
        .await;
    stage.crawled(vec![look(50, 2, "Lamp")]).await;
    assert_eq!(shown().await.as_deref(), Some("by hand"));
    stage.crawled(vec![look(40, 3, "Bright lamp")]).await;
    assert_eq!(shown().await.as_deref(), Some("Bright lamp"));
    stage.crawled(vec![look(30, 4, "Lamp")]).await;
    assert_eq!(shown().await.as_deref(), Some("Lamp"));
}

#[tokio::test]
async fn words_that_came_too_late_once_are_learnt_when_they_are_said_again() {
    let stage = Stage::new().await;
    let product = stage.track(MINE, "B0TEXTS004").await;
    let page = |minutes, round, title: &str| titled("B0TEXTS004", minutes, round, title);
    stage.crawled(vec![page(60, 1, "First")]).await;
    // A list tells words and no figure: it is newer than the page that arrives after it.
    let listed = seen("B0TEXTS004", ago(30), 0).titled("Of the list");
    stage.crawled(vec![listed]).await;
    stage.crawled(vec![page(40, 2, "Second")]).await;
    let path = format!("/products/{product}");
    assert_eq!(stage.get(MINE, &path).await.body["title"], "Of the list");
    stage.crawled(vec![page(20, 3, "Second")]).await;
    assert_eq!(stage.get(MINE, &path).await.body["title"], "Second");
}

#[tokio::test]
async fn a_word_that_was_new_is_looked_up_once_more() {
    let stage = Stage::new().await;
    stage.track(MINE, "B0BRANDS11").await;
    let digests = async || {
        let sql = "select count(digest) from catalog.content_said";
        stage.one::<i64>(sql).await
    };
    for (round, known) in [(1, 0), (2, 1)] {
        let mut look = seen("B0BRANDS11", ago(60 - round), round).titled("Doll");
        look.content.as_mut().expect("content").brand = Some("POP MART".into());
        stage.crawled(vec![look]).await;
        // Two batches may see a new word at the same moment, and each keep its spelling until the next look.
        assert_eq!(digests().await, known, "after look {round}");
    }
}
