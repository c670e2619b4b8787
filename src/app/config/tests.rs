use super::*;
use crate::payment::CodeKind;
use std::os::unix::fs::PermissionsExt;

const MINIMAL: &str = r#"
[merchant]
id = "0010000001"
[gateway]
kind = "sosopay-json"
base_url = "https://gateway.example/openGateway/openService/"
key = "0123456789abcdef"
"#;

fn parse(text: &str) -> Result<Config, String> {
    Config::parse(Path::new("/etc/cashier/cashier.toml"), text).map_err(|error| error.to_string())
}

/// The error of the minimal file with one more line in a table.
fn refused(text: &str) -> String {
    parse(text).expect_err("a refusal")
}

/// What a minimal file with these tables says of devices.
pub(super) fn parsed_devices(tables: &str) -> DevicesConfig {
    parse(&with(tables)).expect("a configuration").devices
}

/// What is said of a minimal file with these tables.
pub(super) fn refused_devices(tables: &str) -> String {
    refused(&with(tables))
}

fn with(line: &str) -> String {
    format!("{MINIMAL}{line}\n")
}

#[test]
fn a_minimal_file_has_the_defaults_of_the_contract() {
    let config = parse(MINIMAL).expect("a configuration");
    assert_eq!(config.policy, Policy::default());
    assert_eq!(config.policy.charge_timeout, Duration::from_millis(85_000));
    assert_eq!(config.policy.present_budget, Duration::from_millis(240_000));
    assert_eq!(config.policy.qr_life, Duration::from_millis(240_000));
    assert_eq!(config.locale, ui::Locale::ZhCn);
    assert_eq!(config.present_channel, Channel::Wechat);
    assert_eq!(config.journal, Path::new("/var/lib/cashier/journal.db"));
    assert_eq!(config.operator, "oper01");
    assert!(config.panel.is_none());
    assert!(!config.plaintext);
}

#[test]
fn the_contracts_own_example_is_understood() {
    let text = r#"
[merchant]
id = "0010000001"
name = "达美乐披萨"
store = "02016"
device = "dev01"
operator = "oper01"
locale = "zh-CN"
present_channel = "wechat"
[gateway]
kind = "shouqianba"
base_url = "https://api.example/"
terminal_sn = "1122234-dewls02s2"
key = "k"
allow_plaintext = false
encrypt = false
response = "json"
operator_field = "OPER_ID"
[gateway.paths]
batch_query = "batchQuery"
[journal]
path = "journal.db"
[policy]
charge_timeout_ms = 85000
connect_timeout_ms = 5000
query_timeout_ms = 10000
poll_first_ms = 1000
poll_max_ms = 5000
confirm_budget_ms = 60000
present_budget_ms = 240000
in_flight_max_ms = 80000
resolve_max_ms = 600000
[display]
driver = "virtual"
width = 320
height = 240
[keypad]
driver = "virtual"
[[scanner]]
driver = "serial"
path = "/dev/serial/by-id/scanner"
baud = 115200
terminator = "cr"
code_type = "sonic"
[[scanner]]
driver = "virtual"
[nfc]
driver = "virtual"
[printer]
driver = "virtual"
[panel]
listen = "127.0.0.1:8380"
"#;
    let config = parse(text).expect("a configuration");
    assert_eq!(config.journal, Path::new("/etc/cashier/journal.db"));
    assert_eq!(config.devices.scanners.len(), 2);
    assert_eq!(config.devices.scanners[0].reads, CodeKind::Sonic);
    let bar_codes = ScannerSource { scanner: ScannerConfig::Virtual, reads: CodeKind::Barcode };
    assert_eq!(config.devices.scanners[1], bar_codes);
}

#[test]
fn a_real_display_has_a_path_a_console_and_a_size_until_it_is_found() {
    let display = |lines: &str| parse(&with(lines)).expect("a configuration").devices.display;
    let glass = hal::GlassConfig {
        path: "/dev/fb0".into(),
        rotation: hal::Rotation::None,
        assumed: hal::Geometry::new(480, 800).expect("a size"),
        console: Some("/dev/tty0".into()),
    };
    assert_eq!(display("[display]\ndriver = \"fbdev\""), DisplayConfig::Fbdev(glass.clone()));
    let card = hal::GlassConfig { path: "/dev/dri/card0".into(), ..glass.clone() };
    assert_eq!(display("[display]\ndriver = \"drm\""), DisplayConfig::Drm(card));
    let other = hal::GlassConfig {
        path: "/etc/cashier/fb".into(),
        rotation: hal::Rotation::ThreeQuarters,
        assumed: hal::Geometry::new(800, 480).expect("a size"),
        console: None,
    };
    let lines = "[display]\ndriver = \"fbdev\"\npath = \"fb\"\nrotate = 270\nconsole = \"none\"\n\
                 width = 800\nheight = 480";
    assert_eq!(display(lines), DisplayConfig::Fbdev(other));
}

#[test]
fn a_mistake_is_named_with_its_line_and_what_was_expected() {
    for (line, expected) in [
        ("[policy]\npoll_frist_ms = 1", "cashier.toml:9: unknown field `poll_frist_ms`"),
        ("[policy]\npoll_frist_ms = 1", "did you mean `poll_first_ms`?"),
        ("[polcy]\npoll_first_ms = 1", "did you mean `policy`?"),
        (
            "[policy]\npoll_first_ms = \"1\"",
            "cashier.toml:9: policy.poll_first_ms = \"1\": expected a whole number of milliseconds",
        ),
        ("[policy]\npoll_max_ms = -1", "policy.poll_max_ms = -1: expected a whole number of milli"),
        ("[display]\nwidth = true", "display.width = true: expected a whole number, 0 or more"),
        ("[printer]\npath = 7", "cashier.toml:9: printer.path = 7: expected text in quotes"),
        ("[journal.path]", "cashier.toml:8: journal.path: expected text in quotes"),
        (
            "[scanner]",
            "cashier.toml:8: scanner: expected a table under a heading in double brackets",
        ),
        ("[gateway.paths]\nlogin = 1", "cashier.toml:9: gateway.paths.login = 1: expected text"),
        ("[[policy]]\npoll_max_ms = 9", "cashier.toml:8: policy: expected a table of keys, under"),
        ("[[gateway.paths]]", "gateway.paths: expected a table of keys, under the heading"),
        (
            "[nfc]\ndriver = \"none\"\ndriver = \"none\"",
            "cashier.toml:10: duplicate key, at `driver = \"none\"`",
        ),
        ("[nfc]\ndriver = none", "cashier.toml:9: expected true or false, a number, or text in"),
        ("[keypad", "cashier.toml:8: unclosed table, expected `]`, at `[keypad`"),
        ("[[code]]\nchannel = \"qq\"\nprefix = [\"a\", 2]", "code.prefix = [\"a\", 2]: expected a"),
        ("[policy]\npoll_max_ms = fast", "expected true or false, a number, or text in quotes, at"),
        (
            "[display]\nwidth = 5000000000",
            "5000000000: expected a whole number, at most 4294967295",
        ),
        (
            "[[code]]\nchannel = \"qq\"\nprefix = [1, 2, 3]\ndigits = [4, 5]",
            "cashier.toml:10: code.prefix = [1, 2, 3]: expected a list of two whole numbers",
        ),
        (
            "[[code]]\nchannel = \"qq\"\nprefix = [1, 2]\n\ndigits = [5, 4]",
            "cashier.toml:12: code.digits = [5, 4]: expected a list of two whole numbers",
        ),
        ("[policy]\npoll_first_ms = 0", "cashier.toml:9: policy.poll_first_ms: 0 ms: expected 1"),
        ("[policy]\n\npoll_max_ms = 10", "cashier.toml:10: policy.poll_max_ms: is less than"),
        ("[display]\ndriver = \"hdmi\"", "cashier.toml:9: display.driver = \"hdmi\": expected"),
        ("[display]\nwidth = 0", "cashier.toml:9: display.width: 0: expected 1 to 4096 pixels"),
        ("[display]\nheight = 5000", "cashier.toml:9: display.height: 5000: expected 1 to 4096"),
        (
            "[display]\ndriver = \"fbdev\"\nrotate = 45",
            "cashier.toml:10: display.rotate: 45: expected 0, 90, 180 or 270",
        ),
        (
            "[display]\ndriver = \"drm\"\nconsole = \"\"",
            "cashier.toml:10: display.console: is empty",
        ),
        ("[[scanner]]\ndriver = \"serial\"", "scanner.path: is missing"),
        ("[[scanner]]\ndriver = \"serial\"\npath = \"x\"\nterminator = \"x\"", "quiet"),
        ("[[scanner]]\ncode_type = \"nfc\"", "expected \"barcode\" or \"sonic\""),
        ("[panel]\nlisten = \"8380\"", "panel.listen = \"8380\": expected an address and port"),
        ("[panel]\nlisten = \"0.0.0.0:80\"", "panel.token"),
        (
            "[panel]\nlisten = \"0.0.0.0:80\"\ntoken = \" \"",
            "cashier.toml:10: panel.token: is empty",
        ),
        ("[notify]\nlisten = \"80\"", "notify.listen = \"80\": expected an address and port"),
        ("[[code]]\nchannel = \"cash\"\nprefix = [1, 2]\ndigits = [3, 4]", "\"alipay\""),
    ] {
        let said = refused(&with(line));
        assert!(said.contains(expected), "{line}: {said}");
    }
}

#[test]
fn a_value_that_is_no_choice_is_named_with_the_choices() {
    let locale = MINIMAL.replace("[gateway]", "locale = \"fr\"\n[gateway]");
    let said = refused(&locale);
    assert!(said.contains(":4: merchant.locale = \"fr\": expected \"zh-CN\" or \"en\""), "{said}");
    let said = refused(&MINIMAL.replace("sosopay-json", "paypal"));
    assert!(said.contains("gateway.kind = \"paypal\""), "{said}");
    assert!(said.contains("\"sosopay-xml\""), "{said}");
}

#[test]
fn what_a_gateway_needs_is_asked_for() {
    let said = refused(&MINIMAL.replace("sosopay-json", "shouqianba"));
    assert!(said.contains("gateway.terminal_sn"), "{said}");
    let said = refused(&MINIMAL.replace("id = \"0010000001\"", ""));
    assert!(said.contains("cashier.toml:2: merchant.id: is needed"), "{said}");
    let said = refused(&MINIMAL.replace("[merchant]\nid = \"0010000001\"", ""));
    assert!(said.contains("cashier.toml:1: merchant.id: is needed"), "{said}");
    let said = refused(&MINIMAL.replace("key = \"0123456789abcdef\"", ""));
    assert!(said.contains("gateway.key_file: is missing"), "{said}");
    let said = refused("");
    assert!(said.contains("missing field `gateway`"), "{said}");
}

/// Without this a till would start that can sell nothing: every scan would be refused.
#[test]
fn what_every_charge_says_has_to_fit_the_gateway() {
    let long = |len: usize| "达".repeat(len);
    for (kind, operator_max) in [("sosopay-json", 64), ("sosopay-xml", 64), ("shouqianba", 32)] {
        let kind = MINIMAL.replace("sosopay-json", kind);
        let whole = kind.replace("[gateway]", "[gateway]\nterminal_sn = \"t1\"");
        let with = |line: &str| whole.replace("[gateway]", &format!("{line}\n[gateway]"));
        for key in ["name", "operator"] {
            let max = if key == "name" { 64 } else { operator_max };
            let fits = with(&format!("{key} = \"{}\"", long(max)));
            assert!(parse(&fits).is_ok(), "{:?}", parse(&fits));
            for wrong in ["", " ", "a\\nb", &long(max + 1)] {
                let said = refused(&with(&format!("{key} = \"{wrong}\"")));
                assert!(said.contains(&format!("cashier.toml:4: merchant.{key}: ")), "{said}");
            }
        }
    }
}

#[test]
fn i18_plaintext_needs_to_be_asked_for() {
    let plain = MINIMAL.replace("https://", "http://");
    let said = refused(&plain);
    assert!(said.contains("gateway.base_url") && said.contains("allow_plaintext"), "{said}");
    let allowed = plain.replace("[gateway]", "[gateway]\nallow_plaintext = true");
    assert!(parse(&allowed).expect("a configuration").plaintext);
}

#[test]
fn i17_a_message_does_not_repeat_a_key() {
    for line in [
        "key = 0123456789",
        "key = 0123456789abcdef",
        "key \"0123456789\"",
        "\"key\" = \"0123456789",
        "cipher = { key = \"0123456789\", mod = 1 ",
        "cipher = { iv = 0123456789 }",
        "key = \"0123456789\"\nkey = \"0123456789\"",
    ] {
        let said = refused(&MINIMAL.replace("key = \"0123456789abcdef\"", line));
        assert!(!said.contains("123456789"), "{line}: {said}");
    }
}

#[test]
fn i17_a_key_file_that_others_can_read_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let key = folder.path().join("key");
    let text = MINIMAL.replace("key = \"0123456789abcdef\"", "key_file = \"key\"");
    let file = folder.path().join("cashier.toml");
    let read = || Config::parse(&file, &text).map_err(|error| error.to_string());
    assert!(read().expect_err("no file").contains("cannot read"));
    std::fs::write(&key, "0123456789abcdef\n").expect("written");
    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o640)).expect("a mode");
    let said = read().expect_err("a refusal");
    assert!(said.contains("chmod 600") && said.contains("mode 640"), "{said}");
    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o600)).expect("a mode");
    read().expect("a configuration");
    std::fs::write(&key, "\n").expect("written");
    assert!(read().expect_err("a refusal").contains("is empty"));
    // Nobody writes into it: it is not waited for.
    std::fs::remove_file(&key).expect("removed");
    let private = rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR;
    rustix::fs::mknodat(rustix::fs::CWD, &key, rustix::fs::FileType::Fifo, private, 0)
        .expect("a pipe");
    assert!(read().expect_err("a refusal").contains("is no key file"));
}

#[test]
fn a_file_that_cannot_be_used_is_told_of_under_its_own_key() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("roots.pem"), "no certificate").expect("written");
    let text = MINIMAL.replace("[gateway]", "[gateway]\nca_file = \"roots.pem\"");
    let read = Config::parse(&folder.path().join("cashier.toml"), &text);
    let said = read.expect_err("a refusal").to_string();
    assert!(said.contains(":5: gateway.ca_file: "), "{said}");
    let said = refused(&MINIMAL.replace("0123456789abcdef", ""));
    assert!(said.contains(":7: gateway.key: is empty"), "{said}");
}

#[test]
fn what_is_said_of_a_mistake_has_an_end() {
    let endless = "x".repeat(100_000);
    for line in [format!("{endless} = 1"), format!("[nfc]\ndriver = \"{endless}\"")] {
        let said = refused(&with(&line));
        assert!(said.contains("xxx") && said.chars().count() < 1_100, "{}", said.len());
    }
}

/// The names that a table knows, as its own refusal of a name tells them.
fn names_of(table: &str) -> Vec<String> {
    let probe = "zzz = 1\n";
    let text = match table {
        "" => format!("{probe}{MINIMAL}"),
        "merchant" | "gateway" => {
            MINIMAL.replace(&format!("[{table}]"), &format!("[{table}]\n{probe}"))
        }
        "scanner" | "code" => with(&format!("[[{table}]]\n{probe}")),
        _ => with(&format!("[{table}]\n{probe}")),
    };
    let said = refused(&text);
    let quoted = said.split("expected one of ").nth(1).or_else(|| said.split("expected ").nth(1));
    let quoted = quoted.unwrap_or_else(|| panic!("{table}: {said}"));
    let quoted = quoted.split("; did you mean").next().expect("names");
    quoted
        .split('`')
        .skip(1)
        .step_by(2)
        .map(str::to_owned)
        .take_while(|it| it != "zzz = 1")
        .collect()
}

/// The minimal file with this value for a key, wherever the key stands in it.
fn with_value(table: &str, name: &str, value: &str) -> String {
    let line = format!("{name} = {value}\n");
    let rest: String = MINIMAL
        .lines()
        .filter(|it| !it.starts_with(&format!("{name} =")))
        .map(|it| format!("{it}\n"))
        .collect();
    match table {
        "" => {
            let own = rest.split(&format!("[{name}]\n")).next().unwrap_or_default();
            format!("{line}{own}")
        }
        "merchant" | "gateway" => {
            rest.replace(&format!("[{table}]\n"), &format!("[{table}]\n{line}"))
        }
        "scanner" => format!("{rest}[[scanner]]\n{line}"),
        "code" => {
            let others = [("channel", "\"qq\""), ("prefix", "[1, 2]"), ("digits", "[3, 4]")];
            let others = others.iter().filter(|(other, _)| *other != name);
            let others: String = others.map(|(other, it)| format!("{other} = {it}\n")).collect();
            format!("{rest}[[code]]\n{others}{line}")
        }
        _ => format!("{rest}[{table}]\n{line}"),
    }
}

#[test]
fn a_value_of_the_wrong_kind_is_told_in_words_for_every_key() {
    let jargon = [
        "u8",
        "u16",
        "u32",
        "u64",
        "usize",
        "boolean",
        "sequence",
        "tuple",
        "struct",
        "invalid",
        "a map",
        "a string",
        "path string",
        "floating",
        "enum",
        "File",
    ];
    let mut tables = vec![String::new()];
    tables.extend(names_of(""));
    tables.extend(["gateway.cipher".to_owned(), "gateway.paths".to_owned()]);
    let mut mismatches = 0;
    for table in &tables {
        for name in names_of(table) {
            let key = if table.is_empty() { name.clone() } else { format!("{table}.{name}") };
            for value in ["\"fast\"", "-1", "1.5", "true", "[1]", "{ x = 1 }", "1979-05-27"] {
                let text = with_value(table, &name, value);
                let Err(said) = parse(&text) else { continue };
                assert!(!said.contains("123456789"), "{key} = {value}: {said}");
                if !said.contains(": expected ") || said.contains("unknown field") {
                    assert!(!said.contains("invalid type"), "{key} = {value}: {said}");
                    continue;
                }
                let words: Vec<&str> = said.split([' ', ',', ':', ';']).collect();
                let heard = |word: &&str| match word.contains(' ') {
                    true => said.contains(*word),
                    false => words.contains(word),
                };
                let heard = jargon.iter().find(|word| heard(word));
                assert!(heard.is_none(), "{key} = {value}: {said}");
                assert!(said.contains(&key), "{key} = {value}: {said}");
                mismatches += 1;
            }
        }
    }
    assert!(mismatches > 200, "only {mismatches} values of the wrong kind were refused");
}
