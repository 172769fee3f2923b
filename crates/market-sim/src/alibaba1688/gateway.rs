//! The gateway that every call passes: app key, signature, access token, then the call itself.

use std::{collections::BTreeMap, sync::Arc};

use axum::{
    Json,
    extract::{Form, Path, State},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use serde_json::{Map, Value};

use super::{detail, gateway_error, search};
use crate::{
    market::Source,
    server::{ExternalIds, FaultKind, public_base},
    world::World,
};

/// A call that passed the gateway.
pub(super) struct Asked<'a> {
    pub world: &'a World,
    /// Base of the pictures' addresses.
    pub base: String,
    /// What the JSON inside the form says.
    pub parameter: Map<String, Value>,
}

impl Asked<'_> {
    /// A number, be it a text or not.
    pub fn number(&self, name: &str) -> Option<i64> {
        match self.parameter.get(name)? {
            Value::Number(number) => number.as_i64(),
            Value::String(text) => text.parse().ok(),
            _ => None,
        }
    }

    pub fn text(&self, name: &str) -> &str {
        self.parameter
            .get(name)
            .and_then(Value::as_str)
            .unwrap_or_default()
    }

    /// Whether a fault of this kind is due in the answer that is made now.
    pub fn spoiled(&self, kind: FaultKind) -> bool {
        self.world.faults.next_content(Source::Alibaba1688, kind)
    }
}

/// What a call answers: its body, and the offers it was about.
pub(super) type Answer = (Value, Vec<String>);

/// A refusal of the gateway: its code and message.
type Refusal = (&'static str, &'static str);

const PARAMETER: Refusal = ("gw.ParamMissing", "Parameter is missing or wrong");

/// `POST …/param2/1/{namespace}/{api}/{app_key}`.
pub(super) async fn call(
    State(world): State<Arc<World>>,
    Path((namespace, api, app_key)): Path<(String, String, String)>,
    headers: HeaderMap,
    Form(form): Form<BTreeMap<String, String>>,
) -> Response {
    let path = format!("param2/1/{namespace}/{api}/{app_key}");
    let base = public_base(&world, &headers);
    let answered = allowed(&world, &path, &app_key, &form)
        .and_then(|()| answer(&world, &format!("{namespace}/{api}"), &form, base));
    match answered {
        Ok((body, ids)) => {
            let mut response = Json(body).into_response();
            response.extensions_mut().insert(ExternalIds(ids));
            response
        }
        Err((code, message)) => {
            let body = gateway_error(code, message);
            (StatusCode::BAD_REQUEST, Json(body)).into_response()
        }
    }
}

fn allowed(
    world: &World,
    path: &str,
    app_key: &str,
    form: &BTreeMap<String, String>,
) -> Result<(), Refusal> {
    let options = &world.options;
    if app_key != options.alibaba1688_app_key {
        return Err(("gw.AppKeyMissing", "AppKey is missing"));
    }
    let Some(signature) = form.get("_aop_signature") else {
        return Err(("gw.SignatureMissing", "Signature is missing"));
    };
    let mut text = path.to_owned();
    for (name, value) in form.iter().filter(|(name, _)| *name != "_aop_signature") {
        text.push_str(name);
        text.push_str(value);
    }
    if *signature != secrets::hmac_sha1_hex_upper(&options.alibaba1688_app_secret, text) {
        return Err(("gw.SignatureInvalid", "Signature is invalid"));
    }
    if world
        .faults
        .next_content(Source::Alibaba1688, FaultKind::ExpiredToken)
    {
        world.access_tokens.clear();
    }
    let token = form.get("access_token").map(String::as_str);
    match world
        .access_tokens
        .works(token.unwrap_or_default(), world.now())
    {
        true => Ok(()),
        false => Err(("401", "Request need user authorized")),
    }
}

fn answer(
    world: &World,
    api: &str,
    form: &BTreeMap<String, String>,
    base: String,
) -> Result<Answer, Refusal> {
    let parameter = |name: &str| {
        form.get(name)
            .and_then(|json| serde_json::from_str(json).ok())
            .ok_or(PARAMETER)
    };
    let asked = |name: &str| -> Result<Asked<'_>, Refusal> {
        Ok(Asked {
            world,
            base,
            parameter: parameter(name)?,
        })
    };
    match api {
        "com.alibaba.fenxiao.crossborder/product.search.queryProductDetail" => {
            detail::answer(&asked("offerDetailParam")?).ok_or(PARAMETER)
        }
        "com.alibaba.fenxiao.crossborder/product.search.keywordQuery" => {
            search::answer(&asked("offerQueryParam")?, None).ok_or(PARAMETER)
        }
        "com.alibaba.fenxiao.crossborder/product.search.querySellerOfferList" => {
            let asked = asked("offerQueryParam")?;
            let seller = asked.text("sellerOpenId").to_owned();
            search::answer(&asked, Some(&seller)).ok_or(PARAMETER)
        }
        _ => Err(("gw.APIUnsupported", "The API is not supported")),
    }
}
