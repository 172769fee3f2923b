//! `GET /events`: server-sent events.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::Extension;
use axum::extract::State as Shared;
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures::{FutureExt, Stream, StreamExt, future, stream};
use http_kit::auth::Authenticator;
use http_kit::openapi::ReadProblems;
use http_kit::server::Stopping;
use http_kit::{ApiError, ApiResult, auth};
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;
use uuid::Uuid;

use super::entry::{Entry, Message};
use super::hub::Hub;
use super::listeners::Listener;
use super::store::TenantEvent;
use crate::State;
use crate::error::database;

/// Silence after which a comment shows that the connection lives.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// A connection lasts no longer; the client comes back with its last id, and is asked again who it is. It ends at once when
/// the credential does; this is for what was not heard.
const LONGEST: Duration = Duration::from_secs(15 * 60);

/// What the browser sends when it connects again.
static LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");

/// The tenant's events as they happen: `id` is the event's sequence, `event` its kind, `data` its state as JSON.
///
/// With `Last-Event-ID` everything after that event comes first, up to 72 hours back. Of events that happened together only
/// the last has an id, so that none is left out when a connection ends between them. A connection ends after 15 minutes,
/// or with its credential: connect again with the last id.
#[utoipa::path(get, path = "/api/v1/events", tag = "events",
    params(("Last-Event-ID" = Option<i64>, Header, description = "Go on after this event")),
    responses((status = 200, content_type = "text/event-stream", body = String), ReadProblems))]
pub async fn stream_events(
    Shared(state): Shared<State>,
    auth::Read(caller): auth::Read,
    Extension(authenticator): Extension<Authenticator>,
    stopping: Option<Extension<Stopping>>,
    headers: HeaderMap,
) -> ApiResult<Response> {
    let over = future::select(
        authenticator.ended(&caller).boxed(),
        tokio::time::sleep(LONGEST).boxed(),
    );
    let last = last_event_id(&headers)?;
    let hub = state.events().clone();
    // An id from beyond the end of the log, as after its database was set up anew, must not wait for the log to get there.
    let last = match last {
        Some(last) => Some(last.min(hub.newest().await.map_err(database)?)),
        None => None,
    };
    let events = Follower::new(hub, caller.tenant_id, last)
        .events()
        .map(|told| Ok::<_, Infallible>(sse(&told)))
        .take_until(over);
    let keep_alive = KeepAlive::new().interval(KEEP_ALIVE).text("");
    let mut response = match stopping {
        Some(Extension(stopping)) => Sse::new(stopping.end(events))
            .keep_alive(keep_alive)
            .into_response(),
        None => Sse::new(events).keep_alive(keep_alive).into_response(),
    };
    // Proxies that collect answers would hold events back.
    response.headers_mut().insert(
        HeaderName::from_static("x-accel-buffering"),
        HeaderValue::from_static("no"),
    );
    response
        .headers_mut()
        .insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}

fn last_event_id(headers: &HeaderMap) -> ApiResult<Option<i64>> {
    let Some(value) = headers.get(&LAST_EVENT_ID) else {
        return Ok(None);
    };
    let text = value.to_str().unwrap_or_default();
    if text.is_empty() {
        return Ok(None); // an EventSource that has seen nothing yet
    }
    text.parse()
        .ok()
        .filter(|id| *id >= 0)
        .map(Some)
        .ok_or_else(|| {
            ApiError::invalid("Last-Event-ID", "must be the id of an event of this stream")
        })
}

/// A message as it is sent; the id is the last of its entry's.
struct Told {
    id: Option<i64>,
    message: Message,
}

impl Told {
    /// What one entry says, in its order.
    fn together(sequence: i64, messages: impl IntoIterator<Item = Message>) -> Vec<Self> {
        let told = |message| Self { id: None, message };
        let mut all: Vec<Self> = messages.into_iter().map(told).collect();
        if let Some(last) = all.last_mut() {
            last.id = Some(sequence);
        }
        all
    }

    /// What a part of the log says.
    fn past(events: Vec<TenantEvent>) -> Vec<Self> {
        let alike = |a: &TenantEvent, b: &TenantEvent| a.sequence == b.sequence;
        let message = |event: &TenantEvent| Message {
            kind: event.kind.clone(),
            data: event.data.clone(),
        };
        events
            .chunk_by(alike)
            .flat_map(|entry| Self::together(entry[0].sequence, entry.iter().map(message)))
            .collect()
    }
}

fn sse(told: &Told) -> Event {
    let event = Event::default()
        .event(&told.message.kind)
        .data(told.message.data.to_string());
    match told.id {
        Some(id) => event.id(id.to_string()),
        None => event,
    }
}

/// One connection's way through the log and then through what is handed out live.
struct Follower {
    hub: Hub,
    tenant_id: Uuid,
    live: Receiver<Arc<Entry>>,
    /// Everything up to here was sent.
    sent: i64,
    /// Whether the log must be read before going on live.
    behind: bool,
    _listener: Listener,
}

impl Follower {
    fn new(hub: Hub, tenant_id: Uuid, last: Option<i64>) -> Self {
        // Listening first, so that nothing falls between the log and the live entries.
        let (listener, live) = hub.listen(tenant_id);
        let sent = last.unwrap_or_else(|| hub.position());
        Self {
            hub,
            tenant_id,
            live,
            sent,
            behind: last.is_some(),
            _listener: listener,
        }
    }

    fn events(self) -> impl Stream<Item = Told> {
        stream::unfold(self, |mut follower| async move {
            let next = follower.next().await?;
            Some((stream::iter(next), follower))
        })
        .flatten()
    }

    /// The next messages; `None` ends the connection, and the client comes back with its last id.
    async fn next(&mut self) -> Option<Vec<Told>> {
        loop {
            if self.behind {
                let past = match self.hub.read_after(self.tenant_id, self.sent).await {
                    Ok(past) => past,
                    Err(error) => {
                        tracing::warn!(%error, "event stream ends: the log cannot be read");
                        return None;
                    }
                };
                self.behind = past.more;
                self.sent = past.until;
                if !past.events.is_empty() {
                    return Some(Told::past(past.events));
                }
                continue;
            }
            match self.live.recv().await {
                Ok(entry) if entry.sequence > self.sent => match entry.to(self.tenant_id) {
                    Some(messages) => {
                        self.sent = entry.sequence;
                        if !messages.is_empty() {
                            return Some(Told::together(entry.sequence, messages.to_vec()));
                        }
                    }
                    None => self.behind = true,
                },
                Ok(_) => {}
                Err(RecvError::Lagged(missed)) => {
                    tracing::debug!(missed, "a listener fell behind and reads the log");
                    self.behind = true;
                }
                Err(RecvError::Closed) => return None,
            }
        }
    }
}
