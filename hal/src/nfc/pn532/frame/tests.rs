//! The frames of the manual, byte by byte, and anything else.

use super::*;
use proptest::prelude::*;

fn frames(bytes: &[u8]) -> Vec<Frame> {
    let mut decoder = Decoder::default();
    let mut frames = Vec::new();
    for byte in bytes {
        decoder.push(*byte);
        frames.extend(std::iter::from_fn(|| decoder.next_frame()));
    }
    frames
}

/// A frame from the chip, made by hand here: the codec only makes those from the host.
fn response(packet: &[u8]) -> Vec<u8> {
    let sum: u32 = packet.iter().map(|byte| u32::from(*byte)).sum::<u32>() + 0xD5;
    let check = (0x100 - sum % 0x100) % 0x100;
    let len = packet.len() + 1;
    let mut frame = vec![0x00, 0x00, 0xFF];
    if len < 0x100 {
        frame.extend([len as u8, (0x100 - len) as u8]);
    } else {
        let (high, low) = (len / 0x100, len % 0x100);
        frame.extend([0xFF, 0xFF, high as u8, low as u8, (0x200 - high - low) as u8]);
    }
    frame.push(0xD5);
    frame.extend(packet);
    frame.extend([check as u8, 0x00]);
    frame
}

#[test]
fn commands_are_framed_as_the_manual_has_them() {
    let version = [0x00, 0x00, 0xFF, 0x02, 0xFE, 0xD4, 0x02, 0x2A, 0x00];
    assert_eq!(command(&[0x02]).unwrap(), version);
    let sam = [0x00, 0x00, 0xFF, 0x03, 0xFD, 0xD4, 0x14, 0x01, 0x17, 0x00];
    assert_eq!(command(&[0x14, 0x01]).unwrap(), sam);
}

#[test]
fn a_command_of_more_than_254_bytes_takes_an_extended_frame() {
    assert_eq!(command(&[0; 254]).unwrap()[3..6], [0xFF, 0x01, 0xD4]);
    assert_eq!(command(&[0; 255]).unwrap()[3..9], [0xFF, 0xFF, 0x01, 0x00, 0xFF, 0xD4]);
    assert_eq!(command(&[0; 264]).unwrap()[3..9], [0xFF, 0xFF, 0x01, 0x09, 0xF6, 0xD4]);
    assert_eq!(command(&[0; 265]), Err(CommandTooLong { len: 265 }));
}

#[test]
fn every_kind_of_frame_is_told_apart() {
    assert_eq!(frames(&ACK), [Frame::Ack]);
    assert_eq!(frames(&NACK), [Frame::Nack]);
    assert_eq!(frames(&[0x00, 0x00, 0xFF, 0x01, 0xFF, 0x7F, 0x81, 0x00]), [Frame::Error]);
    let version = [0x00, 0x00, 0xFF, 0x06, 0xFA, 0xD5, 0x03, 0x32, 0x01, 0x06, 0x07, 0xE8, 0x00];
    assert_eq!(frames(&version), [Frame::Response(vec![0x03, 0x32, 0x01, 0x06, 0x07])]);
}

#[test]
fn the_start_code_is_found_amid_noise_and_long_preambles() {
    for noise in [&[0x00; 40][..], &[0xFF, 0x00], &[0x55, 0xFF, 0x00, 0x00], b"boot\r\n", &[0xFF]] {
        let bytes = [noise, &ACK, noise, &response(&[0x15]), noise].concat();
        assert_eq!(frames(&bytes), [Frame::Ack, Frame::Response(vec![0x15])], "{noise:02X?}");
    }
}

#[test]
fn a_wrong_sum_of_the_length_is_noise_and_one_of_the_data_is_damage() {
    let mut bytes = response(&[0x15]);
    bytes[4] ^= 1;
    assert_eq!(frames(&bytes), []);
    let mut bytes = response(&[0x15]);
    bytes[6] ^= 1;
    assert_eq!(frames(&bytes), [Frame::Damaged]);
}

#[test]
fn a_frame_after_one_that_lost_a_byte_is_found() {
    let mut bytes = response(&[0x41, 0x00, 0x90, 0x00]);
    bytes.remove(8);
    bytes.extend(response(&[0x53, 0x00]));
    assert_eq!(frames(&bytes), [Frame::Damaged, Frame::Response(vec![0x53, 0x00])]);
}

#[test]
fn the_echo_of_a_command_is_no_response() {
    let bytes = [command(&[0x02]).unwrap(), ACK.to_vec()].concat();
    assert_eq!(frames(&bytes), [Frame::Ack]);
}

#[test]
fn what_came_off_a_phone_is_never_printed() {
    let shown = format!("{:?}", Frame::Response([&[0x41, 0x00], &b"28421490"[..]].concat()));
    assert_eq!(shown, "Response(41, 10 bytes)");
}

proptest! {
    #[test]
    fn any_bytes_are_held_within_bounds(bytes in proptest::collection::vec(any::<u8>(), 0..2000)) {
        let mut decoder = Decoder::default();
        for byte in bytes {
            decoder.push(byte);
            while decoder.next_frame().is_some() {}
            prop_assert!(decoder.held_len() <= FRAME_LEN_MAX);
        }
    }

    #[test]
    fn any_response_is_read_whatever_stands_before_it(
        // Without 00 no start code can begin in it.
        noise in proptest::collection::vec(1..=0xFFu8, 0..40),
        packet in proptest::collection::vec(any::<u8>(), 1..=COMMAND_LEN_MAX),
    ) {
        let bytes = [noise, response(&packet)].concat();
        prop_assert_eq!(frames(&bytes), [Frame::Response(packet)]);
    }
}
