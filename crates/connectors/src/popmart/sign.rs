//! The signature of generation 2.

use std::collections::BTreeMap;

use md5::{Digest, Md5};

/// `s`: MD5 of the parameters as compact JSON sorted by name (empty ones dropped, all as text), the
/// salt and the time in Unix seconds.
pub(crate) fn parameters(parameters: &BTreeMap<&str, String>, salt: &str, t: i64) -> String {
    let given: BTreeMap<_, _> = parameters
        .iter()
        .filter(|(_, value)| !value.is_empty())
        .collect();
    let json = serde_json::to_string(&given).unwrap_or_default();
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
    fn parameters_are_signed_sorted_and_without_empty_ones() {
        let given = BTreeMap::from([("spuId", "2155".to_owned()), ("empty", String::new())]);
        let expected = md5(r#"{"spuId":"2155"}salt1746962620"#);
        assert_eq!(parameters(&given, "salt", 1_746_962_620), expected);
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
