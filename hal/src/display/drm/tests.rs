//! What can be told without a card: what changed, and files that are no card.

use super::*;
use crate::display::{Display as _, Frame, RowRanges};
use crate::{Device as _, Rotation};

fn told(lines: &[(u32, std::ops::Range<u32>)]) -> Vec<[u16; 4]> {
    let mut lines = lines.iter().map(|(y, columns)| (*y, Extent::of(columns.clone())));
    clips(&mut lines).into_iter().map(|clip| [clip.x1(), clip.y1(), clip.x2(), clip.y2()]).collect()
}

#[test]
fn neighbouring_lines_are_told_as_one_rectangle() {
    assert_eq!(told(&[]), [[0; 4]; 0]);
    assert_eq!(told(&[(3, 5..9), (4, 2..6), (5, 7..8), (9, 0..1)]), [[2, 3, 9, 6], [0, 9, 1, 10]],);
}

#[test]
fn many_rectangles_end_in_one_round_the_rest() {
    let lines: Vec<_> = (0..40).map(|at| (at * 2, at..at + 1)).collect();
    let told = told(&lines);
    assert_eq!(told.len(), CLIPS_MAX);
    assert_eq!(told.last(), Some(&[15, 30, 40, 79]));
}

#[test]
fn files_that_are_no_card_are_named_with_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let plain = folder.path().join("plain");
    std::fs::write(&plain, "text").unwrap();
    let assumed = Geometry::new(4, 2).unwrap();
    for (path, health, words) in [
        (plain.clone(), Health::Failed, "is not a card with displays"),
        (PathBuf::from("/dev/null"), Health::Failed, "is not a card with displays"),
        (folder.path().join("absent"), Health::Absent, "is not there: is the display's driver"),
        (folder.path().to_owned(), Health::Failed, "cannot be opened"),
    ] {
        let config =
            GlassConfig { path: path.clone(), rotation: Rotation::None, assumed, console: None };
        let mut display = open(config);
        let report = display.health();
        assert_eq!(report.health, health, "{report}");
        assert!(report.detail.contains(words), "{report}");
        assert!(report.detail.contains(&path.display().to_string()), "{report}");
        let rows = RowRanges::all(assumed);
        assert!(display.present(&Frame::new(assumed), &rows).is_err());
    }
    assert_eq!(std::fs::read_to_string(&plain).unwrap(), "text");
}
