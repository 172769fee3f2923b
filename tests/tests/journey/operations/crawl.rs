//! Crawls, sources, credentials, monitors, categories, the scheduler and syncs.

use serde_json::json;

use super::case::{Case, Done, Needs, case, delete, get, patch, post, put};

pub fn cases() -> Vec<Case> {
    use Needs::{Admin, Crawl, Read, Write};
    // What the simulated distributor takes.
    let credential = json!({ "fields": {
        "client_id": "sim-haier-client", "client_secret": "sim-haier-secret", "customer_code": "8800400500",
        "send_to_code": "8800400500", "password": "sim-haier-password", "county_code": "370212",
    }});
    let setting = json!({ "enabled": false, "keywords": ["walk"], "interval_seconds": 86_400 });
    vec![
        case("list_sources", Read, get("/api/v1/sources")),
        case("get_source", Read, get("/api/v1/sources/haier")),
        case(
            "put_credential",
            Admin,
            put("/api/v1/sources/haier/credential", credential),
        ),
        case(
            "get_credential",
            Read,
            get("/api/v1/sources/haier/credential"),
        ),
        case(
            "test_credential",
            Admin,
            post("/api/v1/sources/haier/credential/test"),
        ),
        case(
            "delete_credential",
            Admin,
            delete("/api/v1/sources/haier/credential"),
        ),
        case(
            "haier_products",
            Read,
            get("/api/v1/sources/haier/products"),
        ),
        case("haier_prices", Read, get("/api/v1/sources/haier/prices")),
        case("haier_stock", Read, get("/api/v1/sources/haier/stock")),
        case("haier_balance", Read, get("/api/v1/sources/haier/balance")),
        case(
            "haier_logistics",
            Read,
            get("/api/v1/sources/haier/logistics?order_code=1"),
        ),
        case(
            "search_source",
            Read,
            get("/api/v1/sources/popmart/search?q=walk"),
        ),
        case(
            "preview_page",
            Write,
            post("/api/v1/sources/preview").with(json!({ "url": "{web_url}" })),
        ),
        case(
            "start_manual_crawl",
            Crawl,
            post("/api/v1/crawl/manual").with(json!({ "product_ids": ["{product}"] })),
        )
        .gives("crawl", "/crawl_id"),
        case("list_crawls", Read, get("/api/v1/crawls")),
        case("get_crawl", Read, get("/api/v1/crawls/{crawl}")),
        case(
            "watch_crawl",
            Read,
            get("/api/v1/crawls/{crawl}/events"),
        ),
        case(
            "cancel_crawl",
            Crawl,
            post("/api/v1/crawls/{crawl}/cancel"),
        ),
        case("retry_crawl", Crawl, post("/api/v1/crawls/{crawl}/retry")).done(Done::Seldom(
            "it needs a crawl that is over and in which something failed",
        )),
        case(
            "create_monitor",
            Write,
            post("/api/v1/monitors").with(json!({
                "name": "walk", "source": "amazon", "kind": "keyword", "term": "walk", "marketplace": "US",
            })),
        )
        .gives("monitor", "/id"),
        case("list_monitors", Read, get("/api/v1/monitors")),
        case("get_monitor", Read, get("/api/v1/monitors/{monitor}")),
        case(
            "update_monitor",
            Write,
            patch(
                "/api/v1/monitors/{monitor}",
                json!({ "name": "walked" }),
            ),
        ),
        case(
            "run_monitor",
            Crawl,
            post("/api/v1/monitors/{monitor}/run"),
        ),
        case(
            "delete_monitor",
            Write,
            delete("/api/v1/monitors/{monitor}"),
        ),
        case(
            "create_category",
            Write,
            post("/api/v1/categories").with(json!({
                "name": "walk", "keywords": ["walk"], "sources": ["popmart"], "marketplace": "US",
            })),
        )
        .gives("category", "/id"),
        case("list_categories", Read, get("/api/v1/categories")),
        case("get_category", Read, get("/api/v1/categories/{category}")),
        case(
            "update_category",
            Write,
            patch(
                "/api/v1/categories/{category}",
                json!({ "name": "walked" }),
            ),
        ),
        case(
            "delete_category",
            Write,
            delete("/api/v1/categories/{category}"),
        ),
        case("get_scheduler", Read, get("/api/v1/scheduler")),
        case(
            "put_scheduler",
            Write,
            put("/api/v1/scheduler", setting),
        ),
        case("start_scheduler", Crawl, post("/api/v1/scheduler/start")),
        case("stop_scheduler", Crawl, post("/api/v1/scheduler/stop")),
        case("list_sync_logs", Read, get("/api/v1/sync-logs")),
        case("get_sync_log", Read, get("/api/v1/sync-logs/{sync_log}")),
        case(
            "start_sync",
            Crawl,
            post("/api/v1/sync/haier").with(json!({ "mode": "full" })),
        )
        .done(Done::Seldom(
            "a new credential that works starts a full sync, which one by hand may not join",
        )),
    ]
}
