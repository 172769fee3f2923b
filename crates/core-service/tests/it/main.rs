//! core-service against real Postgres and RabbitMQ: from an observation to history, state, alerts and the stream.

mod alerts;
mod api;
mod content;
mod ingest;
mod isolation;
mod late;
mod monitors;
mod observation;
mod owned;
mod plans;
mod quarantine;
mod schedules;
mod sources;
mod stage;
mod stream;
mod variants;
