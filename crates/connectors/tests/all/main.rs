//! All connectors: reading, asking and crawling. One folder a source.

mod amazon;
mod popmart;
mod support;
