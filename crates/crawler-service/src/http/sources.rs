//! What sources there are, what each can, and how it stands.

use axum::extract::State;
use axum::response::Response;
use chrono::{DateTime, Utc};
use connectors::about::Cadence;
use connectors::listing_url::Address;
use connectors::{About, Ownership};
use http::HeaderMap;
use http_kit::openapi::ReadProblems;
use http_kit::{ApiResult, Path, auth, etag};
use serde::Serialize;
use utoipa::ToSchema;

use super::found::Money;
use super::source_state::{Budget, Standing, StandingOf, budget, standing};
use super::{Api, database, own_credential};
use crate::storage::costs::{self, Spend};
use crate::storage::credentials;
use crate::storage::sources::{self, SourceState};

/// A kind of market.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(super) struct SourceInfo {
    /// Its name in paths and filters.
    #[schema(example = "popmart")]
    name: String,
    /// Its name for people.
    label: &'static str,
    /// `public`: listings are everybody's. `tenant`: they are read with the tenant's credential and belong to it.
    ownership: &'static str,
    /// The countries it sells in, upper-case ISO 3166; empty when any may be named.
    marketplaces: Vec<&'static str>,
    /// What a credential for it consists of, in the order of a form; empty when it needs none.
    credential_fields: Vec<CredentialField>,
    /// Kinds of monitors it can run.
    monitors: Vec<&'static str>,
    /// Ready-made monitors.
    presets: Vec<Preset>,
    /// What it can do besides: `batches`, `search`, `variants`, `candidates`, `live_reads`, `paid`, `conditional`,
    /// `sync`, `catalogue`.
    abilities: Vec<&'static str>,
    /// What an observation of it can hold.
    fields: Vec<&'static str>,
    /// Seconds between two looks when a tracking asks for none.
    default_interval_seconds: u32,
    /// The hour of the tenant's day at which a tracking that asks for nothing is looked at; null: every
    /// `default_interval_seconds`.
    default_daily_hour: Option<u8>,
    /// Seconds between two looks of such a tracking while stock is low; null: stock changes nothing.
    default_low_stock_interval_seconds: Option<u32>,
    /// The tenant's credential; null without one.
    credential: Option<CredentialStatus>,
    /// `ok`, `slowed` (gaps are wider than configured), `paused` (it asked to be left alone for a while) or `open` (it
    /// refuses us; one request probes at `until`).
    state: String,
    /// How it stands: its worst part, as far as it concerns this tenant.
    #[serde(flatten)]
    standing: Standing,
    /// Its parts with manners of their own, such as a web page's host: those that concern this tenant.
    scopes: Vec<StandingOf>,
    /// How often it may be asked, and what it cost.
    budget: Budget,
}

/// One part of a credential.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(super) struct CredentialField {
    /// Its name in `PUT …/credential`.
    name: &'static str,
    /// What to write into it.
    label: &'static str,
    /// Whether it must be hidden on the screen.
    secret: bool,
    /// Whether it may be left out.
    optional: bool,
}

/// A ready-made monitor: `POST /api/v1/monitors` {source, preset}.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(super) struct Preset {
    name: &'static str,
    kind: &'static str,
    term: &'static str,
    marketplace: &'static str,
}

/// How the tenant's credential stands.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(super) struct CredentialStatus {
    /// `works`, `failed` or `untested`.
    status: String,
    /// For people.
    message: String,
    checked_at: Option<DateTime<Utc>>,
}

/// All sources.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(super) struct SourceList {
    /// In the order that addresses are offered to them.
    items: Vec<SourceInfo>,
}

/// List every source: what it can, whether the tenant's credential works, how it stands, what it cost this month.
#[utoipa::path(get, path = "/api/v1/sources", tag = "sources",
    responses((status = 200, body = SourceList), ReadProblems))]
pub(super) async fn list_sources(
    State(api): State<Api>,
    auth::Read(caller): auth::Read,
    headers: HeaderMap,
) -> ApiResult<Response> {
    let seen = Seen::by(&api, &caller).await?;
    let items = connectors::registry::ALL
        .iter()
        .map(|about| seen.source(&api, about))
        .collect();
    etag::respond(&headers, &SourceList { items })
}

/// One source.
#[utoipa::path(get, path = "/api/v1/sources/{source}", tag = "sources",
    params(("source" = String, Path, description = "Its name")),
    responses((status = 200, body = SourceInfo), ReadProblems))]
pub(super) async fn get_source(
    State(api): State<Api>,
    auth::Read(caller): auth::Read,
    Path(source): Path<String>,
    headers: HeaderMap,
) -> ApiResult<Response> {
    let about = own_credential::about(&source)?;
    let seen = Seen::by(&api, &caller).await?;
    etag::respond(&headers, &seen.source(&api, about))
}

/// What a tenant may see of all sources.
struct Seen {
    credentials: Vec<credentials::Shown>,
    states: Vec<SourceState>,
    spend: Vec<Spend>,
    at: DateTime<Utc>,
}

impl Seen {
    async fn by(api: &Api, caller: &auth::Principal) -> ApiResult<Self> {
        let at = Utc::now();
        let with_parts = connectors::registry::ALL
            .iter()
            .filter(|about| has_parts_of_its_own(about));
        let with_parts = with_parts.map(|about| about.source.to_string()).collect();
        let tx = api.begin(caller.tenant_id).await?;
        let seen = Self {
            credentials: credentials::list(&tx).await.map_err(database)?,
            states: sources::visible(&tx, with_parts).await.map_err(database)?,
            spend: costs::this_month(&tx, at).await.map_err(database)?,
            at,
        };
        tx.commit().await.map_err(database)?;
        Ok(seen)
    }

    fn source(&self, api: &Api, about: &'static About) -> SourceInfo {
        let name = about.source.to_string();
        let credential = self.credentials.iter().find(|row| row.source == name);
        let states: Vec<&SourceState> = self
            .states
            .iter()
            .filter(|row| row.source == name)
            .collect();
        let (state, whole) = standing(&states, self.at);
        let spent = self.spend.iter().find(|row| row.source == name);
        SourceInfo {
            label: about.name,
            ownership: match about.ownership {
                Ownership::Public => "public",
                Ownership::Tenant => "tenant",
            },
            marketplaces: about.marketplaces.to_vec(),
            credential_fields: about.credential.iter().map(field).collect(),
            monitors: about.monitors.iter().map(|kind| kind.as_str()).collect(),
            presets: about.presets.iter().map(preset).collect(),
            abilities: about.abilities.iter().map(|one| one.as_str()).collect(),
            fields: about.fields.iter().map(|one| one.as_str()).collect(),
            default_interval_seconds: about.usual.seconds(),
            default_daily_hour: match about.usual {
                Cadence::Daily { hour } => Some(hour),
                Cadence::Every { .. } => None,
            },
            default_low_stock_interval_seconds: match about.usual {
                Cadence::Every {
                    low_stock_seconds, ..
                } => low_stock_seconds,
                Cadence::Daily { .. } => None,
            },
            credential: credential.map(|row| CredentialStatus {
                status: row.status.clone(),
                message: row.message.clone(),
                checked_at: row.checked_at,
            }),
            state,
            budget: budget(
                api.gaps.of(about.source),
                whole.gap_percent,
                spent.map_or(0, |spent| spent.micro_usd),
            ),
            standing: whole,
            scopes: states
                .iter()
                .filter(|row| !row.scope.is_empty())
                .map(|row| StandingOf::of(row, self.at))
                .collect(),
            name,
        }
    }
}

/// Whether the parts of a source tell nothing of tenants: those of one that reads any page name pages that somebody
/// tracks, and those of one that is read with credentials name accounts.
fn has_parts_of_its_own(about: &About) -> bool {
    let anywhere = url::Url::parse("https://anywhere.example/page");
    about.ownership == Ownership::Public
        && anywhere.is_ok_and(|url| (about.recognise)(&url) == Address::Foreign)
}

fn field(field: &connectors::CredentialField) -> CredentialField {
    CredentialField {
        name: field.name,
        label: field.label,
        secret: field.secret,
        optional: field.optional,
    }
}

fn preset(preset: &connectors::Preset) -> Preset {
    Preset {
        name: preset.name,
        kind: preset.kind.as_str(),
        term: preset.term,
        marketplace: preset.marketplace,
    }
}

/// US dollars out of millionths, with as many decimals as it takes, at least two.
pub(super) fn dollars(micro_usd: i64) -> Money {
    let (whole, rest) = (micro_usd / 1_000_000, micro_usd % 1_000_000);
    let decimals = format!("{rest:06}");
    let (cents, finer) = decimals.split_at(2);
    let finer = finer.trim_end_matches('0');
    Money {
        amount: format!("{whole}.{cents}{finer}"),
        currency: "USD".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dollars_show_what_was_spent() {
        for (micro, amount) in [
            (0, "0.00"),
            (4_200, "0.0042"),
            (10_000, "0.01"),
            (1_500_000, "1.50"),
            (12_345_678, "12.345678"),
        ] {
            assert_eq!(dollars(micro).amount, amount);
        }
    }
}
