//! Product pictures, drawn on the spot and always the same for the same product.

mod glyph;

use std::sync::Arc;

use axum::{
    Router,
    extract::{Path, State},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};

use crate::{
    market::{Glyph, Listing, ListingKey, Noise, Source},
    world::World,
};

/// Pictures a product has.
const VIEWS: u32 = 3;

/// The address of a listing's picture; views count from 1.
pub(crate) fn url(base: &str, key: &ListingKey, view: u32) -> String {
    let suffix = if view > 1 {
        format!("-{view}")
    } else {
        String::new()
    };
    format!("{base}/img/{}/{}{suffix}.svg", key.source, key.external_id)
}

/// Routes below `/img`.
pub(crate) fn router() -> Router<Arc<World>> {
    Router::new().route("/{source}/{file}", get(picture))
}

/// `GET /img/{source}/{id}.svg` and `…/{id}-{view}.svg`.
async fn picture(
    State(world): State<Arc<World>>,
    Path((source, file)): Path<(String, String)>,
) -> Response {
    let source = match source.as_str() {
        "amazon" => Source::Amazon,
        "popmart" => Source::Popmart,
        "haier" => Source::Haier,
        "alibaba1688" => Source::Alibaba1688,
        "web" => Source::Web,
        _ => return StatusCode::NOT_FOUND.into_response(),
    };
    let Some(name) = file.strip_suffix(".svg") else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let (id, view) = match name.rsplit_once('-').map(|(id, view)| (id, view.parse())) {
        Some((id, Ok(view))) if (2..=VIEWS).contains(&view) => (id, view),
        _ => (name, 1),
    };
    let seen = world
        .all(source, None)
        .into_iter()
        .find(|seen| seen.listing.key.external_id == id);
    let svg = match seen {
        Some(seen) => draw(id, Some(&seen.listing), view),
        None => draw(id, None, view),
    };
    let headers = [
        (header::CONTENT_TYPE, "image/svg+xml"),
        (header::CACHE_CONTROL, "public, max-age=86400"),
        // Pages on other ports show these pictures.
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
    ];
    (headers, svg).into_response()
}

/// The picture: a soft two-tone ground, the product's glyph, its brand.
fn draw(id: &str, listing: Option<&Listing>, view: u32) -> String {
    let noise = Noise::new(11).of(id);
    let hue = noise.of("hue").below(360);
    let ground = (hue + u64::from(view - 1) * 40) % 360;
    let glyph = listing.map_or(Glyph::Crate, |listing| listing.glyph);
    let body = format!("hsl({hue} 62% 52%)");
    let shade = format!("hsl({hue} 58% 36%)");
    let light = format!("hsl({} 90% 86%)", (hue + 30) % 360);
    let label = escape(listing.map_or(id, |listing| listing.brand.as_str()));
    let turn = [0, -9, 9][(view as usize - 1) % 3];
    let shape = glyph::draw(glyph, &body, &shade, &light);
    format!(
        r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 400 400" width="800" height="800" role="img" aria-label="{label}">
<defs>
<linearGradient id="g" x1="0" y1="0" x2="1" y2="1"><stop offset="0" stop-color="hsl({ground} 70% 96%)"/><stop offset="1" stop-color="hsl({} 60% 86%)"/></linearGradient>
<radialGradient id="s"><stop offset="0" stop-color="hsl({ground} 40% 30%)" stop-opacity=".35"/><stop offset="1" stop-color="hsl({ground} 40% 30%)" stop-opacity="0"/></radialGradient>
</defs>
<rect width="400" height="400" fill="url(#g)"/>
<circle cx="{}" cy="{}" r="120" fill="#fff" opacity=".45"/>
<ellipse cx="200" cy="322" rx="104" ry="16" fill="url(#s)"/>
<g transform="rotate({turn} 200 200)" stroke-linecap="round" stroke-linejoin="round">{shape}</g>
<text x="200" y="374" text-anchor="middle" font-family="system-ui,-apple-system,Segoe UI,Roboto,sans-serif" font-size="19" font-weight="600" letter-spacing=".6" fill="hsl({ground} 35% 32%)">{label}</text>
</svg>
"##,
        (ground + 50) % 360,
        110 + noise.of("x").nth(view.into()).below(180),
        90 + noise.of("y").nth(view.into()).below(120),
    )
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::market::Market;

    #[test]
    fn every_product_has_a_picture_of_its_own() {
        let market = Market::new(1);
        for listing in market.catalogue() {
            let id = &listing.key.external_id;
            let first = draw(id, Some(listing), 1);
            assert_eq!(first, draw(id, Some(listing), 1));
            assert_ne!(first, draw(id, Some(listing), 2));
            assert!(first.starts_with("<svg") && first.contains(&escape(&listing.brand)));
        }
    }
}
