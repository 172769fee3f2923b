//! Products, trackings, alerts and the event stream.

use serde_json::json;

use super::case::{Case, Done, Needs, case, delete, get, patch, post};

pub fn cases() -> Vec<Case> {
    use Needs::{Crawl, Read, Write};
    let rule = json!({ "condition": { "test": "content" } });
    let of_tracking = json!({ "condition": { "test": "content" }, "tracking_id": "{tracking}" });
    vec![
        case(
            "create_tracking",
            Write,
            post("/api/v1/trackings").with(json!({
                "source": "amazon", "marketplace": "US", "external_id": "{asin}", "interval_seconds": 604_800,
            })),
        )
        .gives("tracking", "/id")
        .gives("product", "/product_id"),
        case("list_trackings", Read, get("/api/v1/trackings")),
        case("get_tracking", Read, get("/api/v1/trackings/{tracking}")),
        case(
            "update_tracking",
            Write,
            patch("/api/v1/trackings/{tracking}", json!({ "tags": ["walk"] })),
        ),
        case(
            "delete_tracking",
            Write,
            delete("/api/v1/trackings/{tracking}"),
        ),
        case(
            "preview_schedule",
            Read,
            post("/api/v1/trackings/schedule-preview").with(json!({ "interval_seconds": 86_400 })),
        ),
        case("list_products", Read, get("/api/v1/products")),
        case("product_facets", Read, get("/api/v1/products/facets")),
        case(
            "products_history",
            Read,
            get("/api/v1/products/history?ids={product}"),
        ),
        case("get_product", Read, get("/api/v1/products/{product}")),
        case(
            "product_history",
            Read,
            get("/api/v1/products/{product}/history"),
        ),
        case(
            "product_history_csv",
            Read,
            get("/api/v1/products/{product}/history.csv"),
        ),
        case(
            "get_quality",
            Read,
            get("/api/v1/products/{product}/quality"),
        ),
        case(
            "product_statistics",
            Read,
            get("/api/v1/products/{product}/statistics"),
        ),
        case(
            "refresh_product",
            Crawl,
            post("/api/v1/products/{product}/refresh"),
        ),
        case(
            "create_alert_rule",
            Write,
            post("/api/v1/alert-rules").with(rule.clone()),
        )
        .also(post("/api/v1/alert-rules").with(of_tracking))
        .gives("alert_rule", "/id"),
        case("list_alert_rules", Read, get("/api/v1/alert-rules"))
            .also(get("/api/v1/alert-rules?tracking_id={tracking}")),
        case(
            "get_alert_rule",
            Read,
            get("/api/v1/alert-rules/{alert_rule}"),
        ),
        case(
            "update_alert_rule",
            Write,
            patch(
                "/api/v1/alert-rules/{alert_rule}",
                json!({ "name": "walked" }),
            ),
        ),
        case(
            "delete_alert_rule",
            Write,
            delete("/api/v1/alert-rules/{alert_rule}"),
        ),
        case(
            "test_alert_rule",
            Read,
            post("/api/v1/alert-rules/test")
                .with(json!({ "rule": rule, "product_id": "{product}" })),
        )
        .also(post("/api/v1/alert-rules/test").with(json!({ "rule_id": "{alert_rule}" })))
        .also(
            post("/api/v1/alert-rules/test")
                .with(json!({ "rule": rule, "tracking_id": "{tracking}" })),
        ),
        case("list_alerts", Read, get("/api/v1/alerts"))
            .also(get("/api/v1/alerts?product_id={product}")),
        case(
            "acknowledge_alert",
            Write,
            post("/api/v1/alerts/{alert}/ack"),
        )
        .done(Done::InTheDemo),
        case("stream_events", Read, get("/api/v1/events")),
    ]
}
