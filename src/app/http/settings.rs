//! What the client has to know, and what is wrong with it.

use std::time::Duration;

use reqwest::Url;

/// What the client has to know about the gateway (contract, "Configuration", `[gateway]`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HttpSettings {
    /// Where the gateway is; connections opened ahead lead there.
    pub base_url: String,
    /// Certificates in PEM that are trusted *instead of* the built-in roots.
    pub ca_pem: Option<Vec<u8>>,
    /// Whether `http://` may be used at all (I18).
    pub allow_plaintext: bool,
    /// How long DNS, TCP and TLS may take together.
    pub connect_timeout: Duration,
    /// How many bytes the body of an answer may have.
    pub body_len_max: usize,
}

/// Why there can be no client. Nothing was opened.
#[derive(Debug, thiserror::Error)]
pub enum HttpSettingsError {
    /// The base address cannot be used.
    #[error("`gateway.base_url` cannot be used: {0}")]
    BaseUrl(String),
    /// The base address is plaintext, and that is not allowed (I18).
    #[error(
        "`gateway.base_url` is http://, where anyone on the way can read and change a payment: \
         use https://, or set `gateway.allow_plaintext = true` to try things out"
    )]
    Plaintext,
    /// The trusted certificates cannot be read.
    #[error("`gateway.ca_file` cannot be used: {0}; it has to hold CA certificates in PEM")]
    CaPem(String),
    /// The TLS or HTTP library refuses its settings: a defect, not a mistake in the file.
    #[error("cannot set up TLS")]
    Tls(#[source] rustls::Error),
    /// As above.
    #[error("cannot set up the HTTP client")]
    Client(#[source] reqwest::Error),
}

impl HttpSettings {
    /// Settings for a gateway at `base_url`, the rest as the contract's defaults are: built-in
    /// roots, no plaintext, 5 s to connect, bodies of 256 KiB (the largest documented answer, a
    /// batch query, has some tens of KiB).
    pub fn new(base_url: impl Into<String>) -> HttpSettings {
        HttpSettings {
            base_url: base_url.into(),
            ca_pem: None,
            allow_plaintext: false,
            connect_timeout: Duration::from_secs(5),
            body_len_max: 256 * 1024,
        }
    }

    /// The base address, if it may be used.
    pub(super) fn base(&self) -> Result<Url, HttpSettingsError> {
        let refuse = |why: &str| Err(HttpSettingsError::BaseUrl(why.to_owned()));
        let url = match Url::parse(&self.base_url) {
            Ok(url) => url,
            Err(error) => return refuse(&format!("{error}; write https://host/path/")),
        };
        match url.scheme() {
            "https" => {}
            "http" if self.allow_plaintext => {}
            "http" => return Err(HttpSettingsError::Plaintext),
            other => return refuse(&format!("`{other}:` is no scheme of HTTP; use https://")),
        }
        if !url.has_host() {
            return refuse("it names no host");
        }
        // They would end up in logs and on the screen (I17).
        if !url.username().is_empty() || url.password().is_some() {
            return refuse("it carries a user name or a password; leave them out");
        }
        Ok(url)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(base_url: &str) -> String {
        match HttpSettings::new(base_url).base() {
            Ok(url) => panic!("{url} was accepted"),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn an_address_that_cannot_be_used_is_refused_in_words() {
        assert!(refused("gateway.example").contains("https://host/path/"));
        assert!(refused("ftp://gateway.example/").contains("`ftp:`"));
        assert!(refused("https://").contains("base_url"));
        assert!(refused("http://gateway.example/").contains("allow_plaintext"));
    }

    #[test]
    fn a_password_in_the_address_is_refused_and_not_repeated() {
        let error = refused("https://me:hunter2@gateway.example/");
        assert!(error.contains("password"), "{error}");
        assert!(!error.contains("hunter2"), "{error}");
    }

    #[test]
    fn plaintext_is_taken_only_when_it_is_allowed() {
        let mut settings = HttpSettings::new("http://127.0.0.1:8080/");
        assert!(matches!(settings.base(), Err(HttpSettingsError::Plaintext)));
        settings.allow_plaintext = true;
        assert_eq!(
            settings.base().map(String::from).ok().as_deref(),
            Some("http://127.0.0.1:8080/")
        );
    }
}
