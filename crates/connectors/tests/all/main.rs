//! All connectors: reading, asking and crawling. One folder a source.

mod amazon;
mod documented;
mod popmart;
mod support;
