//! Pages that are no product's.

use std::io::Write;

use axum::{
    body::{Body, Bytes},
    extract::Path,
    http::{HeaderValue, StatusCode, header},
    response::{Html, IntoResponse, Redirect, Response},
};
use flate2::{Compression, write::GzEncoder};

/// Decompressed bytes of the bomb.
const BOMB: usize = 64 << 20;

/// `GET /shop/odd/{what}`.
pub(super) async fn page(Path(what): Path<String>) -> Response {
    match what.as_str() {
        "moved" => Redirect::permanent("/shop/us/linked-kettle").into_response(),
        "loop" => Redirect::temporary("/shop/odd/pool").into_response(),
        "pool" => Redirect::temporary("/shop/odd/loop").into_response(),
        // The address at which clouds tell their machines secrets.
        "inside" => Redirect::temporary("http://169.254.169.254/latest/meta-data/").into_response(),
        "elsewhere" => Redirect::temporary("ftp://127.0.0.1/kettle").into_response(),
        "staff" => Redirect::temporary("/shop/private/prices").into_response(),
        "bomb" => bomb(),
        "endless" => endless(),
        "soft-404" => Html("<!doctype html><title>Shop</title><h1>Product not found</h1><p class=\"price\">$5.00</p>")
            .into_response(),
        "captcha" => Html("<!doctype html><title>Just a moment...</title><div class=\"g-recaptcha\"></div>").into_response(),
        "consent" => Html("<!doctype html><title>Before you continue</title><form><button>Accept</button></form>")
            .into_response(),
        "list" => Html(LIST).into_response(),
        "paper" => typed("application/pdf", Body::from("%PDF-1.7")),
        "gone" => StatusCode::GONE.into_response(),
        _ => StatusCode::NOT_FOUND.into_response(),
    }
}

/// A page of a category.
const LIST: &str = "<!doctype html><html lang=\"en-US\"><title>Kettles</title><h1>Kettles</h1>\
    <script type=\"application/ld+json\">[\
    {\"@type\":\"Product\",\"name\":\"One\",\"offers\":{\"@type\":\"Offer\",\"price\":\"10.00\",\"priceCurrency\":\"USD\"}},\
    {\"@type\":\"Product\",\"name\":\"Two\",\"offers\":{\"@type\":\"Offer\",\"price\":\"20.00\",\"priceCurrency\":\"USD\"}}\
    ]</script><div class=\"price\">$10.00</div><div class=\"price\">$20.00</div></html>";

fn typed(kind: &'static str, body: Body) -> Response {
    let mut response = Response::new(body);
    response
        .headers_mut()
        .insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    response
}

/// A small answer that unpacks to a large one.
fn bomb() -> Response {
    let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
    let block = vec![b' '; 1 << 20];
    let written = (0..BOMB >> 20).try_for_each(|_| packed.write_all(&block));
    let Some(bytes) = written.ok().and_then(|()| packed.finish().ok()) else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let mut response = typed("text/html", Body::from(bytes));
    response
        .headers_mut()
        .insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    response
}

/// An answer that goes on as long as somebody listens.
fn endless() -> Response {
    let block = Bytes::from(vec![b'x'; 64 << 10]);
    let blocks =
        futures::stream::repeat_with(move || Ok::<_, std::convert::Infallible>(block.clone()));
    typed("text/html", Body::from_stream(blocks))
}
