//! The simulator over real sockets, with an ordinary client.

mod apify;
mod control;
mod faults;
mod popmart;
mod shapes;
mod support;
