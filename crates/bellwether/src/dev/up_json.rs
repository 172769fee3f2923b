//! `up.json`: what runs where and how to sign in, for people, scripts and tests.

use serde::{Deserialize, Serialize};

use super::config_file::Addresses;
use super::settings::{Home, write_private};

/// How to sign in to the demo.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Access {
    /// The demo tenant's slug.
    pub tenant: String,
    /// Its owner's e-mail.
    pub email: String,
    /// Its owner's password.
    pub password: String,
    /// An API key with every scope.
    pub api_key: String,
}

/// The file's content.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct UpJson {
    /// Page and API.
    pub url: String,
    /// See [`Access`].
    #[serde(flatten)]
    pub access: Access,
    /// The simulated markets and their controls.
    pub market_sim_url: String,
    /// Mails that were sent, as JSON.
    pub mail_url: String,
    /// Owner's address of the database.
    pub database_url: String,
    /// Redis.
    pub redis_url: String,
    /// RabbitMQ.
    pub amqp_url: String,
}

impl UpJson {
    /// Of one start.
    pub fn new(url: String, access: Access, at: &Addresses) -> Self {
        Self {
            url,
            access,
            market_sim_url: at.market_sim_url.clone(),
            mail_url: format!("{}/mail", at.market_sim_url),
            database_url: at.database_url.clone(),
            redis_url: at.redis_url.clone(),
            amqp_url: at.amqp_url.clone(),
        }
    }

    /// Writes it for its owner only: it holds a password and a key.
    pub fn write(&self, home: &Home) -> anyhow::Result<()> {
        write_private(
            &home.up_json(),
            &(serde_json::to_string_pretty(self)? + "\n"),
        )
    }

    /// Prints what a person needs first.
    pub fn print(&self, home: &Home) {
        println!("\nBellwether runs.");
        println!("  Page      {}", self.url);
        println!("  E-mail    {}", self.access.email);
        println!("  Password  {}", self.access.password);
        println!("  API key   {}", self.access.api_key);
        println!("  API       {}/api/docs", self.url);
        println!("  Mails     {}", self.mail_url);
        println!("  All this  {}\n", home.up_json().display());
    }
}
