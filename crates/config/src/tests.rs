use std::io::Write;

use super::*;

fn env(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}

fn complaints(pairs: &[(&str, &str)]) -> Vec<String> {
    let error = Config::read(None, env(pairs)).expect_err("refused");
    error.to_string().lines().map(str::to_owned).collect()
}

fn file(text: &str) -> tempfile::NamedTempFile {
    let mut file = tempfile::NamedTempFile::new().expect("a temporary file");
    file.write_all(text.as_bytes()).expect("written");
    file
}

#[test]
fn defaults_load() {
    let config = Config::defaults();
    assert_eq!(config.listen.gateway_http, 8080);
    assert_eq!(config.telemetry.log_format, LogFormat::Json);
    assert_eq!(config.sources.number("popmart", "concurrency"), Some(3));
    assert!(!config.secrets.master_key.is_set());
}

#[test]
fn every_default_has_a_rule_and_every_rule_a_default() {
    fn keys(table: &toml::Table, above: &str, out: &mut Vec<String>) {
        for (name, value) in table {
            let key = if above.is_empty() {
                name.clone()
            } else {
                format!("{above}.{name}")
            };
            match value {
                toml::Value::Table(inner) => keys(inner, &key, out),
                _ => out.push(key),
            }
        }
    }
    let mut found = Vec::new();
    keys(&layers::defaults(), "", &mut found);
    // Sources check their own sections when they read them.
    for key in found.iter().filter(|key| !key.starts_with("sources.")) {
        assert!(layers::rule_of(key).is_some(), "{key} has no rule");
    }
    for (section, rules) in section::ALL {
        for (name, _) in *rules {
            assert!(
                found.contains(&format!("{section}.{name}")),
                "{section}.{name} has no default"
            );
        }
    }
}

#[test]
fn the_environment_wins_over_the_file_and_the_file_over_the_defaults() {
    let file =
        file("[listen]\ngateway_http = 9000\nuser_http = 9001\n[http]\nbase_domains=['a.example']");
    let pairs = env(&[
        ("BELLWETHER_LISTEN__GATEWAY_HTTP", "9090"),
        ("BELLWETHER_SOURCES__AMAZON__TOKEN", "123456"),
        ("BELLWETHER_SOURCES__POPMART__USER_AGENTS", "one, two"),
        ("BELLWETHER_EGRESS__ALLOW_PRIVATE", "true"),
        ("DATABASE_URL", "postgres://o:p@db/x"),
        ("REDIS_URL", ""),
        ("BELLWETHER_CONFIG", "not a key"),
        ("UNRELATED", "x"),
    ]);
    let config = Config::read(Some(file.path()), pairs).expect("valid");
    assert_eq!(config.listen.gateway_http, 9090);
    assert_eq!(config.listen.user_http, 9001);
    assert_eq!(config.listen.core_http, 8003);
    assert_eq!(config.http.base_domains, ["a.example"]);
    let amazon: toml::Table = config.sources.section("amazon", &[]).expect("a section");
    assert_eq!(amazon["token"].as_str(), Some("123456"));
    let popmart: toml::Table = config.sources.section("popmart", &[]).expect("a section");
    assert_eq!(popmart["user_agents"].as_array().map(Vec::len), Some(2));
    assert!(config.egress.allow_private);
    assert_eq!(config.database.url.expose(), "postgres://o:p@db/x");
}

#[test]
fn the_prefixed_name_wins_over_the_usual_one() {
    let config = Config::read(
        None,
        env(&[
            ("BELLWETHER_REDIS__URL", "redis://b:1"),
            ("REDIS_URL", "redis://a:1"),
        ]),
    )
    .expect("valid");
    assert_eq!(config.redis.url.expose(), "redis://b:1");
}

#[test]
fn each_wrong_value_is_one_line_naming_key_fault_and_what_is_accepted() {
    let cases = [
        (
            "BELLWETHER_CRAWL__LEASE_SECONDS",
            "-5",
            "crawl.lease_seconds: is -5, but must be a whole number from 1 to 86400",
        ),
        (
            "BELLWETHER_LISTEN__CORE_HTTP",
            "70000",
            "listen.core_http: is 70000, but must be a whole number from 0 to 65535",
        ),
        (
            "BELLWETHER_WORKER__CONCURRENCY",
            "many",
            "worker.concurrency: must be a whole number (environment BELLWETHER_WORKER__CONCURRENCY)",
        ),
        (
            "BELLWETHER_EGRESS__ALLOW_PRIVATE",
            "maybe",
            "egress.allow_private: must be true or false (environment BELLWETHER_EGRESS__ALLOW_PRIVATE)",
        ),
        (
            "BELLWETHER_PEERS__CORE",
            "127.0.0.1:9003",
            "peers.core: is not a URL (relative URL without a base); expected http://host or https://host",
        ),
        (
            "AMQP_URL",
            "http://rabbit",
            "amqp.url: has the scheme http; expected amqp://host or amqps://host",
        ),
        (
            "BELLWETHER_TELEMETRY__LOG_FORMAT",
            "xml",
            "telemetry.log_format: is \"xml\", but must be one of: json, text",
        ),
        (
            "BELLWETHER_SECRETS__MASTER_KEY",
            "short",
            "secrets.master_key: must be 32 bytes in base64 (openssl rand -base64 32)",
        ),
        (
            "BELLWETHER_DATABASE__ROLE_SECRET",
            "short",
            "database.role_secret: is too short: at least 16 characters are needed",
        ),
        (
            "BELLWETHER_WEB__DIRECTORY",
            "x",
            "web.directory: is not a known key; known here: dir",
        ),
    ];
    for (name, value, line) in cases {
        assert_eq!(complaints(&[(name, value)]), [line], "{name}={value}");
    }
    let all: Vec<_> = cases
        .iter()
        .map(|(name, value, _)| (*name, *value))
        .collect();
    assert_eq!(complaints(&all).len(), cases.len());
}

#[test]
fn certificates_come_with_their_key_and_signer_or_not_at_all() {
    let file = ("BELLWETHER_INTERNAL__TLS_CA", "/etc/bw/ca.pem");
    let lines = complaints(&[file]);
    assert!(
        lines[0].starts_with("internal.tls_ca: must be set together"),
        "{lines:?}"
    );
    let all = [
        file,
        ("BELLWETHER_INTERNAL__TLS_CERT", "/etc/bw/own.pem"),
        ("BELLWETHER_INTERNAL__TLS_KEY", "/etc/bw/own.key"),
    ];
    assert!(Config::read(None, env(&all)).is_ok());
}

#[test]
fn an_unknown_section_is_named() {
    let lines = complaints(&[("BELLWETHER_SOURCE__AMAZON__TOKEN", "x")]);
    assert!(
        lines[0].starts_with("source.amazon: is not a known key"),
        "{lines:?}"
    );
}

#[test]
fn a_file_with_an_unknown_key_a_wrong_type_or_no_toml_is_refused() {
    let cases = [
        ("[lisen]\nhost = 'x'", "lisen: is not a known key"),
        ("[listen]\nprot = 1", "listen.prot: is not a known key"),
        (
            "[listen]\ncore_http = '8080'",
            "listen.core_http: must be a whole number, not a text",
        ),
        (
            "listen = 3",
            "listen: must be a section, not a whole number",
        ),
        ("[listen]\nhost = 'nowhere'", "listen.host: "),
        (
            "[http]\nbase_domains = [1]",
            "http.base_domains: must be a list of texts",
        ),
        (
            "[http]\ntrusted_proxies = ['10.0.0.0/8', 'office']",
            "http.trusted_proxies: names \"office\", which is not a network",
        ),
    ];
    for (text, start) in cases {
        let error = Config::read(Some(file(text).path()), [])
            .expect_err("refused")
            .to_string();
        assert!(error.starts_with(start), "{error}");
        assert_eq!(error.lines().count(), 1, "{error}");
    }
    let broken = Config::read(Some(file("[listen]\nhost =").path()), []).expect_err("refused");
    assert!(
        broken.to_string().contains("line 2 is not TOML"),
        "{broken}"
    );
    let absent = Config::read(Some(Path::new("/nonexistent.toml")), []).expect_err("refused");
    assert!(absent.to_string().contains("cannot be read"), "{absent}");
}

#[test]
fn combinations_are_checked() {
    let same = "0123456789abcdef";
    let lines = complaints(&[
        ("BELLWETHER_INTERNAL__USER_TOKEN", same),
        ("BELLWETHER_INTERNAL__WORKER_TOKEN", same),
    ]);
    assert_eq!(
        lines,
        ["internal.worker_token: is the same as internal.user_token; each caller needs its own"]
    );
}

#[test]
fn missing_secrets_are_named_per_process() {
    let error = Config::defaults()
        .require(ProcessKind::Migrate)
        .expect_err("nothing is set");
    assert_eq!(
        error.to_string(),
        "database.url: is not set; set BELLWETHER_DATABASE__URL to \
         postgres://user:password@host/database, or DATABASE_URL\n\
         database.role_secret: is not set; set BELLWETHER_DATABASE__ROLE_SECRET to a random text \
         of 16 characters or more"
    );
    let worker = Config::defaults()
        .require(ProcessKind::Worker)
        .expect_err("nothing is set");
    assert!(
        !worker.to_string().contains("database"),
        "the worker has no login"
    );
}

#[test]
fn logins_are_derived_unless_given() {
    let mut config = Config::defaults();
    assert!(config.database.role_url(DatabaseRole::CrawlApi).is_err());
    config.database.url = "postgres://owner:pw@db:5433/bellwether?sslmode=disable".into();
    config.database.role_secret = "0123456789abcdef".into();
    let password = secrets::hmac_sha256_hex("0123456789abcdef", "bw_crawl_api");
    assert_eq!(
        config
            .database
            .role_url(DatabaseRole::CrawlApi)
            .expect("derived")
            .expose(),
        format!("postgres://bw_crawl_api:{password}@db:5433/bellwether?sslmode=disable")
    );
    config.database.crawl_api_url = "postgres://x:y@elsewhere/z".into();
    let given = config
        .database
        .role_url(DatabaseRole::CrawlApi)
        .expect("given");
    assert_eq!(given.expose(), "postgres://x:y@elsewhere/z");
}

#[test]
fn debug_shows_no_secret() {
    let secrets = [
        ("AMQP_URL", "amqp://u:hunter2@h"),
        ("BELLWETHER_SOURCES__AMAZON__TOKEN", "hunter2"),
    ];
    let config = Config::read(None, env(&secrets)).expect("valid");
    assert!(!format!("{config:?}").contains("hunter2"));
}

#[test]
fn the_ring_opens_what_former_keys_sealed() {
    const OLD: &str = "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=";
    const NEW: &str = "AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI=";
    let mut secrets = Config::defaults().secrets;
    secrets.master_key = OLD.into();
    let old = secrets.ring().expect("a key");
    let sealed = old.seal(b"x", "c").expect("sealed");
    secrets.master_key = NEW.into();
    secrets.master_key_id = 2;
    let new = secrets.ring().expect("a key");
    assert!(new.open(&sealed, "c").is_err());
    secrets.former_keys = format!("1:{OLD}").into();
    let both = secrets.ring().expect("two keys");
    assert_eq!(both.open(&sealed, "c").expect("opened"), b"x");
}

#[test]
fn former_keys_have_numbers_of_their_own() {
    let key = "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=";
    let same = format!("1:{key}");
    for wrong in [key, "1:short", "300:x", same.as_str()] {
        let told = complaints(&[("BELLWETHER_SECRETS__FORMER_KEYS", wrong)]);
        assert_eq!(told.len(), 1, "{told:?}");
        assert!(told[0].starts_with("secrets.former_keys: must") && !told[0].contains(key));
    }
}
