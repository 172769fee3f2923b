//! Building what is asked for.

use std::time::Duration;

use anyhow::Context;
use chrono::{DateTime, TimeDelta, Utc};
use contracts::catalog::v1::tenant_data_client::TenantDataClient as CatalogData;
use contracts::catalog::v1::{ExportTenantRequest, ExportTenantResponse};
use contracts::crawl::v1::tenant_data_client::TenantDataClient as CrawlData;
use db::{Pools, SystemTx};
use futures::stream::BoxStream;
use futures::{Stream, StreamExt, TryStreamExt};
use secrets::SecretBox;
use tokio_util::sync::CancellationToken;
use tonic::Request;
use uuid::Uuid;

use super::archive::{About, Archive};
use super::{context, own};
use crate::storage::exports::{self, Claimed, Progress};
use crate::storage::tenants;

/// How often it is looked for exports to build.
const EVERY: Duration = Duration::from_secs(2);
/// How long a builder is believed that is not heard of.
const LEASE: TimeDelta = TimeDelta::minutes(2);
/// The longest that another service may take to begin: it counts first what it has.
const PATIENCE: Duration = Duration::from_secs(120);
/// Between two parts something must come.
const SILENCE: Duration = Duration::from_secs(90);
/// Until what broke off is begun anew, and how often at most.
const AGAIN: TimeDelta = TimeDelta::seconds(5);
const ATTEMPTS: i16 = 3;

/// Told when it is given up; what went wrong stands in the log.
const GIVEN_UP: &str =
    "The archive could not be built. Ask for another one; if that fails, too, tell the operator.";

/// Builds archives. Several may run: each export is built by one of them.
#[derive(Clone)]
pub(crate) struct Builder {
    pub(crate) pools: Pools,
    pub(crate) seal: SecretBox,
    pub(crate) core: rpc::Channel,
    pub(crate) crawler: rpc::Channel,
    /// How long an archive can be fetched.
    pub(crate) kept: TimeDelta,
}

type Told = BoxStream<'static, anyhow::Result<ExportTenantResponse>>;

impl Builder {
    /// Works until `stop`. Failures are logged and tried again.
    ///
    /// # Errors
    /// Never in practice; the type is that of a supervised task.
    pub(crate) async fn run(self, stop: CancellationToken) -> anyhow::Result<()> {
        let mut ticks = tokio::time::interval(EVERY);
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                () = stop.cancelled() => return Ok(()),
                _ = ticks.tick() => {}
            }
            match stop.run_until_cancelled(self.look()).await {
                Some(Err(error)) => {
                    tracing::warn!(error = format!("{error:#}"), "exports wait for now");
                }
                Some(Ok(())) => {}
                None => return Ok(()),
            }
        }
    }

    /// Builds all that waits.
    pub(crate) async fn look(&self) -> anyhow::Result<()> {
        loop {
            let now = Utc::now();
            let tx = SystemTx::begin(&self.pools.system).await?;
            let given_up = exports::give_up(&tx, ATTEMPTS, GIVEN_UP, now, now + self.kept).await?;
            if given_up > 0 {
                tracing::warn!(
                    exports = given_up,
                    "exports whose builders vanished again and again are given up"
                );
            }
            let claimed = exports::claim(&tx, Uuid::now_v7(), now, now + LEASE).await?;
            tx.commit().await?;
            let Some(claimed) = claimed else {
                return Ok(());
            };
            let span = tracing::info_span!(parent: None, "export", tenant.id = %claimed.tenant_id, export.id = %claimed.id);
            // What it holds while it waits is not to lie in every future around it.
            let building = Box::pin(self.build(claimed, now));
            let built = tracing::Instrument::instrument(building, span).await;
            if let Err(error) = built {
                self.broke_off(claimed, &error).await?;
            }
        }
    }

    async fn broke_off(&self, of: Claimed, error: &anyhow::Error) -> anyhow::Result<()> {
        let now = Utc::now();
        let again = (of.attempts < ATTEMPTS).then(|| now + AGAIN);
        tracing::warn!(
            tenant.id = %of.tenant_id, export.id = %of.id, attempt = of.attempts, again = again.is_some(),
            error = format!("{error:#}"), "an export broke off"
        );
        let tx = SystemTx::begin(&self.pools.system).await?;
        exports::broke_off(&tx, of, GIVEN_UP, again, now, now + self.kept).await?;
        Ok(tx.commit().await?)
    }

    async fn build(&self, of: Claimed, now: DateTime<Utc>) -> anyhow::Result<()> {
        loop {
            let tx = SystemTx::begin(&self.pools.system).await?;
            let more = exports::forget_pieces(&tx, of).await?;
            tx.commit().await?;
            if !more {
                break;
            }
        }
        let tx = SystemTx::begin(&self.pools.system).await?;
        let tenant = tenants::get(&tx, of.tenant_id).await?;
        tx.commit().await?;
        let tenant = tenant.context("the tenant is gone")?;
        let archive = Archive::new(About {
            tenant_id: tenant.id.to_string(),
            slug: tenant.slug,
            exported_at: now,
        });
        let mut writing = Writing {
            builder: self,
            of,
            archive,
            chunks: 0,
            heard_at: now,
        };
        // What each tells is about so much of the whole.
        writing.take(0, 5, self.own(of.tenant_id).await?).await?;
        writing
            .take(5, 15, self.of_crawler(of.tenant_id).await?)
            .await?;
        writing
            .take(20, 79, self.of_core(of.tenant_id).await?)
            .await?;
        Box::pin(writing.finish()).await
    }

    async fn own(&self, tenant_id: Uuid) -> anyhow::Result<Told> {
        let told = own::tell(&self.pools, tenant_id).await?;
        Ok(told.map_err(anyhow::Error::from).boxed())
    }

    async fn of_crawler(&self, tenant_id: Uuid) -> anyhow::Result<Told> {
        let mut client = rpc::sized!(CrawlData::new(self.crawler.clone()));
        let told = client.export(request(tenant_id)).await;
        let told = told.map_err(|status| named("crawler", &status))?;
        Ok(checked("crawler", told.into_inner()))
    }

    async fn of_core(&self, tenant_id: Uuid) -> anyhow::Result<Told> {
        let mut client = rpc::sized!(CatalogData::new(self.core.clone()));
        let told = client.export(request(tenant_id)).await;
        let told = told.map_err(|status| named("core", &status))?;
        Ok(checked("core", told.into_inner()))
    }
}

fn request(tenant_id: Uuid) -> Request<ExportTenantRequest> {
    let mut request = Request::new(ExportTenantRequest {
        tenant_id: tenant_id.to_string(),
    });
    request.set_timeout(PATIENCE);
    request
}

fn checked(
    service: &'static str,
    told: impl Stream<Item = Result<ExportTenantResponse, tonic::Status>> + Send + 'static,
) -> Told {
    told.map_err(move |status| named(service, &status)).boxed()
}

fn named(service: &str, status: &tonic::Status) -> anyhow::Error {
    anyhow::anyhow!("{service}: {} ({:?})", status.message(), status.code())
}

/// An archive on its way into the database.
struct Writing<'a> {
    builder: &'a Builder,
    of: Claimed,
    archive: Archive,
    chunks: i32,
    /// When it was last told that this goes on.
    heard_at: DateTime<Utc>,
}

impl Writing<'_> {
    /// Takes what one service tells, which is `share` percent of the whole after the first `base`.
    async fn take(&mut self, base: u64, share: u64, mut told: Told) -> anyhow::Result<()> {
        loop {
            let part = tokio::time::timeout(SILENCE, told.try_next()).await;
            let Some(part) = part.context("nothing came for long")?? else {
                return Ok(());
            };
            self.archive.add(&part)?;
            let done = share * part.done.min(part.total) / part.total.max(1);
            let percent = i16::try_from(base + done).unwrap_or(99);
            while let Some(piece) = self.archive.piece() {
                self.store(piece, percent).await?;
            }
            if Utc::now() - self.heard_at > TimeDelta::seconds(2) {
                let tx = SystemTx::begin(&self.builder.pools.system).await?;
                self.go_on(&tx, percent).await?;
                tx.commit().await?;
            }
        }
    }

    async fn store(&mut self, piece: Vec<u8>, percent: i16) -> anyhow::Result<()> {
        let of = self.of;
        let sealed = self
            .builder
            .seal
            .seal(&piece, context(of.tenant_id, of.id, self.chunks))?;
        let tx = SystemTx::begin(&self.builder.pools.system).await?;
        exports::add_chunk(&tx, of, self.chunks, sealed).await?;
        self.chunks += 1;
        self.go_on(&tx, percent).await?;
        Ok(tx.commit().await?)
    }

    async fn go_on(&mut self, tx: &SystemTx, percent: i16) -> anyhow::Result<()> {
        let now = Utc::now();
        let progress = Progress {
            percent,
            bytes: i64::try_from(self.archive.bytes())?,
            chunks: self.chunks,
        };
        let ours = exports::go_on(tx, self.of, progress, now + LEASE).await?;
        anyhow::ensure!(ours, "somebody else builds it now");
        self.heard_at = now;
        Ok(())
    }

    async fn finish(mut self) -> anyhow::Result<()> {
        let about = Archive::new(About {
            tenant_id: String::new(),
            slug: String::new(),
            exported_at: self.heard_at,
        });
        let archive = std::mem::replace(&mut self.archive, about);
        let (pieces, bytes, sha256) = archive.finish()?;
        let of = self.of;
        let (seal, pools) = (&self.builder.seal, &self.builder.pools);
        let tx = SystemTx::begin(&pools.system).await?;
        for piece in pieces {
            let sealed = seal.seal(&piece, context(of.tenant_id, of.id, self.chunks))?;
            exports::add_chunk(&tx, of, self.chunks, sealed).await?;
            self.chunks += 1;
        }
        let now = Utc::now();
        let progress = Progress {
            percent: 99,
            bytes: i64::try_from(bytes)?,
            chunks: self.chunks,
        };
        let ours = exports::go_on(&tx, of, progress, now + LEASE).await?;
        anyhow::ensure!(ours, "somebody else builds it now");
        exports::finish(&tx, of, &sha256, now, now + self.builder.kept).await?;
        tx.commit().await?;
        tracing::info!(bytes, "an export is built");
        Ok(())
    }
}
