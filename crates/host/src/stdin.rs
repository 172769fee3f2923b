//! Stopping with the process that started us.

use std::io::Read;

use lifecycle::Lifecycle;

/// When set, the process stops once its standard input ends: its starter holds the other end of the pipe, so even a
/// starter that is killed takes its processes along.
pub const STOP_WITH_STDIN: &str = "BELLWETHER_STOP_WITH_STDIN";

pub(crate) fn stop_when_it_ends(life: &Lifecycle) {
    if std::env::var_os(STOP_WITH_STDIN).is_none() {
        return;
    }
    let life = life.clone();
    // A thread of its own: reading standard input blocks, and must not hold up the end of the runtime.
    std::thread::spawn(move || {
        let mut ignored = [0; 64];
        while matches!(std::io::stdin().read(&mut ignored), Ok(read) if read > 0) {}
        life.stop();
    });
}
