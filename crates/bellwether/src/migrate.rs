//! Bringing the database to the newest version.

use config::Config;
use migrations::Admin;

/// Who prepares the database, by configuration.
pub fn admin(config: &Config) -> Admin {
    Admin {
        url: config.database.url.expose().to_owned(),
        role_secret: config.database.role_secret.expose().to_owned(),
    }
}

/// `bellwether migrate`.
pub async fn run() -> anyhow::Result<()> {
    let config = Config::load_for(config::ProcessKind::Migrate, None)?;
    migrations::prepare(&admin(&config)).await?;
    println!("The database is at its newest version.");
    Ok(())
}
