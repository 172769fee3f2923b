//! The conversation (RFC 5321), as far as a sender needs it.

use std::{io, sync::Arc};

use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
};

use super::inbox::{MailFault, Received};
use crate::world::World;

/// The longest line of a command or of a mail.
const LINE: u64 = 8_192;
/// The largest mail.
const MAIL: usize = 10 << 20;

/// Takes conversations until it is dropped.
pub(crate) async fn serve(listener: TcpListener, world: Arc<World>) {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                let world = Arc::clone(&world);
                tokio::spawn(async move {
                    if let Err(error) = Conversation::new(stream, &world).run().await {
                        tracing::debug!(%error, "a mail conversation broke");
                    }
                });
            }
            Err(error) => {
                tracing::debug!(%error, "a mail connection was not accepted");
                tokio::time::sleep(std::time::Duration::from_millis(50)).await;
            }
        }
    }
}

struct Conversation<'a> {
    stream: BufReader<TcpStream>,
    world: &'a World,
    from: Option<String>,
    to: Vec<String>,
    hangs: bool,
}

impl<'a> Conversation<'a> {
    fn new(stream: TcpStream, world: &'a World) -> Self {
        Self {
            stream: BufReader::new(stream),
            world,
            from: None,
            to: Vec::new(),
            hangs: false,
        }
    }

    async fn run(mut self) -> io::Result<()> {
        self.say("220 market-sim ESMTP").await?;
        while let Some(line) = self.line().await? {
            let line = String::from_utf8_lossy(&line).into_owned();
            let (verb, rest) = line.split_once(' ').unwrap_or((&line, ""));
            match verb.to_ascii_uppercase().as_str() {
                "EHLO" => {
                    self.forget();
                    self.say(
                        "250-market-sim\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250-SIZE 10485760\r\n250 AUTH PLAIN LOGIN",
                    )
                    .await?;
                }
                "HELO" => {
                    self.forget();
                    self.say("250 market-sim").await?;
                }
                "AUTH" => self.authenticate(rest).await?,
                "MAIL" => match address(rest, "FROM:") {
                    Some(from) => {
                        self.forget();
                        self.from = Some(from);
                        self.say("250 2.1.0 sender ok").await?;
                    }
                    None => {
                        self.say("501 5.5.4 MAIL FROM:<address> is expected")
                            .await?
                    }
                },
                "RCPT" => self.recipient(rest).await?,
                "DATA" => {
                    if self.from.is_none() || self.to.is_empty() {
                        self.say("503 5.5.1 MAIL and RCPT come first").await?;
                    } else if !self.data().await? {
                        return Ok(());
                    }
                }
                "RSET" => {
                    self.forget();
                    self.say("250 2.0.0 forgotten").await?;
                }
                "NOOP" => self.say("250 2.0.0 ok").await?,
                "QUIT" => return self.say("221 2.0.0 bye").await,
                _ => self.say("500 5.5.2 what?").await?,
            }
        }
        Ok(())
    }

    /// Whoever says who they are is believed: this server guards nothing.
    async fn authenticate(&mut self, how: &str) -> io::Result<()> {
        let mut words = how.split_whitespace();
        let questions = match (words.next(), words.next()) {
            (Some("PLAIN"), None) => &[""][..],
            // "Username:" and "Password:".
            (Some("LOGIN"), None) => &["VXNlcm5hbWU6", "UGFzc3dvcmQ6"][..],
            (Some("LOGIN"), Some(_)) => &["UGFzc3dvcmQ6"][..],
            _ => &[][..],
        };
        for question in questions {
            self.say(&format!("334 {question}")).await?;
            self.line().await?;
        }
        self.say("235 2.7.0 welcome").await
    }

    async fn recipient(&mut self, rest: &str) -> io::Result<()> {
        let Some(to) = address(rest, "TO:") else {
            return self.say("501 5.5.4 RCPT TO:<address> is expected").await;
        };
        if self.from.is_none() {
            return self.say("503 5.5.1 MAIL comes first").await;
        }
        match self.world.inbox.next_fault() {
            Some(MailFault::Later) => self.say("451 4.7.1 come back later, as ordered").await,
            Some(MailFault::Never) => self.say("550 5.1.1 no such mailbox, as ordered").await,
            fault => {
                self.hangs |= fault == Some(MailFault::Hang);
                self.to.push(to);
                self.say("250 2.1.5 recipient ok").await
            }
        }
    }

    /// Takes the mail; false when the conversation is over.
    async fn data(&mut self) -> io::Result<bool> {
        self.say("354 go on, end with a dot").await?;
        let mut raw = Vec::new();
        loop {
            let Some(line) = self.line().await? else {
                return Ok(false);
            };
            if line == b"." {
                break;
            }
            // A dot that begins a line was doubled.
            raw.extend_from_slice(line.strip_prefix(b".").unwrap_or(&line));
            raw.extend_from_slice(b"\r\n");
            if raw.len() > MAIL {
                self.say("552 5.3.4 too large").await?;
                return Ok(false);
            }
        }
        if self.hangs {
            tokio::time::sleep(self.world.options.hang_time).await;
            return Ok(false);
        }
        let mail = Received {
            at: self.world.now(),
            from: self.from.take().unwrap_or_default(),
            to: std::mem::take(&mut self.to),
            raw,
        };
        self.world.inbox.keep(mail);
        self.say("250 2.0.0 kept").await?;
        Ok(true)
    }

    fn forget(&mut self) {
        self.from = None;
        self.to.clear();
        self.hangs = false;
    }

    /// The next line without its end; nothing when the other side is gone or its line is too long to be one.
    async fn line(&mut self) -> io::Result<Option<Vec<u8>>> {
        let mut line = Vec::new();
        let mut limited = (&mut self.stream).take(LINE);
        limited.read_until(b'\n', &mut line).await?;
        if line.pop() != Some(b'\n') {
            return Ok(None);
        }
        if line.last() == Some(&b'\r') {
            line.pop();
        }
        Ok(Some(line))
    }

    async fn say(&mut self, text: &str) -> io::Result<()> {
        self.stream
            .get_mut()
            .write_all(format!("{text}\r\n").as_bytes())
            .await
    }
}

/// `<address>` after `FROM:` or `TO:`.
fn address(rest: &str, label: &str) -> Option<String> {
    let (head, tail) = rest.split_at_checked(label.len())?;
    let inner = tail.trim_start().strip_prefix('<')?;
    let (address, _) = inner.split_once('>')?;
    head.eq_ignore_ascii_case(label).then(|| address.to_owned())
}
