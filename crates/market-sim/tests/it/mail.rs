//! The mail server, asked in its own words.

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

use crate::support::World;

/// A conversation by hand.
struct Talk(BufReader<TcpStream>);

impl Talk {
    async fn start(world: &World) -> Result<Self> {
        let address = world.sim.smtp_url().strip_prefix("smtp://");
        let stream = TcpStream::connect(address.context("an address")?).await?;
        let mut talk = Self(BufReader::new(stream));
        ensure!(talk.answer().await?.starts_with("220 "));
        Ok(talk)
    }

    /// The last line of an answer.
    async fn answer(&mut self) -> Result<String> {
        loop {
            let mut line = String::new();
            ensure!(self.0.read_line(&mut line).await? > 0, "closed");
            if line.as_bytes().get(3) != Some(&b'-') {
                return Ok(line.trim_end().to_owned());
            }
        }
    }

    async fn say(&mut self, text: &str) -> Result<String> {
        self.0.get_mut().write_all(text.as_bytes()).await?;
        self.0.get_mut().write_all(b"\r\n").await?;
        self.answer().await
    }

    async fn expect(&mut self, text: &str, code: &str) -> Result<()> {
        let answer = self.say(text).await?;
        ensure!(answer.starts_with(code), "{text}: {answer}");
        Ok(())
    }
}

async fn mails(world: &World, query: &str) -> Result<Vec<Value>> {
    let url = format!("{}/mail{query}", world.sim.base_url());
    let mut body: Value = world.client.get(url).send().await?.json().await?;
    Ok(serde_json::from_value(body["items"].take())?)
}

#[tokio::test]
async fn a_mail_is_kept_and_read_as_a_mail_program_would() -> Result<()> {
    let world = World::start().await?;
    let mut talk = Talk::start(&world).await?;
    talk.expect("EHLO test", "250 ").await?;
    talk.expect("AUTH PLAIN AHUAcA==", "235").await?;
    talk.expect("MAIL FROM:<bw@example.com> SIZE=100", "250")
        .await?;
    talk.expect("RCPT TO:<ann@example.com>", "250").await?;
    talk.expect("RCPT TO:<bob@example.com>", "250").await?;
    talk.expect("DATA", "354").await?;
    let mail = "From: Bellwether <bw@example.com>\r\nTo: ann@example.com\r\nSubject: =?utf-8?B?5oKo5aW9?=\r\n\
                Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n\
                one=20two\r\n..three\r\n.";
    talk.expect(mail, "250").await?;
    talk.expect("QUIT", "221").await?;

    let kept = mails(&world, "").await?;
    assert_eq!(kept.len(), 1);
    assert_eq!(kept[0]["subject"], "您好");
    assert_eq!(kept[0]["from"], "bw@example.com");
    assert_eq!(
        kept[0]["text"].as_str().map(str::trim_end),
        Some("one two\n.three")
    );
    let both = json!(["ann@example.com", "bob@example.com"]);
    assert_eq!(kept[0]["envelope_to"], both);
    assert_eq!(mails(&world, "?to=BOB@example.com").await?.len(), 1);
    assert!(mails(&world, "?to=eve@example.com").await?.is_empty());
    let url = format!("{}/mail", world.sim.base_url());
    world.client.delete(url).send().await?;
    assert!(mails(&world, "").await?.is_empty());
    Ok(())
}

#[tokio::test]
async fn it_refuses_as_ordered_and_what_makes_no_sense() -> Result<()> {
    let world = World::start().await?;
    world
        .control("mail", json!({"kind": "4xx", "count": 1}))
        .await?;
    world
        .control("mail", json!({"kind": "5xx", "count": 1}))
        .await?;
    let mut talk = Talk::start(&world).await?;
    talk.expect("DATA", "503").await?;
    talk.expect("RCPT TO:<ann@example.com>", "503").await?;
    talk.expect("MAIL FROM:nobody", "501").await?;
    talk.expect("NONSENSE", "500").await?;
    talk.expect("MAIL FROM:<bw@example.com>", "250").await?;
    talk.expect("RCPT TO:<ann@example.com>", "451").await?;
    talk.expect("RCPT TO:<ann@example.com>", "550").await?;
    talk.expect("DATA", "503").await?;
    talk.expect("RCPT TO:<ann@example.com>", "250").await?;
    // A line that does not end ends the conversation.
    let long = "x".repeat(10_000);
    assert!(talk.say(&long).await.is_err());
    assert!(mails(&world, "").await?.is_empty());

    let order = json!({"kind": "6xx", "count": 1});
    let url = format!("{}/_control/mail", world.sim.base_url());
    let refused = world.client.post(url).json(&order).send().await?;
    assert_eq!(refused.status(), 422);
    Ok(())
}
