//! The simulator over real sockets, with an ordinary client.

mod alibaba1688;
mod apify;
mod control;
mod faults;
mod haier;
mod mail;
mod popmart;
mod shapes;
mod support;
