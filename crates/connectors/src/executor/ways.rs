//! The ways out: directly, or through one of the proxies that a source's settings name.

use std::collections::HashMap;

use config::{ConfigError, Problem};
use domain::source::Source;
use egress::Egress;

use super::manners::Manners;

/// The ways out, by source.
#[derive(Clone, Debug)]
pub(super) struct Ways {
    direct: Egress,
    proxied: HashMap<Source, Vec<Egress>>,
}

impl Ways {
    /// # Errors
    /// A proxy that is none.
    pub(super) fn new(
        direct: Egress,
        manners: &HashMap<Source, Manners>,
    ) -> Result<Self, ConfigError> {
        let mut proxied = HashMap::new();
        for (source, manners) in manners {
            let through = |proxy: &config::Secret| direct.through(proxy.expose());
            let ways: Result<Vec<_>, _> = manners.proxies.iter().map(through).collect();
            let ways = ways.map_err(|error| {
                let key = format!("sources.{}.proxies", source.as_str());
                Problem::new(key, error.to_string())
            })?;
            proxied.insert(*source, ways);
        }
        Ok(Self { direct, proxied })
    }

    /// The way for one request, drawn anew for each.
    pub(super) fn out(&self, source: Source) -> &Egress {
        match self.proxied.get(&source).map(Vec::as_slice) {
            Some(ways @ [_, ..]) => &ways[rand::random_range(0..ways.len())],
            _ => &self.direct,
        }
    }
}

#[cfg(test)]
mod tests {
    use egress::Limits;

    use super::*;
    use crate::Executor;

    #[test]
    fn a_wrong_proxy_is_told_by_its_key_and_without_its_password() {
        let mut settings = config::Config::defaults().sources;
        let proxies = vec![
            "http://proxy.example:3128",
            "socks5://me:hunter2@proxy.example",
        ];
        settings.set("popmart", "proxies", proxies);
        let egress = Egress::new(Limits::default()).expect("a client");
        let error = Executor::new(&settings, egress, None).expect_err("no proxy");
        let text = error.to_string();
        assert!(text.contains("sources.popmart.proxies"), "{text}");
        assert!(!text.contains("hunter2"), "{text}");
    }
}
