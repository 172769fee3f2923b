//! What can go wrong, said so that the reader knows what to do next.

use std::path::PathBuf;

use crate::Engine;

/// A failure of the private engines.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A program is not on this machine, or too old.
    #[error(
        "{engine} is not installed: {program} (>= {minimum}) was not found. \
         Install the package {package}, or set {variable} to a running one"
    )]
    Missing {
        /// The engine that cannot be started.
        engine: Engine,
        /// The program that was looked for.
        program: &'static str,
        /// The lowest version that is used.
        minimum: &'static str,
        /// Debian's name of the package that holds it.
        package: &'static str,
        /// The variable that makes a private one unnecessary.
        variable: &'static str,
    },
    /// The engine's process ended while it was being started.
    #[error("{engine} ended while starting ({status}); the end of {}:\n{tail}", .log.display())]
    Ended {
        /// The engine.
        engine: Engine,
        /// How the process ended.
        status: String,
        /// Its log file.
        log: PathBuf,
        /// The last lines of that file.
        tail: String,
    },
    /// The engine runs but did not answer within the limit.
    #[error(
        "{engine} did not answer within {seconds} s ({last}); the end of {}:\n{tail}", .log.display()
    )]
    NotReady {
        /// The engine.
        engine: Engine,
        /// The limit, in seconds.
        seconds: u64,
        /// What the last attempt to reach it said.
        last: String,
        /// Its log file.
        log: PathBuf,
        /// The last lines of that file.
        tail: String,
    },
    /// A helper program (such as `initdb`) failed.
    #[error("{program} failed: {output}")]
    Tool {
        /// The program.
        program: String,
        /// What it printed, or why it could not be started.
        output: String,
    },
    /// A file or directory could not be used.
    #[error("{action} {}: {source}", .path.display())]
    File {
        /// What was attempted, as a verb.
        action: &'static str,
        /// The file or directory.
        path: PathBuf,
        /// The system's answer.
        source: std::io::Error,
    },
    /// A database statement on behalf of the stack or of a test failed.
    #[error("{action}: {source}")]
    Database {
        /// What was attempted.
        action: String,
        /// The driver's answer.
        source: sea_orm::DbErr,
    },
    /// A test's `prepare` closure failed.
    #[error("preparing the template database: {0}")]
    Prepare(String),
    /// Anything else, in words.
    #[error("{0}")]
    Other(String),
}

/// A result with this crate's [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Adds the path and the attempted action to an I/O error.
pub(crate) trait FileContext<T> {
    fn file(self, action: &'static str, path: impl Into<PathBuf>) -> Result<T>;
}

impl<T> FileContext<T> for std::io::Result<T> {
    fn file(self, action: &'static str, path: impl Into<PathBuf>) -> Result<T> {
        self.map_err(|source| Error::File {
            action,
            path: path.into(),
            source,
        })
    }
}

/// Adds the attempted action to a database error.
pub(crate) trait DatabaseContext<T> {
    fn doing(self, action: impl Into<String>) -> Result<T>;
}

impl<T> DatabaseContext<T> for std::result::Result<T, sea_orm::DbErr> {
    fn doing(self, action: impl Into<String>) -> Result<T> {
        self.map_err(|source| Error::Database {
            action: action.into(),
            source,
        })
    }
}
