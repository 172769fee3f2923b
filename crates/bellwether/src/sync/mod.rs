//! `bellwether sync`: brings a catalogue up to date in the running installation, and shows how it goes.

mod api;
mod reach;
mod watch;

use anyhow::bail;
use clap::{Args, ValueEnum};
use serde_json::{Value, json};

use api::{Api, Refusal};
use watch::Ended;

use crate::usage::Usage;

/// Sources with a catalogue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Source {
    /// Haier's distributor platform, read with the team's credential
    Haier,
    /// PopMart's shop
    Popmart,
    /// 1688, read with the team's credential
    Alibaba1688,
}

impl Source {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Haier => "haier",
            Self::Popmart => "popmart",
            Self::Alibaba1688 => "alibaba1688",
        }
    }
}

const EXAMPLES: &str = "\
Examples:
  bellwether sync haier --full
      everything that the account may buy
  bellwether sync haier --codes GA0SZC00U,GA0SZD001 --prices
      the prices of two products
  bellwether sync haier --brand Casarte --stock
      what is nearly gone of one brand
  bellwether sync popmart --full --marketplace JP
      the whole Japanese shop
  bellwether sync alibaba1688 --full --category 1031910
      all offers of a category

Without --full only what is named, or likely to have changed, is read.
Exit code: 0 all went well, 1 some of it did not, 64 the command or the configuration is wrong.";

/// What to sync.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// Whose catalogue
    source: Source,
    /// All that the source lists, instead of what is likely to have changed
    #[arg(long)]
    full: bool,
    /// These products alone, by the source's own codes, separated by commas
    #[arg(long, value_delimiter = ',', conflicts_with_all = ["full", "category", "brand"])]
    codes: Vec<String>,
    /// What is of this category
    #[arg(long)]
    category: Option<String>,
    /// What is of this brand
    #[arg(long)]
    brand: Option<String>,
    /// About prices: without codes, what moved its price lately
    #[arg(long)]
    prices: bool,
    /// About stock: without codes, what is nearly gone
    #[arg(long)]
    stock: bool,
    /// The country, as an ISO 3166 code; the source's first when left out
    #[arg(long)]
    marketplace: Option<String>,
    /// The installation [default: that of the configuration]
    #[arg(long, env = "BELLWETHER_URL")]
    url: Option<String>,
    /// An API key with the scopes read and crawl [default: the development installation's]
    #[arg(long, env = "BELLWETHER_API_KEY", hide_env_values = true)]
    api_key: Option<String>,
}

impl Arguments {
    fn body(&self) -> Value {
        let mut body = json!({
            "mode": if self.full { "full" } else { "incremental" },
            "codes": self.codes,
            "prices": self.prices,
            "stock": self.stock,
        });
        let named = [
            ("category", &self.category),
            ("brand", &self.brand),
            ("marketplace", &self.marketplace),
        ];
        for (name, given) in named {
            if let Some(text) = given {
                body[name] = text.as_str().into();
            }
        }
        body
    }
}

/// Starts the sync and waits for its end; an error when not all of it went well.
pub async fn run(arguments: Arguments) -> anyhow::Result<()> {
    let reached = reach::find(arguments.url.as_deref(), arguments.api_key.as_deref())?;
    let api = Api::new(&reached)?;
    let source = arguments.source.as_str();
    let log = match api.start(source, &arguments.body()).await {
        Ok(log) => log,
        Err(Refusal::Usage(told)) => return Err(Usage(told).into()),
        Err(Refusal::Other(error)) => return Err(error),
    };
    match watch::until_the_end(&api, &log).await? {
        Ended::Left { id } => {
            println!(
                "\nThe sync goes on. Look at it with\n  GET {}",
                api.log_address(&id)
            );
            Ok(())
        }
        Ended::Over(log) => {
            print!("{}", watch::summary(&log));
            match log["status"].as_str() {
                Some("success") => Ok(()),
                status => bail!(
                    "the sync of {source} ended as {}",
                    status.unwrap_or("unknown")
                ),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Debug, Parser)]
    struct Line {
        #[command(flatten)]
        arguments: Arguments,
    }

    fn body(line: &str) -> Result<Value, clap::Error> {
        let words = std::iter::once("sync").chain(line.split_whitespace());
        Line::try_parse_from(words).map(|line| line.arguments.body())
    }

    #[test]
    fn the_command_says_what_the_api_is_asked() {
        assert_eq!(
            body("haier --codes A,B --prices").expect("understood"),
            json!({"mode": "incremental", "codes": ["A", "B"], "prices": true, "stock": false})
        );
        assert_eq!(
            body("alibaba1688 --full --category 7 --marketplace CN").expect("understood"),
            json!({"mode": "full", "codes": [], "prices": false, "stock": false, "category": "7", "marketplace": "CN"})
        );
        for wrong in ["", "amazon", "haier --full --codes A", "haier --brand"] {
            assert!(body(wrong).is_err(), "{wrong}");
        }
    }
}
