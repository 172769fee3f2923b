//! core-service against real Postgres and RabbitMQ: from an observation to history, state, alerts and the stream.

mod alerts;
mod any_order;
mod api;
mod archive;
mod content;
mod history;
mod ingest;
mod isolation;
mod late;
mod monitors;
mod numbers;
mod observation;
mod owned;
mod plain;
mod plans;
mod quarantine;
mod schedules;
mod sources;
mod stage;
mod stream;
mod targets;
mod variants;
mod watched;
mod years;
