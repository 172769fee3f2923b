//! Where the installation is, and by which key it is asked.

use std::path::{Path, PathBuf};

use anyhow::Context;
use config::{Config, ProcessKind};
use serde::Deserialize;

use crate::usage::Usage;

/// An installation and a key to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reached {
    /// Without a slash at its end.
    pub url: String,
    /// With the scopes read and crawl.
    pub api_key: String,
}

/// What a development installation leaves beside its configuration.
#[derive(Debug, Deserialize)]
struct UpJson {
    url: String,
    api_key: String,
}

/// As named; what is not named is that of the configuration, and of the development installation beside it.
pub fn find(url: Option<&str>, api_key: Option<&str>) -> anyhow::Result<Reached> {
    let up = beside(
        std::env::var_os(config::FILE_VARIABLE)
            .map(PathBuf::from)
            .as_deref(),
    )?;
    let Some(api_key) = api_key.map(ToOwned::to_owned).or_else(|| {
        // Its key is for it alone.
        let up = up
            .as_ref()
            .filter(|up| url.is_none_or(|url| same(url, &up.url)));
        up.map(|up| up.api_key.clone())
    }) else {
        return Err(Usage(
            "an API key is needed: --api-key, or the variable BELLWETHER_API_KEY; \
             make one with the scopes read and crawl under POST /api/v1/api-keys"
                .to_owned(),
        )
        .into());
    };
    let url = match (url, up) {
        (Some(url), _) => url.to_owned(),
        (None, Some(up)) => up.url,
        (None, None) => {
            let listen = Config::load_for(ProcessKind::Operator, None)?.listen;
            format!("http://{}", listen.address(listen.gateway_http))
        }
    };
    Ok(Reached {
        url: url.trim_end_matches('/').to_owned(),
        api_key,
    })
}

fn same(one: &str, other: &str) -> bool {
    one.trim_end_matches('/') == other.trim_end_matches('/')
}

/// `up.json` beside the configuration file, if there is one.
fn beside(config: Option<&Path>) -> anyhow::Result<Option<UpJson>> {
    let Some(path) = config
        .and_then(Path::parent)
        .map(|home| home.join("up.json"))
    else {
        return Ok(None);
    };
    match std::fs::read_to_string(&path) {
        Ok(text) => serde_json::from_str(&text)
            .map(Some)
            .with_context(|| format!("read {}", path.display())),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).with_context(|| format!("read {}", path.display())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_development_installation_is_found_beside_its_configuration() {
        let home = tempfile::tempdir().expect("a folder");
        let config = home.path().join("config.toml");
        assert!(beside(Some(&config)).expect("looked").is_none());
        let up = r#"{"url": "http://127.0.0.1:8080", "api_key": "bw_1", "email": "x"}"#;
        std::fs::write(home.path().join("up.json"), up).expect("written");
        let found = beside(Some(&config)).expect("looked").expect("there");
        assert_eq!(
            (found.url.as_str(), found.api_key.as_str()),
            ("http://127.0.0.1:8080", "bw_1")
        );
        assert!(beside(None).expect("looked").is_none());
    }
}
