//! Makes a site smaller for as long as a difference remains.

use super::site::Site;

/// The parts of a site whose lines can be removed.
const PARTS: [fn(&mut Site) -> &mut Vec<String>; 3] =
    [|site| &mut site.pages, |site| &mut site.headers, |site| &mut site.redirects];

/// Returns the smallest site found that still differs, or none if the whole site does not.
pub(super) fn shrink(site: &Site, differs: impl Fn(&Site) -> bool) -> Option<Site> {
    if !differs(site) {
        return None;
    }
    let mut small = site.clone();
    // The pages of a site that is not generated only name its files.
    for part in PARTS.into_iter().skip(usize::from(site.is_given())) {
        // All lines first, then halves and smaller pieces.
        let mut size = part(&mut small).len();
        while size > 0 {
            let mut start = 0;
            while start < part(&mut small).len() {
                let mut smaller = small.clone();
                let list: &mut Vec<String> = part(&mut smaller);
                let end = (start + size).min(list.len());
                list.drain(start..end);
                if differs(&smaller) {
                    small = smaller;
                } else {
                    start = end;
                }
            }
            size /= 2;
        }
    }
    Some(small)
}
