//! Logs, traces and metrics of a process, set up once.
//!
//! * Every log line written inside a span carries its `trace_id` (W3C, 32 hexadecimal digits).
//! * [`propagation`] carries the trace over HTTP, gRPC and queues as one `traceparent` text.
//! * [`metrics_text`] is the answer of `/metrics`, shared by all services of the process.

mod format;
mod metrics_recorder;
pub mod propagation;
#[cfg(test)]
mod tests;

use std::{
    sync::{Mutex, OnceLock, PoisonError},
    time::Duration,
};

use anyhow::Context as _;
use opentelemetry::trace::TracerProvider as _;
use opentelemetry_otlp::WithExportConfig as _;
use opentelemetry_sdk::{
    Resource,
    trace::{Sampler, SdkTracerProvider},
};
use tracing::{Level, Metadata, Subscriber, level_filters::LevelFilter};
use tracing_subscriber::{
    EnvFilter, Layer as _,
    filter::{FilterFn, filter_fn},
    fmt::writer::MakeWriter,
    layer::SubscriberExt as _,
};

pub use metrics_recorder::metrics_text;

/// Libraries that talk too much at `info` and `debug`; directives in the configuration override.
const QUIET: &str = "h2=warn,hyper=warn,hyper_util=warn,tower=warn,tonic=warn,opentelemetry=warn,\
                     opentelemetry_sdk=warn,opentelemetry-otlp=warn,lapin=warn,sqlx=warn";

/// How long the last spans may take to leave.
const FLUSH_LIMIT: Duration = Duration::from_secs(3);

/// The values of the `[telemetry]` section.
#[derive(Debug, Clone, Copy)]
pub struct Settings<'a> {
    /// One JSON object a line; otherwise text for eyes.
    pub json: bool,
    /// A level or directives as in RUST_LOG.
    pub level: &'a str,
    /// Where spans go over OTLP/gRPC; empty: nowhere, trace ids exist all the same.
    pub otlp_endpoint: &'a str,
}

/// Sends the last spans away when dropped; keep it until the end of `main`.
#[must_use = "dropping it ends the export of spans"]
#[derive(Debug)]
pub struct Guard {
    provider: Option<SdkTracerProvider>,
}

impl Drop for Guard {
    fn drop(&mut self) {
        if let Some(provider) = self.provider.take() {
            // Nobody is left to tell.
            drop(provider.shutdown_with_timeout(FLUSH_LIMIT));
        }
    }
}

/// Sets up logs, traces and metrics for the whole process. `service` is on every log line and
/// every span. Later calls change nothing, so every test may call it. With an OTLP endpoint it must
/// be called inside a tokio runtime.
///
/// # Errors
/// A level that does not parse, or an endpoint that cannot be used.
pub fn init(settings: &Settings<'_>, service: &'static str) -> anyhow::Result<Guard> {
    static DONE: OnceLock<()> = OnceLock::new();
    static TURN: Mutex<()> = Mutex::new(());
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    if DONE.get().is_some() {
        return Ok(Guard { provider: None });
    }
    let provider = provider(settings.otlp_endpoint, service)?;
    let subscriber = subscriber(settings, service, &provider, std::io::stdout)?;
    tracing::subscriber::set_global_default(subscriber).context("another subscriber is set")?;
    metrics_recorder::install();
    DONE.get_or_init(|| ());
    // Without an exporter there is nothing to send, and trace ids last as long as the process.
    Ok(Guard {
        provider: (!settings.otlp_endpoint.is_empty()).then_some(provider),
    })
}

/// Trace ids and log lines.
fn subscriber<W>(
    settings: &Settings<'_>,
    service: &'static str,
    provider: &SdkTracerProvider,
    writer: W,
) -> anyhow::Result<impl Subscriber + Send + Sync + use<W>>
where
    W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
{
    let filter = EnvFilter::try_new(format!("{QUIET},{}", settings.level))
        .with_context(|| format!("telemetry.level: \"{}\" is not a filter", settings.level))?;
    let traces = tracing_opentelemetry::layer()
        .with_tracer(provider.tracer("bellwether"))
        // What is told of each span by looking at the clock at every turn, or by its place in the source, costs more
        // than most spans are worth.
        .with_tracked_inactivity(false)
        .with_threads(false)
        .with_location(false)
        .with_filter(traced(!settings.otlp_endpoint.is_empty()));
    let lines = tracing_subscriber::fmt::layer().with_writer(writer);
    let lines = if settings.json {
        lines
            .fmt_fields(tracing_subscriber::fmt::format::JsonFields::new())
            .event_format(format::Json { service })
            .with_filter(filter)
            .boxed()
    } else {
        lines.event_format(format::Text).with_filter(filter).boxed()
    };
    Ok(tracing_subscriber::registry().with(traces).with(lines))
}

/// What belongs to a trace. Spans do whatever is logged: they carry its id. What happens in them is part of it only where
/// somebody gets it.
fn traced(is_exported: bool) -> FilterFn<impl Fn(&Metadata<'_>) -> bool + Send + Sync + use<>> {
    filter_fn(move |metadata| {
        *metadata.level() <= Level::INFO && (is_exported || metadata.is_span())
    })
    .with_max_level_hint(LevelFilter::INFO)
}

/// Makes trace ids, and sends spans away if there is an endpoint.
fn provider(endpoint: &str, service: &'static str) -> anyhow::Result<SdkTracerProvider> {
    let builder = SdkTracerProvider::builder()
        .with_resource(Resource::builder().with_service_name(service).build());
    if endpoint.is_empty() {
        // Ids without anything recorded.
        return Ok(builder.with_sampler(Sampler::AlwaysOff).build());
    }
    let exporter = opentelemetry_otlp::SpanExporter::builder()
        .with_tonic()
        .with_endpoint(endpoint)
        .build()
        .with_context(|| format!("telemetry.otlp_endpoint: {endpoint} cannot be used"))?;
    let builder = builder.with_sampler(Sampler::AlwaysOn);
    Ok(builder.with_batch_exporter(exporter).build())
}
