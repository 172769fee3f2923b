//! Haier's open platform for distributors: a token by client credentials, then JSON calls that carry the
//! distributor's codes and password in their bodies. Answers come bare or in an envelope, as they do there.

mod account;
mod auth;
mod goods;
mod stock;

use std::sync::Arc;

use axum::{
    Json, Router,
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::post,
};
use serde_json::{Value, json};

pub(crate) use auth::Tokens;

use crate::world::World;

/// Routes below `/haier`.
pub(crate) fn router() -> Router<Arc<World>> {
    let calls = Router::new()
        .route("/jsh-service-goods-mall-search/api/product-info/procurable-products-out/check-procurable-products", post(goods::products))
        .route("/jsh-service-goods-price/api/goods-price/price-daily-sales/price-query/pt-out-list-price", post(goods::prices))
        .route("/jsh-service-stock-mall/api/page/stock/get-available-stock-open", post(stock::stock))
        .route("/ylh-cloud-service-stock/api/page/stock/logistics/sass/get-thirdparty-logistics-info-by-order-code-auth", post(account::logistics))
        .route("/jsh-service-finance-mall/api/page/account/account-balance-manager/get-payer-account-balance-by-customer-code", post(account::balance));
    Router::new()
        .route("/oauth2/auth", post(auth::token))
        .nest("/yilihuo", calls)
}

/// A failure in the platform's envelope.
pub(crate) fn failure(message: &str) -> Value {
    json!({ "success": false, "data": null, "message": message })
}

/// Why the platform does not answer a call.
#[derive(Debug, Clone, Copy)]
enum Refusal {
    /// No token, or one that does not work.
    Token,
    /// Not the distributor's codes and password. Comes with status 200.
    Customer,
    /// A field is missing or wrong; says which.
    Field(&'static str),
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let (status, message) = match self {
            Self::Token => (StatusCode::UNAUTHORIZED, "token无效或已过期".to_owned()),
            Self::Customer => (StatusCode::OK, "客户编码或密码错误".to_owned()),
            Self::Field(name) => (StatusCode::BAD_REQUEST, format!("参数错误: {name}")),
        };
        (status, Json(failure(&message))).into_response()
    }
}
