//! How requests to the REST generation are signed, and the check of it.

use std::collections::BTreeMap;

use axum::http::HeaderMap;
use md5::{Digest, Md5};
use serde_json::{Map, Value};

use crate::options::SimOptions;

/// The parameter `s`: MD5 over the compact JSON of the parameters sorted by key, the salt, and `t`.
///
/// Parameters of a GET are strings and empty ones are left out; those of a POST keep their types. Neither holds
/// `s` or `t` themselves. `t` is in Unix seconds.
#[must_use]
pub fn params_signature(params: &Map<String, Value>, salt: &str, t: i64) -> String {
    let sorted = sorted(&Value::Object(params.clone()));
    hex::encode(Md5::digest(format!("{sorted}{salt}{t}")))
}

/// The header `x-sign`: MD5 over `<t>,<client key>`, then a comma and `t`.
#[must_use]
pub fn header_signature(client_key: &str, t: i64) -> String {
    format!(
        "{},{t}",
        hex::encode(Md5::digest(format!("{t},{client_key}")))
    )
}

/// The query parameters of a GET as they are signed: without `s`, `t` and empty ones.
#[must_use]
pub fn query_params(query: &str) -> Map<String, Value> {
    url::form_urlencoded::parse(query.as_bytes())
        .filter(|(name, value)| name != "s" && name != "t" && !value.is_empty())
        .map(|(name, value)| (name.into_owned(), Value::String(value.into_owned())))
        .collect()
}

/// Compact JSON with the keys of all objects in order.
fn sorted(value: &Value) -> String {
    match value {
        Value::Object(map) => {
            let ordered: BTreeMap<&String, &Value> = map.iter().collect();
            let pairs: Vec<String> = ordered
                .into_iter()
                .map(|(name, value)| format!("{}:{}", Value::String(name.clone()), sorted(value)))
                .collect();
            format!("{{{}}}", pairs.join(","))
        }
        Value::Array(items) => {
            format!(
                "[{}]",
                items.iter().map(sorted).collect::<Vec<_>>().join(",")
            )
        }
        plain => plain.to_string(),
    }
}

/// What a request was signed with.
pub(super) struct Signed<'a> {
    pub params: &'a Map<String, Value>,
    pub s: Option<String>,
    pub t: Option<String>,
}

/// Whether the request is signed as the shop wants it. Always, where no key or salt is configured.
pub(super) fn is_valid(options: &SimOptions, headers: &HeaderMap, signed: &Signed<'_>) -> bool {
    let (Some(key), Some(salt)) = (&options.popmart_client_key, &options.popmart_sign_salt) else {
        return true;
    };
    let header = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let Some(t) = signed.t.as_ref().and_then(|t| t.parse::<i64>().ok()) else {
        return false;
    };
    header("clientkey") == Some(key)
        && header("x-sign") == Some(&header_signature(key, t))
        && signed.s.as_deref() == Some(&params_signature(signed.params, salt, t))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn signatures_match_an_independent_computation() {
        // printf '%s' '{"spuId":"2155"}salt1750000000' | md5sum
        let params = query_params("spuId=2155&empty=&s=x&t=1750000000");
        assert_eq!(
            params_signature(&params, "salt", 1_750_000_000),
            "e0f5ce74f116157f42b3e8d58cf9d544"
        );
        // printf '%s' '1750000000,key' | md5sum
        assert_eq!(
            header_signature("key", 1_750_000_000),
            "19af9a47dc6e0ec8656c03cb15ced1d6,1750000000"
        );
    }

    #[test]
    fn keys_are_sorted_at_every_depth() {
        assert_eq!(
            sorted(&json!({"b": [{"z": 1, "a": null}], "a": "x"})),
            r#"{"a":"x","b":[{"a":null,"z":1}]}"#
        );
    }
}
