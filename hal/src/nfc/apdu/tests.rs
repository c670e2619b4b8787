//! Conversations with applications of every kind.

use super::*;
use proptest::prelude::*;

const TOKEN: &str = "284214903060794755";

fn aid() -> Aid {
    "F0010203040506".parse().unwrap()
}

/// The answer of SELECT, and of everything after it.
fn read(answers: &[&[u8]]) -> (Vec<Vec<u8>>, Step) {
    let (mut read, first) = TokenRead::begin(&aid());
    let mut sent = vec![first];
    for answer in answers {
        match read.answered(answer) {
            Step::Send(command) => sent.push(command),
            end => return (sent, end),
        }
    }
    panic!("it asks for more: {sent:02X?}");
}

fn ok(data: &[u8]) -> Vec<u8> {
    [data, &[0x90, 0x00]].concat()
}

fn tlv(tag: u8, value: &[u8]) -> Vec<u8> {
    [&[tag, value.len() as u8], value].concat()
}

fn token() -> Step {
    Step::Token(TOKEN.to_owned())
}

#[test]
fn an_aid_has_5_to_16_bytes() {
    assert_eq!(aid().to_string(), "F0010203040506");
    assert_eq!("a000000333010101".parse::<Aid>().unwrap().to_string(), "A000000333010101");
    let long = "00".repeat(17);
    for text in ["", "F0010203", "F00102030", "F001020304 ", "F0 01 02 03 04", "ŒŒŒŒŒ", &long]
    {
        assert_eq!(text.parse::<Aid>(), Err(NotAnAid), "{text}");
    }
}

#[test]
fn a_token_is_the_answer_to_select() {
    let (sent, end) = read(&[&ok(TOKEN.as_bytes())]);
    let select = [0x00, 0xA4, 0x04, 0x00, 7, 0xF0, 1, 2, 3, 4, 5, 6, 0x00];
    assert_eq!((sent, end), (vec![select.to_vec()], token()));
}

#[test]
fn a_token_stands_in_file_control_information() {
    let name = tlv(0x84, &[0xF0, 1, 2, 3, 4, 5, 6]);
    let plain = tlv(0x6F, &[name.clone(), tlv(0x85, TOKEN.as_bytes())].concat());
    assert_eq!(read(&[&ok(&plain)]).1, token());
    let labelled = [tlv(0x50, b"PAY"), tlv(0x53, TOKEN.as_bytes())].concat();
    let nested = tlv(0x6F, &[name, tlv(0xA5, &labelled)].concat());
    assert_eq!(read(&[&ok(&nested)]).1, token());
}

#[test]
fn without_one_there_the_file_is_read_and_a_label_is_no_token() {
    let labelled = tlv(0x6F, &tlv(0xA5, &tlv(0x50, b"PAY")));
    for select in [ok(&[]), ok(&labelled), ok(&[0x6F, 0x7F])] {
        let file = ok(&[TOKEN.as_bytes(), &[0x00, 0xFF, 0xFF]].concat());
        let (sent, end) = read(&[&select, &file]);
        assert_eq!(sent[1], [0x00, 0xB0, 0x00, 0x00, 0x00]);
        assert_eq!(end, token());
    }
}

#[test]
fn the_rest_of_an_answer_is_fetched() {
    let (first, second) = TOKEN.as_bytes().split_at(7);
    let (sent, end) = read(&[&[first, &[0x61, 0x0B]].concat(), &ok(second)]);
    assert_eq!(sent[1], [0x00, 0xC0, 0x00, 0x00, 0x0B]);
    assert_eq!(end, token());
}

#[test]
fn a_wrong_length_is_put_right_once() {
    let (sent, end) = read(&[&ok(&[]), &[0x6C, 0x12], &ok(TOKEN.as_bytes())]);
    assert_eq!(sent[2], [0x00, 0xB0, 0x00, 0x00, 0x12]);
    assert_eq!(end, token());
    let (_, end) = read(&[&[0x6C, 0x12], &[0x6C, 0x13]]);
    assert_eq!(end, Step::Fault(NfcFault::Unreadable));
}

#[test]
fn a_file_that_ends_early_is_read_with_a_warning() {
    let file = [TOKEN.as_bytes(), &[0x62, 0x82]].concat();
    assert_eq!(read(&[&ok(&[]), &file]).1, token());
}

#[test]
fn a_card_without_the_application_says_so_in_many_ways() {
    for word in [[0x6A, 0x82], [0x6A, 0x81], [0x69, 0x99], [0x6D, 0x00], [0x6E, 0x00], [0x62, 0x83]]
    {
        let end = read(&[&word]).1;
        assert_eq!(end, Step::Fault(NfcFault::NoApplication), "{word:02X?}");
    }
}

#[test]
fn what_is_no_text_is_no_token() {
    let long = ok(&[b'7'; 257]);
    let answers: [&[u8]; 7] = [
        &[],
        &[0x90],
        &[0x69, 0x85],
        b"28\n42\x90\x00",
        b"\xE4\xBD\xA0\x90\x00",
        &[0x01, 0x02, 0x90, 0x00],
        &long,
    ];
    for answer in answers {
        assert_eq!(read(&[answer]).1, Step::Fault(NfcFault::Unreadable), "{answer:02X?}");
    }
    assert_eq!(read(&[&ok(&[]), &ok(&[])]).1, Step::Fault(NfcFault::Unreadable));
}

#[test]
fn a_phone_that_always_has_more_is_given_up() {
    let (sent, end) = read(&[&[0x61, 0x10][..]; 100]);
    assert_eq!(end, Step::Fault(NfcFault::Unreadable));
    assert_eq!(sent.len(), usize::from(STEPS_MAX));
    let more = [[7; 200].as_slice(), &[0x61, 0x00]].concat();
    assert_eq!(read(&[&more[..]; 100]).1, Step::Fault(NfcFault::Unreadable));
}

#[test]
fn a_token_is_never_printed() {
    assert_eq!(format!("{:?}", token()), "Token(18 characters)");
}

proptest! {
    #[test]
    fn any_answers_end_in_time_and_every_token_is_text(
        answers in proptest::collection::vec(
            (proptest::collection::vec(any::<u8>(), 0..300), prop_oneof![
                Just([0x90, 0x00]), Just([0x61, 0x20]), Just([0x6C, 0x05]), any::<[u8; 2]>(),
            ]),
            20,
        ),
    ) {
        let (mut read, _) = TokenRead::begin(&aid());
        let mut steps = 1;
        for (data, word) in answers {
            match read.answered(&[&data[..], &word].concat()) {
                Step::Send(_) => steps += 1,
                Step::Token(token) => {
                    prop_assert!((1..=TOKEN_LEN_MAX).contains(&token.len()));
                    prop_assert!(token.chars().all(|c| c.is_ascii_graphic() || c == ' '));
                    break;
                }
                Step::Fault(_) => break,
            }
            prop_assert!(steps <= STEPS_MAX);
        }
    }
}
