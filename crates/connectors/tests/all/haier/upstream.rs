//! A platform that answers what a test tells it to.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri};
use serde_json::Value;

/// One request as it came in.
#[derive(Clone, Debug)]
pub struct Asked {
    pub path: String,
    pub authorization: String,
    pub body: Value,
}

type Answers = HashMap<&'static str, (u16, Vec<u8>)>;

/// A platform on a port of its own. Answers by the end of the path; 404 to all else.
pub struct Upstream {
    pub url: String,
    answers: Arc<Mutex<Answers>>,
    asked: Arc<Mutex<Vec<Asked>>>,
}

type Shared = (Arc<Mutex<Answers>>, Arc<Mutex<Vec<Asked>>>);

impl Upstream {
    pub async fn start() -> Self {
        let answers = Arc::new(Mutex::new(Answers::new()));
        let asked = Arc::new(Mutex::new(Vec::new()));
        let router = axum::Router::new()
            .fallback(answer)
            .with_state((Arc::clone(&answers), Arc::clone(&asked)));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
            .await
            .expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        tokio::spawn(async move { axum::serve(listener, router).await });
        let upstream = Self {
            url,
            answers,
            asked,
        };
        upstream.answers(
            "oauth2/auth",
            200,
            r#"{"access_token":"a.b.c","expires_in":3600}"#,
        );
        upstream
    }

    /// From now on, paths that end so are answered so.
    pub fn answers(&self, path: &'static str, status: u16, body: impl Into<Vec<u8>>) {
        let mut answers = self.answers.lock().expect("not poisoned");
        answers.insert(path, (status, body.into()));
    }

    /// What was asked of paths that end so.
    pub fn asked(&self, path: &str) -> Vec<Asked> {
        let asked = self.asked.lock().expect("not poisoned");
        asked
            .iter()
            .filter(|asked| asked.path.ends_with(path))
            .cloned()
            .collect()
    }
}

async fn answer(
    State((answers, asked)): State<Shared>,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> (StatusCode, Vec<u8>) {
    let path = uri.path().to_owned();
    let answer = {
        let answers = answers.lock().expect("not poisoned");
        let mut all = answers.iter();
        all.find(|(end, _)| path.ends_with(*end))
            .map(|(_, answer)| answer.clone())
    };
    let authorization = headers
        .get("authorization")
        .map(|value| value.to_str().expect("a text").to_owned());
    asked.lock().expect("not poisoned").push(Asked {
        path,
        authorization: authorization.unwrap_or_default(),
        body: serde_json::from_slice(&body).unwrap_or_default(),
    });
    let (status, body) = answer.unwrap_or((404, Vec::new()));
    (StatusCode::from_u16(status).expect("a status"), body)
}
