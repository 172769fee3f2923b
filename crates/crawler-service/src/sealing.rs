//! Credentials on their way into the database and out of it.

use std::collections::{BTreeMap, HashMap};

use connectors::About;
use secrets::{SealError, SecretBox};
use uuid::Uuid;

use crate::storage::credentials::{NewCredential, Sealed};

/// Why a stored credential cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum OpenError {
    /// No key opens it.
    #[error("the credential does not open: is the key that sealed it in secrets.former_keys?")]
    Sealed(#[from] SealError),
    /// It holds something else than fields.
    #[error("the credential opens, but holds no fields")]
    Unreadable(#[source] serde_json::Error),
}

/// A credential opens for its own tenant and source only.
fn context(tenant_id: Uuid, source: &str) -> String {
    format!("credential:{tenant_id}:{source}")
}

/// Seals the fields of a tenant's credential.
pub(crate) fn seal(
    ring: &SecretBox,
    tenant_id: Uuid,
    about: &About,
    fields: &BTreeMap<String, String>,
) -> Result<NewCredential, SealError> {
    let source = about.source.as_str();
    // A map of texts becomes JSON.
    let plain = serde_json::to_vec(fields).map_err(|_| SealError::Refused)?;
    let open = about.credential.iter().filter(|field| !field.secret);
    Ok(NewCredential {
        source: source.to_owned(),
        sealed: ring.seal(&plain, context(tenant_id, source))?,
        fields: fields.keys().cloned().collect(),
        marks: open
            .filter_map(|field| fields.get(field.name))
            .flat_map(|value| marks(value))
            .collect(),
    })
}

/// A worker names a part of a source by the value itself, such as an app key, or by the first 16 digits of its SHA-256.
fn marks(value: &str) -> [String; 2] {
    let digest = mark(value);
    let short = mark(&digest[..16]);
    [digest, short]
}

/// What tells a value that is no secret from others without showing it: SHA-256 in hex.
pub(crate) fn mark(value: &str) -> String {
    secrets::sha256_hex(value)
}

/// The fields of a stored credential.
pub(crate) fn open(
    ring: &SecretBox,
    credential: &Sealed,
) -> Result<HashMap<String, String>, OpenError> {
    let context = context(credential.tenant_id, &credential.source);
    let plain = ring.open(&credential.sealed, context)?;
    serde_json::from_slice(&plain).map_err(OpenError::Unreadable)
}

/// The same values, sealed with the ring's newest key.
pub(crate) fn again(ring: &SecretBox, credential: &Sealed) -> Result<Sealed, SealError> {
    let context = context(credential.tenant_id, &credential.source);
    let plain = ring.open(&credential.sealed, &context)?;
    Ok(Sealed {
        sealed: ring.seal(&plain, context)?,
        ..credential.clone()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_credential_opens_for_its_tenant_and_source_alone() {
        let ring = SecretBox::new([7; 32].into());
        let tenant_id = Uuid::from_u128(1);
        let about = connectors::about(connectors::haier::SOURCE).expect("registered");
        let fields: BTreeMap<String, String> = [
            ("client_id".to_owned(), "me".to_owned()),
            ("client_secret".to_owned(), "hush".to_owned()),
        ]
        .into();
        let new = seal(&ring, tenant_id, about, &fields).expect("sealed");
        assert_eq!(new.fields, ["client_id", "client_secret"]);
        assert_eq!(new.marks, marks("me"), "secrets leave no mark");
        assert!(!new.sealed.windows(4).any(|part| part == b"hush"));
        let stored = |tenant_id, source: &str| Sealed {
            tenant_id,
            source: source.to_owned(),
            sealed: new.sealed.clone(),
        };
        let opened = open(&ring, &stored(tenant_id, "haier")).expect("opened");
        assert_eq!(opened["client_secret"], "hush");
        assert!(open(&ring, &stored(Uuid::from_u128(2), "haier")).is_err());
        assert!(open(&ring, &stored(tenant_id, "alibaba1688")).is_err());
    }

    #[test]
    fn a_rotated_ring_seals_the_same_values_anew() {
        let old = SecretBox::ring([(1, [1; 32].into())]);
        let both = SecretBox::ring([(2, [2; 32].into()), (1, [1; 32].into())]);
        let new = SecretBox::ring([(2, [2; 32].into())]);
        let tenant_id = Uuid::from_u128(1);
        let about = connectors::about(connectors::haier::SOURCE).expect("registered");
        let fields = [("client_id".to_owned(), "me".to_owned())].into();
        let sealed = seal(&old, tenant_id, about, &fields).expect("sealed");
        let stored = Sealed {
            tenant_id,
            source: "haier".to_owned(),
            sealed: sealed.sealed,
        };
        assert!(open(&new, &stored).is_err());
        let again = again(&both, &stored).expect("sealed anew");
        assert_eq!(open(&new, &again).expect("opened")["client_id"], "me");
    }
}
