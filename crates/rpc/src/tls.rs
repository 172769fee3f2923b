//! Certificates that processes show each other, where gRPC leaves the machine.

use std::path::Path;

use tonic::transport::{Certificate, ClientTlsConfig, Identity, ServerTlsConfig};

use crate::RpcError;

/// Who signs certificates here, and the own one. Both sides show theirs: a caller without one is not even listened to,
/// whatever token it may have.
#[derive(Clone)]
pub struct Tls {
    signer: Certificate,
    own: Identity,
}

impl std::fmt::Debug for Tls {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Tls(..)")
    }
}

impl Tls {
    /// From the files that `[internal]` names; nothing when it names none.
    ///
    /// # Errors
    /// A file that cannot be read. What is in it is looked at when it is used.
    pub fn of(section: &config::Internal) -> Result<Option<Self>, RpcError> {
        if section.tls_ca.is_empty() {
            return Ok(None);
        }
        let read = |key: &'static str, path: &str| {
            std::fs::read(Path::new(path)).map_err(|cause| RpcError::File {
                key,
                path: path.to_owned(),
                cause,
            })
        };
        Ok(Some(Self::from_pem(
            read("internal.tls_ca", &section.tls_ca)?,
            read("internal.tls_cert", &section.tls_cert)?,
            read("internal.tls_key", &section.tls_key)?,
        )))
    }

    /// From PEM: who signs, the own certificate with what stands between the two, and its key.
    pub fn from_pem(
        signer: impl AsRef<[u8]>,
        certificate: impl AsRef<[u8]>,
        key: impl AsRef<[u8]>,
    ) -> Self {
        Self {
            signer: Certificate::from_pem(signer),
            own: Identity::from_pem(certificate, key),
        }
    }

    pub(crate) fn client(&self) -> ClientTlsConfig {
        ClientTlsConfig::new()
            .ca_certificate(self.signer.clone())
            .identity(self.own.clone())
    }

    pub(crate) fn server(&self) -> ServerTlsConfig {
        ServerTlsConfig::new()
            .client_ca_root(self.signer.clone())
            .identity(self.own.clone())
    }
}
