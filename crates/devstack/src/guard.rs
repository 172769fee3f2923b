//! Ends foreground engines when our process dies without a chance to do so itself.

use std::io::Write;
use std::os::unix::process::CommandExt;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::Mutex;

use crate::process::{Ask, Identity, clean_environment};
use crate::{Error, Result};

/// Learns process ids line by line, and ends those processes when its input ends. The input is a
/// pipe that only our process holds, so it ends with us, whatever ends us. (A parent-death signal
/// would need unsafe code and follows the thread, not the process.)
const SCRIPT: &str = r#"
list=
while read -r pid started signal; do
  [ "$pid" = done ] && exit 0
  list="$list $pid:$started:$signal"
done
alive() {
  stat=$(cat "/proc/$1/stat" 2>/dev/null) || return 1
  wanted=$2
  set -- ${stat##*) }
  [ "$1" != Z ] && [ "${20}" = "$wanted" ]
}
send() { # SIGNAL, or nothing to let each choose; fails when none is left
  left=1
  for entry in $list; do
    pid=${entry%%:*} rest=${entry#*:}
    if alive "$pid" "${rest%%:*}"; then
      left=0
      [ "$1" = 0 ] || kill -s "${1:-${rest#*:}}" "$pid" 2>/dev/null
    fi
  done
  return $left
}
send ''
for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
  send 0 || exit 0
  sleep 1
done
send KILL
"#;

/// The watching shell.
pub(crate) struct Guard {
    child: Child,
    input: Mutex<ChildStdin>,
}

impl Guard {
    pub(crate) fn start() -> Result<Self> {
        let mut command = Command::new("/bin/sh");
        command
            .args(["-c", SCRIPT])
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            // Ctrl-C goes to our process group and must not end the guard with us.
            .process_group(0);
        clean_environment(&mut command, []);
        let mut child = command.spawn().map_err(|error| Error::Tool {
            program: "/bin/sh".to_owned(),
            output: error.to_string(),
        })?;
        let input = child.stdin.take().expect("stdin was asked to be piped");
        Ok(Self {
            child,
            input: Mutex::new(input),
        })
    }

    /// Puts a process under the guard's care.
    pub(crate) fn watch(&self, process: &Identity, ask: Ask) -> Result<()> {
        let signal = ask.signal().as_str().trim_start_matches("SIG");
        self.tell(&format!("{} {} {signal}\n", process.pid, process.started))
            .map_err(|error| Error::Other(format!("the guard of the engines is gone: {error}")))
    }

    /// Ends the guard, and none of what it watched.
    pub(crate) fn dismiss(mut self) {
        // If it has ended already there is nobody to tell.
        let _ = self.tell("done - -\n");
        let _ = self.child.wait();
    }

    fn tell(&self, line: &str) -> std::io::Result<()> {
        let mut input = self
            .input
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        input.write_all(line.as_bytes())?;
        input.flush()
    }
}
