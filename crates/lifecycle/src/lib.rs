//! How a process lives and ends.
//!
//! The first signal (SIGINT, SIGTERM) is a *soft stop*: tasks take no new work and finish what they
//! have. A second signal, or the end of the grace time, is a *hard stop*: tasks abort. A task that
//! ends by itself, whether with an error, a panic or early success, stops the process too, and the
//! exit code tells it: a process that lost a part of itself must not look alive.

use std::{
    future::Future,
    panic::AssertUnwindSafe,
    process::ExitCode,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use futures::FutureExt;
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tracing::{Instrument, error, info, warn};

/// How long aborted tasks get to unwind after a hard stop.
const ABORT_LIMIT: Duration = Duration::from_secs(2);

/// The handle that all parts of a process share; cheap to clone.
#[derive(Clone, Debug)]
pub struct Lifecycle {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    /// Time between soft and hard stop.
    grace: Duration,
    soft: CancellationToken,
    hard: CancellationToken,
    tasks: TaskTracker,
    failed: AtomicBool,
}

impl Lifecycle {
    /// A running process whose tasks get `grace` to finish after the first signal.
    pub fn new(grace: Duration) -> Self {
        Self {
            shared: Arc::new(Shared {
                grace,
                soft: CancellationToken::new(),
                hard: CancellationToken::new(),
                tasks: TaskTracker::new(),
                failed: AtomicBool::new(false),
            }),
        }
    }

    /// Cancelled when tasks should take no more work and finish what they have.
    pub fn soft(&self) -> CancellationToken {
        self.shared.soft.clone()
    }

    /// Cancelled when tasks should abort. [`spawn`](Self::spawn) drops its future then, so only
    /// tasks with something to put in order need to look.
    pub fn hard(&self) -> CancellationToken {
        self.shared.hard.clone()
    }

    /// Whether a stop has begun, or a task has failed.
    pub fn is_stopping(&self) -> bool {
        self.shared.soft.is_cancelled()
    }

    /// Whether a task ended with an error, a panic, or before it was asked to.
    pub fn has_failed(&self) -> bool {
        self.shared.failed.load(Ordering::Acquire)
    }

    /// Runs `task` in the background until it ends or the hard stop drops it. It is expected to
    /// return `Ok` soon after the soft stop; any other end stops the whole process as failed.
    pub fn spawn(
        &self,
        name: &'static str,
        task: impl Future<Output = anyhow::Result<()>> + Send + 'static,
    ) {
        let life = self.clone();
        let span = tracing::info_span!("task", task.name = name);
        self.shared.tasks.spawn(
            async move {
                let guarded = AssertUnwindSafe(task).catch_unwind();
                let ended = tokio::select! {
                    ended = guarded => ended,
                    () = life.shared.hard.cancelled() => {
                        warn!(task.name = name, "task aborted at the hard stop");
                        return;
                    }
                };
                match ended {
                    Ok(Ok(())) if life.is_stopping() => {}
                    Ok(Ok(())) => {
                        error!(task.name = name, "task ended before it was asked to");
                        life.fail();
                    }
                    Ok(Err(cause)) => {
                        error!(
                            task.name = name,
                            error = format!("{cause:#}"),
                            "task failed"
                        );
                        life.fail();
                    }
                    Err(panic) => {
                        error!(
                            task.name = name,
                            panic = panic_text(&*panic),
                            "task panicked"
                        );
                        life.fail();
                    }
                }
            }
            .instrument(span),
        );
    }

    /// Begins the soft stop, as the first signal does. Harmless when it has begun.
    pub fn stop(&self) {
        self.shared.soft.cancel();
    }

    /// Begins the hard stop, as the second signal does.
    pub fn abort(&self) {
        self.shared.soft.cancel();
        self.shared.hard.cancel();
    }

    /// Waits until a stop has begun and every task has ended; begins the hard stop when the grace
    /// time is over.
    pub async fn drained(&self) {
        self.shared.soft.cancelled().await;
        self.shared.tasks.close();
        if tokio::time::timeout(self.shared.grace, self.shared.tasks.wait())
            .await
            .is_ok()
        {
            return;
        }
        let left = self.shared.tasks.len();
        warn!(
            tasks = left,
            grace_ms = self.shared.grace.as_millis(),
            "grace time is over"
        );
        self.abort();
        if tokio::time::timeout(ABORT_LIMIT, self.shared.tasks.wait())
            .await
            .is_err()
        {
            error!(
                tasks = self.shared.tasks.len(),
                "tasks do not yield; leaving without them"
            );
        }
    }

    /// Waits for a signal or a failed task, stops everything, and tells how it went.
    pub async fn run_until_signal(&self) -> ExitCode {
        let mut signals = match Signals::listen() {
            Ok(signals) => signals,
            Err(cause) => {
                error!(error = %cause, "cannot listen for signals");
                self.abort();
                return ExitCode::FAILURE;
            }
        };
        tokio::select! {
            name = signals.next() => {
                info!(signal = name, "stopping: finishing what is under way");
                self.stop();
            }
            () = self.shared.soft.cancelled() => {}
        }
        let drained = self.drained();
        tokio::pin!(drained);
        tokio::select! {
            () = &mut drained => {}
            name = signals.next() => {
                warn!(signal = name, "stopping at once");
                self.abort();
                drained.await;
            }
        }
        if self.has_failed() {
            ExitCode::FAILURE
        } else {
            ExitCode::SUCCESS
        }
    }

    fn fail(&self) {
        self.shared.failed.store(true, Ordering::Release);
        self.stop();
    }
}

/// The signals that ask a process to end.
struct Signals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
}

impl Signals {
    fn listen() -> std::io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
        })
    }

    async fn next(&mut self) -> &'static str {
        tokio::select! {
            _ = self.interrupt.recv() => "SIGINT",
            _ = self.terminate.recv() => "SIGTERM",
        }
    }
}

/// What a panic said, for the log.
fn panic_text(panic: &(dyn std::any::Any + Send)) -> &str {
    panic
        .downcast_ref::<&'static str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("(no message)")
}

#[cfg(test)]
mod tests;
