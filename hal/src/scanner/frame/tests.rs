//! Streams of bytes and what they are cut into.

use proptest::prelude::*;

use super::*;

const CODE: &str = "284214903060794755";

/// A framer with a clock and the events it gave, in short form: the text of a reading, or the
/// reason of a drop.
struct Line {
    framer: Framer,
    now: Instant,
    events: VecDeque<ScannerEvent>,
}

impl Line {
    fn new(terminator: Terminator) -> Self {
        Self { framer: Framer::new(terminator), now: Instant::now(), events: VecDeque::new() }
    }

    fn send(&mut self, bytes: impl AsRef<[u8]>) -> &mut Self {
        self.framer.push(self.now, bytes.as_ref(), &mut self.events);
        self
    }

    fn wait(&mut self, time: Duration) -> &mut Self {
        self.now += time;
        self.framer.elapse(self.now, &mut self.events);
        self
    }

    fn take(&mut self) -> Vec<Result<String, DropReason>> {
        self.events.drain(..).map(short).collect()
    }
}

fn short(event: ScannerEvent) -> Result<String, DropReason> {
    match event {
        ScannerEvent::Read(reading) => Ok(reading.text),
        ScannerEvent::Dropped(reason) => Err(reason),
        ScannerEvent::HealthChanged => panic!("a framer knows no health"),
    }
}

fn read(text: &str) -> Result<String, DropReason> {
    Ok(text.to_owned())
}

fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

#[test]
fn each_terminator_ends_a_code_and_leaves_nothing_behind() {
    for (name, end) in [
        ("any", "\r"),
        ("any", "\n"),
        ("any", "\r\n"),
        ("any", "\t"),
        ("cr", "\r"),
        ("lf", "\n"),
        ("crlf", "\r\n"),
        ("tab", "\t"),
    ] {
        let mut line = Line::new(name.parse().unwrap());
        line.send(format!("{CODE}{end}12{end}"));
        assert_eq!(line.take(), [read(CODE), read("12")], "{name} {end:?}");
        assert_eq!(line.framer.deadline(), None, "{name} {end:?}");
    }
}

#[test]
fn a_scanner_that_sends_more_than_the_terminator_set_still_reads() {
    for (name, end) in [("cr", "\r\n"), ("lf", "\r\n"), ("tab", "\r\t"), ("cr", "\x03\r")] {
        let mut line = Line::new(name.parse().unwrap());
        line.send(format!("\x02{CODE}{end}\x02{CODE}{end}"));
        assert_eq!(line.take(), [read(CODE), read(CODE)], "{name} {end:?}");
        assert_eq!(line.wait(STALE_AFTER).take(), [], "{name} {end:?}");
    }
}

#[test]
fn a_quiet_gap_ends_a_code() {
    let mut line = Line::new("quiet:80".parse().unwrap());
    line.send(&CODE[..9]).wait(ms(79));
    assert_eq!(line.take(), []);
    line.send(&CODE[9..]);
    let last_byte = line.now;
    line.wait(ms(80));
    assert!(
        matches!(&line.events[0], ScannerEvent::Read(reading) if reading.last_byte == last_byte)
    );
    assert_eq!(line.take(), [read(CODE)]);
}

#[test]
fn bytes_that_waited_to_be_fetched_go_on_with_the_code_before_them() {
    for (name, end) in [("quiet:80", ""), ("cr", "\r")] {
        let mut line = Line::new(name.parse().unwrap());
        line.send(&CODE[..17]);
        line.now += STALE_AFTER * 2;
        line.send(&CODE[17..]).send(end).wait(ms(80));
        assert_eq!(line.take(), [read(CODE)], "{name}");
    }
}

#[test]
fn the_rest_of_a_discarded_code_is_discarded_however_long_it_waited_to_be_fetched() {
    let mut line = Line::new(Terminator::Cr);
    line.send("28");
    line.framer.discard();
    line.now += DISCARDED_QUIET * 2;
    line.send(&CODE[2..]).send("\r").send(CODE).send("\r");
    assert_eq!(line.take(), [read(CODE)]);
}

#[test]
fn an_aim_identifier_is_taken_off_and_told() {
    let mut line = Line::new(Terminator::Cr);
    line.send(format!("]Q1{CODE}\r]C0\r]]{CODE}\r"));
    let Some(ScannerEvent::Read(reading)) = line.events.front() else { panic!("no reading") };
    assert_eq!(reading.symbology.unwrap().to_string(), "]Q1");
    assert_eq!(line.take(), [read(CODE), Err(DropReason::Empty), read(&format!("]]{CODE}"))]);
}

#[test]
fn a_scanner_that_saw_nothing_reads_nothing() {
    let mut line = Line::new(Terminator::CrLf);
    line.send("%%NoRead\r\n%%NoReadable\r\n");
    assert_eq!(line.take(), [Err(DropReason::NoRead), read("%%NoReadable")]);
}

#[test]
fn nul_is_dropped_around_a_code_and_refused_inside() {
    let mut line = Line::new(Terminator::Cr);
    line.send(format!("\0\0{CODE}\0\r2842\0149\r"));
    assert_eq!(line.take(), [read(CODE), Err(DropReason::NotText)]);
}

#[test]
fn noise_is_not_text() {
    let mut line = Line::new(Terminator::Cr);
    line.send(b"\xff\xfe28\r\x1b[A\r12\x7f\r\xe6\x94\xb6\r");
    let noise = Err(DropReason::NotText);
    assert_eq!(line.take(), [noise.clone(), noise.clone(), noise, read("收")]);
}

#[test]
fn the_longest_code_is_read_and_one_byte_more_is_too_long_once() {
    let mut line = Line::new(Terminator::Cr);
    let longest = "7".repeat(READING_LEN_MAX);
    line.send(format!("{longest}\r{longest}7{longest}{longest}\r{CODE}\r"));
    let too_long = Err(DropReason::TooLong { len_max: READING_LEN_MAX });
    assert_eq!(line.take(), [read(&longest), too_long, read(CODE)]);
}

#[test]
fn a_megabyte_without_a_terminator_is_reported_once_and_not_kept() {
    for terminator in [Terminator::Any, Terminator::CrLf, "quiet".parse().unwrap()] {
        let mut line = Line::new(terminator);
        line.send(vec![b'7'; 1 << 20]);
        assert_eq!(line.take(), [Err(DropReason::TooLong { len_max: READING_LEN_MAX })]);
        assert!(line.framer.buffer.capacity() <= READING_LEN_MAX);
        line.wait(STALE_AFTER).send(CODE).send("\r\n").wait(STALE_AFTER);
        assert_eq!(line.take(), [read(CODE)], "reads again after silence");
    }
}

#[test]
fn a_code_that_stops_in_the_middle_does_not_join_the_next() {
    let mut line = Line::new(Terminator::Cr);
    line.send("284214").wait(STALE_AFTER - ms(1));
    assert_eq!(line.take(), []);
    line.wait(ms(1)).send(CODE).send("\r");
    assert_eq!(line.take(), [Err(DropReason::Unfinished), read(CODE)]);
}

#[test]
fn a_discarded_code_takes_its_rest_with_it() {
    let mut line = Line::new(Terminator::CrLf);
    line.send("284214\r");
    line.framer.discard();
    line.send("\n").send(CODE).send("\r\n");
    assert_eq!(line.take(), [read(CODE)]);

    line.send("28");
    line.framer.discard();
    line.send("4214903060794755\r\n");
    assert_eq!(line.take(), []);
}

#[test]
fn a_discarded_beginning_whose_rest_never_comes_does_not_cost_the_next_code() {
    let mut line = Line::new(Terminator::Cr);
    line.send("284214");
    line.framer.discard();
    line.wait(DISCARDED_QUIET).send(CODE).send("\r");
    assert_eq!(line.take(), [read(CODE)]);
}

#[test]
fn discarding_between_codes_costs_nothing() {
    let mut line = Line::new(Terminator::Cr);
    line.framer.discard();
    line.send(CODE).send("\r");
    assert_eq!(line.take(), [read(CODE)]);
}

#[test]
fn a_terminator_reads_back_from_its_name() {
    for name in ["any", "cr", "lf", "crlf", "tab", "quiet:5", "quiet:1000"] {
        assert_eq!(name.parse::<Terminator>().unwrap().to_string(), name);
    }
    assert_eq!("quiet".parse::<Terminator>().unwrap().to_string(), "quiet:50");
    for name in
        ["", "CR", "quiet:", "quiet:4", "quiet:1001", "quiet:+9", "quiet:99999999999999999999"]
    {
        assert_eq!(name.parse::<Terminator>(), Err(UnknownTerminator), "{name}");
    }
}

fn any_terminator() -> impl Strategy<Value = Terminator> {
    prop::sample::select(vec![
        Terminator::Any,
        Terminator::Cr,
        Terminator::Lf,
        Terminator::CrLf,
        Terminator::Tab,
        Terminator::Quiet(ms(50)),
    ])
}

/// Bytes in which terminators, framing, identifiers and noise are all frequent.
fn any_stream() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        4 => "[0-9]{1,20}".prop_map(String::into_bytes),
        2 => prop::sample::select(vec!["\r", "\n", "\r\n", "\t", "\0", "\x02", "\x03", "]Q1"])
            .prop_map(|text| text.as_bytes().to_vec()),
        1 => prop::collection::vec(any::<u8>(), 1..6),
        1 => (200usize..600).prop_map(|len| vec![b'8'; len]),
        1 => Just(b"%%NoRead\r\n".to_vec()),
    ];
    prop::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn any_chunking_gives_the_same_events(
        terminator in any_terminator(),
        stream in any_stream(),
        lens in prop::collection::vec(1usize..40, 1..40),
    ) {
        let mut whole = Line::new(terminator);
        whole.send(&stream).wait(STALE_AFTER);
        let mut pieces = Line::new(terminator);
        pieces.now = whole.now - STALE_AFTER;
        let (mut rest, mut lens) = (stream.as_slice(), lens.iter().cycle());
        while !rest.is_empty() {
            let (piece, after) = rest.split_at((*lens.next().unwrap()).min(rest.len()));
            pieces.send(piece);
            rest = after;
        }
        pieces.wait(STALE_AFTER);
        prop_assert_eq!(whole.events, pieces.events);
    }

    #[test]
    fn readings_are_short_text_whatever_comes_in(
        terminator in any_terminator(),
        chunks in prop::collection::vec((any_stream(), 0u64..3000, any::<bool>()), 0..8),
    ) {
        let mut line = Line::new(terminator);
        for (bytes, pause_ms, discard) in chunks {
            line.send(bytes);
            if discard {
                line.framer.discard();
            }
            line.wait(ms(pause_ms));
            prop_assert!(line.framer.buffer.len() <= READING_LEN_MAX);
            for text in line.take().into_iter().flatten() {
                prop_assert!(!text.is_empty() && text.len() <= READING_LEN_MAX);
                prop_assert!(!text.chars().any(char::is_control));
            }
        }
    }
}
