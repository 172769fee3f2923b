//! All connectors: reading, planning and crawling.

mod amazon;
mod popmart;
mod samples;
mod sim;
mod support;
