//! `bellwether keys`: the keys that sign access tokens, in the running installation.

use anyhow::Context;
use chrono::{DateTime, Utc};
use clap::Subcommand;
use config::{Config, ProcessKind};
use contracts::identity::v1::credentials_client::CredentialsClient;
use contracts::identity::v1::{ListSigningKeysRequest, RotateSigningKeyRequest, SigningKey};

use crate::operator;

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Show the keys that access tokens are verified with
    List,
    /// Make the next key: it is published at once, signs ten minutes later, and nobody is signed out
    Rotate {
        /// It signs at once and the others verify nothing any more, because somebody else may know one: everybody needs
        /// a new access token, which refresh tokens get
        #[arg(long)]
        now: bool,
    },
}

/// Does it.
pub async fn run(command: Command) -> anyhow::Result<()> {
    let config = Config::load_for(ProcessKind::Operator, None)?;
    let mut credentials = CredentialsClient::new(operator::peers(&config)?.user);
    match command {
        Command::List => {
            let answer = credentials
                .list_signing_keys(ListSigningKeysRequest {})
                .await;
            let answer = answer.context("ask user-service")?;
            for key in answer.into_inner().keys {
                println!("{}", line(&key, Utc::now()));
            }
        }
        Command::Rotate { now } => {
            let request = RotateSigningKeyRequest { at_once: now };
            let answer = credentials.rotate_signing_key(request).await;
            let key = answer.context("ask user-service")?.into_inner().key;
            println!("{}", line(&key.context("no key came back")?, Utc::now()));
        }
    }
    Ok(())
}

fn line(key: &SigningKey, now: DateTime<Utc>) -> String {
    let time = |unix| {
        DateTime::from_timestamp(unix, 0).map_or_else(String::new, |at: DateTime<Utc>| {
            at.format("%Y-%m-%d %H:%M:%S UTC").to_string()
        })
    };
    let state = if key.signs {
        "signs".to_owned()
    } else if key.signs_from_unix > now.timestamp() {
        format!("signs from {}", time(key.signs_from_unix))
    } else {
        "verifies what it signed".to_owned()
    };
    format!("{}  made {}  {state}", key.kid, time(key.created_at_unix))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_told_with_what_it_does() {
        let now = DateTime::from_timestamp(1_800_000_000, 0).expect("a time");
        let key = |signs, from| SigningKey {
            kid: "one".to_owned(),
            created_at_unix: 1_790_000_000,
            signs_from_unix: from,
            signs,
        };
        let told = |signs, from| line(&key(signs, from), now);
        assert_eq!(
            told(true, 1_790_000_000),
            "one  made 2026-09-21 14:13:20 UTC  signs"
        );
        assert!(told(false, 1_790_000_000).ends_with("verifies what it signed"));
        assert!(told(false, 1_800_000_600).ends_with("signs from 2027-01-15 08:10:00 UTC"));
    }
}
