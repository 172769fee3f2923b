//! core-service against real Postgres and RabbitMQ: from an observation to history, state, alerts and the stream.

mod alerts;
mod api;
mod content;
mod engine;
mod history;
mod ingest;
mod isolation;
mod late;
mod monitors;
mod numbers;
mod observation;
mod owned;
mod plans;
mod quarantine;
mod rules;
mod schedules;
mod sources;
mod stage;
mod stream;
mod targets;
mod variants;
mod watched;
