//! A gateway of one's own, for what the simulator does not do.

use std::sync::{Arc, Mutex};

use axum::extract::RawForm;
use axum::routing::post;
use axum::{Json, Router};
use connectors::alibaba1688::{Alibaba1688, Settings};
use connectors::{Connector, Credential, Outcome};
use serde_json::{Value, json};

use crate::support::{executor, sources};

pub fn credential() -> Credential {
    let fields = [
        ("app_key", "4711"),
        ("app_secret", "a-secret-that-nobody-may-see"),
        ("refresh_token", "a-refresh-token-that-nobody-may-see"),
    ];
    Credential::new(fields.map(|(name, text)| (name.to_owned(), text.to_owned())))
}

/// A connector without pauses for a gateway at this address.
pub fn connector(base: &str) -> Alibaba1688 {
    let mut sources = sources();
    sources.set("alibaba1688", "jitter_min_ms", 0);
    sources.set("alibaba1688", "jitter_max_ms", 0);
    sources.set("alibaba1688", "base_url", base);
    let settings = Settings::read(&sources).expect("good settings");
    Alibaba1688::new(&settings, executor(&sources))
}

/// Serves routes on a free port and tells its address.
pub async fn serve(routes: Router) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
        .await
        .expect("a port");
    let base = format!("http://{}", listener.local_addr().expect("an address"));
    tokio::spawn(async move { axum::serve(listener, routes).await });
    base
}

/// A field of a form.
pub fn field(form: &[u8], name: &str) -> String {
    let found = url::form_urlencoded::parse(form).find(|(known, _)| known == name);
    found
        .map(|(_, value)| value.into_owned())
        .unwrap_or_default()
}

/// Checks a credential with this answer to the question for a token: the outcome, and the access
/// token that was asked with.
pub async fn authorised_with(token: Vec<u8>) -> (Result<String, Outcome>, String) {
    let token: Value = serde_json::from_slice(&token).expect("JSON");
    let asked = Arc::new(Mutex::new(String::new()));
    let seen = Arc::clone(&asked);
    let missing = json!({"result": {"success": false, "code": "404", "message": "商品[1]不存在"}});
    let routes = Router::new()
        .route(
            "/openapi/http/1/system.oauth2/getToken/4711",
            post(async move || Json(token)),
        )
        .fallback(post(async move |RawForm(form): RawForm| {
            *seen.lock().expect("not poisoned") = field(&form, "access_token");
            Json(missing)
        }));
    let outcome = connector(&serve(routes).await).check(&credential()).await;
    let asked = asked.lock().expect("not poisoned").clone();
    (outcome, asked)
}
