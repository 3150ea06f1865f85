//! The choice of an image among those that a page offers (HTML §4.8.4.3).

use super::screen;
use crate::transform::html::document::{Document, Element, NodeData, NodeId, is_html};

/// The types of images that the counted browser shows.
const SHOWN: [&str; 11] = [
    "image/apng",
    "image/avif",
    "image/bmp",
    "image/gif",
    "image/jpeg",
    "image/png",
    "image/svg+xml",
    "image/vnd.microsoft.icon",
    "image/webp",
    "image/x-icon",
    "image/jpg",
];

/// Device pixels for each CSS pixel.
const SCALE: f32 = 1.0;

/// Returns the URL that an `<img>` loads: of a `<picture>` around it, or its own.
pub(super) fn chosen(document: &Document, id: NodeId, image: &Element) -> Option<String> {
    let sources = document.node(id).parent.map(|parent| document.node(parent));
    let sources = sources.filter(|parent| is_picture(&parent.data)).map_or(&[][..], |parent| {
        let end = parent.children.iter().position(|child| *child == id).unwrap_or_default();
        &parent.children[..end]
    });
    for source in sources {
        let NodeData::Element(source) = &document.node(*source).data else { continue };
        if &*source.name.local == "source" && is_usable(source) {
            let sizes = source.attribute("sizes");
            if let Some(url) = source.attribute("srcset").and_then(|set| of_set(set, sizes, None)) {
                return Some(url);
            }
        }
    }
    let (set, src) = (image.attribute("srcset"), image.attribute("src"));
    of_set(set.unwrap_or_default(), image.attribute("sizes"), src)
}

/// Returns the URL that a `<link rel="preload" as="image">` loads.
pub(super) fn preloaded(link: &Element) -> Option<String> {
    let set = link.attribute("imagesrcset").unwrap_or_default();
    of_set(set, link.attribute("imagesizes"), link.attribute("href"))
}

fn is_picture(data: &NodeData) -> bool {
    matches!(data, NodeData::Element(element)
        if is_html(&element.name) && &*element.name.local == "picture")
}

/// Returns whether the browser shows the type of a `<source>`, and matches its media query.
fn is_usable(source: &Element) -> bool {
    let kind = source.attribute("type").map(|kind| kind.split(';').next().unwrap_or_default());
    let kind = kind.map(|kind| kind.trim().to_ascii_lowercase()).filter(|kind| !kind.is_empty());
    let is_shown = kind.is_none_or(|kind| SHOWN.contains(&&*kind));
    is_shown && source.attribute("media").is_none_or(screen::matches)
}

/// A candidate of a `srcset`.
struct Candidate {
    url: String,
    density: f32,
}

/// Chooses from a `srcset` and a `src`.
fn of_set(set: &str, sizes: Option<&str>, src: Option<&str>) -> Option<String> {
    let parsed = parse(set);
    let has_widths =
        parsed.iter().any(|(_, descriptor)| matches!(descriptor, Descriptor::Width(_)));
    let size = if has_widths { screen::source_size(sizes.unwrap_or("100vw")) } else { 1.0 };
    let mut candidates: Vec<Candidate> = parsed
        .into_iter()
        .map(|(url, descriptor)| {
            let density = match descriptor {
                Descriptor::Density(density) => density,
                // An image without a size is as dense as one can be.
                Descriptor::Width(width) if size > 0.0 => width / size,
                Descriptor::Width(_) => f32::MAX,
            };
            Candidate { url, density }
        })
        .collect();
    if let Some(src) = src.filter(|_| !has_widths) {
        candidates.push(Candidate { url: src.to_owned(), density: 1.0 });
    }
    candidates.sort_by(|a, b| a.density.total_cmp(&b.density));
    // The first of equal ones counts.
    candidates.dedup_by(|next, first| (next.density - first.density).abs() < f32::EPSILON);
    let index = best(&candidates.iter().map(|one| one.density).collect::<Vec<_>>());
    (!candidates.is_empty()).then(|| candidates.swap_remove(index).url)
}

/// Returns the index of the density that Chromium takes: the next larger one above the geometric mean of
/// two, and always a larger one than too few pixels.
fn best(densities: &[f32]) -> usize {
    let mut index = 0;
    for (next, pair) in (1..).zip(densities.windows(2)) {
        let [current, following] = pair else { break };
        index = next - 1;
        if *following < SCALE {
            index = next;
            continue;
        }
        let is_too_small = SCALE > *current;
        return if is_too_small || SCALE >= (current * following).sqrt() { next } else { index };
    }
    index
}

/// The size of a candidate.
#[derive(Clone, Copy)]
enum Descriptor {
    /// Image pixels for each CSS pixel.
    Density(f32),
    /// The width in image pixels.
    Width(f32),
}

/// Parses a `srcset` (HTML §4.8.4.2.1). A candidate with an invalid descriptor is dropped.
fn parse(set: &str) -> Vec<(String, Descriptor)> {
    let mut candidates = Vec::new();
    let mut rest = set;
    loop {
        rest = rest.trim_start_matches(|c: char| c.is_ascii_whitespace() || c == ',');
        let end = rest.find(|c: char| c.is_ascii_whitespace()).unwrap_or(rest.len());
        let (url, after) = rest.split_at(end);
        if url.is_empty() {
            return candidates;
        }
        let plain = url.trim_end_matches(',');
        if plain.len() < url.len() {
            candidates.push((plain.to_owned(), Descriptor::Density(1.0)));
            rest = after;
            continue;
        }
        let (descriptors, following) = split_descriptors(after);
        candidates.extend(size_of(descriptors).map(|size| (plain.to_owned(), size)));
        rest = following;
    }
}

/// Reads the descriptors of a candidate: at most one of them is its width or density. None if one is invalid.
fn size_of(descriptors: &str) -> Option<Descriptor> {
    let mut size = None;
    for text in descriptors.split_ascii_whitespace() {
        let (number, unit) = text.split_at_checked(text.len() - 1)?;
        let number: f32 = number.parse().ok().filter(|number: &f32| number.is_finite())?;
        let own = match unit {
            "w" if number > 0.0 => Descriptor::Width(number),
            "x" if number >= 0.0 => Descriptor::Density(number),
            // The height tells the future only.
            "h" if number > 0.0 => continue,
            _ => return None,
        };
        if size.replace(own).is_some() {
            return None;
        }
    }
    Some(size.unwrap_or(Descriptor::Density(1.0)))
}

/// Splits after the descriptors of a candidate. A comma in parentheses does not end them.
fn split_descriptors(text: &str) -> (&str, &str) {
    let mut depth = 0_usize;
    let end = text.find(|c: char| {
        match c {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        c == ',' && depth == 0
    });
    end.map_or((text, ""), |end| (&text[..end], &text[end + 1..]))
}

/// Returns the URLs of a `srcset`.
#[cfg(feature = "cli")]
pub(crate) fn urls_of_set(set: &str) -> impl Iterator<Item = String> {
    parse(set).into_iter().map(|(url, _)| url)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(set: &str, sizes: &str, src: &str) -> String {
        of_set(set, Some(sizes), (!src.is_empty()).then_some(src)).unwrap_or_default()
    }

    #[test]
    fn the_image_that_is_large_enough_is_chosen() {
        let set = "a.avif 480w, b.avif 960w, c.avif 1440w";
        assert_eq!(of(set, "(width > 60rem) 38rem, 100vw", "d.jpg"), "b.avif");
        assert_eq!(of(set, "100vw", "d.jpg"), "c.avif");
        assert_eq!(of(set, "300px", ""), "a.avif");
        assert_eq!(of(set, "500px", ""), "b.avif");
    }

    #[test]
    fn densities_and_the_src_compete() {
        assert_eq!(of("b.png 2x", "", "a.png"), "a.png");
        assert_eq!(of("a.png, b.png 2x", "", ""), "a.png");
        assert_eq!(of("b.png 2x", "", ""), "b.png");
        assert_eq!(of("", "", "a.png"), "a.png");
        assert_eq!(of("", "", ""), "");
        assert_eq!(of("bad.png 7q, good.png 1x", "", ""), "good.png");
        for bad in ["(b, c) 1x", "-1x", "NaNx", "infx", "0w", "100w 2x", "1x 1x"] {
            assert_eq!(of(&format!("a.png {bad}, good.png 1x"), "", ""), "good.png", "{bad}");
        }
        assert_eq!(of("data:image/png;base64,AA== 1x", "", ""), "data:image/png;base64,AA==");
    }
}
