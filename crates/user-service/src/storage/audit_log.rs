//! `identity.audit_entry`: who did what. Lines are added and read; months are made ahead and dropped whole.

use chrono::{DateTime, NaiveDate, Utc};
use db::query_error;
use sea_orm::sqlx::{self, PgConnection};
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult, raw_sql};
use serde_json::Value;
use uuid::Uuid;

/// A line to add.
#[derive(Debug, Clone, PartialEq)]
pub struct NewLine {
    /// The same whenever it comes.
    pub id: Uuid,
    /// When it happened.
    pub at: DateTime<Utc>,
    /// In whose logs it stands; `None`: in the installation's.
    pub tenants: Vec<Option<Uuid>>,
    /// `user`, `api_key`, `operator`, `system` or `anonymous`.
    pub actor_kind: String,
    /// The person or key.
    pub actor_id: Option<Uuid>,
    /// What was asked for.
    pub action: String,
    /// What it is about.
    pub subject_kind: String,
    /// Its id, or nothing.
    pub subject_id: String,
    /// `done` or `refused`.
    pub outcome: String,
    /// HTTP status of a refusal.
    pub status: Option<i16>,
    /// Why it was refused.
    pub reason: String,
    /// From where.
    pub address: String,
    /// With what program.
    pub user_agent: String,
    /// Session or key.
    pub credential_id: Option<Uuid>,
    /// In the logs of the processes.
    pub trace_id: String,
    /// What more is known.
    pub details: Value,
}

/// A line as it is read.
#[derive(Debug, Clone, PartialEq, FromQueryResult)]
pub struct Line {
    /// Its id.
    pub id: Uuid,
    /// When it happened.
    pub at: DateTime<Utc>,
    /// Slug of its tenant, or the id of one that is gone.
    pub tenant: Option<String>,
    /// What acted.
    pub actor_kind: String,
    /// Who.
    pub actor_id: Option<Uuid>,
    /// What they were called then.
    pub actor_name: Option<String>,
    /// What was asked for.
    pub action: String,
    /// What it is about.
    pub subject_kind: String,
    /// Its id, or nothing.
    pub subject_id: String,
    /// `done` or `refused`.
    pub outcome: String,
    /// HTTP status of a refusal.
    pub status: Option<i16>,
    /// Why it was refused.
    pub reason: String,
    /// From where.
    pub address: String,
    /// With what program.
    pub user_agent: String,
    /// Session or key.
    pub credential_id: Option<Uuid>,
    /// In the logs of the processes.
    pub trace_id: String,
    /// What more is known.
    pub details: Value,
}

/// Whose lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whose {
    /// One tenant's.
    Tenant(Uuid),
    /// Those that concern no single tenant.
    Installation,
    /// All: only the system login sees them.
    All,
}

/// Which lines; what is absent does not matter.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// Id of a person or key.
    pub actor_id: Option<Uuid>,
    /// `user`, `api_key`, …
    pub actor_kind: Option<String>,
    /// An operation's name.
    pub action: Option<String>,
    /// `tracking`, …
    pub subject_kind: Option<String>,
    /// Its id.
    pub subject_id: Option<String>,
    /// `done` or `refused`.
    pub outcome: Option<String>,
    /// At this instant or after.
    pub from: Option<DateTime<Utc>>,
    /// Before this instant.
    pub to: Option<DateTime<Utc>>,
}

/// Adds a line to each log it belongs to, with the actor's present name. What is there already stays, and a tenant that is
/// gone has no log: its row is held while the line is added, so that none comes behind the erasing.
///
/// # Errors
/// When the database fails.
pub async fn add(connection: &mut PgConnection, line: NewLine) -> Result<(), DbErr> {
    sqlx::query(
        "with there as (select id from identity.tenant where id = any($3) for key share)
         insert into identity.audit_entry
             (id, at, tenant_id, actor_kind, actor_id, actor_name, action, subject_kind, subject_id, outcome, status,
              reason, address, user_agent, credential_id, trace_id, details)
         select $1, $2, t.tenant_id, $4, $5,
                case $4 when 'user' then (select u.email from identity.user_account u where u.id = $5)
                        when 'api_key' then (select k.name from identity.api_key k
                                             where k.tenant_id = t.tenant_id and k.id = $5) end,
                $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16
         from unnest($3::uuid[]) as t (tenant_id)
         where t.tenant_id is null or t.tenant_id in (select id from there)
         on conflict do nothing",
    )
    .bind(line.id)
    .bind(line.at)
    .bind(line.tenants)
    .bind(line.actor_kind)
    .bind(line.actor_id)
    .bind(line.action)
    .bind(line.subject_kind)
    .bind(line.subject_id)
    .bind(line.outcome)
    .bind(line.status)
    .bind(line.reason)
    .bind(line.address)
    .bind(line.user_agent)
    .bind(line.credential_id)
    .bind(line.trace_id)
    .bind(line.details)
    .execute(connection)
    .await
    .map_err(query_error)?;
    Ok(())
}

/// Lines that match, newest first, older than `before`.
///
/// # Errors
/// When the database fails.
pub async fn list(
    tx: &impl ConnectionTrait,
    whose: Whose,
    filter: &Filter,
    before: Option<(DateTime<Utc>, Uuid)>,
    limit: i64,
) -> Result<Vec<Line>, DbErr> {
    let (tenant_id, installation) = match whose {
        Whose::Tenant(id) => (Some(id), false),
        Whose::Installation => (None, true),
        Whose::All => (None, false),
    };
    let Filter {
        actor_id,
        actor_kind,
        action,
        subject_kind,
        subject_id,
        outcome,
        from,
        to,
    } = filter.clone();
    let (before_at, before_id) = before.unzip();
    Line::find_by_statement(raw_sql!(
        Postgres,
        "select e.id, e.at, coalesce(t.slug, e.tenant_id::text) as tenant, e.actor_kind, e.actor_id, e.actor_name,
                e.action, e.subject_kind, e.subject_id, e.outcome, e.status, e.reason, e.address, e.user_agent,
                e.credential_id, e.trace_id, e.details
         from identity.audit_entry e left join identity.tenant t on t.id = e.tenant_id
         where ({tenant_id}::uuid is null or e.tenant_id = {tenant_id}::uuid)
           and (not {installation} or e.tenant_id is null)
           and e.at >= coalesce({from}::timestamptz, '-infinity') and e.at < coalesce({to}::timestamptz, 'infinity')
           and ({before_at}::timestamptz is null or (e.at, e.id) < ({before_at}::timestamptz, {before_id}::uuid))
           and ({actor_id}::uuid is null or e.actor_id = {actor_id}::uuid)
           and ({actor_kind}::text is null or e.actor_kind = {actor_kind}::text)
           and ({action}::text is null or e.action = {action}::text)
           and ({subject_kind}::text is null or e.subject_kind = {subject_kind}::text)
           and ({subject_id}::text is null or e.subject_id = {subject_id}::text)
           and ({outcome}::text is null or e.outcome = {outcome}::text)
         order by e.at desc, e.id desc limit {limit}"
    ))
    .all(tx)
    .await
}

/// The tenant with this slug.
///
/// # Errors
/// When the database fails.
pub async fn tenant_named(tx: &impl ConnectionTrait, slug: &str) -> Result<Option<Uuid>, DbErr> {
    let row = tx
        .query_one_raw(raw_sql!(
            Postgres,
            "select id from identity.tenant where slug = {slug}"
        ))
        .await?;
    row.map(|row| row.try_get("", "id")).transpose()
}

/// Makes sure that there are partitions for lines of these days.
///
/// # Errors
/// When the database fails.
pub async fn ensure_months(
    tx: &impl ConnectionTrait,
    first: NaiveDate,
    last: NaiveDate,
) -> Result<(), DbErr> {
    tx.execute_raw(raw_sql!(
        Postgres,
        "select identity.ensure_audit_months({first}, {last})"
    ))
    .await?;
    Ok(())
}

/// Drops the months that ended before a day; says how many.
///
/// # Errors
/// When the database fails, or the day is not long past.
pub async fn drop_months(tx: &impl ConnectionTrait, before: NaiveDate) -> Result<i32, DbErr> {
    let dropped = tx
        .query_one_raw(raw_sql!(
            Postgres,
            "select identity.drop_audit_months({before}) as dropped"
        ))
        .await?;
    dropped.map_or(Ok(0), |row| row.try_get("", "dropped"))
}
