//! `GET /crawls/{id}/events`: a crawl as it goes on.

use std::convert::Infallible;
use std::time::Duration;

use axum::Extension;
use axum::extract::State;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use chrono::Utc;
use futures::{FutureExt, Stream, StreamExt, future, stream};
use http::{HeaderName, HeaderValue, header};
use http_kit::auth::Authenticator;
use http_kit::openapi::ReadProblems;
use http_kit::server::Stopping;
use http_kit::{ApiError, ApiResult, Path, auth};
use uuid::Uuid;

use crate::http::shapes::Crawl;
use crate::http::{Api, database};
use crate::watching::{Live, Seen, Watcher};

/// Silence after which a comment shows that the connection lives.
const KEEP_ALIVE: Duration = Duration::from_secs(15);
/// A connection lasts no longer, and ends at once with its credential; whoever connects again is asked again who it is.
const LONGEST: Duration = Duration::from_secs(15 * 60);
/// When to try again, where as many watch as may.
const LATER: Duration = Duration::from_secs(5);

/// Watch a crawl live, as server-sent events: `snapshot` at once, `progress` when something changed, at most twice a second,
/// and `finished` when it is over; then the stream ends. `data` is the crawl as in `GET /crawls`.
///
/// A connection ends after 15 minutes, or with its credential: connect again while the crawl goes on.
#[utoipa::path(get, path = "/api/v1/crawls/{id}/events", tag = "crawls",
    params(("id" = Uuid, Path, description = "The crawl")),
    responses((status = 200, content_type = "text/event-stream", body = String), ReadProblems))]
pub(in crate::http) async fn watch_crawl(
    State(api): State<Api>,
    auth::Read(caller): auth::Read,
    Extension(authenticator): Extension<Authenticator>,
    stopping: Option<Extension<Stopping>>,
    Path(id): Path<Uuid>,
) -> ApiResult<Response> {
    let over = future::select(
        authenticator.ended(&caller).boxed(),
        tokio::time::sleep(LONGEST).boxed(),
    );
    let seen = api.watching.look(caller.tenant_id, id).await;
    let seen = seen.map_err(database)?.ok_or_else(ApiError::not_found)?;
    let watcher = api.watching.watch(caller.tenant_id, id).ok_or_else(|| {
        ApiError::rate_limited(
            "As many crawls of this tenant as may are being watched live. Close one of them, or ask GET /crawls/{id} now \
             and then.",
            LATER,
        )
    })?;
    let events = told(seen, watcher)
        .map(Ok::<_, Infallible>)
        .take_until(over);
    let keep_alive = KeepAlive::new().interval(KEEP_ALIVE).text("");
    let mut response = match stopping {
        Some(Extension(stopping)) => Sse::new(stopping.end(events))
            .keep_alive(keep_alive)
            .into_response(),
        None => Sse::new(events).keep_alive(keep_alive).into_response(),
    };
    // Proxies that collect answers would hold events back.
    let unbuffered = HeaderName::from_static("x-accel-buffering");
    let headers = response.headers_mut();
    headers.insert(unbuffered, HeaderValue::from_static("no"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}

/// What is told next.
enum Step {
    First(Seen),
    Go(Seen),
    Last(Seen),
    Done,
}

fn told(seen: Seen, watcher: Watcher) -> impl Stream<Item = Event> {
    stream::unfold((Step::First(seen), watcher), |(step, mut watcher)| async {
        let (event, next) = match step {
            Step::Done => return None,
            Step::First(seen) => (event("snapshot", &seen), after(seen)),
            Step::Last(seen) => (event("finished", &seen), Step::Done),
            Step::Go(shown) => loop {
                match watcher.next().await {
                    Live::Seen(seen) if seen == shown => {}
                    Live::Seen(seen) if seen.is_over() => {
                        break (event("finished", &seen), Step::Done);
                    }
                    Live::Seen(seen) => break (event("progress", &seen), Step::Go(seen)),
                    Live::Gone => return None,
                    Live::Unknown => {}
                }
            },
        };
        Some((event, (next, watcher)))
    })
}

fn after(seen: Seen) -> Step {
    if seen.is_over() {
        Step::Last(seen)
    } else {
        Step::Go(seen)
    }
}

fn event(name: &str, seen: &Seen) -> Event {
    let crawl = Crawl::at(seen.crawl.clone(), &seen.holds, Utc::now());
    Event::default()
        .event(name)
        .data(serde_json::json!(crawl).to_string())
}
