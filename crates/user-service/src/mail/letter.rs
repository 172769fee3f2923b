//! What mails there are, in the languages there are. Pure: a letter and a language become texts.

use chrono::{DateTime, Utc};
use minijinja::{AutoEscape, Environment, Value, context};
use serde::{Deserialize, Serialize};

/// A mail before it is written.
#[derive(Debug, Clone)]
pub enum Letter<'a> {
    /// An address is invited into a tenant.
    Invitation {
        /// The tenant's name.
        tenant: &'a str,
        /// The person who invites; a program has no name that would tell anybody something.
        inviter: Option<&'a str>,
        /// The role to have there.
        role: &'a str,
        /// Accepts it.
        link: &'a str,
        /// When the link stops working.
        until: DateTime<Utc>,
    },
    /// Is this your address?
    VerifyEmail {
        /// The address to verify.
        address: &'a str,
        /// Verifies it.
        link: &'a str,
        /// When the link stops working.
        until: DateTime<Utc>,
    },
    /// To the old address: a new one was named.
    EmailChange {
        /// The old address.
        address: &'a str,
        /// The new address.
        new_address: &'a str,
        /// Where a new password is asked for.
        link: &'a str,
    },
    /// A new password was asked for.
    ResetPassword {
        /// The account's address.
        address: &'a str,
        /// Sets it.
        link: &'a str,
        /// When the link stops working.
        until: DateTime<Utc>,
    },
    /// The password is another one now.
    PasswordChanged {
        /// The account's address.
        address: &'a str,
        /// When it happened.
        at: DateTime<Utc>,
        /// Where a new password is asked for.
        link: &'a str,
    },
}

/// A mail as it is sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Written {
    /// One line.
    pub subject: String,
    /// For programs that show text.
    pub text: String,
    /// The same for all others.
    pub html: String,
}

/// Name, language and text of every template.
macro_rules! templates {
    ($($language:literal)*) => {
        &[$(
            (concat!($language, "/invitation"), include_str!(concat!("../../templates/", $language, "/invitation.txt"))),
            (concat!($language, "/verify_email"), include_str!(concat!("../../templates/", $language, "/verify_email.txt"))),
            (concat!($language, "/email_change"), include_str!(concat!("../../templates/", $language, "/email_change.txt"))),
            (concat!($language, "/reset_password"), include_str!(concat!("../../templates/", $language, "/reset_password.txt"))),
            (concat!($language, "/password_changed"), include_str!(concat!("../../templates/", $language, "/password_changed.txt"))),
        )*]
    };
}

const TEMPLATES: &[(&str, &str)] = templates!("en" "zh-Hans" "zh-Hant");
const LAYOUT: &str = include_str!("../../templates/layout.html");
/// A paragraph that begins so is the label of the mail's link.
const LINK: &str = "-> ";

/// A paragraph of the layout.
#[derive(Debug)]
struct Paragraph<'a> {
    text: &'a str,
    link: bool,
}

impl Letter<'_> {
    /// What is stored and counted.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Invitation { .. } => "invitation",
            Self::VerifyEmail { .. } => "verify_email",
            Self::EmailChange { .. } => "email_change",
            Self::ResetPassword { .. } => "reset_password",
            Self::PasswordChanged { .. } => "password_changed",
        }
    }

    const fn link(&self) -> &str {
        match self {
            Self::Invitation { link, .. }
            | Self::VerifyEmail { link, .. }
            | Self::EmailChange { link, .. }
            | Self::ResetPassword { link, .. }
            | Self::PasswordChanged { link, .. } => link,
        }
    }

    fn values(&self) -> Value {
        match self {
            Self::Invitation {
                tenant,
                inviter,
                role,
                until,
                ..
            } => {
                let inviter = inviter.map(one_line);
                context! { tenant => one_line(tenant), inviter, role => *role, until => minute(*until) }
            }
            Self::VerifyEmail { address, until, .. }
            | Self::ResetPassword { address, until, .. } => {
                context! { address => one_line(address), until => minute(*until) }
            }
            Self::EmailChange {
                address,
                new_address,
                ..
            } => {
                context! { address => one_line(address), new_address => one_line(new_address) }
            }
            Self::PasswordChanged { address, at, .. } => {
                context! { address => one_line(address), at => minute(*at) }
            }
        }
    }

    /// Writes it in a language of [`crate::rules::locale`].
    ///
    /// # Errors
    /// When there is no such language, or a template is wrong.
    pub fn write(&self, language: &str) -> Result<Written, minijinja::Error> {
        let mut templates = Environment::new();
        templates.set_auto_escape_callback(|name| match name.ends_with(".html") {
            true => AutoEscape::Html,
            false => AutoEscape::None,
        });
        for (name, text) in TEMPLATES {
            templates.add_template(name, text)?;
        }
        templates.add_template("layout.html", LAYOUT)?;

        let name = format!("{language}/{}", self.kind());
        let filled = templates.get_template(&name)?.render(self.values())?;
        let mut parts = filled
            .split("\n\n")
            .map(str::trim)
            .filter(|part| !part.is_empty());
        let subject = parts.next().unwrap_or_default().to_owned();
        let paragraphs: Vec<Paragraph<'_>> = parts
            .map(|part| match part.strip_prefix(LINK) {
                Some(text) => Paragraph { text, link: true },
                None => Paragraph {
                    text: part,
                    link: false,
                },
            })
            .collect();
        let link = self.link();
        let text: Vec<String> = paragraphs
            .iter()
            .map(|paragraph| match paragraph.link {
                true => format!("{}:\n{link}", paragraph.text),
                false => paragraph.text.to_owned(),
            })
            .collect();
        let shown: Vec<Value> = paragraphs
            .iter()
            .map(|paragraph| context! { text => paragraph.text, link => paragraph.link })
            .collect();
        let html = templates.get_template("layout.html")?.render(
            context! { language, subject => subject.as_str(), paragraphs => shown, link },
        )?;
        Ok(Written {
            subject,
            text: text.join("\n\n") + "\n",
            html,
        })
    }
}

/// Names that people chose cannot begin a line of their own, nor a header.
fn one_line(text: &str) -> String {
    let words = text.split(|c: char| c.is_whitespace() || c.is_control());
    let words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
    words.join(" ")
}

fn minute(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%d %H:%M UTC").to_string()
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    fn letters<'a>(name: &'a str, link: &'a str) -> Vec<Letter<'a>> {
        let until = DateTime::UNIX_EPOCH;
        vec![
            Letter::Invitation {
                tenant: name,
                inviter: Some("ann@example.com"),
                role: "admin",
                link,
                until,
            },
            Letter::Invitation {
                tenant: name,
                inviter: None,
                role: "viewer",
                link,
                until,
            },
            Letter::VerifyEmail {
                address: name,
                link,
                until,
            },
            Letter::EmailChange {
                address: "old@example.com",
                new_address: name,
                link,
            },
            Letter::ResetPassword {
                address: name,
                link,
                until,
            },
            Letter::PasswordChanged {
                address: name,
                at: until,
                link,
            },
        ]
    }

    #[test]
    fn every_letter_is_written_in_every_language_with_its_link() {
        let link = "https://page.example/reset-password#token=abc_-1";
        for language in ["en", "zh-Hans", "zh-Hant"] {
            for letter in letters("Acme", link) {
                let written = letter.write(language).unwrap();
                let kind = letter.kind();
                assert!(!written.subject.is_empty(), "{language} {kind}");
                assert!(!written.subject.contains('\n'), "{language} {kind}");
                assert!(written.text.contains(link), "{language} {kind}");
                assert!(
                    written
                        .html
                        .contains(&format!("href=\"{}\"", escaped(link))),
                    "{language} {kind}: {}",
                    written.html
                );
                let all = format!("{}{}", written.text, written.html);
                assert!(all.contains("Acme"), "{language} {kind}");
                assert!(!all.contains("{{") && !all.contains("{%"), "{kind}");
                assert!(!all.contains("->"), "{language} {kind}");
            }
        }
        assert!(letters("Acme", link)[0].write("de").is_err());
    }

    fn escaped(text: &str) -> String {
        text.replace('/', "&#x2f;")
    }

    #[test]
    fn a_name_can_neither_write_html_nor_a_header_nor_a_link() {
        let name = "<b>Acme</b>\r\nBcc: all@example.com\n\n-> Click";
        for letter in letters(name, "https://page.example/#token=x") {
            let written = letter.write("en").unwrap();
            assert!(!written.html.contains("<b>"), "{}", written.html);
            assert!(!written.subject.contains(['\r', '\n']));
            let begins = |line: &str| line.starts_with("Bcc") || line.starts_with("Click");
            assert!(!written.text.lines().any(begins), "{}", written.text);
            assert_eq!(written.html.matches("<a ").count(), 1);
        }
    }
}
