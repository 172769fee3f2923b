//! Tables in and out of a core-service on a database of its own.

use std::path::PathBuf;
use std::time::Duration;

use clap::Parser;
use config::Config;
use contracts::catalog::v1::ExportHistoryRequest;
use devstack::testing::{ROLE_SECRET, TestEnv};
use lifecycle::Lifecycle;
use rpc::Peers;
use sea_orm::sqlx::{self, AssertSqlSafe, PgPool};

use super::reader::Table;
use super::row::Shared;
use super::sender::Counts;
use super::{Command, RowsRefused, export, import};
use crate::usage::Usage;

struct Core {
    peers: Peers,
    owner: PgPool,
    life: Lifecycle,
    // Last, so that the database goes when nobody uses it any more.
    _env: TestEnv,
}

impl Core {
    async fn start() -> Self {
        let env = TestEnv::new(&migrations::fingerprint(), async |url| {
            let admin = migrations::Admin {
                url,
                role_secret: ROLE_SECRET.to_owned(),
            };
            migrations::prepare(&admin)
                .await
                .map_err(|error| format!("{error:#}"))
        })
        .await
        .expect("engines");
        let mut config = Config::defaults();
        config.database.url = env.database_url.as_str().into();
        config.database.role_secret = ROLE_SECRET.into();
        config.database.api_pool = 2;
        config.database.system_pool = 4;
        config.redis.url = env.redis_url.as_str().into();
        config.redis.prefix.clone_from(&env.redis_prefix);
        config.amqp.url = env.amqp_url.as_str().into();
        config.amqp.prefix.clone_from(&env.amqp_prefix);
        config.secrets.master_key = crate::dev::Secrets::master_key().into();
        config.internal.core_token = "c".repeat(16).into();
        config.internal.operator_token = "o".repeat(16).into();
        let life = Lifecycle::new(Duration::from_secs(10));
        let (network, ends) = rpc::local::Network::new();
        let peers = network.peers(&"c".repeat(16)).expect("a token");
        let core = core_service::wire(&config, peers).await.expect("wired");
        tokio::spawn(rpc::local::serve(
            core_service::grpc(core),
            ends.core,
            (&config.internal).into(),
            life.hard(),
        ));
        Self {
            peers: network.peers(&"o".repeat(16)).expect("a token"),
            owner: PgPool::connect(&env.database_url)
                .await
                .expect("the database answers"),
            life,
            _env: env,
        }
    }

    /// Imports a table; what became of its rows, and those that were refused.
    async fn import(&self, table: &str, dry_run: bool) -> (Counts, Vec<(u64, String)>) {
        self.import_of(amazon(), table, dry_run).await
    }

    async fn import_of(
        &self,
        shared: Shared,
        table: &str,
        dry_run: bool,
    ) -> (Counts, Vec<(u64, String)>) {
        let table = Table::open(table.as_bytes(), shared).expect("a table");
        let mut refused = Vec::new();
        let counts = import::all(&self.peers, table, dry_run, |step| {
            refused.extend_from_slice(step.refused);
        })
        .await
        .expect("imported");
        (counts, refused)
    }

    async fn export(&self, exact: bool) -> String {
        let request = ExportHistoryRequest {
            source: "amazon".into(),
            marketplace: "US".into(),
            exact,
            ..ExportHistoryRequest::default()
        };
        let mut written = Vec::new();
        export::all(&self.peers, request, &mut written, |_| {})
            .await
            .expect("exported");
        String::from_utf8(written).expect("UTF-8")
    }

    /// A query's rows as texts.
    async fn rows(&self, sql: &str) -> Vec<String> {
        sqlx::query_scalar(AssertSqlSafe(sql.to_owned()))
            .fetch_all(&self.owner)
            .await
            .expect("rows")
    }

    /// The whole history by the products' own ids, and their states.
    async fn contents(&self) -> Vec<String> {
        let mut all = self
            .rows(
                r#"select concat_ws(' ', l.external_id, l.title, h.observed_at, h."full", h.origin, h.offer, h.currency,
                     h.price, h.list_price, h.buy_box_price, h.buy_box_seller, h.availability, h.in_stock,
                     h.stock_quantity, h.ranks, h.rating_hundredths, h.review_count)
                   from catalog.history h join catalog.listing l on l.id = h.listing_id
                   order by l.external_id, h.observed_at"#,
            )
            .await;
        all.extend(
            self.rows(
                "select concat_ws(' ', l.external_id, to_jsonb(s) - 'listing_id' - 'version')
                 from catalog.listing_state s join catalog.listing l on l.id = s.listing_id order by 1",
            )
            .await,
        );
        all
    }
}

impl Drop for Core {
    fn drop(&mut self) {
        self.life.abort();
    }
}

fn amazon() -> Shared {
    Shared {
        source: "amazon".into(),
        marketplace: "US".into(),
        owner_tenant_id: None,
        rank_category: None,
    }
}

const HEADER: &str = core_service::products::history::csv::HEADER;

/// Two products' looks as an export writes them: with a gap, a look that learnt nothing, repeated figures, the end of a
/// month, and a price that jumps by more than a crawl would be believed.
fn table() -> String {
    format!(
        "{HEADER}\
         B0HISTORY1,2023-01-31T23:00:00Z,USD,19.99,24.99,19.99,\"Shop, the\",120,4.50,10,,true,\"'=Lamp, \"\"blue\"\"\"\r\n\
         B0HISTORY1,2023-01-31T23:30:00.250Z,USD,19.99,24.99,19.99,\"Shop, the\",120,4.50,10,,true,\"'=Lamp, \"\"blue\"\"\"\r\n\
         B0HISTORY1,2023-02-01T00:00:00Z,USD,19.99,24.99,19.99,\"Shop, the\",120,4.50,10,,true,\"'=Lamp, \"\"blue\"\"\"\r\n\
         B0HISTORY1,2023-02-02T00:00:00Z,,,,,,,,,,false,\"'=Lamp, \"\"blue\"\"\"\r\n\
         B0HISTORY1,2023-02-03T00:00:00Z,,,,,,,,,,,\"'=Lamp, \"\"blue\"\"\"\r\n\
         B0HISTORY1,2025-12-31T00:00:00Z,USD,4999.00,,,,7,,,3,true,\"'=Lamp, \"\"blue\"\"\"\r\n\
         B0HISTORY2,2024-02-29T00:00:00Z,JPY,2255,,,,,,,,,\r\n\
         B0HISTORY2,2024-03-01T00:00:00Z,JPY,2255,,,,,,,,,\r\n"
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_exported_is_what_was_imported() {
    let core = Core::start().await;
    let (counts, refused) = core.import(&table(), false).await;
    assert_eq!(refused, []);
    assert_eq!((counts.rows, counts.new, counts.listings), (8, 8, 2));
    assert_eq!(core.export(false).await, table());

    let marked = "select count(*)::text from catalog.history where origin = 2";
    assert_eq!(core.rows(marked).await, ["8"], "marked as imported");
    let quarantine = "select count(*)::text from catalog.quarantine";
    assert_eq!(core.rows(quarantine).await, ["0"]);
    let outbox = "select count(*)::text from catalog.outbox";
    assert_eq!(core.rows(outbox).await, ["0"], "the past tells nobody");

    let before = core.contents().await;
    let (again, refused) = core.import(&table(), false).await;
    assert_eq!((again.new, again.known, again.listings), (0, 8, 0));
    assert_eq!(refused, []);
    assert_eq!(
        core.contents().await,
        before,
        "a second import changes nothing"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_exact_table_makes_the_very_same_history_elsewhere() {
    let here = Core::start().await;
    here.import(&table(), false).await;
    // What the plain columns cannot say.
    let exact = "external_id,observed_at,currency,price,parent_external_id,offer,availability,ranks,in_stock\n\
        B0HISTORY2,2024-04-01T00:00:00Z,,,,not_collected,coming_soon,,false\n\
        B0HISTORY2,2024-04-02T00:00:00Z,,,,none,discontinued,,\n\
        B0HISTORY3,2024-04-02T00:00:00Z,USD,5.00,B0HISTORY2,offered,in_stock,\"[{\"\"category\"\":\"\"Toys, small\"\",\"\"rank\"\":3},{\"\"category\"\":\"\"All\"\",\"\"rank\"\":99}]\",true\n";
    let (counts, refused) = here.import(exact, false).await;
    assert_eq!((counts.new, counts.listings), (3, 1));
    assert_eq!(refused, []);
    let table = here.export(true).await;

    let there = Core::start().await;
    let (counts, refused) = there.import(&table, false).await;
    assert_eq!(refused, []);
    assert_eq!(counts.new, 11);
    assert_eq!(there.contents().await, here.contents().await);
    assert_eq!(there.export(true).await, table);
    let parents = "select external_id from catalog.listing where parent_id is not null";
    assert_eq!(there.rows(parents).await, ["B0HISTORY3"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dry_run_changes_nothing_and_tells_the_same() {
    let core = Core::start().await;
    let future = chrono::Utc::now() + chrono::Duration::hours(1);
    let bad = format!(
        "{}B0HISTORY1,2023-01-31T23:00:00Z,USD,1.00,,,,,,,,,\r\n\
         B0HISTORY1,{},USD,1.00,,,,,,,,,\r\n\
         B0HISTORY1,2023-03-01T00:00:00Z,,1.00,,,,,,,,,\r\n\
         B0HISTORY1,2023-03-02T00:00:00Z,USD,0,,,,,,,,,\r\n\
         B0HISTORY1,1999-12-31T00:00:00Z,USD,1.00,,,,,,,,,\r\n\
         no asin,2023-03-02T00:00:00Z,USD,1.00,,,,,,,,,\r\n\
         B0HISTORY1,2023-03-03T00:00:00Z,USD,1.00,,,,0,,,,,\r\n\
         B0HISTORY1,2023-03-04,USD,1.00,,,,,,,,,\r\n\
         B0HISTORY1,2023-03-05T00:00:00Z,USD\r\n",
        table(),
        future.to_rfc3339()
    );
    let (dry, told_dry) = core.import(&bad, true).await;
    assert_eq!(
        core.rows("select external_id from catalog.listing").await,
        Vec::<String>::new()
    );
    let (done, told) = core.import(&bad, false).await;
    assert_eq!((dry, &told_dry), (done, &told));
    assert_eq!((done.rows, done.new, done.refused), (17, 8, 9));
    let said = [
        (10, "the same product and instant as line 2"),
        (11, "observed in the future"),
        (12, "price without a currency"),
        (13, "price is not positive"),
        (14, "after the year 2000"),
        (15, "`no asin` is not a product id"),
        (16, "rank is out of range"),
        (17, "`2023-03-04` is not a time"),
        (18, "3 cells"),
    ];
    assert_eq!(told.len(), said.len(), "{told:?}");
    for ((line, reason), (wanted, words)) in told.iter().zip(said) {
        assert!(
            *line == wanted && reason.contains(words),
            "{line}: {reason}"
        );
    }
    let (dry, _) = core.import(&bad, true).await;
    assert_eq!((dry.new, dry.known, dry.listings), (0, 8, 0));
    assert_eq!(core.export(false).await, table());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_product_is_made_under_the_name_that_a_tracking_gives_it() {
    let core = Core::start().await;
    let (counts, _) = core
        .import(
            "external_id,observed_at\nb0history1,2023-01-01T00:00:00Z\n",
            false,
        )
        .await;
    assert_eq!((counts.new, counts.listings), (1, 1));
    let listings = "select external_id || ' ' || url from catalog.listing";
    let made = ["B0HISTORY1 https://www.amazon.com/dp/B0HISTORY1"];
    assert_eq!(core.rows(listings).await, made);
    let (again, _) = core
        .import(
            "external_id,observed_at\nb0history1,2023-01-01T00:00:00Z\n",
            false,
        )
        .await;
    assert_eq!((again.new, again.known, again.listings), (0, 1, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn whose_listings_they_are_has_to_be_right() {
    let core = Core::start().await;
    let table =
        "external_id,observed_at,currency,price\nGA0SZC00U,2024-01-01T00:00:00Z,CNY,100.00\n";
    let shared = |source: &str, marketplace: &str, owned: bool| Shared {
        source: source.into(),
        marketplace: marketplace.into(),
        owner_tenant_id: owned.then(|| uuid::Uuid::from_u128(7).to_string()),
        rank_category: None,
    };
    let (_, refused) = core
        .import_of(shared("haier", "CN", false), table, false)
        .await;
    assert!(refused[0].1.contains("belong to tenants"), "{refused:?}");
    let (counts, refused) = core
        .import_of(shared("haier", "CN", true), table, false)
        .await;
    assert_eq!((counts.new, refused), (1, vec![]));
    let owners = "select owner_tenant_id::text from catalog.listing";
    assert_eq!(
        core.rows(owners).await,
        [uuid::Uuid::from_u128(7).to_string()]
    );
    let table = table.replace("GA0SZC00U", "B0HISTORY1");
    let (_, refused) = core
        .import_of(shared("amazon", "US", true), &table, false)
        .await;
    assert!(refused[0].1.contains("belong to nobody"), "{refused:?}");
}

#[derive(Debug, Parser)]
struct Line {
    #[command(subcommand)]
    command: Command,
}

fn line(words: &str) -> Command {
    let words = std::iter::once("history").chain(words.split_whitespace());
    Line::try_parse_from(words).expect(" a command").command
}

#[tokio::test(flavor = "multi_thread")]
async fn the_commands_end_with_what_they_came_to() {
    let core = Core::start().await;
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| -> PathBuf { folder.path().join(name) };
    std::fs::write(path("good.csv"), table()).expect("written");
    std::fs::write(path("bad.csv"), format!("{}x\r\n", table())).expect("written");
    std::fs::write(path("other.csv"), "name,price\r\nLamp,1\r\n").expect("written");
    let run = async |words: &str| match line(words) {
        Command::Import(arguments) => import::run(&core.peers, &arguments).await,
        Command::Export(arguments) => export::run(&core.peers, &arguments).await,
    };
    let of = "--source amazon --marketplace us";
    let file = |name: &str| path(name).display().to_string();
    let import = |name: &str| format!("import {} {of}", file(name));

    let refused = run(&import("bad.csv")).await.expect_err("refused");
    assert_eq!(
        refused.downcast_ref::<RowsRefused>().map(|rows| rows.0),
        Some(1)
    );
    run(&import("good.csv")).await.expect("all known");
    for usage in [
        import("other.csv"),
        import("missing.csv"),
        format!("import {} --source ebay --marketplace US", file("good.csv")),
        format!(
            "import {} --source amazon --marketplace USA",
            file("good.csv")
        ),
        format!("export {of} --ids B0NOTTHERE"),
    ] {
        let told = run(&usage).await.expect_err(&usage);
        assert!(told.is::<Usage>(), "{usage}: {told:#}");
    }
    let out = file("out.csv");
    run(&format!("export {of} --out {out}"))
        .await
        .expect("written");
    assert_eq!(std::fs::read_to_string(&out).expect("there"), table());
    let told = run(&format!("export {of} --out {out}"))
        .await
        .expect_err("there already");
    assert!(told.is::<Usage>(), "{told:#}");
    let part = file("part.csv");
    run(&format!(
        "export {of} --ids B0HISTORY2 --from 2024-03-01T00:00:00Z --out {part}"
    ))
    .await
    .expect("written");
    assert_eq!(
        std::fs::read_to_string(&part).expect("there"),
        format!("{HEADER}B0HISTORY2,2024-03-01T00:00:00Z,JPY,2255,,,,,,,,,\r\n")
    );
}
