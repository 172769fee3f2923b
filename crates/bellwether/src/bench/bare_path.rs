//! The least that an asynchronous answer over these engines takes: a message published and confirmed, consumed, a row
//! committed, and its listener told.

use std::time::{Duration, Instant};

use anyhow::Context;
use bus::{Bus, Decision, Incoming, Outgoing, Priority};
use config::Config;
use connectors::amazon::SOURCE;
use lifecycle::Lifecycle;
use sea_orm::sqlx::postgres::PgListener;
use sea_orm::sqlx::{self, PgPool};

/// The longest one round trip may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// Makes so many round trips, one after the other.
pub async fn times(config: &Config, count: usize) -> anyhow::Result<Vec<Duration>> {
    let url = config.database.url.expose();
    let pool = PgPool::connect(url).await?;
    sqlx::raw_sql("create schema if not exists bare; create table if not exists bare.answer (id bigint primary key)")
        .execute(&pool)
        .await?;
    let mut listener = PgListener::connect(url).await?;
    listener.listen("bare_answer").await?;
    let prefix = format!("{}bare.", config.amqp.prefix);
    let bus = Bus::connect(config.amqp.url.expose(), &prefix, [SOURCE])?;
    tokio::time::timeout(PATIENCE, bus.connected())
        .await
        .context("the broker does not answer")?;
    let life = Lifecycle::new(Duration::from_secs(5));
    let consumer = {
        let (bus, stop, pool) = (bus.clone(), life.soft(), pool.clone());
        let queue = bus.topology().crawl_queue(SOURCE, Priority::High);
        tokio::spawn(async move {
            bus.consume(&queue, 1, stop, move |message| {
                answer(pool.clone(), message)
            })
            .await
        })
    };
    let publisher = bus.publisher();
    let mut times = Vec::with_capacity(count);
    for number in 0..count {
        let began = Instant::now();
        let body = i64::try_from(number)?.to_be_bytes().to_vec();
        let message = Outgoing::crawl_task(bus.topology(), SOURCE, Priority::High, body);
        publisher.publish_one(message).await?;
        tokio::time::timeout(PATIENCE, listener.recv())
            .await
            .context("no answer came")??;
        times.push(began.elapsed());
    }
    life.abort();
    consumer.await??;
    Ok(times)
}

async fn answer(pool: PgPool, message: Incoming) -> Decision {
    let Ok(bytes) = <[u8; 8]>::try_from(message.body.as_ref()) else {
        return Decision::Park("not a number".to_owned());
    };
    let stored = async {
        let mut tx = pool.begin().await?;
        sqlx::query("insert into bare.answer (id) values ($1)")
            .bind(i64::from_be_bytes(bytes))
            .execute(&mut *tx)
            .await?;
        sqlx::query("select pg_notify('bare_answer', '')")
            .execute(&mut *tx)
            .await?;
        tx.commit().await
    };
    match stored.await {
        Ok(()) => Decision::Done,
        Err(error) => Decision::Park(error.to_string()),
    }
}
