//! Asking the shop, through the one executor.

use std::collections::HashSet;

use egress::Urgency;
use serde_json::json;

use super::answer::{Answer, recognise};
use super::goods::Goods;
use super::observe::MOST_SKUS;
use super::reading::{apply_stock, local, product};
use super::regions::Region;
use super::requests::Asking;
use super::{SOURCE, Settings, refused};
use crate::{Call, Executor, Outcome};

/// The shop as one task sees it: one browser, one urgency.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Shop<'a> {
    pub(crate) settings: &'a Settings,
    pub(crate) executor: &'a Executor,
    pub(crate) urgency: Urgency,
    pub(crate) agent: &'a str,
}

impl Shop<'_> {
    /// One answer, of whatever shape we know.
    pub(crate) async fn ask(
        &self,
        region: &'static Region,
        make: impl Fn(Asking<'_>) -> Result<egress::Request, Outcome> + Send + Sync,
    ) -> Result<Answer, Outcome> {
        let call = Call::read(SOURCE, self.urgency).judge(refused::judge);
        // Made when it is sent: signatures hold the time.
        let request = |now| {
            make(Asking {
                settings: self.settings,
                region,
                agent: self.agent,
                now,
            })
        };
        let response = self.executor.send(&call, request).await?;
        recognise(&response.body)
    }

    /// A product by its number.
    pub(crate) async fn numbered(
        &self,
        region: &'static Region,
        id: &str,
    ) -> Result<Goods, Outcome> {
        let answer = self.ask(region, |asking| asking.details(id)).await?;
        details(answer, region, id)
    }

    /// A product by its uuid, with the shop's live count of each SKU.
    pub(crate) async fn identified(
        &self,
        region: &'static Region,
        id: &str,
    ) -> Result<Goods, Outcome> {
        let input = json!({ "id": id, "channel": "shop" });
        let one = |asking: Asking<'_>| asking.rpc("ec/spu/public_FindOne", &input);
        let mut goods = details(self.ask(region, one).await?, region, id)?;
        let skus: Vec<&str> = goods
            .skus
            .iter()
            .filter_map(|sku| sku.id.as_deref())
            .take(MOST_SKUS)
            .collect();
        if skus.is_empty() {
            return Ok(goods);
        }
        let input = json!({ "spuId": id, "skuIds": skus, "type": "normal" });
        let count = |asking: Asking<'_>| asking.rpc("ec/spu/getStock", &input);
        let Answer::Stock(stock) = self.ask(region, count).await? else {
            return Err(Outcome::malformed("the shop's count of SKUs is no count"));
        };
        // What it counts beyond the product's own SKUs is not ours to sell.
        let own: HashSet<&str> = skus.into_iter().collect();
        let known: Vec<_> = stock
            .iter()
            .filter(|(id, _)| own.contains(id.to_ascii_lowercase().as_str()))
            .collect();
        apply_stock(&mut goods, known).map_err(Outcome::malformed)?;
        Ok(goods)
    }
}

fn details(answer: Answer, region: &'static Region, id: &str) -> Result<Goods, Outcome> {
    match answer {
        Answer::Details(dialect, object) => product(dialect, &object, id, local(region.country)),
        Answer::Nothing => Err(Outcome::NotFound),
        _ => Err(Outcome::malformed(
            "the shop answered with something else than a product",
        )),
    }
}
