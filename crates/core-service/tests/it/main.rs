//! core-service against real Postgres and RabbitMQ: from an observation to history, state, alerts and the stream.

mod alerts;
mod api;
mod ingest;
mod isolation;
mod late;
mod observation;
mod plans;
mod stage;
mod stream;
mod variants;
