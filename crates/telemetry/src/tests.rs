use std::{
    io,
    sync::{Arc, Mutex},
};

use serde_json::Value;
use tracing::{debug, info, info_span, warn};

use super::*;
use crate::propagation::{
    TRACEPARENT, current_trace_id, current_traceparent, extract_http, inject_http, link_to,
    set_parent_from,
};

const CALLER: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
const CALLER_TRACE: &str = "0af7651916cd43dd8448eb211c80319c";

#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Lines {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().expect("not poisoned").clone()).expect("UTF-8")
    }

    fn json(&self) -> Vec<Value> {
        self.text()
            .lines()
            .map(|line| serde_json::from_str(line).expect("JSON"))
            .collect()
    }
}

impl io::Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0
            .lock()
            .expect("not poisoned")
            .extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn logged(json: bool, level: &str, act: impl FnOnce()) -> Lines {
    let lines = Lines::default();
    let settings = Settings {
        json,
        level,
        otlp_endpoint: "",
    };
    let provider = provider("", "test").expect("a provider");
    let writer = lines.clone();
    let subscriber =
        subscriber(&settings, "test", &provider, move || writer.clone()).expect("a subscriber");
    tracing::subscriber::with_default(subscriber, act);
    lines
}

#[test]
fn every_line_inside_a_span_has_the_callers_trace_id() {
    let lines = logged(true, "debug", || {
        info!("outside");
        let span = info_span!(
            "request",
            http.route = "/x",
            tenant.id = tracing::field::Empty
        );
        set_parent_from(&span, CALLER);
        span.in_scope(|| {
            info!(count = 3, "inside");
            span.record("tenant.id", "t1");
            info_span!("inner", http.route = "/inner").in_scope(|| warn!("deeper"));
            tracing::debug_span!("not exported").in_scope(|| debug!("below a fine span"));
        });
    })
    .json();
    assert_eq!(lines.len(), 4);
    assert_eq!(lines[0].get("trace_id"), None);
    for line in &lines[1..] {
        assert_eq!(line["trace_id"], CALLER_TRACE, "{line}");
        assert_eq!(line["service"], "test");
    }
    assert_eq!(lines[1]["message"], "inside");
    assert_eq!(lines[1]["count"], 3);
    assert_eq!(lines[1]["http.route"], "/x");
    assert_eq!(lines[2]["level"], "WARN");
    assert_eq!(lines[2]["span"], "inner");
    assert_eq!(lines[2]["tenant.id"], "t1");
    assert_eq!(lines[2]["http.route"], "/inner", "the innermost wins");
}

#[test]
fn a_quiet_log_level_keeps_the_trace() {
    let lines = logged(true, "warn", || {
        info_span!("request").in_scope(|| {
            info!("not written");
            warn!("written");
        });
    })
    .json();
    assert_eq!(lines.len(), 1);
    assert_eq!(lines[0]["trace_id"].as_str().map(str::len), Some(32));
}

#[test]
fn text_lines_carry_the_trace_id_too() {
    let text = logged(false, "info", || {
        let span = info_span!("request");
        set_parent_from(&span, CALLER);
        span.in_scope(|| info!("hello"));
    })
    .text();
    assert!(
        text.contains(&format!("trace_id={CALLER_TRACE} ")) && text.contains("hello"),
        "{text}"
    );
}

#[test]
fn a_trace_goes_through_headers_and_comes_back() {
    drop(logged(true, "info", || {
        assert_eq!(current_traceparent(), None);
        let mut headers = http::HeaderMap::new();
        inject_http(&mut headers);
        assert!(headers.is_empty());
        let sent = info_span!("client").in_scope(|| {
            inject_http(&mut headers);
            current_trace_id().expect("in a span")
        });
        let text = headers[TRACEPARENT].to_str().expect("text");
        let server = info_span!("server");
        set_parent_from(&server, text);
        server.in_scope(|| assert_eq!(current_trace_id().as_ref(), Some(&sent)));
        let _entered = extract_http(&headers).attach();
        assert_eq!(current_trace_id().as_ref(), Some(&sent));
    }));
}

#[test]
fn a_link_does_not_change_the_trace() {
    drop(logged(true, "info", || {
        let span = info_span!("consumer");
        link_to(&span, CALLER);
        link_to(&span, "nonsense");
        span.in_scope(|| assert_ne!(current_trace_id().as_deref(), Some(CALLER_TRACE)));
    }));
}

#[test]
fn init_may_be_called_again_and_metrics_are_shared() {
    let settings = Settings {
        json: true,
        level: "warn",
        otlp_endpoint: "",
    };
    let _guard = init(&settings, "test").expect("first");
    let _second = init(&settings, "other").expect("second");
    metrics::counter!("test_events_total", "kind" => "a").increment(2);
    metrics::histogram!("test_wait_seconds").record(0.02);
    let text = metrics_text();
    assert!(text.contains("test_events_total{kind=\"a\"} 2"), "{text}");
    assert!(
        text.contains("test_wait_seconds_bucket{le=\"0.025\"} 1"),
        "{text}"
    );
}

#[test]
fn a_level_that_is_none_is_refused() {
    let settings = Settings {
        json: true,
        level: "loud=very",
        otlp_endpoint: "",
    };
    let provider = provider("", "test").expect("a provider");
    let refused = subscriber(&settings, "test", &provider, io::sink)
        .err()
        .expect("refused");
    assert!(refused.to_string().contains("telemetry.level"), "{refused}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_collector_that_is_away_delays_the_end_by_seconds_only() {
    let provider = provider("http://127.0.0.1:1", "test").expect("a provider");
    let settings = Settings {
        json: true,
        level: "info",
        otlp_endpoint: "",
    };
    let subscriber = subscriber(&settings, "test", &provider, io::sink).expect("a subscriber");
    tracing::subscriber::with_default(subscriber, || info_span!("lost").in_scope(|| info!("lost")));
    let start = std::time::Instant::now();
    drop(Guard {
        provider: Some(provider),
    });
    assert!(start.elapsed() < FLUSH_LIMIT + std::time::Duration::from_secs(2));
}
