//! The tenant's credential, read.

use std::fmt;

use aws_lc_rs::digest;

use crate::{Credential, Outcome};

/// Who asks: the client at the gateway, and the distributor behind it.
pub struct Account {
    pub(super) client_id: String,
    pub(super) client_secret: String,
    pub(super) customer: String,
    pub(super) send_to: String,
    pub(super) password: String,
    pub(super) seller_password: String,
    pub(super) customer_password: String,
    pub(super) county: Option<String>,
}

/// Names a client and its secret without telling them.
pub(super) type Digest = [u8; 32];

impl Account {
    /// From the fields that [`super::ABOUT`] lists.
    ///
    /// # Errors
    /// The first field that is missing or wrong, for people.
    pub fn read(credential: &Credential) -> Result<Self, Outcome> {
        let needed = |name: &str| {
            credential
                .get(name)
                .map(str::to_owned)
                .ok_or_else(|| Outcome::hopeless(format!("the credential has no {name}")))
        };
        let password = needed("password")?;
        let customer = needed("customer_code")?;
        let or_password = |name| credential.get(name).unwrap_or(&password).to_owned();
        let county = credential.get("county_code").map(str::to_owned);
        if county.as_deref().is_some_and(|county| !is_county(county)) {
            return Err(Outcome::hopeless(
                "the credential's county_code must be six digits",
            ));
        }
        Ok(Self {
            client_id: needed("client_id")?,
            client_secret: needed("client_secret")?,
            send_to: credential
                .get("send_to_code")
                .unwrap_or(&customer)
                .to_owned(),
            customer,
            seller_password: or_password("seller_password"),
            customer_password: or_password("customer_password"),
            password,
            county,
        })
    }

    /// The part of the source with a quota of its own: each client has one.
    pub(super) fn scope(&self) -> String {
        let digest = digest::digest(&digest::SHA256, self.client_id.as_bytes());
        hex::encode(&digest.as_ref()[..8])
    }

    /// What tokens are kept under: another secret is another login.
    pub(super) fn digest(&self) -> Digest {
        let mut context = digest::Context::new(&digest::SHA256);
        for part in [&self.client_id, &self.client_secret] {
            // Lengths keep parts apart.
            context.update(&(part.len() as u64).to_be_bytes());
            context.update(part.as_bytes());
        }
        let mut bytes = Digest::default();
        bytes.copy_from_slice(context.finish().as_ref());
        bytes
    }

    /// The text without any of the credential's secrets, should the platform repeat one.
    pub(super) fn censor(&self, text: &str) -> String {
        [
            &self.client_secret,
            &self.password,
            &self.seller_password,
            &self.customer_password,
        ]
        .into_iter()
        .fold(text.to_owned(), |text, secret| text.replace(secret, "***"))
    }
}

impl fmt::Debug for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Account").finish_non_exhaustive()
    }
}

/// Six digits, GB/T 2260.
pub(super) fn is_county(text: &str) -> bool {
    text.len() == 6 && text.bytes().all(|byte| byte.is_ascii_digit())
}
