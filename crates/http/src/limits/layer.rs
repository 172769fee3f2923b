//! The layer around a service's routes.

use std::sync::Arc;

use axum::{
    extract::{FromRequestParts as _, MatchedPath, Request, State},
    middleware::Next,
    response::{IntoResponse as _, Response},
};
use http::{HeaderMap, HeaderName, HeaderValue, request::Parts};

use super::{
    Class, Limiter,
    limiter::{Left, Refused, Shared},
};
use crate::{
    ApiError, ClientAddress,
    auth::{Principal, RefusedCredential},
};

const LIMIT: HeaderName = HeaderName::from_static("ratelimit-limit");
const REMAINING: HeaderName = HeaderName::from_static("ratelimit-remaining");
const RESET: HeaderName = HeaderName::from_static("ratelimit-reset");

/// Middleware: admits a request or answers 429, and tells on every answer what is left. It stands inside of the
/// authenticator's `Extension` and outside of all else, once around all routes of a service.
pub async fn admit(State(limiter): State<Limiter>, request: Request, next: Next) -> Response {
    let Limiter(Some(shared)) = limiter else {
        return next.run(request).await;
    };
    let (mut parts, body) = request.into_parts();
    match check(&shared, &mut parts).await {
        Ok(left) => {
            let mut response = next.run(Request::from_parts(parts, body)).await;
            tell(response.headers_mut(), left);
            response
        }
        Err(refused) => {
            metrics::counter!("rate_limited_total", "by" => refused.name).increment(1);
            answer(refused)
        }
    }
}

async fn check(shared: &Shared, parts: &mut Parts) -> Result<Left, Refused> {
    let route = parts.extensions.get::<MatchedPath>();
    let class = Class::of(
        &parts.method,
        route.map_or(parts.uri.path(), MatchedPath::as_str),
    );
    let place = ClientAddress::of(parts).place();
    let of_place = shared.place(place)?;
    // Who signs in has no credential yet, or one that does not matter.
    if matches!(class, Class::SignIn | Class::Renew) {
        return shared.stranger(place, class, &of_place).await;
    }
    match Principal::from_request_parts(parts, &()).await {
        Ok(principal) => shared.caller(&principal, class, &of_place).await,
        Err(why) => {
            parts.extensions.insert(RefusedCredential(Arc::new(why)));
            shared.stranger(place, class, &of_place).await
        }
    }
}

/// What is left, unless the answer tells of a narrower limit itself.
fn tell(headers: &mut HeaderMap, left: Left) {
    if headers.contains_key(&LIMIT) {
        return;
    }
    headers.insert(LIMIT, HeaderValue::from(left.per_minute));
    headers.insert(REMAINING, HeaderValue::from(left.remaining));
    headers.insert(RESET, HeaderValue::from(left.resets_in));
}

fn answer(refused: Refused) -> Response {
    let Refused {
        name,
        per_minute,
        resets_in,
        wait,
    } = refused;
    let whose = match name {
        "address" => "from your address",
        "anonymous" => "from your address without a valid credential",
        "sign_in" => "from your address that sign in or try a secret",
        "renew" => "from your address that renew or end a session",
        "tenant" => "of your tenant",
        "key" => "with this credential",
        "write" => "of your tenant that change something",
        "crawl" => "of your tenant that ask a source",
        _ => "of your tenant for whole files",
    };
    let detail = format!(
        "There are more than {per_minute} requests a minute {whose}. Wait as long as Retry-After says, then go on more \
         slowly."
    );
    let error = ApiError::rate_limited(detail, wait).with_member("limit", name);
    let mut response = error.into_response();
    let left = Left {
        per_minute,
        remaining: 0,
        resets_in,
    };
    tell(response.headers_mut(), left);
    response
}
