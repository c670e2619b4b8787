//! Makes a body fit for the journal (I17).
//!
//! Works on text rather than on a tree, so that a body which cannot be parsed is kept as faithfully
//! as one that can. A JSON name is unescaped before it is compared. Beyond the fields that are
//! known to hold a customer's code, whatever looks like one is masked wherever it stands.

use crate::payment::{Channel, CodeKind, CodeRules};
use crate::secret::Secret;

/// The most bytes that are kept of a body.
pub const REDACTED_LEN_MAX: usize = 4096;

/// How much of a body is looked at; masking shortens it, seldom by much.
const READ_LEN_MAX: usize = 4 * REDACTED_LEN_MAX;

/// How much of a key at the end of a cut text is too much.
const BEGUN_KEY_LEN_MIN: usize = 4;

/// How many digits of a code at the end of a cut text are too many: a masked one shows six.
const BEGUN_CODE_LEN_MIN: usize = 7;

/// The longest payment code that a wallet's rule knows, in digits.
const CODE_LEN_MAX: usize = 24;

/// Names whose values are customers' codes: masked but for their ends.
const CODES: [&str; 1] = ["dynamic_id"];

/// Names whose values are secrets.
const SECRETS: [&str; 7] =
    ["sign", "key", "password", "paysign", "terminal_key", "terminal_secret", "authorization"];

enum Mask {
    Code,
    Secret,
}

fn mask_for(name: &str) -> Option<Mask> {
    let name = name.to_ascii_lowercase();
    if CODES.contains(&name.as_str()) {
        Some(Mask::Code)
    } else if SECRETS.contains(&name.as_str()) {
        Some(Mask::Secret)
    } else {
        None
    }
}

/// The body as text: masked, then cut.
pub(super) fn redact(raw: &[u8], keys: &[Secret]) -> String {
    match raw.get(..READ_LEN_MAX) {
        Some(part) if part.len() < raw.len() => redact_part(part, keys),
        Some(_) | None => cut(without_codes(&masked(&without_keys(raw, keys)))),
    }
}

/// As [`redact`], of a body that may end within a character, a key or a code.
pub(super) fn redact_part(raw: &[u8], keys: &[Secret]) -> String {
    let raw = raw.get(..READ_LEN_MAX).unwrap_or(raw);
    let mut text = without_keys(raw, keys);
    if let Some(begun) = keys.iter().filter_map(|key| begun_key(&text, key.expose())).min() {
        text.truncate(begun);
        text.push_str("***");
    }
    cut(without_begun_code(without_codes(&masked(&text))))
}

fn without_keys(raw: &[u8], keys: &[Secret]) -> String {
    let mut text = String::from_utf8_lossy(raw).into_owned();
    for key in keys.iter().filter(|key| !key.expose().is_empty()) {
        text = text.replace(key.expose(), "***");
    }
    text
}

/// Where the text begins to say the key, if it ends with at least [`BEGUN_KEY_LEN_MIN`] bytes of
/// its start.
fn begun_key(text: &str, key: &str) -> Option<usize> {
    let starts = key.char_indices().map(|(at, _)| at).rev();
    let begun = starts
        .take_while(|len| *len >= BEGUN_KEY_LEN_MIN)
        .find(|len| key.get(..*len).is_some_and(|start| text.ends_with(start)))?;
    text.len().checked_sub(begun)
}

/// The text with the digits at its end masked, if they may be the start of a payment code of which
/// more than a masked one shows is there.
fn without_begun_code(mut text: String) -> String {
    let before = text.trim_end_matches(|c: char| c.is_ascii_digit()).len();
    let run = text.get(before..).unwrap_or("");
    if !(BEGUN_CODE_LEN_MIN..CODE_LEN_MAX).contains(&run.len()) {
        return text;
    }
    let rules = CodeRules::default();
    let may_begin_code = (run.len()..=CODE_LEN_MAX).any(|len| {
        rules
            .parse(&format!("{run:0<len$}"), CodeKind::Barcode)
            .is_ok_and(|code| !matches!(code.channel(), Channel::Unknown(_)))
    });
    if may_begin_code {
        text.truncate(before + 2);
        text.push_str("****");
    }
    text
}

/// The text with every run of digits masked that a wallet's rule takes for a payment code.
pub(super) fn without_codes(text: &str) -> String {
    let rules = CodeRules::default();
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(|c: char| c.is_ascii_digit()) {
        let (before, here) = rest.split_at(at);
        let end = here.find(|c: char| !c.is_ascii_digit()).unwrap_or(here.len());
        let (run, after) = here.split_at(end);
        out.push_str(before);
        match rules.parse(run, CodeKind::Barcode) {
            Ok(code) if !matches!(code.channel(), Channel::Unknown(_)) => {
                out.push_str(&code.masked());
            }
            Ok(_) | Err(_) => out.push_str(run),
        }
        rest = after;
    }
    out.push_str(rest);
    out
}

fn cut(mut text: String) -> String {
    if text.len() > REDACTED_LEN_MAX {
        let mut end = REDACTED_LEN_MAX - '…'.len_utf8();
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        text.truncate(end);
        text.push('…');
    }
    text
}

fn masked(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(['"', '<']) {
        let (before, here) = rest.split_at(at);
        out.push_str(before);
        let (shown, value, mask) = if here.starts_with('"') { json_name(here) } else { tag(here) };
        let (shown, tail) = here.split_at(shown);
        let (value, tail) = tail.split_at(value);
        out.push_str(shown);
        match mask {
            Some(Mask::Code) => out.push_str(&masked_code(value)),
            Some(Mask::Secret) if value.is_empty() => {}
            Some(Mask::Secret) => out.push_str("\"***\""),
            None => out.push_str(value),
        }
        rest = tail;
    }
    out.push_str(rest);
    out
}

/// At a quote: the length of the string, with the colon behind it if its name is to be masked, and
/// the length of the value that follows.
fn json_name(here: &str) -> (usize, usize, Option<Mask>) {
    let end = string_len(here);
    let name: String =
        here.get(..end).and_then(|quoted| serde_json::from_str(quoted).ok()).unwrap_or_default();
    let after = here.get(end..).unwrap_or("");
    let colon = after.trim_start();
    let (Some(mask), Some(value)) = (mask_for(&name), colon.strip_prefix(':')) else {
        return (end, 0, None);
    };
    let value = value.trim_start();
    let len = if value.starts_with('"') {
        string_len(value)
    } else {
        value.find([',', '}', ']', '\n']).unwrap_or(value.len())
    };
    (here.len() - value.len(), len, Some(mask))
}

/// The length of the JSON string that begins here, to the end of the text if it does not end.
fn string_len(here: &str) -> usize {
    let mut escaped = false;
    for (at, byte) in here.bytes().enumerate().skip(1) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return at + 1,
            _ => {}
        }
    }
    here.len()
}

/// At a `<`: the length of the tag, and that of the content of an element which is to be masked.
fn tag(here: &str) -> (usize, usize, Option<Mask>) {
    let end = here.find('>').map_or(here.len(), |at| at + 1);
    let inside = here.get(1..end).unwrap_or("").trim_end_matches('>');
    let name = inside.split([' ', '\t', '\r', '\n', '/']).next().unwrap_or("");
    let Some(mask) = mask_for(name).filter(|_| !inside.ends_with('/')) else {
        return (end, 0, None);
    };
    let content = here.get(end..).unwrap_or("");
    let closing = format!("</{name}");
    (end, content.find(&closing).unwrap_or(content.len()), Some(mask))
}

/// The first two and the last four of what a code consists of; all of it if that is too little to
/// hide behind.
fn masked_code(value: &str) -> String {
    let bare = value.trim().trim_matches('"');
    let bare = bare.strip_prefix("<![CDATA[").unwrap_or(bare);
    let bare = bare.strip_suffix("]]>").unwrap_or(bare);
    let quote = if value.trim_start().starts_with('"') { "\"" } else { "" };
    if bare.is_empty() {
        return value.to_owned();
    }
    let ends = bare.get(..2).zip(bare.len().checked_sub(4).and_then(|at| bare.get(at..)));
    match ends {
        Some((start, end)) if bare.len() >= 12 => format!("{quote}{start}****{end}{quote}"),
        _ => format!("{quote}****{quote}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn shown(raw: &str) -> String {
        redact(raw.as_bytes(), &[Secret::new("k3y-of-merchant".to_owned())])
    }

    #[test]
    fn i17_codes_are_masked_in_whatever_form_they_come() {
        for (raw, kept) in [
            (r#"{"dynamic_id":"284214903060794755"}"#, r#"{"dynamic_id":"28****4755"}"#),
            (r#"{"DYNAMIC_ID" : "a1b2c3d4e5f6g7"}"#, r#"{"DYNAMIC_ID" : "a1****f6g7"}"#),
            (r#"{"DYNAMIC_ID":284214903060794755,"a":1}"#, r#"{"DYNAMIC_ID":28****4755,"a":1}"#),
            (r#"{"dyn\u0061mic_id":"shortcode"}"#, r#"{"dyn\u0061mic_id":"****"}"#),
            (r#"{"DYNAMIC_ID":"28421490306079"#, r#"{"DYNAMIC_ID":"28****6079""#),
            ("<DYNAMIC_ID>a1b2c3d4e5f6g7</DYNAMIC_ID>", "<DYNAMIC_ID>a1****f6g7</DYNAMIC_ID>"),
            (
                "<DYNAMIC_ID><![CDATA[a1b2c3d4e5f6g7]]></DYNAMIC_ID>",
                "<DYNAMIC_ID>a1****f6g7</DYNAMIC_ID>",
            ),
            ("<DYNAMIC_ID>a1b2c3d4e5f6g7", "<DYNAMIC_ID>a1****f6g7"),
            (r#"{"INFO":"no code 130730865806264036"}"#, r#"{"INFO":"no code 13****4036"}"#),
        ] {
            assert_eq!(shown(raw), kept);
        }
    }

    #[test]
    fn i17_keys_and_signs_are_masked() {
        for (raw, kept) in [
            (r#"{"sign":"abc","x":"k3y-of-merchant"}"#, r#"{"sign":"***","x":"***"}"#),
            (r#"{"terminal_key": "abc"}"#, r#"{"terminal_key": "***"}"#),
            ("<sign>abc</sign><a/>", "<sign>\"***\"</sign><a/>"),
        ] {
            assert_eq!(shown(raw), kept);
        }
    }

    #[test]
    fn i17_the_start_of_a_key_or_a_code_where_a_body_is_cut_is_masked() {
        let key = [Secret::new("k3y-of-merchant".to_owned())];
        for (raw, kept) in [
            (r#"{"x":"k3y-of-merchan"#, r#"{"x":"***"#),
            (r#"{"x":"k3y-"#, r#"{"x":"***"#),
            (r#"{"x":"k3y-of-merchant"#, r#"{"x":"***"#),
            (r#"{"sign":"abc"#, r#"{"sign":"***""#),
            (r#"{"INFO":"no code 1307308658062640"#, r#"{"INFO":"no code 13****"#),
            (r#"{"INFO":"no code 1307308"#, r#"{"INFO":"no code 13****"#),
            (r#"{"DYNAMIC_ID":"2842149030"#, r#"{"DYNAMIC_ID":"****""#),
        ] {
            assert_eq!(redact_part(raw.as_bytes(), &key), kept, "{raw}");
        }
        for kept in [r#"{"x":"k3y"#, r#"{"amount":1234"#, r#"{"sn":"7894259244067349"#, ""] {
            assert_eq!(redact_part(kept.as_bytes(), &key), kept);
        }
    }

    #[test]
    fn i17_the_start_of_a_key_is_masked_where_no_more_of_a_long_body_is_read() {
        let (open, close) = (r#"{"sign":""#, r#"","x":"k3y-of-me"#);
        let sign = "a".repeat(READ_LEN_MAX - open.len() - close.len());
        assert_eq!(shown(&format!("{open}{sign}{close}rchant\"}}")), r#"{"sign":"***","x":"***"#);
    }

    #[test]
    fn a_character_that_is_cut_is_shown_as_such() {
        let raw = "{\"INFO\":\"支付成功".as_bytes();
        assert_eq!(redact_part(&raw[..raw.len() - 1], &[]), "{\"INFO\":\"支付成\u{FFFD}");
    }

    #[test]
    fn what_is_no_secret_is_kept() {
        for raw in [
            r#"{"dynamic_ID_TYPE_STR":"","CHARGE_CODE":"20150324001069125999"}"#,
            r#"{"sn":"7894259244067349","trade_no":"1006101016201512081965934048"}"#,
            "<A><BAR_CODE>weixin://wxpay/bizpayurl?pr=59tFp8e</BAR_CODE></A>",
            "captive portal",
        ] {
            assert_eq!(shown(raw), raw);
        }
    }

    #[test]
    fn i15_what_is_kept_is_bounded() {
        let long = redact(&vec![b'"'; 1_000_000], &[]);
        assert!(long.len() <= REDACTED_LEN_MAX && long.ends_with('…'), "{}", long.len());
        assert!(redact(&[0xFF; 100_000], &[]).len() <= REDACTED_LEN_MAX);
    }

    proptest! {
        #[test]
        fn i15_no_body_panics(raw in prop::collection::vec(any::<u8>(), 0..2000)) {
            prop_assert!(redact(&raw, &[]).len() <= REDACTED_LEN_MAX);
            prop_assert!(redact_part(&raw, &[]).len() <= REDACTED_LEN_MAX);
        }

        #[test]
        fn i17_no_more_than_a_scrap_of_a_key_is_kept_wherever_a_body_is_cut(
            before in r#"[ -~]{0,40}"#, at in 0_usize..60,
        ) {
            let key = "9f86d081884c7d659a2feaa0c55ad015";
            let raw = format!("{before}{key}\"}}");
            let part = raw.get(..at.min(raw.len())).unwrap_or("");
            let kept = redact_part(part.as_bytes(), &[Secret::new(key.to_owned())]);
            prop_assert!(!kept.contains(&key[..BEGUN_KEY_LEN_MIN]), "{}", kept);
        }

        #[test]
        fn i17_a_code_is_never_kept_whole(
            before in r#"[ -~]{0,40}"#, after in r#"[^0-9]{0,40}"#, code in "13[0-9]{16}",
        ) {
            let raw = format!("{before} {code}{after}");
            prop_assert!(!shown(&raw).contains(&code));
        }
    }
}
