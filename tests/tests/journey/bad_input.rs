use anyhow::ensure;
use reqwest::{Method, StatusCode};
use serde_json::json;

use crate::{one_process, told};

/// Every refusal is a problem that says what to do.
#[tokio::test(flavor = "multi_thread")]
async fn bad_input_is_a_problem_that_says_what_to_do() -> anyhow::Result<()> {
    let installation = one_process().await?;
    told(&installation, async {
        let api = installation.demo();
        let post = |path: &str| api.request(Method::POST, path);
        let url = "https://www.amazon.com/dp/B0BADINPUT";
        let cases = [
            (
                "malformed JSON",
                post("/trackings")
                    .header("content-type", "application/json")
                    .body("{\"url\":"),
                StatusCode::BAD_REQUEST,
            ),
            (
                "unknown field",
                post("/trackings").json(&json!({ "url": url, "colour": "red" })),
                StatusCode::UNPROCESSABLE_ENTITY,
            ),
            (
                "negative interval",
                post("/trackings").json(&json!({ "url": url, "interval_seconds": -5 })),
                StatusCode::UNPROCESSABLE_ENTITY,
            ),
            (
                "interval too short",
                post("/trackings").json(&json!({ "url": url, "interval_seconds": 1 })),
                StatusCode::UNPROCESSABLE_ENTITY,
            ),
            (
                "credentials in a URL",
                post("/trackings").json(&json!({ "url": "https://me:secret@shop.example/item/1" })),
                StatusCode::UNPROCESSABLE_ENTITY,
            ),
            (
                "not a URL",
                post("/trackings").json(&json!({ "url": "headphones" })),
                StatusCode::UNPROCESSABLE_ENTITY,
            ),
            (
                "2 MB body",
                post("/trackings").json(&json!({ "url": "x".repeat(2 * 1024 * 1024) })),
                StatusCode::PAYLOAD_TOO_LARGE,
            ),
            (
                "wrong content type",
                post("/trackings")
                    .header("content-type", "text/plain")
                    .body("{}"),
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
            ),
            (
                "unknown id",
                api.request(Method::GET, "/products/999999999"),
                StatusCode::NOT_FOUND,
            ),
            (
                "malformed id",
                api.request(Method::GET, "/products/abc"),
                StatusCode::NOT_FOUND,
            ),
            (
                "unknown path",
                api.request(Method::GET, "/nothing-here"),
                StatusCode::NOT_FOUND,
            ),
            (
                "wrong method",
                api.request(Method::DELETE, "/products"),
                StatusCode::METHOD_NOT_ALLOWED,
            ),
            (
                "unknown source",
                api.request(Method::GET, "/products?source=ebay"),
                StatusCode::UNPROCESSABLE_ENTITY,
            ),
        ];
        for (name, request, status) in cases {
            let answer = api.answer(request).await?;
            ensure!(
                answer.status == status,
                "{name}: {} {}",
                answer.status,
                answer.body
            );
            ensure!(
                answer.media_type == "application/problem+json",
                "{name}: {}",
                answer.media_type
            );
            for field in ["type", "title", "status", "detail", "instance", "trace_id"] {
                ensure!(
                    !answer.body[field].is_null(),
                    "{name}: no {field} in {}",
                    answer.body
                );
            }
            if status == StatusCode::UNPROCESSABLE_ENTITY {
                let first = &answer.body["errors"][0];
                ensure!(
                    first["field"].is_string() && first["message"].is_string(),
                    "{name}: {}",
                    answer.body
                );
            }
        }
        let nobody = reqwest::get(format!("{}/api/v1/products", installation.text("url"))).await?;
        ensure!(
            nobody.status() == StatusCode::UNAUTHORIZED,
            "without a credential: {}",
            nobody.status()
        );
        Ok(())
    })
    .await
}
