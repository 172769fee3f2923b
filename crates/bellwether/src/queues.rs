//! `bellwether queues`: what waits in RabbitMQ, what died there and why, and what to do about it.

use anyhow::ensure;
use bus::admin::Letters;
use bus::{Bus, Topology};
use clap::Subcommand;
use config::{Config, ProcessKind};

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Show every queue: messages that wait, and who takes them
    List,
    /// Show the dead letters: where each died, why, and its trace id
    Dead(Which),
    /// Put dead letters back into the queues they died in
    Replay(Which),
    /// Delete all that waits in one queue
    Purge {
        /// The queue, as `list` shows it
        queue: String,
        /// Yes, its messages are to be lost
        #[arg(long)]
        yes: bool,
    },
}

/// Which dead letters.
#[derive(Debug, clap::Args)]
pub struct Which {
    /// Only those that died in this queue, as `list` shows it
    #[arg(long)]
    queue: Option<String>,
    /// Only the one with this id
    #[arg(long)]
    id: Option<String>,
    /// At most so many
    #[arg(long, default_value_t = 100)]
    limit: usize,
}

impl Which {
    fn letters(&self, topology: &Topology) -> anyhow::Result<Letters> {
        Ok(Letters {
            queue: self
                .queue
                .as_deref()
                .map(|queue| full(topology, queue))
                .transpose()?,
            id: self.id.clone(),
            limit: self.limit,
        })
    }
}

/// Does it.
pub async fn run(command: Command) -> anyhow::Result<()> {
    let config = Config::load_for(ProcessKind::Operator, None)?;
    let bus = Bus::connect(
        config.amqp.url.expose(),
        &config.amqp.prefix,
        connectors::sources(),
    )?;
    match command {
        Command::List => list(&bus).await,
        Command::Dead(which) => dead(&bus, &which).await,
        Command::Replay(which) => replay(&bus, &which).await,
        Command::Purge { queue, yes } => {
            let queue = full(bus.topology(), &queue)?;
            ensure!(
                yes,
                "this would delete all that waits in {queue}; say --yes if that is meant"
            );
            println!("{} messages deleted", bus.purge(&queue).await?);
            Ok(())
        }
    }
}

async fn list(bus: &Bus) -> anyhow::Result<()> {
    println!("{:<40} {:>8} {:>10}", "queue", "waiting", "consumers");
    for queue in bus.queues().await? {
        println!(
            "{:<40} {:>8} {:>10}",
            queue.name, queue.ready, queue.consumers
        );
    }
    Ok(())
}

async fn dead(bus: &Bus, which: &Which) -> anyhow::Result<()> {
    let letters = bus.dead_letters(&which.letters(bus.topology())?).await?;
    for letter in &letters {
        println!(
            "{}  {}  {}\n    id {}  trace {}  {} bytes",
            letter.queue.as_deref().unwrap_or("unknown queue"),
            letter.routing_key,
            letter.reason,
            letter.id.as_deref().unwrap_or("-"),
            letter.trace_id.as_deref().unwrap_or("-"),
            letter.bytes,
        );
    }
    println!("{} dead letters shown", letters.len());
    Ok(())
}

async fn replay(bus: &Bus, which: &Which) -> anyhow::Result<()> {
    let done = bus.replay(&which.letters(bus.topology())?).await?;
    println!("{} replayed", done.replayed);
    ensure!(
        done.kept == 0,
        "{} stay dead: their queue is not known, or does not take them now",
        done.kept
    );
    Ok(())
}

/// A queue's full name; the installation's prefix may be left out.
fn full(topology: &Topology, queue: &str) -> anyhow::Result<String> {
    let queues = topology.queues();
    let found = queues
        .iter()
        .find(|known| *known == queue || known.ends_with(&format!(".{queue}")));
    found.cloned().ok_or_else(|| {
        anyhow::anyhow!(
            "there is no queue `{queue}`; there are {}",
            queues.join(", ")
        )
    })
}
