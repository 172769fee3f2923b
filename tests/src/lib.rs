//! What black-box tests share: a running installation, an API client, the market's controls.

pub mod api;
pub mod engines;
pub mod installation;
pub mod market;
pub mod wait;
