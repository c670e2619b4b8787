//! One command and everything that can become of it, byte by byte.

use super::*;
use crate::nfc::pn532::frame::{ACK, NACK};

const RESPONSE: [u8; 9] = [0x00, 0x00, 0xFF, 0x02, 0xFE, 0xD5, 0x15, 0x16, 0x00];
const OTHER: [u8; 9] = [0x00, 0x00, 0xFF, 0x02, 0xFE, 0xD5, 0x33, 0xF8, 0x00];
const DAMAGED: [u8; 9] = [0x00, 0x00, 0xFF, 0x02, 0xFE, 0xD5, 0x15, 0x17, 0x00];
const COMMAND: [u8; 10] = [0x00, 0x00, 0xFF, 0x03, 0xFD, 0xD4, 0x14, 0x01, 0x17, 0x00];

fn done() -> Option<LinkEvent> {
    Some(LinkEvent::Response(vec![]))
}

fn fault(fault: LinkFault) -> Option<LinkEvent> {
    Some(LinkEvent::Fault(fault))
}

fn output(link: &mut Link) -> Vec<u8> {
    let output = link.output().to_vec();
    link.sent(output.len());
    output
}

/// A link that has sent SAMConfiguration.
fn sent(now: Instant, within: Option<Duration>) -> Link {
    let mut link = Link::new(115_200);
    link.send(now, &[0x14, 0x01], within, false).unwrap();
    assert_eq!(output(&mut link), COMMAND);
    link
}

const WITHIN: Option<Duration> = Some(Duration::from_millis(500));

#[test]
fn a_sleeping_chip_is_woken_before_the_command() {
    let mut link = Link::new(115_200);
    link.send(Instant::now(), &[0x14, 0x01], WITHIN, true).unwrap();
    let expected = [&[0x55, 0x55][..], &[0x00; 14], &COMMAND].concat();
    assert_eq!(output(&mut link), expected);
}

#[test]
fn a_command_is_acknowledged_and_answered() {
    let now = Instant::now();
    let mut link = sent(now, WITHIN);
    link.receive(now, &ACK);
    assert_eq!(link.take_event(), None);
    link.receive(now, &RESPONSE);
    assert_eq!(link.take_event(), done());
    assert_eq!((link.take_event(), link.deadline()), (None, None));
}

#[test]
fn without_an_ack_it_is_sent_twice_more_with_a_wake_up() {
    let mut link = sent(Instant::now(), WITHIN);
    for _ in 0..2 {
        let due = link.deadline().unwrap();
        link.elapse(due - Duration::from_millis(1));
        assert_eq!(output(&mut link), []);
        link.elapse(due);
        assert_eq!(output(&mut link), [&WAKE_UP[..], &COMMAND].concat());
        assert_eq!(link.take_event(), None);
    }
    link.elapse(link.deadline().unwrap());
    assert_eq!(link.take_event(), fault(LinkFault::NoAck));
    assert_eq!((output(&mut link), link.deadline()), (vec![], None));
}

#[test]
fn a_slow_line_is_given_the_time_that_its_bytes_take() {
    let now = Instant::now();
    let mut link = Link::new(9_600);
    link.send(now, &[0x40; 250], WITHIN, false).unwrap();
    assert!(link.deadline().unwrap() > now + Duration::from_millis(350));
}

#[test]
fn strays_are_no_answer() {
    let now = Instant::now();
    let mut link = sent(now, WITHIN);
    link.receive(now, &OTHER);
    link.receive(now, &ACK);
    link.receive(now, &ACK);
    link.receive(now, &NACK);
    link.receive(now, &OTHER);
    assert_eq!((link.take_event(), output(&mut link)), (None, vec![]));
    link.receive(now, &RESPONSE);
    assert_eq!(link.take_event(), done());
    link.receive(now, &RESPONSE);
    assert_eq!(link.take_event(), None);
}

#[test]
fn a_late_response_is_aborted_and_then_none_at_all() {
    let now = Instant::now();
    let mut link = sent(now, WITHIN);
    link.receive(now, &ACK);
    let due = link.deadline().unwrap();
    assert_eq!(due, now + Duration::from_millis(500));
    link.elapse(due);
    assert_eq!(link.take_event(), fault(LinkFault::NoResponse));
    assert_eq!(output(&mut link), ACK);
    link.receive(due, &RESPONSE);
    assert_eq!((link.take_event(), link.deadline()), (None, None));
}

#[test]
fn what_waited_to_be_fetched_while_the_host_was_busy_is_not_late() {
    let now = Instant::now();
    let mut link = sent(now, WITHIN);
    let busy_until = now + Duration::from_secs(5);
    link.receive(busy_until, &ACK);
    link.elapse(busy_until);
    assert_eq!(output(&mut link), [], "it is not sent twice");
    link.receive(busy_until, &RESPONSE[..6]);
    let busy_until = busy_until + Duration::from_secs(5);
    link.receive(busy_until, &RESPONSE[6..]);
    link.elapse(busy_until);
    assert_eq!((link.take_event(), output(&mut link)), (done(), vec![]));
}

#[test]
fn a_damaged_response_is_asked_for_again_twice() {
    let now = Instant::now();
    let mut link = sent(now, None);
    link.receive(now, &ACK);
    assert_eq!(link.deadline(), None, "it may take for ever");
    for _ in 0..2 {
        link.receive(now, &DAMAGED);
        assert_eq!(output(&mut link), NACK);
    }
    link.receive(now, &DAMAGED);
    assert_eq!(link.take_event(), fault(LinkFault::Damaged));
    assert_eq!(output(&mut link), ACK);
}

#[test]
fn half_a_response_is_asked_for_again_after_a_pause() {
    let now = Instant::now();
    let mut link = sent(now, None);
    link.receive(now, &ACK);
    link.receive(now, &RESPONSE[..6]);
    let due = link.deadline().unwrap();
    link.elapse(due);
    assert_eq!(output(&mut link), NACK);
    link.receive(due, &RESPONSE);
    assert_eq!(link.take_event(), done());
}

#[test]
fn a_response_in_pieces_is_whole_however_slow_each_of_them_is() {
    let mut now = Instant::now();
    let mut link = sent(now, None);
    link.receive(now, &ACK);
    for byte in RESPONSE {
        now += Duration::from_millis(150);
        link.receive(now, &[byte]);
    }
    assert_eq!(link.take_event(), done());
}

#[test]
fn an_error_frame_is_a_refusal() {
    let now = Instant::now();
    let mut link = sent(now, WITHIN);
    link.receive(now, &ACK);
    link.receive(now, &[0x00, 0x00, 0xFF, 0x01, 0xFF, 0x7F, 0x81, 0x00]);
    assert_eq!(link.take_event(), fault(LinkFault::Refused));
}

#[test]
fn what_is_aborted_is_never_answered() {
    let now = Instant::now();
    let mut link = sent(now, None);
    link.receive(now, &ACK);
    link.abort();
    assert_eq!((output(&mut link), link.deadline()), (ACK.to_vec(), None));
    link.receive(now, &RESPONSE);
    assert_eq!(link.take_event(), None);
}
