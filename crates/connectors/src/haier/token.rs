//! A token, and when it is time for the next.

use std::fmt;

use chrono::{DateTime, TimeDelta, Utc};
use rust_decimal::prelude::ToPrimitive;

use super::members::{Figure, Members};
use crate::Outcome;

/// Life of a token whose answer tells none, in seconds.
const LIFE: i64 = 3_600;
/// Longest life believed, in seconds.
const LONGEST: i64 = 30 * 86_400;
/// How long before its end a token is renewed, in seconds.
const EARLY: i64 = 600;

/// A token of the gateway. Never shown.
#[derive(Clone, PartialEq, Eq)]
pub struct Token {
    text: String,
    renew_at: DateTime<Utc>,
}

impl Token {
    /// From the answer to a login: the first of `access_token`, `token`, `data.access_token`, `data.token`.
    ///
    /// # Errors
    /// Malformed: there is none, or one that no header can carry.
    pub fn read(body: &[u8], now: DateTime<Utc>) -> Result<Self, Outcome> {
        let whole: Members<'_> = serde_json::from_slice(body)
            .map_err(|_| Outcome::malformed("the answer to the login is no JSON object"))?;
        let data = whole.raw(&["data"]).and_then(Members::of);
        let data = data.unwrap_or_default();
        let text = [&whole, &data]
            .into_iter()
            .find_map(|members| {
                members
                    .text(&["access_token"])
                    .or_else(|| members.text(&["token"]))
            })
            .ok_or_else(|| Outcome::malformed("the answer to the login holds no token"))?;
        if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(Outcome::malformed("the token is no token"));
        }
        let life = [&whole, &data]
            .into_iter()
            .find_map(|members| match members.figure(&["expires_in"]) {
                Figure::Number(seconds) => seconds.trunc().to_i64(),
                _ => None,
            })
            .unwrap_or(LIFE)
            .clamp(0, LONGEST);
        Ok(Self {
            text,
            renew_at: now + TimeDelta::seconds(life - EARLY.min(life / 2)),
        })
    }

    /// The token itself. Never log it.
    pub fn expose(&self) -> &str {
        &self.text
    }

    /// When the next one is due: ten minutes before its end, or at half its life if that is short.
    pub fn renew_at(&self) -> DateTime<Utc> {
        self.renew_at
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Token")
            .field("renew_at", &self.renew_at)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(body: &str) -> Result<(String, i64), &'static str> {
        let now = DateTime::UNIX_EPOCH;
        let token = Token::read(body.as_bytes(), now).map_err(|outcome| outcome.as_str())?;
        let seconds = (token.renew_at() - now).num_seconds();
        Ok((token.expose().to_owned(), seconds))
    }

    fn good(text: &str, seconds: i64) -> Result<(String, i64), &'static str> {
        Ok((text.to_owned(), seconds))
    }

    #[test]
    fn a_token_comes_from_the_first_of_four_places() {
        assert_eq!(
            read(r#"{"access_token":"a","token":"b"}"#),
            good("a", 3_000)
        );
        assert_eq!(
            read(r#"{"token":"b","data":{"access_token":"c"}}"#),
            good("b", 3_000)
        );
        assert_eq!(
            read(r#"{"data":{"token":"d","access_token":"c"}}"#),
            good("c", 3_000)
        );
        assert_eq!(
            read(r#"{"access_token":"","data":{"token":"d"}}"#),
            good("d", 3_000)
        );
        assert_eq!(read(r#"{"data":{"token":null}}"#), Err("malformed"));
        assert_eq!(read(r#"{"token":"two words"}"#), Err("malformed"));
        assert_eq!(read("<html>"), Err("malformed"));
    }

    #[test]
    fn it_is_renewed_ten_minutes_early_or_at_half_life() {
        let renewed = |expires: &str| {
            read(&format!(r#"{{"token":"t","expires_in":{expires}}}"#)).map(|(_, seconds)| seconds)
        };
        assert_eq!(renewed("3600"), Ok(3_000));
        assert_eq!(renewed("\"7200\""), Ok(6_600));
        assert_eq!(renewed("1200"), Ok(600));
        assert_eq!(renewed("300"), Ok(150));
        assert_eq!(renewed("0"), Ok(0));
        assert_eq!(renewed("-5"), Ok(0));
        assert_eq!(renewed("null"), Ok(3_000));
        assert_eq!(renewed("1e15"), Ok(LONGEST - EARLY));
        let nested = r#"{"success":true,"data":{"token":"t","expires_in":1200}}"#;
        assert_eq!(read(nested), good("t", 600));
    }
}
