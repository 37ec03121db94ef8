//! TLS: whom we trust, and the handshake in words.
//!
//! TLS 1.2 and newer (RFC 9325 §3.1.1), name and expiry verified, no way to turn that off. Refused: a roots file
//! without a certificate in it.

use std::{io, sync::Arc};

use rustls::{
    ClientConfig, RootCertStore,
    pki_types::{CertificateDer, ServerName, pem::PemObject},
};
use tokio::net::TcpStream;
use tokio_rustls::{TlsConnector, client::TlsStream};

use crate::delivery::Trouble;

/// The certification authorities a relay's certificate may come from. Cheap to clone, dear to make: make it once.
#[derive(Clone)]
pub struct TlsRoots(Arc<ClientConfig>);

/// Why there are no roots.
#[derive(Debug, thiserror::Error)]
pub enum BadRoots {
    /// The machine has none.
    #[error("this machine has no trusted roots ({0}); install its ca-certificates package, or give tls_roots")]
    NoneHere(String),
    /// The PEM text.
    #[error("not a PEM file of certificates: {0}")]
    Pem(String),
    /// A file without certificates.
    #[error("there is no certificate in it; a PEM certificate begins with -----BEGIN CERTIFICATE-----")]
    Empty,
    /// The TLS library.
    #[error("TLS cannot be set up: {0}")]
    Setup(#[from] rustls::Error),
}

impl TlsRoots {
    /// The machine's own roots.
    pub fn of_this_machine() -> Result<Self, BadRoots> {
        let mut store = RootCertStore::empty();
        let problems = add_native(&mut store);
        if store.is_empty() {
            return Err(BadRoots::NoneHere(problems));
        }
        Self::trusting(store)
    }

    /// Nobody: for relays without TLS. A handshake with it fails.
    pub fn none() -> Result<Self, BadRoots> {
        Self::trusting(RootCertStore::empty())
    }

    /// The machine's own roots, where it has any, and the certificates in `pem`.
    pub fn with_pem(pem: &[u8]) -> Result<Self, BadRoots> {
        let mut store = RootCertStore::empty();
        add_native(&mut store);
        let mut found = 0;
        for certificate in CertificateDer::pem_slice_iter(pem) {
            let certificate = certificate.map_err(|error| BadRoots::Pem(error.to_string()))?;
            store.add(certificate).map_err(|error| BadRoots::Pem(error.to_string()))?;
            found += 1;
        }
        if found == 0 { Err(BadRoots::Empty) } else { Self::trusting(store) }
    }

    fn trusting(store: RootCertStore) -> Result<Self, BadRoots> {
        // The provider is named here: nothing depends on what else the process installed.
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_root_certificates(store)
            .with_no_client_auth();
        Ok(Self(Arc::new(config)))
    }

    /// The handshake, for the name that the settings give.
    pub(super) async fn handshake(&self, tcp: TcpStream, host: &str) -> Result<TlsStream<TcpStream>, Trouble> {
        let name = ServerName::try_from(host.to_owned())
            .map_err(|_| Trouble::Tls(format!("\"{host}\" is not a name a certificate can carry")))?;
        TlsConnector::from(self.0.clone()).connect(name, tcp).await.map_err(|error| in_words(error, host))
    }
}

impl std::fmt::Debug for TlsRoots {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("TlsRoots")
    }
}

/// Adds what the machine trusts; roots that the library cannot read are passed over, as other programs do.
fn add_native(store: &mut RootCertStore) -> String {
    let native = rustls_native_certs::load_native_certs();
    store.add_parsable_certificates(native.certs);
    native.errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}

/// What the handshake failed of, in words an operator can act on.
fn in_words(error: io::Error, host: &str) -> Trouble {
    use rustls::CertificateError as Certificate;
    let Some(tls) = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>()) else {
        return Trouble::Broken(format!("during the TLS handshake: {error}"));
    };
    Trouble::Tls(match tls {
        rustls::Error::InvalidCertificate(Certificate::Expired | Certificate::ExpiredContext { .. }) => {
            format!("the certificate of {host} has expired")
        }
        rustls::Error::InvalidCertificate(
            Certificate::NotValidForName | Certificate::NotValidForNameContext { .. },
        ) => {
            format!("the certificate is not for {host}: {tls}")
        }
        rustls::Error::InvalidCertificate(Certificate::UnknownIssuer) => {
            format!("the certificate of {host} comes from an authority this machine does not trust (see tls_roots)")
        }
        rustls::Error::InvalidCertificate(Certificate::Other(other))
            if format!("{other:?}").contains("CaUsedAsEndEntity") =>
        {
            format!(
                "the certificate of {host} is an authority's own (CA:TRUE), and no server may show one; have the relay's \
                 administrator make a certificate for the server (`openssl req -x509 -addext basicConstraints=CA:FALSE` \
                 makes one that signs itself), and name it or its authority in tls_roots"
            )
        }
        rustls::Error::InvalidMessage(_) => format!(
            "what {host} said is no TLS; if the port begins in plain text and offers STARTTLS (25, 587), write smtp:// \
             in its url instead of smtps:// ({tls})"
        ),
        other => other.to_string(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tls_faults_say_what_is_to_be_done() {
        use rustls::{CertificateError, Error, InvalidMessage, OtherError};
        #[derive(Debug, thiserror::Error)]
        #[error("no")]
        struct CaUsedAsEndEntity;
        let other = CertificateError::Other(OtherError(Arc::new(CaUsedAsEndEntity)));
        for (error, says) in [
            (Error::InvalidMessage(InvalidMessage::InvalidContentType), "write smtp:// in its url instead of smtps://"),
            (Error::InvalidCertificate(other), "is an authority's own (CA:TRUE)"),
            (Error::InvalidCertificate(CertificateError::UnknownIssuer), "see tls_roots"),
        ] {
            let told = in_words(io::Error::new(io::ErrorKind::InvalidData, error), "relay.example").to_string();
            assert!(told.contains(says), "{told}");
        }
    }

    #[test]
    fn a_roots_file_without_a_certificate_is_refused() {
        assert!(matches!(TlsRoots::with_pem(b"not pem"), Err(BadRoots::Empty)));
        let broken = b"-----BEGIN CERTIFICATE-----\n!!!\n-----END CERTIFICATE-----\n";
        assert!(matches!(TlsRoots::with_pem(broken), Err(BadRoots::Pem(_))));
    }
}
