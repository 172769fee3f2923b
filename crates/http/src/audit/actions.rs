//! What a request is called, and what it is about.

use std::collections::HashMap;

use http::Method;
use utoipa::openapi::OpenApi;
use utoipa::openapi::path::Operation;

use super::Subject;

/// Characters of an id that are kept: it is whatever somebody wrote into an address.
const LONGEST_ID: usize = 100;

/// Operations by method and route.
pub(super) struct Actions(HashMap<Method, HashMap<String, String>>);

impl Actions {
    /// The operations of a document that may change something.
    pub(super) fn of(document: &OpenApi) -> Self {
        let mut by_method: HashMap<Method, HashMap<String, String>> = HashMap::new();
        for (path, item) in &document.paths.paths {
            let operations: [(Method, &Option<Operation>); 4] = [
                (Method::POST, &item.post),
                (Method::PUT, &item.put),
                (Method::PATCH, &item.patch),
                (Method::DELETE, &item.delete),
            ];
            for (method, operation) in operations {
                if let Some(name) = operation.as_ref().and_then(|op| op.operation_id.clone()) {
                    by_method
                        .entry(method)
                        .or_default()
                        .insert(path.clone(), name);
                }
            }
        }
        Self(by_method)
    }

    /// The operation's name.
    pub(super) fn find(&self, method: &Method, route: &str) -> Option<&str> {
        self.0.get(method)?.get(route).map(String::as_str)
    }
}

/// What an address is about: the last thing that it names, `tracking` and its id for `/api/v1/trackings/{id}`.
pub(super) fn subject(route: &str, path: &str) -> Subject {
    let mut found = Subject::default();
    let mut collection = "";
    let segments = route.split('/').zip(path.split('/'));
    for (pattern, actual) in
        segments.skip_while(|(pattern, _)| matches!(*pattern, "" | "api" | "v1"))
    {
        if pattern.starts_with('{') {
            let id: String = actual.chars().take(LONGEST_ID).collect();
            found = Subject::new(&singular(collection), id);
        } else {
            if found.kind.is_empty() {
                found.kind = singular(pattern);
            }
            collection = pattern;
        }
    }
    found
}

/// `alert_rule` of `alert-rules`.
fn singular(collection: &str) -> String {
    let name = collection.replace('-', "_");
    match name.strip_suffix("ies") {
        Some(stem) => format!("{stem}y"),
        None => name.strip_suffix('s').unwrap_or(&name).to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_says_what_it_is_about() {
        let cases = [
            ("/api/v1/trackings", "/api/v1/trackings", "tracking", ""),
            (
                "/api/v1/trackings/{id}",
                "/api/v1/trackings/7",
                "tracking",
                "7",
            ),
            (
                "/api/v1/alert-rules/{id}",
                "/api/v1/alert-rules/a",
                "alert_rule",
                "a",
            ),
            (
                "/api/v1/categories/{id}",
                "/api/v1/categories/a",
                "category",
                "a",
            ),
            (
                "/api/v1/sources/{source}/credential",
                "/api/v1/sources/haier/credential",
                "source",
                "haier",
            ),
            ("/api/v1/auth/login", "/api/v1/auth/login", "auth", ""),
            ("/api/v1/tenant", "/api/v1/tenant", "tenant", ""),
        ];
        for (route, path, kind, id) in cases {
            assert_eq!(subject(route, path), Subject::new(kind, id), "{route}");
        }
        let long = format!("/api/v1/trackings/{}", "x".repeat(5_000));
        assert_eq!(
            subject("/api/v1/trackings/{id}", &long).id.len(),
            LONGEST_ID
        );
    }
}
