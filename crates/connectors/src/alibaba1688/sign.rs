//! How requests to the open platform are signed.
//!
//! Source: the platform's "API signature" page (open.1688.com).

use std::collections::BTreeMap;

/// `_aop_signature`: upper-case HMAC-SHA1 under the app's secret, over the path without host and
/// leading slash, then each parameter's name and raw value in the order of the names.
pub fn signature(path: &str, parameters: &BTreeMap<&str, String>, secret: &str) -> String {
    let mut text = path.to_owned();
    for (name, value) in parameters {
        text.push_str(name);
        text.push_str(value);
    }
    secrets::hmac_sha1_hex_upper(secret, text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_matches_an_independent_computation() {
        // printf '%s' 'param2/1/ns.example/call/4711_aop_timestamp1700000000000access_tokentokenofferQueryParam{"keyword":"杯子 &"}' |
        //   openssl dgst -sha1 -hmac 'sécret'
        let parameters = BTreeMap::from([
            ("offerQueryParam", r#"{"keyword":"杯子 &"}"#.to_owned()),
            ("access_token", "token".to_owned()),
            ("_aop_timestamp", "1700000000000".to_owned()),
        ]);
        assert_eq!(
            signature("param2/1/ns.example/call/4711", &parameters, "sécret"),
            "71C64E5D3D0752F6F1B757A016A20FE265B8C75E"
        );
    }
}
