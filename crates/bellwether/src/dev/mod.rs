//! The development installation behind `./dev`: engines, simulated markets, processes and the demo.

mod child;
mod config_file;
mod detached;
mod lock;
mod ports;
mod reporter;
mod settings;
mod supervisor;
mod up_json;

use std::path::PathBuf;

use clap::{Args, Subcommand};

use child::Program;
pub use reporter::Reporter;
pub use settings::{Home, Secrets};
pub use up_json::Access;

/// `bellwether dev …`, as `./dev` calls it.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Start everything in one process and stay until Ctrl-C
    Up(UpArgs),
    /// Start the four services as separate processes behind one development URL
    Services(UpArgs),
    /// Stop what runs
    Down,
    /// Stop what runs and forget its data
    Reset,
}

/// Options of a start.
#[derive(Debug, Args)]
pub struct UpArgs {
    /// Return once everything is ready and leave it running
    #[arg(long)]
    pub detach: bool,
    /// The built page
    #[arg(long, default_value = "web/dist")]
    pub web_dir: PathBuf,
}

/// What the processes of an installation look like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// All services in one process.
    OneProcess,
    /// Each service a process, and a gateway in front.
    FourServices,
}

impl Shape {
    fn name(self) -> &'static str {
        match self {
            Self::OneProcess => "Bellwether",
            Self::FourServices => "four services and their gateway",
        }
    }

    fn programs(self) -> anyhow::Result<Vec<Program>> {
        match self {
            Self::OneProcess => Ok(vec![Program::sibling(
                "bellwether",
                "bellwether",
                &["serve"],
            )?]),
            Self::FourServices => ["user-service", "crawler-service", "core-service", "worker"]
                .into_iter()
                .map(|name| Program::sibling(name, name, &[]))
                .chain([Program::sibling("gateway", "bellwether", &["gateway"])])
                .collect(),
        }
    }
}

/// Carries out a command on the installation in `folder`.
pub async fn run(command: Command, folder: PathBuf) -> anyhow::Result<()> {
    let home = Home::open(folder)?;
    match command {
        Command::Up(args) => up(home, Shape::OneProcess, args).await,
        Command::Services(args) => up(home, Shape::FourServices, args).await,
        Command::Down => detached::stop(&home).await,
        Command::Reset => {
            detached::stop(&home).await?;
            devstack::reset(&home.engines()).await?;
            home.forget()?;
            println!("Data forgotten.");
            Ok(())
        }
    }
}

async fn up(home: Home, shape: Shape, args: UpArgs) -> anyhow::Result<()> {
    if args.detach {
        detached::start(&home, shape, &args.web_dir).await
    } else {
        let web_dir = std::path::absolute(&args.web_dir)?;
        Box::pin(supervisor::run(home, shape, &web_dir)).await
    }
}
