//! All connectors: reading, asking and crawling. One folder a source.

mod alibaba1688;
mod amazon;
mod documented;
mod haier;
mod politeness;
mod popmart;
mod support;
mod web;
