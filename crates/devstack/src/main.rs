//! `devstack start|run|stop|reset|status [DIR]`: the engines alone, for scripts.

use std::path::PathBuf;
use std::process::ExitCode;

use devstack::{Lifetime, Options, Stack, Stage};

const USAGE: &str = "usage: devstack start|run|stop|reset|status [DIR]\n\
     start leaves the engines running, run keeps them until it ends (Ctrl-C)\n\
     DIR holds a development stack; without it the engines that the tests share are meant";
const EXIT_USAGE: u8 = 64;
const EXIT_UNAVAILABLE: u8 = 69;

#[tokio::main]
async fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let (command, dir) = match &args[..] {
        [command] => (command.as_str(), None),
        [command, dir] if !dir.starts_with('-') => (command.as_str(), Some(PathBuf::from(dir))),
        _ => return usage(),
    };
    let data_dir = dir.clone().unwrap_or_else(devstack::testing::data_dir);
    let options = dir.map_or_else(devstack::testing::options, Options::from_env);
    let done = match command {
        // Detached: nothing ends with the value.
        "start" => start(options.detached()).await.map(drop),
        "run" => run(options).await,
        "stop" => devstack::stop(&data_dir).await.map(|ran| {
            for engine in ran {
                eprintln!("{engine} stopped");
            }
        }),
        "reset" => devstack::reset(&data_dir).await,
        "status" => devstack::running(&data_dir).map(|found| {
            for engine in found {
                println!("{}\tpid {}\t{}", engine.engine, engine.pid, engine.url);
            }
        }),
        _ => return usage(),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("devstack: {error}");
            ExitCode::from(EXIT_UNAVAILABLE)
        }
    }
}

fn usage() -> ExitCode {
    eprintln!("{USAGE}");
    ExitCode::from(EXIT_USAGE)
}

async fn run(mut options: Options) -> devstack::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    options.lifetime = Lifetime::Foreground;
    let stack = start(options).await?;
    let stopped = async {
        let mut terminate = signal(SignalKind::terminate())?;
        tokio::select! {
            interrupted = tokio::signal::ctrl_c() => interrupted,
            _ = terminate.recv() => Ok(()),
        }
    };
    if let Err(error) = stopped.await {
        eprintln!("devstack: cannot wait for a signal: {error}");
    }
    stack.stop().await;
    Ok(())
}

async fn start(options: Options) -> devstack::Result<Stack> {
    let options = options.progress(|engine, stage| match stage {
        Stage::Given => eprintln!("{engine}: using {}", engine.variable()),
        Stage::Reused => eprintln!("{engine}: already running"),
        Stage::Ready { after } => eprintln!("{engine}: ready after {:.1} s", after.as_secs_f32()),
        _ => {}
    });
    Stack::start(options).await
}
