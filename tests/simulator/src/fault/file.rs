//! Reads a faults file (`cashier simulator --faults FILE`): a JSON list of rules.
//!
//! An unknown name is refused with its line and column and the nearest name there is, because a
//! fault that silently does not happen makes a test pass that should not.

use super::FaultRule;

/// Names that a faults file may use, for the nearest one of an unknown name.
const NAMES: &[&str] = &[
    "operation",
    "order",
    "nth",
    "probability",
    "times",
    "fault",
    "pay",
    "precreate",
    "query",
    "cancel",
    "refund",
    "refund_query",
    "revoke",
    "jsapi_order",
    "alipay_order",
    "wap_order",
    "recharge",
    "batch_query",
    "channels",
    "login",
    "activate",
    "checkin",
    "notify",
    "drop_answer",
    "drop_request",
    "reset",
    "bytes",
    "delay",
    "ms",
    "delay_answer",
    "drip",
    "http500",
    "processed",
    "truncated",
    "broken_off",
    "how",
    "closed",
    "bad_chunk",
    "stalled",
    "huge",
    "garbage",
    "deeply_nested",
    "wrong_order",
    "wrong_amount",
    "wrong_merchant",
    "wrong_type",
    "duplicate_keys",
    "error_code",
    "code",
    "redirect",
    "stale_not_found",
    "contradicting_answers",
    "offline",
    "silence",
    "maintenance",
    "extra_fields",
    "reordered",
    "early_notice",
    "repeat",
    "wrong_sign",
    "wrong_encryption",
    "played_back",
];

/// Why a faults file was refused.
#[derive(Debug, thiserror::Error)]
#[error("faults file, line {line}, column {column}: {message}")]
pub struct FaultsError {
    /// Line, from 1.
    pub line: usize,
    /// Column, from 1.
    pub column: usize,
    /// What is wrong, and the nearest name if one is unknown.
    pub message: String,
}

/// The rules of a faults file.
///
/// # Errors
/// The text is not JSON, or names something that does not exist.
pub fn read_faults(text: &str) -> Result<Vec<FaultRule>, FaultsError> {
    serde_json::from_str(text).map_err(|error| {
        let full = error.to_string();
        let bare = full.split(" at line ").next().unwrap_or(&full);
        FaultsError { line: error.line(), column: error.column(), message: explain(bare) }
    })
}

/// serde's message, with its long list of names replaced by the nearest one.
pub(crate) fn explain(message: &str) -> String {
    let Some(unknown) = message.strip_prefix("unknown ") else { return message.to_owned() };
    let Some(name) = unknown.split('`').nth(1) else { return message.to_owned() };
    let what = unknown.split_whitespace().next().unwrap_or("name");
    // The names allowed at this place, as serde lists them; all names if it lists none.
    let allowed: Vec<&str> = unknown.split('`').skip(3).step_by(2).collect();
    let candidates = if allowed.is_empty() { NAMES } else { &allowed };
    match candidates.iter().min_by_key(|candidate| distance(name, candidate)) {
        Some(nearest) => format!("unknown {what} `{name}`; the nearest name is `{nearest}`"),
        None => format!("unknown {what} `{name}`"),
    }
}

/// Levenshtein's distance, of names cut to 64 characters.
fn distance(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.chars().take(64).collect();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (i, l) in left.chars().take(64).enumerate() {
        let mut diagonal = i;
        let mut previous = i + 1;
        for (cell, r) in row.iter_mut().skip(1).zip(&right) {
            let changed = diagonal + usize::from(l != *r);
            diagonal = *cell;
            *cell = changed.min(*cell + 1).min(previous + 1);
            previous = *cell;
        }
        if let Some(first) = row.first_mut() {
            *first = i + 1;
        }
    }
    row.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fault::{Fault, Operation, Probability};

    #[test]
    fn the_rules_of_a_file_are_read() {
        let rules = read_faults(
            r#"[{"operation":"pay","nth":1,"fault":"drop_answer"},
                {"operation":"query","probability":0.1,"fault":{"delay":{"ms":500}}},
                {"fault":{"error_code":{"code":"EXCEPTION"}},"times":2},
                {"fault":{"http500":{}}}]"#,
        )
        .unwrap();
        assert_eq!(rules[0], FaultRule::nth(Operation::Pay, 1, Fault::DropAnswer));
        assert_eq!(rules[1].probability, Some(Probability::per_million(100_000)));
        assert_eq!(rules[1].fault, Fault::Delay { ms: 500 });
        assert_eq!(rules[3].fault, Fault::Http500 { processed: false });
        assert_eq!(read_faults(&serde_json::to_string(&rules).unwrap()).unwrap(), rules);
    }

    #[test]
    fn every_operation_has_a_name_of_its_own_in_the_list() {
        for operation in [
            Operation::Pay,
            Operation::Precreate,
            Operation::JsapiOrder,
            Operation::AlipayOrder,
            Operation::WapOrder,
            Operation::Query,
            Operation::Cancel,
            Operation::Refund,
            Operation::RefundQuery,
            Operation::Revoke,
            Operation::Recharge,
            Operation::BatchQuery,
            Operation::Channels,
            Operation::Login,
            Operation::Activate,
            Operation::Checkin,
            Operation::Notify,
        ] {
            let name = serde_json::to_string(&operation).unwrap();
            assert!(NAMES.contains(&name.trim_matches('"')), "{name}");
            let text =
                format!(r#"[{{"operation":{name},"fault":{{"repeat":{{"times":2,"ms":1}}}}}}]"#);
            let rules = read_faults(&text).unwrap();
            assert_eq!(rules, [FaultRule::on(operation, Fault::Repeat { times: 2, ms: 1 })]);
        }
    }

    #[test]
    fn an_unknown_name_is_refused_with_its_place_and_the_nearest_one() {
        let cases = [
            ("[\n {\"fault\":\"drop_anser\"}]", 2, "`drop_answer`"),
            ("[{\"operation\":\"qery\",\"fault\":\"huge\"}]", 1, "`query`"),
            ("[{\"nht\":1,\"fault\":\"huge\"}]", 1, "`nth`"),
            ("[{\"fault\":{\"delay\":{\"mss\":1}}}]", 1, "`ms`"),
        ];
        for (text, line, nearest) in cases {
            let error = read_faults(text).unwrap_err();
            assert_eq!(error.line, line, "{error}");
            assert!(error.column > 1, "{error}");
            assert!(error.message.contains(nearest), "{error}");
        }
    }

    #[test]
    fn a_chance_beyond_certainty_is_refused() {
        assert!(read_faults(r#"[{"fault":"huge","probability":1.5}]"#).is_err());
        assert!(read_faults(r#"[{"fault":"huge","probability":-0.1}]"#).is_err());
    }

    #[test]
    fn the_distance_of_names_counts_the_changes() {
        assert_eq!(distance("drop_anser", "drop_answer"), 1);
        assert_eq!(distance("", "pay"), 3);
        assert_eq!(distance("pay", "pay"), 0);
    }
}
