//! The signature of generation 2.

use std::collections::BTreeMap;

use md5::{Digest, Md5};
use serde_json::{Map, Value};

/// `s`: MD5 of the parameters as compact JSON sorted by name, the salt and the time in Unix seconds.
/// A GET's parameters are texts without the empty ones; a POST's keep their types.
pub(crate) fn parameters(parameters: Map<String, Value>, salt: &str, t: i64) -> String {
    let sorted: BTreeMap<String, Value> = parameters.into_iter().collect();
    let json = serde_json::to_string(&sorted).unwrap_or_default();
    md5(&format!("{json}{salt}{t}"))
}

/// `x-sign`: MD5 of time and client key, and the time once more.
pub(crate) fn client(client_key: &str, t: i64) -> String {
    format!("{},{t}", md5(&format!("{t},{client_key}")))
}

fn md5(text: &str) -> String {
    hex::encode(Md5::digest(text.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_signed_sorted_by_name() {
        let given = serde_json::json!({"term": "fox", "page": 1, "strategy": ""});
        let expected = md5(r#"{"page":1,"strategy":"","term":"fox"}salt1746962620"#);
        let given = given.as_object().expect("an object").clone();
        assert_eq!(parameters(given, "salt", 1_746_962_620), expected);
        assert_eq!(md5(""), "d41d8cd98f00b204e9800998ecf8427e");
    }

    #[test]
    fn the_client_signature_ends_with_its_time() {
        let signed = client("key", 1_746_962_620);
        assert!(
            signed.ends_with(",1746962620") && signed.len() == 32 + 11,
            "{signed}"
        );
    }
}
