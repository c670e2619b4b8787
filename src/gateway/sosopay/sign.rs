//! `sign = hex(MD5(timestamp + key + content)) + ":" + timestamp` (JSON zh §1, XML v1 §1).

use crate::gateway::Stamp;
use md5::{Digest, Md5};

/// The sign of a content as it stands: XML v1's bodies, and a cancel's own content.
pub(super) fn of(content: &[u8], key: &str, stamp: Stamp) -> String {
    let timestamp = stamp.unix_seconds.to_string();
    let digest = Md5::new()
        .chain_update(timestamp.as_bytes())
        .chain_update(key.as_bytes())
        .chain_update(content)
        .finalize();
    let mut sign = String::with_capacity(48);
    for byte in digest.iter() {
        sign.push_str(&format!("{byte:02x}"));
    }
    sign.push(':');
    sign.push_str(&timestamp);
    sign
}

/// The sign of a JSON body: "签名计算时候要去掉bodyContent中所有空格和换行符". The body that is sent
/// keeps them.
pub(super) fn of_json(body: &[u8], key: &str, stamp: Stamp) -> String {
    let stripped: Vec<u8> =
        body.iter().copied().filter(|byte| !b" \t\r\n".contains(byte)).collect();
    of(&stripped, key, stamp)
}

/// What a cancel signs: "chargeCode={chargeCode}&busiCode={busiCode}" (JSON zh §8.1).
pub(super) fn cancel_content(order: &str, merchant: &str) -> String {
    format!("chargeCode={order}&busiCode={merchant}")
}

#[cfg(test)]
mod tests {
    use super::*;

    const AT: Stamp = Stamp { unix_seconds: 1_473_431_447 };

    /// `printf '%s' '1473431447key<A>1 2</A>' | md5sum`
    #[test]
    fn a_content_is_signed_as_it_stands() {
        assert_eq!(of(b"<A>1 2</A>", "key", AT), "a45ffd52bb5b346a06c4635f2c867561:1473431447");
    }

    /// `printf '%s' '1473431447key{"a":"12"}' | md5sum`
    #[test]
    fn spaces_and_line_breaks_are_not_signed_in_json() {
        assert_eq!(
            of_json(b"{\r\n\t\"a\": \"1 2\"\n}", "key", AT),
            "4667268b1597061497e8272256c19866:1473431447"
        );
    }

    /// `printf '%s' '1473431447keychargeCode=A-1&busiCode=0010000001' | md5sum`
    #[test]
    fn a_cancel_signs_its_parameters() {
        let content = cancel_content("A-1", "0010000001");
        assert_eq!(
            of(content.as_bytes(), "key", AT),
            "637790ff02de86be4e79a2e2ad10135d:1473431447"
        );
    }
}
