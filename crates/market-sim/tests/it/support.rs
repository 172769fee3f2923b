//! A simulator of one's own, and short ways to talk to it.

use anyhow::{Context, Result, ensure};
use market_sim::{
    APIFY_TOKEN, POPMART_CLIENT_KEY, POPMART_SIGN_SALT, Sim, SimOptions, Source, sign,
};
use reqwest::{Client, RequestBuilder, Response};
use serde_json::{Map, Value, json};

/// Unix seconds that requests are signed with; the shop does not compare them with its clock.
const T: i64 = 1_750_000_000;

/// A simulator of one's own.
pub struct World {
    pub sim: Sim,
    pub client: Client,
}

impl World {
    pub async fn start() -> Result<Self> {
        Self::with(SimOptions::default()).await
    }

    pub async fn with(options: SimOptions) -> Result<Self> {
        // A connection a request: a cut one must not spoil the next.
        let client = Client::builder().pool_max_idle_per_host(0).build()?;
        Ok(Self {
            sim: Sim::start(options).await?,
            client,
        })
    }

    pub fn apify(&self, path: &str) -> String {
        format!("{}/v2/{path}", self.sim.source_url(Source::Amazon))
    }

    /// A GET from Apify with the account's token.
    pub fn get(&self, path: &str) -> RequestBuilder {
        self.client.get(self.apify(path)).bearer_auth(APIFY_TOKEN)
    }

    /// A POST to Apify with the account's token.
    pub fn post(&self, path: &str, body: &Value) -> RequestBuilder {
        self.client
            .post(self.apify(path))
            .bearer_auth(APIFY_TOKEN)
            .json(body)
    }

    /// Runs junglee over these URLs and returns the run once it has ended.
    pub async fn run(&self, urls: &[String]) -> Result<Value> {
        let path = "acts/junglee~Amazon-crawler/runs?waitForFinish=30";
        let response = self.post(path, &junglee_input(urls)).send().await?;
        ensure!(
            response.status() == 201,
            "run answered {}",
            response.status()
        );
        Ok(response.json::<Value>().await?["data"].take())
    }

    /// A run over these URLs, however it ended.
    pub async fn run_to_end(&self, urls: &[String], query: &str) -> Result<Value> {
        let path = format!("acts/junglee~Amazon-crawler/runs{query}");
        let started = self.post(&path, &junglee_input(urls)).send().await?;
        let started: Value = started.json().await?;
        let id = started["data"]["id"].as_str().context("no id")?;
        let path = format!("actor-runs/{id}?waitForFinish=30");
        let ended = self.get(&path).send().await?;
        Ok(ended.json::<Value>().await?["data"].take())
    }

    /// The dataset of a run over these URLs.
    pub async fn items(&self, urls: &[String]) -> Result<Vec<Value>> {
        let run = self.run(urls).await?;
        let dataset = run["defaultDatasetId"].as_str().context("no dataset id")?;
        let items = self
            .get(&format!("datasets/{dataset}/items"))
            .send()
            .await?;
        Ok(items.json().await?)
    }

    /// The single item of a run over one ASIN of amazon.com.
    pub async fn item(&self, asin: &str) -> Result<Value> {
        let items = self
            .items(&[format!("https://www.amazon.com/dp/{asin}")])
            .await?;
        ensure!(items.len() == 1, "{} items", items.len());
        Ok(items.into_iter().next().unwrap_or_default())
    }

    /// A signed GET from PopMart's shop of a country.
    pub fn shop_get(&self, country: &str, path: &str, query: &str) -> RequestBuilder {
        let s = sign::params_signature(&sign::query_params(query), POPMART_SIGN_SALT, T);
        let base = self.sim.source_url(Source::Popmart);
        self.shop_headers(
            country,
            self.client.get(format!("{base}{path}?{query}&s={s}&t={T}")),
        )
    }

    /// A signed POST to PopMart's shop of a country.
    pub fn shop_post(
        &self,
        country: &str,
        path: &str,
        mut params: Map<String, Value>,
    ) -> RequestBuilder {
        let s = sign::params_signature(&params, POPMART_SIGN_SALT, T);
        params.insert("s".to_owned(), json!(s));
        params.insert("t".to_owned(), json!(T));
        let base = self.sim.source_url(Source::Popmart);
        self.shop_headers(
            country,
            self.client.post(format!("{base}{path}")).json(&params),
        )
    }

    fn shop_headers(&self, country: &str, request: RequestBuilder) -> RequestBuilder {
        request
            .header("clientkey", POPMART_CLIENT_KEY)
            .header("x-sign", sign::header_signature(POPMART_CLIENT_KEY, T))
            .header("country", country)
    }

    /// A product of PopMart's shop.
    pub async fn details(&self, country: &str, id: &str) -> Result<Value> {
        let query = format!("spuId={id}");
        let request = self.shop_get(country, "/shop/v1/shop/productDetails", &query);
        Ok(request.send().await?.json().await?)
    }

    /// A control call, whatever it answers.
    pub async fn control_raw(&self, path: &str, body: &Value) -> Result<Response> {
        let url = format!("{}/_control/{path}", self.sim.base_url());
        Ok(self.client.post(url).json(body).send().await?)
    }

    /// A control call that must succeed.
    pub async fn control(&self, path: &str, body: Value) -> Result<Value> {
        let response = self.control_raw(path, &body).await?;
        let (status, text) = (response.status(), response.text().await?);
        ensure!(status.is_success(), "{path} {body}: {status} {text}");
        Ok(if text.is_empty() {
            Value::Null
        } else {
            serde_json::from_str(&text)?
        })
    }

    /// What a source was asked.
    pub async fn requests(&self, source: &str) -> Result<Vec<Value>> {
        let url = format!("{}/_control/requests?source={source}", self.sim.base_url());
        Ok(self.client.get(url).send().await?.json().await?)
    }
}

/// The input of junglee over these URLs.
pub fn junglee_input(urls: &[String]) -> Value {
    let urls: Vec<Value> = urls
        .iter()
        .map(|url| json!({ "url": url, "method": "GET" }))
        .collect();
    json!({ "categoryOrProductUrls": urls, "maxItemsPerStartUrl": 1 })
}

/// The type and message of an Apify error.
pub async fn apify_error(response: Response) -> Result<(u16, String)> {
    let status = response.status().as_u16();
    let body: Value = response.json().await?;
    ensure!(body["error"]["message"].is_string(), "no message in {body}");
    Ok((
        status,
        body["error"]["type"]
            .as_str()
            .context("no type")?
            .to_owned(),
    ))
}
