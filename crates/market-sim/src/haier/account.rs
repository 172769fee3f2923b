//! The distributor's money, and where an order is.

use std::sync::Arc;

use axum::{
    Json,
    body::Bytes,
    extract::State,
    http::HeaderMap,
    response::{IntoResponse, Response},
};
use iso_currency::Currency;
use serde_json::json;

use super::auth::{call, text};
use crate::{
    market::{Money, Noise},
    world::World,
};

/// `…/get-payer-account-balance-by-customer-code`: a bare object. Falls as orders are paid, by the hour.
pub(super) async fn balance(
    State(world): State<Arc<World>>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let fields = match call(&world, &headers, &body, "customerCode", "customerPassword") {
        Ok(fields) => fields,
        Err(refusal) => return refusal.into_response(),
    };
    let hour = world.now().timestamp() / 3_600;
    let level = Noise::new(world.options.seed)
        .of("balance")
        .nth(hour)
        .between(240_000.0, 260_000.0);
    let balance = Money::new((level * 100.0) as i64, Currency::CNY);
    Json(json!({
        "saleGroupCode": "8612",
        "saleGroupName": "胶东工贸",
        "payerAccountCode": fields["customerCode"],
        "payerAccountName": "青岛海沧家电商行",
        "payerAccountBalance": balance.to_json(),
    }))
    .into_response()
}

/// `…/get-thirdparty-logistics-info-by-order-code-auth`: an enveloped object. Orders whose code does not begin with
/// `SO.` have no way to tell of.
pub(super) async fn logistics(
    State(world): State<Arc<World>>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let asked = call(&world, &headers, &body, "sellerCode", "sellerPassword")
        .and_then(|fields| Ok(text(&fields, "orderCode")?.to_owned()));
    let order = match asked {
        Ok(order) => order,
        Err(refusal) => return refusal.into_response(),
    };
    let (all, delivery) = match order.starts_with("SO.") {
        true => (
            json!([
                { "orderCode": order, "node": "已出库", "time": "2026-05-01 09:12:00" },
                { "orderCode": order, "node": "已到达网点", "time": "2026-05-02 15:40:00" },
            ]),
            json!([{ "deliveryRecordCode": format!("{order}.F1"), "status": "运输中" }]),
        ),
        false => (json!([]), json!([])),
    };
    Json(json!({
        "success": true,
        "data": {
            "getAllLogisticsInfoByOrderCode": all,
            "getStockDeliveryLogisticsRecord": delivery,
            "getStockDeliveryLogisticsRecordThirdparty": [],
        },
    }))
    .into_response()
}
