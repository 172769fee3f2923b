//! Bellwether in one process, and the operator's command line.

mod audit;
mod bench;
mod demo;
mod dev;
mod gateway;
mod history;
mod keys;
mod migrate;
mod openapi;
mod operator;
mod queues;
mod serve;
mod status;
mod sync;
mod tenant;
mod usage;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use config::ProcessKind;

/// Watches products on marketplaces, for many tenants.
#[derive(Debug, Parser)]
#[command(name = "bellwether", version, max_term_width = 100)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run all four services in this process
    Serve,
    /// Put one development URL in front of four separate processes
    Gateway,
    /// Bring the database to the newest version
    Migrate,
    /// Print the API's OpenAPI document
    Openapi,
    /// Show what runs and whether it can serve
    Status,
    /// Look after RabbitMQ's queues and dead letters
    Queues {
        #[command(subcommand)]
        command: queues::Command,
    },
    /// Show who did what, and who was refused
    Audit(audit::Arguments),
    /// Bring a catalogue up to date in the running installation
    Sync(sync::Arguments),
    /// Look after tenants: list, suspend, resume, change the plan, delete, restore
    Tenant {
        #[command(subcommand)]
        command: tenant::Command,
    },
    /// Bring whole histories in and out, as CSV
    History {
        #[command(subcommand)]
        command: history::Command,
    },
    /// Look after the keys that sign access tokens
    Keys {
        #[command(subcommand)]
        command: keys::Command,
    },
    /// Measure, and print one line of JSON at the end
    Bench(bench::Args),
    /// Start and stop a development installation, as `./dev` does
    Dev {
        /// The folder of its data
        #[arg(long, default_value = ".dev")]
        home: PathBuf,
        #[command(subcommand)]
        command: dev::Command,
    },
}

fn main() -> ExitCode {
    host::choose_cryptography();
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(told) => {
            // Nothing is left to do when it cannot be printed.
            let _ = told.print();
            return match told.use_stderr() {
                true => ExitCode::from(config::EXIT_USAGE),
                false => ExitCode::SUCCESS,
            };
        }
    };
    match arguments.command {
        Command::Serve => host::run(ProcessKind::All, "bellwether", serve::run),
        Command::Gateway => host::run(ProcessKind::All, "gateway", gateway::run),
        Command::Migrate => wait_for(migrate::run()),
        Command::Openapi => wait_for(async {
            println!("{}", openapi::document().to_pretty_json()?);
            Ok(())
        }),
        Command::Status => wait_for(status::run()),
        Command::Queues { command } => wait_for(queues::run(command)),
        Command::Audit(arguments) => wait_for(audit::run(arguments)),
        Command::Sync(arguments) => wait_for(sync::run(arguments)),
        Command::Tenant { command } => wait_for(tenant::run(command)),
        Command::History { command } => wait_for(history::run(command)),
        Command::Keys { command } => wait_for(keys::run(command)),
        Command::Bench(args) => wait_for(bench::run(args)),
        Command::Dev { home, command } => wait_for(dev::run(command, home)),
    }
}

/// Exit code of a command whose input was bad in parts, as sysexits.h has it.
const EXIT_DATA: u8 = 65;

/// Runs a command to its end; a wrong configuration or command is exit code 64, refused input 65, any other failure 1.
fn wait_for(command: impl Future<Output = anyhow::Result<()>>) -> ExitCode {
    let runtime = match tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("cannot start: {error}");
            return ExitCode::FAILURE;
        }
    };
    match runtime.block_on(command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) if error.is::<config::ConfigError>() || error.is::<usage::Usage>() => {
            eprintln!("{error}");
            ExitCode::from(config::EXIT_USAGE)
        }
        Err(error) if error.is::<history::RowsRefused>() => {
            eprintln!("{error}");
            ExitCode::from(EXIT_DATA)
        }
        Err(error) => {
            eprintln!("\n{error:#}");
            ExitCode::FAILURE
        }
    }
}
