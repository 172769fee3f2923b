//! Pages that stand where a product should: captchas, consent walls, "not found" with a 200.

use chrono::{DateTime, Utc};
use egress::Response;

use super::html::{Document, Element};
use super::page::Page;
use crate::{Outcome, by_status};

/// What a page is instead of a product's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Instead {
    /// Asks for proof that we are human.
    Captcha,
    /// Asks for consent before it shows anything.
    Consent,
    /// Says that there is no such page.
    NotFound,
}

/// What only the scripts of such walls hold.
const WALLS: &[&str] = &[
    "/cdn-cgi/challenge-platform/h/",
    "cf-chl-widget",
    "captcha-delivery.com",
    "px-captcha",
    "_incapsula_resource",
    "geetest_challenge",
    "/_sec/cp_challenge",
];
/// Titles of such walls, in lower case.
const WALL_TITLES: &[&str] = &[
    "just a moment",
    "attention required",
    "access denied",
    "robot check",
    "pardon our interruption",
    "are you a human",
    "are you a robot",
    "security check",
    "verify you are human",
    "bot verification",
    "captcha",
    "ddos-guard",
    "sicherheitsüberprüfung",
    "访问验证",
    "安全验证",
    "인증",
    "アクセス確認",
];
const CONSENT_TITLES: &[&str] = &[
    "before you continue",
    "bevor sie fortfahren",
    "avant de continuer",
    "antes de continuar",
    "prima di continuare",
    "cookie consent",
    "privacy consent",
];
const NOT_FOUND: &[&str] = &[
    "page not found",
    "product not found",
    "item not found",
    "not found",
    "page doesn't exist",
    "page does not exist",
    "no longer exists",
    "can't find that page",
    "seite nicht gefunden",
    "artikel nicht gefunden",
    "produkt nicht gefunden",
    "nicht gefunden",
    "page introuvable",
    "produit introuvable",
    "page non trouvée",
    "página no encontrada",
    "producto no encontrado",
    "pagina non trovata",
    "prodotto non trovato",
    "página não encontrada",
    "produto não encontrado",
    "pagina niet gevonden",
    "product niet gevonden",
    "nie znaleziono",
    "strona nie istnieje",
    "ページが見つかりません",
    "商品が見つかりません",
    "見つかりませんでした",
    "페이지를 찾을 수 없",
    "상품을 찾을 수 없",
    "页面不存在",
    "商品不存在",
    "找不到页面",
    "頁面不存在",
    "找不到頁面",
    "找不到商品",
];

/// A wall is small; a shop's page with a captcha for its newsletter is not.
const SMALL: usize = 120 * 1024;

/// What an answer means that is no success: redirects and "not modified" are for the caller, a wall
/// with any status is a refusal.
pub(super) fn judge(response: &Response, now: DateTime<Utc>) -> Option<Outcome> {
    let challenged = response.header("cf-mitigated") == Some("challenge");
    if challenged || (response.body.len() < SMALL && is_wall(&response.body)) {
        return Some(Outcome::Blocked {
            retry_after: response.retry_after(now),
            reason: "the shop asks for a captcha".into(),
        });
    }
    match response.status {
        301 | 302 | 303 | 304 | 307 | 308 => None,
        _ => by_status(response, now),
    }
}

fn is_wall(body: &[u8]) -> bool {
    let text = String::from_utf8_lossy(body).to_ascii_lowercase();
    WALLS.iter().any(|mark| text.contains(mark)) && !text.contains("application/ld+json")
}

/// What a page without a product is, by its title and heading alone: a shop's page is full of
/// words.
pub(super) fn instead(document: &Document, page: &Page, size: usize) -> Option<Instead> {
    let said: Vec<String> = [&page.title, &page.heading]
        .into_iter()
        .flatten()
        .map(|text| text.to_lowercase())
        .collect();
    let says = |words: &[&str]| {
        said.iter()
            .any(|text| words.iter().any(|word| text.contains(word)))
    };
    let host = page.url.host_str().unwrap_or_default();
    let frames = || {
        document.elements().any(|element: Element<'_>| {
            element.attr("class").is_some_and(|class| {
                class.contains("g-recaptcha")
                    || class.contains("h-captcha")
                    || class.contains("cf-turnstile")
            })
        })
    };
    if says(WALL_TITLES) || (size < 20 * 1024 && frames()) {
        return Some(Instead::Captcha);
    }
    if says(CONSENT_TITLES) || host.starts_with("consent.") {
        return Some(Instead::Consent);
    }
    let number = said
        .iter()
        .any(|text| text.trim() == "404" || text.starts_with("404 ") || text.contains("error 404"));
    (number || says(NOT_FOUND)).then_some(Instead::NotFound)
}

impl Instead {
    /// What it means for the listing.
    pub(super) fn outcome(self) -> Outcome {
        let blocked = |reason: &str| Outcome::Blocked {
            retry_after: None,
            reason: reason.into(),
        };
        match self {
            Self::Captcha => blocked("the shop asks for a captcha"),
            Self::Consent => blocked("the shop asks for consent before it shows the page"),
            Self::NotFound => Outcome::NotFound,
        }
    }
}
