//! Forgetting what nobody can ask for any more.

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::{ConnectionTrait, DbErr, raw_sql};

/// Rows a statement deletes at most, so that none holds locks for long.
const BATCH: i64 = 5000;
/// How long sessions and tokens stay after their end, for those who look into a theft.
const SESSIONS_KEPT: TimeDelta = TimeDelta::days(30);
/// How long answers to repeated creates stay; longer than they are replayed.
const ANSWERS_KEPT: TimeDelta = TimeDelta::hours(48);
/// How long it can be looked up what became of a mail.
const MAILS_KEPT: TimeDelta = TimeDelta::days(30);
/// How long invitations are listed after they expired.
const INVITATIONS_KEPT: TimeDelta = TimeDelta::days(90);

/// Deletes one batch of each; returns whether there may be more.
///
/// # Errors
/// When the database fails.
pub async fn sweep(tx: &impl ConnectionTrait, now: DateTime<Utc>) -> Result<bool, DbErr> {
    let sessions_before = now - SESSIONS_KEPT;
    let answers_before = now - ANSWERS_KEPT;
    let tokens = tx
        .execute_raw(raw_sql!(
            Postgres,
            "delete from identity.refresh_token where token_sha256 in (
                 select token_sha256 from identity.refresh_token where expires_at < {sessions_before} limit {BATCH})"
        ))
        .await?;
    let sessions = tx
        .execute_raw(raw_sql!(
            Postgres,
            "delete from identity.session where (tenant_id, id) in (
                 select s.tenant_id, s.id from identity.session s
                 where s.created_at < {sessions_before} and (s.ended_at < {sessions_before} or not exists (
                     select from identity.refresh_token t where t.tenant_id = s.tenant_id and t.session_id = s.id))
                 limit {BATCH})"
        ))
        .await?;
    let answers = tx
        .execute_raw(raw_sql!(
            Postgres,
            "delete from identity.idempotency_key where (tenant_id, operation, key) in (
                 select tenant_id, operation, key from identity.idempotency_key
                 where created_at < {answers_before} limit {BATCH})"
        ))
        .await?;
    let mails_before = now - MAILS_KEPT;
    let mails = tx
        .execute_raw(raw_sql!(
            Postgres,
            "delete from identity.mail where id in (
                 select id from identity.mail
                 where created_at < {mails_before} and state in ('sent', 'failed') limit {BATCH})"
        ))
        .await?;
    // So few that they need no batches: as many as people ask for.
    tx.execute_raw(raw_sql!(
        Postgres,
        "with tokens as (delete from identity.mail_token where expires_at < {now})
         delete from identity.handoff where expires_at < {now}"
    ))
    .await?;
    let invitations_before = now - INVITATIONS_KEPT;
    tx.execute_raw(raw_sql!(
        Postgres,
        "delete from identity.invitation where expires_at < {invitations_before}"
    ))
    .await?;
    let full = u64::try_from(BATCH).unwrap_or(u64::MAX);
    Ok([tokens, sessions, answers, mails]
        .iter()
        .any(|deleted| deleted.rows_affected() == full))
}
