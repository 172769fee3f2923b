//! Commands that ask for what cannot be done.

use std::fmt;

/// What was asked for cannot be done; the message says what can. Ends with exit code 64.
#[derive(Debug)]
pub struct Usage(pub String);

impl fmt::Display for Usage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Usage {}
