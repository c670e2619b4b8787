//! Whom the client trusts (I18).
//!
//! The provider is named here rather than installed for the process: nothing else can then change
//! it, and a test or a tool that makes a client needs no preparation.

use std::sync::Arc;

use rustls::crypto::ring;
use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;

use super::HttpSettingsError;

/// TLS 1.2 and 1.3 with ring, against the built-in roots or `ca_pem` instead. No client
/// certificate, no key log, no early data (which could be replayed).
pub(super) fn client_config(ca_pem: Option<&[u8]>) -> Result<ClientConfig, HttpSettingsError> {
    let roots = match ca_pem {
        Some(pem) => read_roots(pem)?,
        None => RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() },
    };
    let mut config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(HttpSettingsError::Tls)?
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(config)
}

fn read_roots(pem: &[u8]) -> Result<RootCertStore, HttpSettingsError> {
    let mut roots = RootCertStore::empty();
    for (index, der) in CertificateDer::pem_slice_iter(pem).enumerate() {
        let refuse = |error: &dyn std::fmt::Display| {
            HttpSettingsError::CaPem(format!("certificate {} is unreadable ({error})", index + 1))
        };
        roots.add(der.map_err(|error| refuse(&error))?).map_err(|error| refuse(&error))?;
    }
    if roots.is_empty() {
        return Err(HttpSettingsError::CaPem("there is no certificate in it".to_owned()));
    }
    Ok(roots)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(pem: &str) -> String {
        match client_config(Some(pem.as_bytes())) {
            Ok(_) => panic!("{pem} was accepted"),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn the_built_in_roots_are_there_without_a_file() {
        assert!(client_config(None).is_ok());
    }

    #[test]
    fn a_ca_file_without_a_certificate_is_refused_rather_than_trusting_nobody() {
        for pem in ["", "hello", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"] {
            assert!(refused(pem).contains("no certificate"), "{pem}");
        }
    }

    #[test]
    fn a_certificate_that_cannot_be_read_is_counted_out() {
        let broken = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
        assert!(refused(broken).contains("certificate 1 "));
        assert!(refused("-----BEGIN CERTIFICATE-----\nAAAA").contains("certificate 1 "));
    }
}
