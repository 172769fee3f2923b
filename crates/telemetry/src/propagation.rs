//! The trace from one process to the next, as the W3C `traceparent` text.

use std::str::FromStr;

use http::{HeaderMap, HeaderName, HeaderValue};
use opentelemetry::{
    Context,
    trace::{SpanContext, SpanId, TraceContextExt as _, TraceFlags, TraceId, TraceState},
};
use tracing::Span;
use tracing_opentelemetry::OpenTelemetrySpanExt as _;

/// Name of the header, in HTTP, gRPC metadata and AMQP alike.
pub const TRACEPARENT: &str = "traceparent";

/// The trace that is under way, as 32 hexadecimal digits. `None` outside any span.
pub fn current_trace_id() -> Option<String> {
    current().map(|span| span.trace_id().to_string())
}

/// What the next process needs to go on with this trace. `None` outside any span.
pub fn current_traceparent() -> Option<String> {
    current().map(|span| {
        let flags = span.trace_flags().to_u8();
        format!("00-{}-{}-{flags:02x}", span.trace_id(), span.span_id())
    })
}

/// Puts the current trace into the headers of a request that is about to be sent.
pub fn inject_http(headers: &mut HeaderMap) {
    let value = current_traceparent().and_then(|text| HeaderValue::from_str(&text).ok());
    if let Some(value) = value {
        headers.insert(HeaderName::from_static(TRACEPARENT), value);
    }
}

/// The caller's trace as an OpenTelemetry context; an empty one where there is none or it does not
/// parse.
pub fn extract_http(headers: &HeaderMap) -> Context {
    let text = headers
        .get(TRACEPARENT)
        .and_then(|value| value.to_str().ok());
    text.and_then(parse).map_or_else(Context::new, |caller| {
        Context::new().with_remote_span_context(caller)
    })
}

/// Makes `span` a child of the caller's span. Only before `span` is entered for the first time;
/// later, or with a text that does not parse, it changes nothing.
pub fn set_parent_from(span: &Span, traceparent: &str) {
    if let Some(caller) = parse(traceparent) {
        // A span that is filtered out has no parent to set.
        drop(span.set_parent(Context::new().with_remote_span_context(caller)));
    }
}

/// Links `span` to another trace that caused it without waiting for it.
pub fn link_to(span: &Span, traceparent: &str) {
    if let Some(cause) = parse(traceparent) {
        span.add_link(cause);
    }
}

/// The span that is entered. Read from OpenTelemetry's own context, which also knows it below spans
/// that a filter left out, and which may be asked while a log line is written.
fn current() -> Option<SpanContext> {
    Context::map_current(|context| {
        let span = context.span();
        span.span_context()
            .is_valid()
            .then(|| span.span_context().clone())
    })
}

/// `00-<32 hex>-<16 hex>-<2 hex>`; later versions may append fields.
fn parse(text: &str) -> Option<SpanContext> {
    let mut parts = text.trim().split('-');
    let (version, trace, span, flags) =
        (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    let lengths = (version.len(), trace.len(), span.len(), flags.len());
    let shape = lengths == (2, 32, 16, 2) && (version != "00" || parts.next().is_none());
    if !shape || version == "ff" {
        return None;
    }
    let flags = TraceFlags::new(u8::from_str_radix(flags, 16).ok()?) & TraceFlags::SAMPLED;
    let trace = u128::from_str_radix(trace, 16).ok()?;
    let span = u64::from_str_radix(span, 16).ok()?;
    let state = TraceState::from_str("").ok()?;
    let context = SpanContext::new(TraceId::from(trace), SpanId::from(span), flags, true, state);
    context.is_valid().then_some(context)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_whole_traceparent_is_taken() {
        let good = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        assert!(parse(good).is_some());
        for bad in [
            "",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331",
            "00-00000000000000000000000000000000-b7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
            "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319z-b7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-more",
        ] {
            assert!(parse(bad).is_none(), "{bad}");
        }
    }
}
