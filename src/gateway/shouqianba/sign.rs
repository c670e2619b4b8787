//! The `Authorization` header: Upay v2 §2-2, "签名首部: Authorization: terminalId + " " + sign".

use crate::secret::Secret;
use md5::{Digest, Md5};

/// `{terminal_sn} {hex(MD5(body + key))}`, over the exact bytes that are sent.
pub(super) fn authorization(terminal_sn: &str, body: &[u8], key: &Secret) -> String {
    let digest = Md5::new().chain_update(body).chain_update(key.expose()).finalize();
    let hex: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("{terminal_sn} {hex}")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `printf '%s' '{"client_sn":"1"}key' | md5sum`
    #[test]
    fn the_sign_is_md5_of_body_and_key() {
        let key = Secret::new("key".to_owned());
        assert_eq!(
            authorization("t1", br#"{"client_sn":"1"}"#, &key),
            "t1 2bc38c4c45d124ccbf5ca51c65e13a9b"
        );
    }
}
