//! What agrees, what differs, and that nothing is left out.

use super::*;
use proptest::prelude::*;

fn line(standing: Standing, fen: i64, returned: Returned) -> Line {
    Line { standing, amount: Some(Fen::new(fen)), returned }
}

fn paid(fen: i64, refunded: i64) -> Line {
    line(Standing::Paid, fen, Returned::Exactly(Fen::new(refunded)))
}

const NOT_CHARGED: Line = Line {
    standing: Standing::NotCharged,
    amount: Some(Fen::new(500)),
    returned: Returned::Exactly(Fen::ZERO),
};
const OPEN: Line = Line { standing: Standing::Open, ..NOT_CHARGED };

fn kinds(our: Line, their: Theirs) -> Vec<&'static str> {
    let ours = BTreeMap::from([("A".to_owned(), our)]);
    let compared = compare(&ours, &BTreeMap::from([("A".to_owned(), their)]));
    assert_eq!(compared.orders, 1);
    compared.differences.iter().map(|difference| difference.kind.name()).collect()
}

#[test]
fn every_difference_has_its_name() {
    let all_back = line(Standing::Paid, 500, Returned::Everything);
    let part_back = line(Standing::Paid, 500, Returned::Part);
    let moving = line(Standing::Paid, 500, Returned::Moving);
    for (our, their, expected) in [
        (paid(500, 0), paid(500, 0), vec![]),
        (paid(500, 0), paid(501, 0), vec!["amount"]),
        (paid(500, 0), NOT_CHARGED, vec!["outcome"]),
        (NOT_CHARGED, paid(500, 0), vec!["outcome"]),
        (NOT_CHARGED, paid(600, 0), vec!["amount", "outcome"]),
        (NOT_CHARGED, OPEN, vec!["outcome"]),
        (OPEN, OPEN, vec![]),
        (OPEN, paid(500, 0), vec!["outcome"]),
        (OPEN, NOT_CHARGED, vec!["outcome"]),
        (paid(500, 0), OPEN, vec!["outcome"]),
        (paid(500, 0), paid(500, 100), vec!["refunded"]),
        (paid(500, 100), paid(500, 100), vec![]),
        (paid(500, 100), part_back, vec![]),
        (paid(500, 0), part_back, vec!["refunded"]),
        (paid(500, 500), part_back, vec!["refunded"]),
        (paid(500, 100), all_back, vec!["refunded"]),
        (paid(500, 500), all_back, vec![]),
        (all_back, NOT_CHARGED, vec![]),
        (paid(500, 500), NOT_CHARGED, vec![]),
        (moving, NOT_CHARGED, vec![]),
        (moving, paid(500, 0), vec![]),
        (paid(500, 0), moving, vec!["refunded"]),
        (NOT_CHARGED, all_back, vec![]),
        (NOT_CHARGED, part_back, vec!["outcome"]),
    ] {
        assert_eq!(kinds(our, Theirs::Says(their)), expected, "{our:?} {their:?}");
    }
    assert_eq!(kinds(paid(500, 0), Theirs::Missing), ["only_ours"]);
    assert_eq!(kinds(OPEN, Theirs::Missing), ["only_ours"]);
    assert_eq!(kinds(NOT_CHARGED, Theirs::Missing), Vec::<&str>::new());
    assert_eq!(kinds(paid(500, 0), Theirs::Unknown), Vec::<&str>::new());
}

#[test]
fn only_ends_that_exclude_each_other_contradict() {
    let contradicts = |our: Option<Line>, their: Option<Line>, kind| {
        Difference { order: "A".into(), kind, ours: our, theirs: their }.contradicts()
    };
    assert!(contradicts(Some(NOT_CHARGED), Some(paid(500, 0)), Kind::Outcome));
    assert!(contradicts(Some(paid(500, 0)), Some(NOT_CHARGED), Kind::Outcome));
    assert!(!contradicts(Some(OPEN), Some(paid(500, 0)), Kind::Outcome));
    assert!(!contradicts(Some(paid(500, 0)), Some(OPEN), Kind::Outcome));
    assert!(!contradicts(Some(paid(500, 0)), Some(paid(400, 0)), Kind::Amount));
    assert!(!contradicts(Some(paid(500, 0)), None, Kind::OnlyOurs));
}

#[test]
fn what_was_not_asked_about_is_unknown_and_what_only_they_have_is_listed() {
    let ours = BTreeMap::from([("A".to_owned(), paid(500, 0))]);
    let theirs = BTreeMap::from([("B".to_owned(), Theirs::Says(paid(700, 0)))]);
    let compared = compare(&ours, &theirs);
    assert_eq!((compared.orders, compared.agree, compared.unknown), (2, 0, 1));
    let [only] = compared.differences.as_slice() else { panic!("{compared:?}") };
    assert_eq!((only.order.as_str(), only.kind, only.ours), ("B", Kind::OnlyTheirs, None));
}

#[test]
fn every_state_of_a_gateway_is_read_and_an_unknown_one_claims_nothing() {
    let info = |state| OrderInfo { state: Some(state), ..OrderInfo::default() };
    for code in 0..=20 {
        let state = SosopayState::read(&code.to_string());
        let expected = match code {
            0 | 3 | 7 => Some(Standing::Open),
            1 | 4 | 5 | 8 | 9 => Some(Standing::Paid),
            2 | 6 => Some(Standing::NotCharged),
            _ => None,
        };
        match (theirs(&info(OrderState::Sosopay(state))), expected) {
            (Theirs::Says(line), Some(standing)) => assert_eq!(line.standing, standing, "{code}"),
            (Theirs::Unknown, None) => {}
            (other, _) => panic!("{code}: {other:?}"),
        }
    }
    assert_eq!(theirs(&OrderInfo::default()), Theirs::Unknown);
    let mut partly = info(OrderState::Shouqianba(OrderStatus::PartialRefunded));
    partly.amount = Some(Fen::new(500));
    partly.received = Some(Fen::new(400));
    let Theirs::Says(line) = theirs(&partly) else { panic!() };
    assert_eq!(line.returned, Returned::Exactly(Fen::new(100)));
}

fn any_line() -> impl Strategy<Value = Line> {
    let standing = prop_oneof![
        Just(Standing::Open),
        Just(Standing::NotCharged),
        Just(Standing::Paid),
        Just(Standing::Paid)
    ];
    (standing, 1..4_i64, 0..4_i64).prop_map(|(standing, amount, refunded)| {
        let refunded = if standing == Standing::Paid { refunded.min(amount) } else { 0 };
        line(standing, amount, Returned::Exactly(Fen::new(refunded)))
    })
}

fn any_theirs() -> impl Strategy<Value = Theirs> {
    prop_oneof![
        6 => any_line().prop_map(Theirs::Says),
        1 => Just(Theirs::Missing),
        1 => Just(Theirs::Unknown),
    ]
}

fn held(line: &Line) -> i64 {
    let amount = line.amount.map_or(0, Fen::get);
    match (line.standing, line.returned) {
        (Standing::Paid, Returned::Exactly(fen)) => amount - fen.get(),
        (Standing::Paid, Returned::Part | Returned::Moving) => amount,
        (Standing::Paid, Returned::Everything) | (Standing::Open | Standing::NotCharged, _) => 0,
    }
}

proptest! {
    /// I20: our ledger minus the gateway's is empty, or every difference is listed.
    #[test]
    fn where_nothing_is_listed_the_books_hold_the_same_money(
        ours in proptest::collection::btree_map("[A-D]", any_line(), 0..4),
        theirs in proptest::collection::btree_map("[A-E]", any_theirs(), 0..5),
    ) {
        let compared = compare(&ours, &theirs);
        let mut differing: Vec<&str> =
            compared.differences.iter().map(|difference| difference.order.as_str()).collect();
        differing.dedup();
        prop_assert_eq!(compared.orders, compared.agree + differing.len() + compared.unknown);
        let quiet = |order: &String| !differing.contains(&order.as_str());
        for (order, their) in theirs.iter().filter(|(order, _)| quiet(order)) {
            match (ours.get(order), their) {
                (Some(our), Theirs::Says(their)) => prop_assert_eq!(held(our), held(their)),
                (Some(our), Theirs::Missing) => prop_assert_eq!(held(our), 0),
                (None, Theirs::Says(_)) => prop_assert!(false, "{} is not listed", order),
                (_, Theirs::Unknown) | (None, Theirs::Missing) => {}
            }
        }
        let same: BTreeMap<String, Theirs> =
            ours.iter().map(|(order, line)| (order.clone(), Theirs::Says(*line))).collect();
        let agreed = compare(&ours, &same);
        prop_assert_eq!((agreed.agree, agreed.differences.len()), (ours.len(), 0));
    }
}
