//! Makes a site smaller as long as a difference stays.

use super::site::Site;

/// The parts of a site that lines are left out of.
const PARTS: [fn(&mut Site) -> &mut Vec<String>; 3] =
    [|site| &mut site.pages, |site| &mut site.headers, |site| &mut site.redirects];

/// Returns the smallest site that was found with which something still differs, or none if it does
/// not differ any more with the whole one.
pub(super) fn shrink(site: &Site, differs: impl Fn(&Site) -> bool) -> Option<Site> {
    if !differs(site) {
        return None;
    }
    let mut small = site.clone();
    // The pages of a site that is not made up are not its files.
    for part in PARTS.into_iter().skip(usize::from(site.is_given())) {
        // Halves first, then smaller pieces.
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
