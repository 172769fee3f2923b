//! Mails that came, and faults that were ordered for the next ones.

use std::{
    collections::VecDeque,
    sync::{Mutex, MutexGuard, PoisonError},
};

use chrono::{DateTime, SecondsFormat, Utc};
use mail_parser::{Address, Message, MessageParser};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// Mails that are kept; the oldest go first.
const MOST: usize = 1_000;

/// How the server treats a recipient.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum MailFault {
    /// Not now.
    #[serde(rename = "4xx")]
    Later,
    /// Never.
    #[serde(rename = "5xx")]
    Never,
    /// It takes the mail, does not answer, and forgets it.
    #[serde(rename = "hang")]
    Hang,
}

/// A mail as the conversation brought it.
#[derive(Debug, Clone)]
pub(crate) struct Received {
    pub at: DateTime<Utc>,
    /// Whom the conversation named, which need not be who the mail names.
    pub from: String,
    pub to: Vec<String>,
    pub raw: Vec<u8>,
}

/// What the server knows.
#[derive(Debug, Default)]
pub(crate) struct Inbox {
    mails: Mutex<VecDeque<Received>>,
    faults: Mutex<VecDeque<MailFault>>,
}

impl Inbox {
    pub fn keep(&self, mail: Received) {
        let mut mails = lock(&self.mails);
        if mails.len() == MOST {
            mails.pop_front();
        }
        mails.push_back(mail);
    }

    /// Those to an address, or all, in order of arrival.
    pub fn to_json(&self, to: Option<&str>) -> Value {
        let mails = lock(&self.mails);
        let wanted = |mail: &&Received| {
            to.is_none_or(|to| mail.to.iter().any(|one| one.eq_ignore_ascii_case(to)))
        };
        let items: Vec<Value> = mails.iter().filter(wanted).map(Received::to_json).collect();
        json!({ "items": items })
    }

    /// The next `count` recipients are treated so; 0 takes back what still waits.
    pub fn order(&self, fault: MailFault, count: usize) -> usize {
        let mut faults = lock(&self.faults);
        if count == 0 {
            faults.retain(|waiting| *waiting != fault);
        }
        faults.extend(std::iter::repeat_n(fault, count));
        faults.len()
    }

    /// The fault of the recipient that is named now.
    pub fn next_fault(&self) -> Option<MailFault> {
        lock(&self.faults).pop_front()
    }

    pub fn clear(&self) {
        lock(&self.mails).clear();
        lock(&self.faults).clear();
    }
}

impl Received {
    fn to_json(&self) -> Value {
        let parsed = MessageParser::default().parse(&self.raw);
        let header = |read: fn(&Message<'_>) -> Option<String>| parsed.as_ref().and_then(read);
        json!({
            "at": self.at.to_rfc3339_opts(SecondsFormat::Millis, true),
            "envelope_from": self.from,
            "envelope_to": self.to,
            "message_id": header(|mail| mail.message_id().map(str::to_owned)),
            "from": header(|mail| mail.from().and_then(first)),
            "to": header(|mail| mail.to().and_then(first)),
            "reply_to": header(|mail| mail.reply_to().and_then(first)),
            "subject": header(|mail| mail.subject().map(str::to_owned)),
            "text": header(|mail| mail.body_text(0).map(|text| text.replace("\r\n", "\n"))),
            "html": header(|mail| mail.body_html(0).map(|html| html.replace("\r\n", "\n"))),
        })
    }
}

fn first(address: &Address<'_>) -> Option<String> {
    address.first()?.address().map(str::to_owned)
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
