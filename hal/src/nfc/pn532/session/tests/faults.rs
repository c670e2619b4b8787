//! Everything that goes wrong, on the reader and on the line.

use proptest::prelude::*;

use super::*;

/// What one mishap at one command leads to, with a phone that is laid there and stays.
fn told(code: u8, mishap: Mishap) -> Report {
    let mut world = World::armed();
    world.chip.goes_wrong(code, mishap);
    world.lay(World::phone());
    world.next()
}

#[test]
fn a_plain_card_and_one_without_the_application_say_so() {
    let other = Target::with_token(&[0xA0, 0, 0, 3, 0x33], TOKEN);
    for (target, fault) in [
        (Target::PlainCard, NfcFault::PlainCard),
        (other, NfcFault::NoApplication),
        (Target::phone(&AID, Application::Refuses([0x69, 0x85])), NfcFault::Unreadable),
        (Target::phone(&AID, Application::Answers(vec![0x01, 0x02])), NfcFault::Unreadable),
        (Target::phone(&AID, Application::Answers(vec![b'7'; 600])), NfcFault::Unreadable),
        (Target::phone(&AID, Application::HasFile(vec![])), NfcFault::Unreadable),
    ] {
        let mut world = World::armed();
        world.lay(target.clone());
        assert_eq!(world.next(), Report::Failed(fault), "{target:?}");
        // Once, however long it lies there.
        world.nothing_within(secs(60));
        world.chip.lift();
        world.nothing_within(secs(2));
        world.lay(World::phone());
        assert_eq!(world.next(), token());
    }
}

#[test]
fn a_phone_that_is_taken_away_in_the_middle_may_be_tapped_again_at_once() {
    let mut world = World::armed();
    world.chip.goes_wrong(EXCHANGE, Mishap::TakenAway);
    world.lay(World::phone());
    assert_eq!(world.next(), Report::Failed(NfcFault::Interrupted));
    world.lay(World::phone());
    assert_eq!(world.next(), token());
}

#[test]
fn every_error_code_of_the_manual_becomes_a_fault() {
    for code in 0x01..=0x3F {
        let fault = match told(EXCHANGE, Mishap::Status(code)) {
            Report::Failed(fault) => fault,
            other => panic!("{other:?}"),
        };
        let expected = match code {
            0x07 | 0x09 | 0x0E => NfcFault::Unreadable,
            0x01..=0x06 | 0x0A | 0x0B | 0x13 | 0x23 | 0x27 | 0x29..=0x2B => NfcFault::Interrupted,
            _ => NfcFault::Protocol,
        };
        assert_eq!(fault, expected, "{code:02X}");
    }
}

#[test]
fn whatever_happens_once_on_the_line_a_token_is_read_all_the_same() {
    let noise = vec![0xFF, 0x00, 0x00, 0xFF, 0x31, 0x00];
    for mishap in [
        Mishap::Deaf,
        Mishap::NoAck,
        Mishap::Nack,
        Mishap::Half,
        Mishap::WrongSum(1),
        Mishap::WrongSum(2),
        Mishap::WrongLengthSum,
        Mishap::Late(ms(400)),
        Mishap::Pieces(ms(4)),
        Mishap::Noise(noise),
    ] {
        for code in [RF, LIST, EXCHANGE, RELEASE] {
            let mut world = World::up();
            world.chip.goes_wrong(code, mishap.clone());
            world.arm(true);
            world.run_for(secs(2));
            world.lay(World::phone());
            assert_eq!(world.next(), token(), "{mishap:?} at {code:02X}");
        }
        for code in [SAM, VERSION] {
            let mut world = World::new();
            world.chip.goes_wrong(code, mishap.clone());
            world.session.start(world.now);
            assert!(matches!(world.next(), Report::Up(_)), "{mishap:?} at {code:02X}");
        }
    }
}

#[test]
fn an_exchange_that_fails_on_the_line_is_a_fault_and_the_chip_is_set_up_anew() {
    for mishap in [Mishap::Silent, Mishap::ErrorFrame, Mishap::WrongSum(9), Mishap::Says(vec![])] {
        let mut world = World::armed();
        world.chip.goes_wrong(EXCHANGE, mishap.clone());
        world.lay(World::phone());
        assert_eq!(world.next(), Report::Failed(NfcFault::Protocol), "{mishap:?}");
        world.chip.lift();
        world.run_for(secs(5));
        while let Some(report) = world.session.take_report() {
            assert!(matches!(report, Report::Up(_)), "{report:?} after {mishap:?}");
        }
        world.lay(World::phone());
        assert_eq!(world.next(), token(), "{mishap:?}");
    }
}

#[test]
fn a_phone_that_never_answers_is_given_up() {
    let mut world = World::armed();
    world.lay(Target::phone(&AID, Application::Sleeps));
    assert_eq!(world.next(), Report::Failed(NfcFault::Interrupted));
}

#[test]
fn a_chip_that_lost_its_power_is_woken_and_set_up_again() {
    let mut world = World::up();
    world.chip.power_cycle();
    world.arm(true);
    world.run_for(secs(5));
    assert!(world.chip.is_waiting());
    world.session.take_report();
    world.lay(World::phone());
    assert_eq!(world.next(), token());
}

#[test]
fn a_chip_that_never_answers_is_down_within_a_second_and_silent_then() {
    let mut world = World::new();
    world.cut = true;
    world.session.start(world.now);
    let begun = world.now;
    assert_eq!(world.next(), Report::Down("no acknowledgement".into()));
    assert!(world.now - begun < secs(1));
    let sent = world.sent;
    world.nothing_within(secs(3600));
    assert_eq!(world.sent, sent);
    // Its driver tries again, and this time it is there.
    world.cut = false;
    world.session.start(world.now);
    assert!(matches!(world.next(), Report::Up(_)));
}

#[test]
fn another_chip_is_not_taken_for_a_pn532() {
    let mut world = World::new();
    world.chip.set_firmware([0x33, 0x02, 0x08, 0x07]);
    world.session.start(world.now);
    let why = "chip 33, firmware 2.8: not a PN532";
    assert_eq!(world.next(), Report::Down(why.into()));
}

#[test]
fn a_chip_that_refuses_to_be_configured_reads_one_phone_after_the_other() {
    let mut world = World::new();
    for _ in 0..100 {
        world.chip.goes_wrong(RF, Mishap::ErrorFrame);
    }
    world.session.start(world.now);
    assert!(matches!(world.next(), Report::Up(_)));
    world.arm(true);
    for _ in 0..3 {
        world.lay(World::phone());
        assert_eq!(world.next(), token());
        world.chip.lift();
        world.run_for(secs(8));
        assert_eq!(world.session.take_report(), None);
    }
    world.arm(false);
    world.run_for(secs(8));
    world.nothing_within(secs(3600));
}

#[test]
fn a_chip_that_refuses_everything_is_given_up() {
    let mut world = World::up();
    for _ in 0..100 {
        world.chip.goes_wrong(LIST, Mishap::ErrorFrame);
    }
    world.arm(true);
    let reports: Vec<Report> = (0..4).map(|_| world.next()).collect();
    assert_eq!(reports[3], Report::Down("the command was refused".into()), "{reports:?}");
    world.nothing_within(secs(3600));
}

#[test]
fn a_glitch_on_the_line_while_it_waits_does_not_deafen_it() {
    let mut world = World::armed();
    for _ in 0..20 {
        world.in_flight.push((world.now, vec![0xA7, 0x00, 0x3C]));
        world.run_for(secs(10));
        assert!(world.chip.is_waiting(), "it looks again");
        while let Some(report) = world.session.take_report() {
            assert!(matches!(report, Report::Up(_)), "{report:?}");
        }
        world.arm(false);
        world.run_for(secs(1));
        world.arm(true);
        world.run_for(secs(1));
    }
    world.lay(World::phone());
    assert_eq!(world.next(), token());
}

#[test]
fn half_a_frame_for_ever_ends_with_a_fault() {
    let mut world = World::armed();
    // As of a phone that was found: the start of a response, again and again, never its end.
    world.in_flight.push((world.now, vec![0x00, 0x00, 0xFF, 0x20, 0xE0, 0xD5, 0x4B]));
    world.run_for(secs(10));
    // The chip has nothing to repeat but its last response, which is another command's.
    assert!(world.chip.is_waiting(), "it looks again");
    world.session.take_report();
    world.lay(World::phone());
    assert_eq!(world.next(), token());
}

/// The chip answers each command at once; the host fetches nothing for a second, time and again.
#[test]
fn a_host_that_is_busy_for_a_while_repeats_no_command() {
    let mut world = World::armed();
    world.lay(World::phone());
    let report = loop {
        if !world.session.output().is_empty() {
            world.move_bytes();
        }
        assert!(!world.in_flight.is_empty(), "nothing is under way: {:02X?}", world.history());
        world.now += secs(1);
        let came: Vec<u8> = world.in_flight.drain(..).flat_map(|(_, bytes)| bytes).collect();
        world.session.receive(world.now, &came);
        if let Some(report) = world.session.take_report() {
            break report;
        }
    };
    assert_eq!(report, token());
    world.settle();
    let selects = world.history().iter().filter(|code| **code == EXCHANGE).count();
    assert_eq!(selects, 1, "{:02X?}", world.history());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn arbitrary_bytes_at_arbitrary_times_never_panic_or_hang(
        steps in proptest::collection::vec(
            (proptest::collection::vec(any::<u8>(), 0..80), 0_u64..400, 0_u8..12),
            1..40,
        ),
    ) {
        let mut world = World::armed();
        for (bytes, pause, action) in steps {
            world.in_flight.push((world.now, bytes));
            match action {
                0 => world.lay(World::phone()),
                1 => world.chip.lift(),
                2 => world.arm(false),
                3 => world.arm(true),
                4 => world.session.start(world.now),
                _ => {}
            }
            world.run_for(ms(pause));
            prop_assert!(world.session.output().len() < 1000);
        }
        // Once the noise is over, it works again.
        world.chip.lift();
        world.arm(false);
        world.run_for(secs(30));
        world.session.start(world.now);
        world.run_for(secs(5));
        world.arm(true);
        world.run_for(secs(5));
        while world.session.take_report().is_some() {}
        world.lay(World::phone());
        prop_assert_eq!(world.next(), token());
    }
}
