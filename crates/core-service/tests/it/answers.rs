//! Finding, sorting and counting products.

use chrono::{TimeDelta, Utc};
use contracts::catalog::v1::{CategoryRank, Flags, Observation};
use core_service::products::{popularity, shelf};
use sea_orm::sqlx;
use serde_json::{Value, json};

use crate::observation::{Learnt, ago, seen};
use crate::stage::{MINE, Stage, THEIRS};

/// The titles of a list, in its order.
async fn titles(stage: &Stage, query: &str) -> Vec<String> {
    let answer = stage.get(MINE, &format!("/products?{query}")).await;
    assert_eq!(answer.status, 200, "{query}: {}", answer.body);
    let items = answer.body["items"].as_array().expect("items");
    let title = |item: &Value| item["title"].as_str().unwrap_or_default().to_owned();
    items.iter().map(title).collect()
}

/// Percent-encodes a value of a query.
fn encoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

async fn found(stage: &Stage, q: &str) -> Vec<String> {
    titles(stage, &format!("q={}", encoded(q))).await
}

/// Tracks products with these titles, each with the brand of its place.
async fn shop(stage: &Stage, products: &[(&str, &str)]) -> Vec<i64> {
    let mut ids = Vec::new();
    let mut looks = Vec::new();
    for (n, (title, brand)) in products.iter().enumerate() {
        let asin = format!("B0FINDME{n:02}");
        ids.push(stage.track(MINE, &asin).await);
        let mut look = seen(&asin, ago(60), 1)
            .price(1000 + 100 * n as i64)
            .titled(title);
        let content = look.content.as_mut().expect("content");
        content.brand = Some((*brand).to_owned());
        looks.push(look);
    }
    stage.crawled(looks).await;
    ids
}

#[tokio::test]
async fn words_are_found_in_any_script_from_one_character_on() {
    let stage = Stage::new().await;
    let shelf = [
        ("LABUBU 坐坐派对系列 搪胶毛绒盲盒", "POP MART"),
        ("ＭＯＬＬＹ 星座系列手办", "POP MART"),
        ("ポケモンカード ブースター", "Nintendo"),
        ("LG C3 OLED TV", "LG"),
        ("Blue lamp", "Licht"),
    ];
    shop(&stage, &shelf).await;
    let [labubu, molly, pokemon, tv, lamp] = shelf.map(|(title, _)| title);
    assert_eq!(found(&stage, "盲盒").await, [labubu]);
    assert_eq!(found(&stage, "盒").await, [labubu]);
    assert_eq!(found(&stage, "毛绒盲盒").await, [labubu]);
    assert_eq!(
        found(&stage, "盲绒").await,
        Vec::<String>::new(),
        "not in that order"
    );
    assert_eq!(found(&stage, "系列").await.len(), 2);
    assert_eq!(found(&stage, "系列 手办").await, [molly]);
    assert_eq!(
        found(&stage, "molly").await,
        [molly],
        "width does not matter"
    );
    assert_eq!(found(&stage, "カード").await, [pokemon]);
    assert_eq!(found(&stage, "lg").await, [tv]);
    assert_eq!(found(&stage, "c3 tv").await, [tv]);
    assert_eq!(found(&stage, "B0FINDME04").await, [lamp]);
    assert_eq!(
        found(&stage, "licht lam").await,
        [lamp],
        "brand and part of a word"
    );
}

#[tokio::test]
async fn what_fits_best_comes_first_and_what_is_misspelt_is_found_all_the_same() {
    let stage = Stage::new().await;
    let shelf = [
        ("Shade for a lamp", "Other"),
        ("Headlamps", "Other"),
        ("Lamp", "Other"),
        ("Lamp of glass", "Other"),
        ("Chair", "Lamp"),
        ("Kettle", "Other"),
    ];
    shop(&stage, &shelf).await;
    let order = [
        "Lamp",
        "Lamp of glass",
        "Chair",
        "Shade for a lamp",
        "Headlamps",
    ];
    assert_eq!(found(&stage, "lamp").await, order);
    assert_eq!(found(&stage, "Kettel").await, ["Kettle"]);
    assert_eq!(found(&stage, "xyzzy").await, Vec::<String>::new());
    let counted = stage.get(MINE, "/products/facets?q=Kettel").await.body;
    assert_eq!(
        (&counted["total"], &counted["approximate_search"]),
        (&json!(1), &json!(true))
    );
    // Page by page it is the same.
    let mut paged = Vec::new();
    let mut path = "/products?q=lamp&limit=2".to_owned();
    loop {
        let page = stage.get(MINE, &path).await.body;
        for item in page["items"].as_array().expect("items") {
            paged.push(item["title"].as_str().expect("a title").to_owned());
        }
        match page["next_cursor"].as_str() {
            Some(cursor) => path = format!("/products?q=lamp&limit=2&cursor={cursor}"),
            None => break,
        }
    }
    assert_eq!(paged, order);
    let refused = stage.get(MINE, "/products?sort=relevance").await;
    assert_eq!(refused.status, 422, "{}", refused.body);
    assert_eq!(refused.body["errors"][0]["field"], "sort");
}

#[tokio::test]
async fn pages_stay_right_while_prices_move_between_them() {
    let stage = Stage::new().await;
    let mut ids = Vec::new();
    let mut looks = Vec::new();
    for n in 0..40 {
        let asin = format!("B0MOVING{n:02}");
        ids.push(stage.track(MINE, &asin).await);
        // Every eighth has no price.
        let look = seen(&asin, ago(90), 1);
        looks.push(if n % 8 == 7 {
            look.gone()
        } else {
            look.price(1000 + n)
        });
    }
    stage.crawled(looks).await;
    for sort in ["price", "-price"] {
        let round = if sort == "price" { 2 } else { 40 };
        let mut shown: Vec<i64> = Vec::new();
        let mut moved: Vec<i64> = Vec::new();
        let mut path = format!("/products?limit=3&sort={sort}");
        for page in 0.. {
            let answer = stage.get(MINE, &path).await.body;
            for item in answer["items"].as_array().expect("items") {
                shown.push(item["id"].as_i64().expect("an id"));
            }
            let Some(cursor) = answer["next_cursor"].as_str() else {
                break;
            };
            path = format!("/products?limit=3&sort={sort}&cursor={cursor}");
            // Between two pages one product jumps to the other end, and another loses its price.
            let (jumps, loses) = ((page * 7 + 3) % 40, (page * 11 + 5) % 40);
            let far = if page % 2 == 0 { 1 } else { 900_000 };
            let at = ago(80 - page * 2);
            stage
                .crawled(vec![
                    seen(&format!("B0MOVING{jumps:02}"), at, round + page).price(far),
                    seen(&format!("B0MOVING{loses:02}"), at, round + page).gone(),
                ])
                .await;
            moved.extend([ids[jumps as usize], ids[loses as usize]]);
        }
        for id in ids.iter().filter(|id| !moved.contains(id)) {
            let times = shown.iter().filter(|one| *one == id).count();
            assert_eq!(times, 1, "{sort}: {id} in {shown:?}");
        }
        assert!(moved.len() < 2 * ids.len());
    }
}

#[tokio::test]
async fn facets_are_counted_without_their_own_filter_and_for_the_tenant_alone() {
    let stage = Stage::new().await;
    let brands = ["Acme", "Acme", "Acme", "Brio", "Brio", "Cog"];
    let mut looks = Vec::new();
    for (n, brand) in brands.into_iter().enumerate() {
        let asin = format!("B0FACETS{n:02}");
        let url = format!("https://www.amazon.com/dp/{asin}");
        let tags = if n < 2 {
            json!(["gift", "a\"b"])
        } else {
            json!([])
        };
        let tracked = stage
            .post(MINE, "/trackings", &json!({"url": url, "tags": tags}))
            .await;
        assert_eq!(tracked.status, 201);
        let look = seen(&asin, ago(60), 1).titled("Thing");
        let mut look = if n % 2 == 0 {
            look.price(1000)
        } else {
            look.gone()
        };
        let content = look.content.get_or_insert_default();
        content.brand = Some(brand.to_owned());
        content.category = Some(format!("Home > Room {}", n % 3));
        content.flags = Some(Flags {
            limited: n == 0,
            new: n < 3,
            ..Flags::default()
        });
        looks.push(look);
    }
    stage.track(THEIRS, "B0FACETS00").await;
    stage.track(THEIRS, "B0FACETS99").await;
    stage.crawled(looks).await;
    let facets = async |query: &str| {
        let answer = stage.get(MINE, &format!("/products/facets?{query}")).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        assert!(answer.etag.is_some());
        answer.body
    };
    let counts = |facet: &Value| -> Vec<(String, i64)> {
        let values = facet["values"].as_array().expect("values");
        let pair = |one: &Value| {
            (
                one["value"].as_str().expect("text").to_owned(),
                one["count"].as_i64().expect("a count"),
            )
        };
        values.iter().map(pair).collect()
    };
    let of = |pairs: &[(&str, i64)]| -> Vec<(String, i64)> {
        pairs
            .iter()
            .map(|(value, count)| ((*value).to_owned(), *count))
            .collect()
    };
    let all = facets("").await;
    assert_eq!(all["total"], 6);
    assert_eq!(
        counts(&all["facets"]["brand"]),
        of(&[("Acme", 3), ("Brio", 2), ("Cog", 1)])
    );
    assert_eq!(counts(&all["facets"]["source"]), of(&[("amazon", 6)]));
    assert_eq!(counts(&all["facets"]["marketplace"]), of(&[("US", 6)]));
    assert_eq!(
        counts(&all["facets"]["type"]),
        of(&[("new", 3), ("limited", 1)])
    );
    assert_eq!(
        counts(&all["facets"]["tag"]),
        of(&[("a\"b", 2), ("gift", 2)])
    );
    assert_eq!(counts(&all["facets"]["category"]).len(), 3);
    // A beginning that is filtered by counts all under it, and each path what the list would show of it.
    for (query, shown) in [("category=Home", 6), ("category=Home%20%3E%20Room%201", 2)] {
        let part = facets(query).await;
        assert_eq!(part["total"], shown, "{query}");
        for (path, count) in counts(&part["facets"]["category"]) {
            let listed = titles(&stage, &format!("category={}", encoded(&path))).await;
            assert_eq!(usize::try_from(count).ok(), Some(listed.len()), "{path}");
        }
    }
    let home = facets("category=Home").await;
    assert_eq!(
        counts(&home["facets"]["category"])[0],
        ("Home".to_owned(), 6)
    );
    assert_eq!(counts(&home["facets"]["category"]).len(), 4);

    let narrowed = facets("brand=Acme&in_stock=true").await;
    assert_eq!(narrowed["total"], 2);
    assert_eq!(
        counts(&narrowed["facets"]["brand"]),
        of(&[("Acme", 2), ("Brio", 1)]),
        "of those in stock"
    );
    assert_eq!(
        counts(&narrowed["facets"]["in_stock"]),
        of(&[("true", 2), ("false", 1)]),
        "of Acme"
    );
    assert_eq!(
        counts(&narrowed["facets"]["tag"]),
        of(&[("a\"b", 1), ("gift", 1)])
    );
    let nothing = facets("brand=Nobody&tag=gift&sort=price").await;
    assert_eq!(nothing["total"], 0);
    assert_eq!(
        counts(&nothing["facets"]["brand"]),
        of(&[("Acme", 2), ("Nobody", 0)])
    );

    // What a facet says is what the list then shows.
    for query in [
        "tag=gift",
        "marketplace=US",
        "type=new",
        "category=Home%20%3E%20Room%201",
        "brand=Brio&in_stock=false",
    ] {
        let listed = titles(&stage, query).await.len();
        assert_eq!(facets(query).await["total"], json!(listed), "{query}");
    }
    let theirs = stage.get(THEIRS, "/products/facets").await.body;
    assert_eq!(theirs["total"], 2, "{theirs}");
    assert_eq!(counts(&theirs["facets"]["tag"]), of(&[]));
    for wrong in ["source=ebay", "colour=red", "in_stock=perhaps"] {
        assert_eq!(
            stage
                .get(MINE, &format!("/products/facets?{wrong}"))
                .await
                .status,
            422
        );
    }
}

#[tokio::test]
async fn what_changes_in_bulk_is_in_its_place_in_the_lists_a_moment_later() {
    let stage = Stage::new().await;
    let mut looks = Vec::new();
    for n in 0..120 {
        let asin = format!("B0BULKY{n:03}");
        stage.track(MINE, &asin).await;
        let look = seen(&asin, ago(60), 1).price(6000 - n);
        looks.push(look.titled(&format!("Lamp {n}")));
    }
    // First with words, then figures alone.
    let dearer = looks.clone();
    for look in &mut looks {
        look.observed_at_us += 1_000_000;
        look.round = 2;
        let values = look.values.as_mut().expect("values");
        values.price_minor = values.price_minor.map(|price| price - 1000);
    }
    for looks in [dearer, looks] {
        stage.crawled(looks).await;
        while shelf::catch_up(&stage.pools.system).await.expect("done") > 0 {}
    }
    let cheapest = stage.get(MINE, "/products?sort=price&limit=1").await.body;
    assert_eq!(cheapest["items"][0]["external_id"], "B0BULKY119");
    let behind: i64 = stage
        .one(
            "select count(*) from catalog.listing_state n join catalog.shelf s using (listing_id)
             join catalog.listing l on l.id = n.listing_id
             where (s.price, s.changed_at, s.title) is distinct from (n.known_price * 100, n.changed_at, lower(l.title))",
        )
        .await;
    assert_eq!(behind, 0);
}

#[tokio::test]
async fn prices_of_different_currencies_are_compared_as_they_are_written() {
    let stage = Stage::new().await;
    // In minor units they would stand the other way round.
    let prices = [
        ("B0MONEY001", "KWD", 12_500, "12.500"),
        ("B0MONEY002", "USD", 3_000, "30.00"),
        ("B0MONEY003", "JPY", 2_000, "2000"),
    ];
    let looks = prices.map(|(asin, currency, minor, _)| {
        let mut look = seen(asin, ago(60), 1).price(minor);
        look.values.get_or_insert_default().currency = Some(currency.to_owned());
        look
    });
    for (asin, ..) in prices {
        stage.track(MINE, asin).await;
    }
    stage.crawled(looks.to_vec()).await;
    let page = async |path: &str| {
        let page = stage.get(MINE, path).await.body;
        let amounts: Vec<String> = page["items"]
            .as_array()
            .expect("items")
            .iter()
            .map(|item| item["price"]["amount"].as_str().expect("text").to_owned())
            .collect();
        (amounts, page["next_cursor"].clone())
    };
    let mut rising = Vec::new();
    let mut path = "/products?sort=price&limit=1".to_owned();
    loop {
        let (amounts, next) = page(&path).await;
        rising.extend(amounts);
        let Some(next) = next.as_str() else { break };
        path = format!("/products?sort=price&limit=1&cursor={}", encoded(next));
    }
    assert_eq!(rising, ["12.500", "30.00", "2000"]);
    let (falling, _) = page("/products?sort=-price").await;
    assert_eq!(falling, ["2000", "30.00", "12.500"]);
}

#[tokio::test]
async fn prices_known_before_they_compared_are_brought_to_the_same_scale() {
    let stage = Stage::new().await;
    let codes = ["USD", "JPY", "KWD", "CLF", "KRW", "TND", "CNY", "XOF"];
    let mut looks = Vec::new();
    for (n, code) in codes.iter().enumerate() {
        let asin = format!("B0SCALED{n:02}");
        stage.track(MINE, &asin).await;
        let mut look = seen(&asin, ago(60), 1).price(1_234);
        look.values.get_or_insert_default().currency = Some((*code).to_owned());
        looks.push(look);
    }
    stage.crawled(looks).await;
    let written = async || {
        let (states, shelf) = (
            "select listing_id, known_price, known_currency, compared_price from catalog.listing_state",
            "select listing_id, price from catalog.shelf",
        );
        let (states, shelf) = (format!("({states})"), format!("({shelf})"));
        (stage.dump(&states).await, stage.dump(&shelf).await)
    };
    let expected = written().await;
    // As it was before, and the step once more.
    let step = format!(
        "begin;
         drop view catalog.product_quarantine;
         alter table catalog.quarantine drop column code;
         alter table catalog.listing_state drop column compared_price;
         update catalog.shelf set price = null;
         {}
         commit",
        include_str!("../../../../migrations/sql/0025_mended.sql")
    );
    sqlx::raw_sql(sqlx::AssertSqlSafe(step))
        .execute(&stage.owner)
        .await
        .expect("migrated");
    assert_eq!(written().await, expected);
}

/// Twenty-one lamps that are looked at.
async fn lamps(stage: &Stage, look: impl Fn(&str, i32) -> Vec<Observation>) -> Vec<i64> {
    let mut ids = Vec::new();
    let mut looks = Vec::new();
    for n in 0..21 {
        let asin = format!("B0LAMPS0{n:02}");
        ids.push(stage.track(MINE, &asin).await);
        looks.extend(look(&asin, n));
    }
    stage.imported(looks).await;
    ids
}

fn ranked(look: Observation, category: &str, rank: i32) -> Observation {
    let mut look = look.rank(rank);
    for rank in &mut look.values.get_or_insert_default().ranks {
        rank.category = category.to_owned();
    }
    look
}

async fn popularity_of(stage: &Stage, id: i64) -> Value {
    let product = stage.get(MINE, &format!("/products/{id}")).await.body;
    product["popularity"].clone()
}

#[tokio::test]
async fn a_rank_counts_in_its_own_category_even_if_the_newest_look_saw_none() {
    let stage = Stage::new().await;
    let ids = lamps(&stage, |asin, n| {
        let mut first = ranked(seen(asin, ago(120), 0), "Lamps", 100 + n).price(1000);
        // The listing's own category is another word for it.
        let content = first.content.get_or_insert_default();
        content.category = Some("Home > Lamps".to_owned());
        match n {
            0 => vec![first, seen(asin, ago(60), 0).price(1100)],
            _ => vec![first],
        }
    })
    .await;
    let system = &stage.pools.system;
    let standing = popularity::reckon(system, Utc::now())
        .await
        .expect("reckoned");
    assert_eq!(standing, 21);
    let best = popularity_of(&stage, ids[0]).await;
    assert_eq!(
        (&best["category"], &best["score"]),
        (&json!("Lamps"), &json!(100))
    );

    // Nothing moved: nothing is written, and nobody told.
    let written = "select xmin::text from catalog.popularity order by listing_id";
    let before: String = stage.one(written).await;
    popularity::reckon(system, Utc::now() + TimeDelta::hours(1))
        .await
        .expect("reckoned");
    assert_eq!(stage.one::<String>(written).await, before);
    assert_eq!(popularity_of(&stage, ids[0]).await, best);

    // One rises: who stands otherwise than before is written, and nobody else.
    stage
        .imported(vec![
            ranked(seen("B0LAMPS020", ago(5), 0), "Lamps", 118).price(1000),
        ])
        .await;
    popularity::reckon(system, Utc::now() + TimeDelta::hours(2))
        .await
        .expect("reckoned");
    let anew = "select count(*) from catalog.popularity p
                where p.xmin <> (select o.xmin from catalog.popularity o order by listing_id limit 1)";
    let anew: i64 = stage.one(anew).await;
    assert!((1..=3).contains(&anew), "{anew}");
}

#[tokio::test]
async fn new_reviews_are_counted_from_what_held_when_their_days_began() {
    let stage = Stage::new().await;
    let days = |days: i64| ago(days * 24 * 60);
    let ids = lamps(&stage, |asin, n| {
        // The count stood still, so the days have no row of their own before it rose.
        vec![
            ranked(seen(asin, days(45), 0), "Lamps", 100 + n)
                .price(1000)
                .rated(450, 100),
            ranked(seen(asin, days(20), 0), "Lamps", 100 + n)
                .price(1000)
                .rated(450, 100),
            ranked(seen(asin, days(2), 0), "Lamps", 100 + n)
                .price(1000)
                .rated(450, 160 + n),
        ]
    })
    .await;
    popularity::reckon(&stage.pools.system, Utc::now())
        .await
        .expect("reckoned");
    let first = popularity_of(&stage, ids[0]).await;
    // Sixty in the 28 days from the beginning to the newest look.
    assert_eq!(first["reviews_per_day"], 2.14, "{first}");
}

#[tokio::test]
async fn popularity_compares_within_a_category_and_says_nothing_of_few() {
    let stage = Stage::new().await;
    let mut looks = Vec::new();
    for n in 0..25 {
        // 21 lamps, 4 chairs; the chairs have the better ranks, which says nothing.
        let (category, rank) = if n < 21 {
            ("Lamps", 100 + n)
        } else {
            ("Chairs", 1 + n)
        };
        let asin = format!("B0POPULAR{n:02}").replace("B0POPULAR", "B0POPUL0");
        stage.track(MINE, &asin).await;
        let mut look = seen(&asin, ago(60), 1)
            .price(1000)
            .titled(&format!("{category} {n}"));
        let values = look.values.as_mut().expect("values");
        values.ranks = vec![CategoryRank {
            category: category.to_owned(),
            rank,
        }];
        looks.push(look);
    }
    stage.crawled(looks).await;
    let standing = popularity::reckon(&stage.pools.system, Utc::now())
        .await
        .expect("reckoned");
    assert_eq!(standing, 21);
    let shown = titles(&stage, "sort=-popularity&limit=22").await;
    assert_eq!(
        (shown[0].as_str(), shown[20].as_str()),
        ("Lamps 0", "Lamps 20")
    );
    assert!(shown[21].starts_with("Chairs"));
    let list = stage
        .get(MINE, "/products?sort=-popularity&limit=1")
        .await
        .body;
    let best = &list["items"][0]["popularity"];
    assert_eq!(best["score"], 100, "{best}");
    assert_eq!(best["category"], "Lamps");
    assert_eq!(best["confidence"], "low");
    assert_eq!(best["reviews_per_day"], Value::Null);
    let id = list["items"][0]["id"].as_i64().expect("an id");
    let one = stage.get(MINE, &format!("/products/{id}")).await.body;
    assert_eq!(&one["popularity"], best);
    // Two lamps fewer that are looked at, and the rest is too few.
    sqlx_update(&stage).await;
    popularity::reckon(&stage.pools.system, Utc::now())
        .await
        .expect("reckoned");
    let one = stage.get(MINE, &format!("/products/{id}")).await.body;
    assert_eq!(one["popularity"], Value::Null);
}

async fn sqlx_update(stage: &Stage) {
    let sql = "with old as (update catalog.listing_state set observed_at = now() - interval '40 days'
               where listing_id in (select id from catalog.listing where title in ('Lamps 3', 'Lamps 4')) returning 1)
               select count(*) from old";
    let moved: i64 = stage.one(sql).await;
    assert_eq!(moved, 2);
}
