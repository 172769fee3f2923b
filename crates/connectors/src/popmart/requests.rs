//! What to ask of each generation. Pure: where, which headers, which body.

use chrono::{DateTime, Utc};
use egress::Request;
use serde_json::{Map, Value, json};
use url::Url;

use super::Settings;
use super::regions::Region;
use super::sign;
use crate::{Outcome, Setup};

/// Rows that we ask for in one page.
pub(crate) const REST_PAGE: u64 = 20;
/// Rows of one file.
pub(crate) const CDN_PAGE: u64 = 20;
/// Most rows of an RPC search.
pub(crate) const RPC_PAGE: u64 = 100;
/// Most rows of an RPC collection.
pub(crate) const RPC_COLLECTION_PAGE: u64 = 50;

const SHOP: &str = "https://www.popmart.com";

/// Who asks what where.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Asking<'a> {
    pub(crate) settings: &'a Settings,
    pub(crate) region: &'static Region,
    /// The browser of this task.
    pub(crate) agent: &'a str,
    pub(crate) now: DateTime<Utc>,
}

type Made = Result<Request, Outcome>;

impl Asking<'_> {
    /// A product in full, by its number.
    pub(crate) fn details(&self, id: &str) -> Made {
        self.signed_get("/shop/v1/shop/productDetails", &[("spuId", id)])
    }

    /// Products by words.
    pub(crate) fn search(&self, term: &str, page: u64) -> Made {
        let parameters = json!({
            "pageSize": REST_PAGE, "page": page, "strategy": "", "term": term,
        });
        self.signed_post("/shop/v1/search", parameters)
    }

    /// Products of a collection.
    pub(crate) fn collection(&self, id: &str, page: u64) -> Made {
        let (page, size) = (page.to_string(), REST_PAGE.to_string());
        self.signed_get(
            "/shop/v3/shop/productOnCollection",
            &[
                ("collectionId", id),
                ("page", &page),
                ("pageSize", &size),
                ("sortWay", ""),
            ],
        )
    }

    /// Products of a category. Seen in one public client only.
    pub(crate) fn category(&self, id: &str, page: u64) -> Made {
        let (page, size) = (page.to_string(), REST_PAGE.to_string());
        self.signed_get(
            "/shop/v1/shop/productList",
            &[("categoryId", id), ("page", &page), ("size", &size)],
        )
    }

    /// The file of one page of a collection.
    pub(crate) fn file_of_collection(&self, id: &str, page: u64) -> Made {
        self.file(&format!("shop_productoncollection-{id}-1-{page}"))
    }

    /// The file of new products.
    pub(crate) fn file_of_new(&self) -> Made {
        self.file("shop_presalenewproducts")
    }

    /// A remote procedure call.
    pub(crate) fn rpc(&self, procedure: &str, input: &Value) -> Made {
        let host = self.settings.rpc_host(self.region)?;
        let url = address(
            &format!("{host}/rpc/{procedure}"),
            "sources.popmart.rpc_url",
        )?;
        let request = Request::post_json(url, &json!({ "json": input }))
            .map_err(|error| Outcome::hopeless(error.to_string()))?;
        let id = format!(
            "web-{}-{:032x}",
            self.now.timestamp_millis(),
            rand::random::<u128>()
        );
        Ok(self
            .browser(request)
            // A lower-case area is answered with an empty list.
            .header("x-area", self.region.country)
            .header("x-device-type", "web-pc")
            .header("accept-language", "en")
            .header("x-request-id", &id))
    }

    fn file(&self, name: &str) -> Made {
        let host = self.settings.cdn_url.trim_end_matches('/');
        if host.is_empty() {
            return Err(Outcome::hopeless(
                Setup::Missing("sources.popmart.cdn_url").to_string(),
            ));
        }
        let country = self.region.country.to_ascii_lowercase();
        let language = self.region.language();
        let url = address(
            &format!("{host}/{name}-{country}-{language}.json"),
            "sources.popmart.cdn_url",
        )?;
        Ok(self.browser(Request::get(url)))
    }

    fn signed_get(&self, path: &str, parameters: &[(&str, &str)]) -> Made {
        let mut url = self.rest(path)?;
        for (name, value) in parameters.iter().filter(|(_, value)| !value.is_empty()) {
            url.query_pairs_mut().append_pair(name, value);
        }
        if self.settings.sign_salt.is_set() {
            let t = self.now.timestamp();
            let signed: Map<String, Value> = parameters
                .iter()
                .filter(|(_, value)| !value.is_empty())
                .map(|(name, value)| ((*name).to_owned(), json!(value)))
                .collect();
            let s = sign::parameters(signed, self.settings.sign_salt.expose(), t);
            url.query_pairs_mut()
                .append_pair("s", &s)
                .append_pair("t", &t.to_string());
        }
        Ok(self.signed(Request::get(url)))
    }

    fn signed_post(&self, path: &str, parameters: Value) -> Made {
        let url = self.rest(path)?;
        let Value::Object(mut body) = parameters else {
            return Err(Outcome::hopeless("the parameters are no object"));
        };
        if self.settings.sign_salt.is_set() {
            let t = self.now.timestamp();
            let s = sign::parameters(body.clone(), self.settings.sign_salt.expose(), t);
            body.insert("s".to_owned(), json!(s));
            body.insert("t".to_owned(), json!(t));
        }
        let request =
            Request::post_json(url, &body).map_err(|error| Outcome::hopeless(error.to_string()))?;
        Ok(self.signed(request))
    }

    fn rest(&self, path: &str) -> Result<Url, Outcome> {
        let host = self.settings.rest_host(self.region)?;
        address(&format!("{host}{path}"), "sources.popmart.base_url")
    }

    /// The headers of the signed generation; signed when the operator supplied what signs.
    fn signed(&self, request: Request) -> Request {
        let request = self
            .browser(request)
            .header("country", self.region.country)
            .header("language", self.region.language())
            .header("x-client-country", self.region.country)
            .header("x-client-namespace", self.region.namespace)
            .header("x-project-id", self.region.project)
            .header("x-device-os-type", "web");
        let key = &self.settings.client_key;
        if !key.is_set() {
            return request;
        }
        let x_sign = sign::client(key.expose(), self.now.timestamp());
        request
            .header("clientkey", key.expose())
            .header("x-sign", &x_sign)
    }

    fn browser(&self, request: Request) -> Request {
        request
            .header("accept", "application/json")
            .header("origin", SHOP)
            .header("referer", "https://www.popmart.com/")
            .header("user-agent", self.agent)
    }
}

fn address(text: &str, setting: &'static str) -> Result<Url, Outcome> {
    Url::parse(text).map_err(|_| Outcome::hopeless(Setup::Wrong(setting).to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asking(settings: &Settings) -> Asking<'_> {
        Asking {
            settings,
            region: Region::of("JP").expect("a region"),
            agent: "Mozilla/5.0 (test)",
            now: DateTime::from_timestamp(1_746_962_620, 0).expect("a time"),
        }
    }

    fn settings() -> Settings {
        Settings::read(&config::Config::defaults().sources).expect("good defaults")
    }

    #[test]
    fn unsigned_calls_carry_what_their_generation_wants() {
        let settings = settings();
        let rpc = asking(&settings)
            .rpc("search/public_search", &json!({"q": ""}))
            .expect("made");
        assert_eq!(
            rpc.url().as_str(),
            "https://prod-apac-api.popmart.com/rpc/search/public_search"
        );
        let header = |request: &Request, name: &str| {
            request
                .headers()
                .get(name)
                .and_then(|value| value.to_str().ok())
                .map(str::to_owned)
        };
        assert_eq!(header(&rpc, "x-area").as_deref(), Some("JP"));
        assert_eq!(header(&rpc, "x-device-type").as_deref(), Some("web-pc"));
        assert_eq!(
            header(&rpc, "user-agent").as_deref(),
            Some("Mozilla/5.0 (test)")
        );
        assert!(header(&rpc, "x-sign").is_none() && header(&rpc, "clientkey").is_none());

        let file = asking(&settings)
            .file_of_collection("331", 2)
            .expect("made");
        assert_eq!(
            file.url().as_str(),
            "https://cdn-global.popmart.com/shop_productoncollection-331-1-2-jp-ja.json"
        );
        let details = asking(&settings).details("2155").expect("made");
        assert_eq!(
            details.url().query(),
            Some("spuId=2155"),
            "nothing to sign with"
        );
        assert_eq!(
            header(&details, "x-client-namespace").as_deref(),
            Some("eurasian")
        );
        assert_eq!(header(&details, "x-project-id").as_deref(), Some("eude"));
    }
}
