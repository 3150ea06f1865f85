//! The choice of fonts among those of a family (CSS Fonts 4 §5.2).

use std::cmp::Ordering;
use std::collections::BTreeSet;

use super::style::Face;

/// The weight of text without a weight of its own.
pub(super) const REGULAR: u16 = 400;

/// The weight of headings and other bold elements in a browser's own style.
pub(super) const BOLD: u16 = 700;

/// Returns the fonts of a family that text of some weights is shown in, upright or also italic.
pub(super) fn chosen<'f>(
    family: &[&'f Face],
    weights: &BTreeSet<u16>,
    slopes: &[Slope],
) -> Vec<&'f Face> {
    let mut all = Vec::new();
    for slope in slopes {
        let has_slope = |face: &&&Face| face.is_italic == (*slope == Slope::Italic);
        let mut faces: Vec<&Face> = family.iter().filter(has_slope).copied().collect();
        if faces.is_empty() {
            faces = family.to_vec();
        }
        for weight in weights {
            let distance = |face: &Face| distance(f32::from(*weight), face.weights);
            let nearest = faces.iter().map(|face| distance(face)).min_by(|a, b| compare(*a, *b));
            all.extend(faces.iter().copied().filter(|face| Some(distance(face)) == nearest));
        }
    }
    all
}

/// The slope of text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Slope {
    Upright,
    Italic,
}

/// The distance of a weight from the wanted one: first the direction, then the difference.
type Distance = (u8, f32);

fn compare(a: Distance, b: Distance) -> Ordering {
    a.0.cmp(&b.0).then(a.1.total_cmp(&b.1))
}

/// Returns the distance of a range of weights.
fn distance(wanted: f32, (lightest, heaviest): (f32, f32)) -> Distance {
    if (lightest..=heaviest).contains(&wanted) {
        return (0, 0.0);
    }
    let is_heavier = lightest > wanted;
    let difference = if is_heavier { lightest - wanted } else { wanted - heaviest };
    let direction = match wanted {
        // The regular and the medium weight stand for each other.
        400.0..=500.0 if is_heavier && lightest <= 500.0 => 1,
        400.0..=500.0 => 2 + u8::from(is_heavier),
        ..400.0 => 1 + u8::from(is_heavier),
        _ => 1 + u8::from(!is_heavier),
    };
    (direction, difference)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn face(url: &str, weights: (f32, f32)) -> Face {
        let is_italic = url.contains("italic");
        let (family, url, characters) = ("f".to_owned(), Some(url.to_owned()), Vec::new());
        Face { family, url, weights, is_italic, characters }
    }

    fn urls(faces: &[Face], weights: &[u16], slopes: &[Slope]) -> Vec<String> {
        let family: Vec<&Face> = faces.iter().collect();
        let chosen = chosen(&family, &weights.iter().copied().collect(), slopes);
        chosen.into_iter().filter_map(|face| face.url.clone()).collect()
    }

    #[test]
    fn text_is_shown_in_the_nearest_weight() {
        let faces = [300.0, 400.0, 500.0, 700.0].map(|it| face(&it.to_string(), (it, it)));
        for (weight, nearest) in
            [(100, "300"), (300, "300"), (400, "400"), (600, "700"), (900, "700")]
        {
            assert_eq!(urls(&faces, &[weight], &[Slope::Upright]), [nearest], "{weight}");
        }
        assert_eq!(urls(&faces[2..], &[400], &[Slope::Upright]), ["500"]);
        assert_eq!(urls(&[faces[0].clone(), faces[3].clone()], &[500], &[Slope::Upright]), ["300"]);
        let variable = [face("variable", (100.0, 900.0)), face("700", (700.0, 700.0))];
        assert_eq!(urls(&variable, &[400], &[Slope::Upright]), ["variable"]);
    }

    #[test]
    fn italic_text_has_a_font_of_its_own_if_the_family_has_one() {
        let faces = [face("upright", (400.0, 400.0)), face("italic", (400.0, 400.0))];
        let both = [Slope::Upright, Slope::Italic];
        assert_eq!(urls(&faces, &[400], &both[..1]), ["upright"]);
        assert_eq!(urls(&faces, &[400], &both), ["upright", "italic"]);
        assert_eq!(urls(&faces[1..], &[400], &both[..1]), ["italic"]);
    }
}
