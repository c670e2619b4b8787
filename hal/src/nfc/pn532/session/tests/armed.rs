//! What is read, when, and how often.

use super::*;

#[test]
fn the_chip_is_woken_set_up_and_known_by_its_firmware() {
    let mut world = World::new();
    world.session.start(world.now);
    let Report::Up(firmware) = world.next() else { panic!("not up") };
    assert_eq!(firmware.to_string(), "PN532, firmware 1.6");
    world.settle();
    assert_eq!(world.history(), [SAM, VERSION, RF]);
}

#[test]
fn a_disarmed_reader_is_silent_and_its_field_is_off() {
    let mut world = World::up();
    let sent = world.sent;
    world.lay(World::phone());
    world.nothing_within(secs(3600));
    assert_eq!((world.sent, world.session.deadline()), (sent, None));
    assert!(!world.chip.field_is_on());
}

#[test]
fn an_armed_reader_has_the_chip_look_and_wakes_nobody() {
    let mut world = World::armed();
    let sent = world.sent;
    world.nothing_within(secs(3600));
    assert_eq!((world.sent, world.session.deadline()), (sent, None));
}

#[test]
fn a_token_is_read_off_a_phone_and_the_phone_is_let_go() {
    let mut world = World::armed();
    world.lay(World::phone());
    assert_eq!(world.next(), token());
    world.arm(false);
    world.settle();
    assert_eq!(world.history()[3..], [RF, LIST, EXCHANGE, RELEASE, RF]);
    assert!(!world.chip.field_is_on());
    assert_eq!(world.session.deadline(), None);
}

#[test]
fn a_token_is_read_wherever_the_application_keeps_it() {
    let bytes = TOKEN.as_bytes().to_vec();
    for application in [
        Application::Answers(bytes.clone()),
        Application::HasFile(bytes.clone()),
        Application::KeepsBack(bytes.clone()),
        Application::Insists(bytes),
    ] {
        let mut world = World::armed();
        world.lay(Target::phone(&AID, application.clone()));
        assert_eq!(world.next(), token(), "{application:?}");
    }
}

#[test]
fn an_answer_that_comes_in_parts_is_put_together() {
    let mut world = World::armed();
    world.chip.set_part_len(7);
    world.lay(World::phone());
    assert_eq!(world.next(), token());
}

#[test]
fn an_answer_in_an_extended_frame_is_read() {
    let mut world = World::armed();
    let long = "7".repeat(256);
    world.lay(Target::with_token(&AID, &long));
    assert_eq!(world.next(), Report::Token(long));
}

#[test]
fn a_phone_that_stays_is_read_once() {
    let mut world = World::armed();
    world.lay(World::phone());
    assert_eq!(world.next(), token());
    // Still armed: it lies there for a minute, and is neither read nor complained of.
    world.nothing_within(secs(60));
    world.chip.lift();
    world.nothing_within(secs(2));
    world.lay(World::phone());
    assert_eq!(world.next(), token());
}

#[test]
fn a_phone_that_was_left_there_does_not_pay_for_the_next_one() {
    let mut world = World::armed();
    world.lay(World::phone());
    assert_eq!(world.next(), token());
    world.arm(false);
    world.run_for(secs(300));
    world.arm(true);
    assert_eq!(world.next(), Report::Failed(NfcFault::StillThere));
    world.nothing_within(secs(60));
    world.chip.lift();
    world.nothing_within(secs(2));
    world.lay(World::phone());
    assert_eq!(world.next(), token());
}

#[test]
fn a_phone_that_left_meanwhile_is_no_hindrance_to_the_next() {
    let mut world = World::armed();
    world.lay(World::phone());
    assert_eq!(world.next(), token());
    world.arm(false);
    world.settle();
    world.chip.lift();
    world.arm(true);
    world.nothing_within(secs(1));
    assert!(world.chip.is_waiting());
    world.lay(World::phone());
    assert_eq!(world.next(), token());
}

#[test]
fn disarming_aborts_the_look() {
    let mut world = World::armed();
    world.arm(false);
    world.settle();
    assert!(!world.chip.is_waiting() && !world.chip.field_is_on());
    world.lay(World::phone());
    world.nothing_within(secs(60));
    world.arm(true);
    assert_eq!(world.next(), token());
}

#[test]
fn a_reading_from_before_the_arming_does_not_count() {
    let mut world = World::armed();
    world.chip.goes_wrong(EXCHANGE, Mishap::Late(ms(500)));
    world.lay(World::phone());
    world.run_for(ms(100));
    world.arm(false);
    world.arm(true);
    // It was touched, so it has to leave before it is read.
    assert_eq!(world.next(), Report::Failed(NfcFault::StillThere));
    world.chip.lift();
    world.run_for(secs(2));
    world.lay(World::phone());
    assert_eq!(world.next(), token());
}

#[test]
fn a_tap_that_nobody_fetched_is_forgotten_with_the_arming() {
    let mut world = World::armed();
    world.lay(World::phone());
    world.run_for(secs(1));
    world.arm(false);
    assert_eq!(world.session.take_report(), None);
}

#[test]
fn arming_while_it_is_set_up_is_not_forgotten() {
    let mut world = World::new();
    world.arm(true);
    world.lay(World::phone());
    world.session.start(world.now);
    assert!(matches!(world.next(), Report::Up(_)));
    assert_eq!(world.next(), token());
}

#[test]
fn arming_and_disarming_at_any_moment_ends_as_it_was_last_asked() {
    for pause in 0..40 {
        let mut world = World::armed();
        // Slow enough that each of these moments is another.
        for code in [RF, LIST, EXCHANGE, RELEASE] {
            world.chip.goes_wrong(code, Mishap::Pieces(ms(1)));
        }
        world.lay(World::phone());
        world.run_for(ms(pause * 3));
        world.arm(false);
        world.run_for(secs(10));
        assert!(!world.chip.field_is_on(), "after {pause}");
        assert_eq!(world.session.deadline(), None);
        assert_eq!(world.session.take_report(), None);
        world.chip.lift();
        world.arm(true);
        world.run_for(secs(5));
        world.lay(World::phone());
        assert_eq!(world.next(), token(), "after {pause}");
    }
}
