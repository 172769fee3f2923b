//! Credentials over their lives: what ends is refused at once and everywhere, keys rotate, the page has cookies.

mod cookies;
mod ended;
mod rotation;
mod running;
mod signing;
