//! `bellwether.identity.v1.Audit`: the whole log, for the operator.

use chrono::{DateTime, SecondsFormat, Utc};
use contracts::identity::v1::audit_server::Audit;
use contracts::identity::v1::{AuditLine, ListAuditLogRequest};
use db::{SystemPool, SystemTx};
use futures::stream::{self, BoxStream};
use futures::{StreamExt, TryStreamExt};
use http_kit::ApiError;
use rpc::Caller;
use tonic::{Request, Response, Status};
use uuid::Uuid;

use crate::error::storage;
use crate::storage::audit_log::{self, Filter, Line, Whose};

/// Lines that are read at a time.
const PAGE: u32 = 1_000;

/// Over the system login: the operator sees all tenants' lines and those of none.
pub(crate) struct AuditGrpc(pub(crate) SystemPool);

#[tonic::async_trait]
impl Audit for AuditGrpc {
    type ListAuditLogStream = BoxStream<'static, Result<AuditLine, Status>>;

    async fn list_audit_log(
        &self,
        request: Request<ListAuditLogRequest>,
    ) -> Result<Response<Self::ListAuditLogStream>, Status> {
        Caller::check(&request, &[Caller::Operator])?;
        let reading = self.reading(request.into_inner()).await?;
        let pages = stream::try_unfold(reading, Reading::page);
        let lines = pages
            .map_ok(|lines| stream::iter(lines.into_iter().map(|line| Ok(shown(line)))))
            .try_flatten();
        Ok(Response::new(lines.boxed()))
    }
}

impl AuditGrpc {
    /// What a request asks for, checked.
    async fn reading(&self, request: ListAuditLogRequest) -> Result<Reading, Status> {
        let ListAuditLogRequest {
            tenant,
            installation_only,
            action,
            actor,
            outcome,
            from_unix,
            to_unix,
            limit,
        } = request;
        let whose = match tenant {
            Some(slug) => Whose::Tenant(self.tenant(&slug).await?),
            None if installation_only => Whose::Installation,
            None => Whose::All,
        };
        let actor_id: Option<Uuid> = actor.as_deref().and_then(|text| text.parse().ok());
        Ok(Reading {
            pool: self.0.clone(),
            whose,
            filter: Filter {
                actor_kind: actor.filter(|_| actor_id.is_none()),
                actor_id,
                action,
                outcome,
                from: from_unix.map(instant).transpose()?,
                to: to_unix.map(instant).transpose()?,
                ..Filter::default()
            },
            before: None,
            left: limit,
        })
    }

    async fn tenant(&self, slug: &str) -> Result<Uuid, Status> {
        let tx = SystemTx::begin(&self.0).await.map_err(failed)?;
        let found = audit_log::tenant_named(&tx, slug).await.map_err(failed)?;
        tx.commit().await.map_err(failed)?;
        found.ok_or_else(|| Status::not_found(format!("there is no tenant {slug:?}")))
    }
}

/// How far a reader has come.
struct Reading {
    pool: SystemPool,
    whose: Whose,
    filter: Filter,
    before: Option<(DateTime<Utc>, Uuid)>,
    left: u32,
}

impl Reading {
    /// The next lines and the rest; nothing when all were told.
    async fn page(mut self) -> Result<Option<(Vec<Line>, Self)>, Status> {
        let limit = self.left.min(PAGE);
        if limit == 0 {
            return Ok(None);
        }
        let tx = SystemTx::begin(&self.pool).await.map_err(failed)?;
        let lines = audit_log::list(&tx, self.whose, &self.filter, self.before, i64::from(limit))
            .await
            .map_err(failed)?;
        tx.commit().await.map_err(failed)?;
        let told = u32::try_from(lines.len()).unwrap_or(limit);
        // A short page is the last.
        self.left = if told < limit { 0 } else { self.left - told };
        self.before = lines.last().map(|line| (line.at, line.id));
        Ok((!lines.is_empty()).then_some((lines, self)))
    }
}

fn failed(error: sea_orm::DbErr) -> Status {
    storage(error).into()
}

fn instant(unix: i64) -> Result<DateTime<Utc>, Status> {
    DateTime::from_timestamp(unix, 0)
        .ok_or_else(|| ApiError::invalid("from_unix", "is out of range").into())
}

fn shown(line: Line) -> AuditLine {
    let id = |id: Option<Uuid>| id.map(|id| id.to_string()).unwrap_or_default();
    AuditLine {
        id: line.id.to_string(),
        tenant: line.tenant.unwrap_or_default(),
        at: line.at.to_rfc3339_opts(SecondsFormat::AutoSi, true),
        actor_kind: line.actor_kind,
        actor_id: id(line.actor_id),
        actor_name: line.actor_name.unwrap_or_default(),
        action: line.action,
        subject_kind: line.subject_kind,
        subject_id: line.subject_id,
        outcome: line.outcome,
        status: line.status.map_or(0, |status| status.unsigned_abs().into()),
        reason: line.reason,
        address: line.address,
        user_agent: line.user_agent,
        credential: id(line.credential_id),
        trace_id: line.trace_id,
        details_json: line.details.to_string(),
    }
}
