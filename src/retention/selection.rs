//! The choice of what is kept: by the number of builds, their age and their bytes.

use std::collections::BTreeSet;

use super::index::{Build, RecordedFile};
use crate::options::KeepBounds;

/// The files of an earlier build that no newer one has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Selected {
    /// The position of the build in the store.
    pub(super) position: usize,
    pub(super) files: Vec<RecordedFile>,
}

/// Chooses the files that are kept of the builds of a store, the newest build first. `current` are the
/// hashed files of this build.
///
/// A file has the age of the first build that does not contain it. The newest build of the store may be
/// this one, if it is repeated.
pub(super) fn select(
    builds: &[Build],
    current: &[RecordedFile],
    bounds: &KeepBounds,
    now: u64,
) -> Vec<Selected> {
    let mut routes: BTreeSet<&str> = current.iter().map(|file| &*file.route).collect();
    let mut bodies = BTreeSet::new();
    let mut total = 0_u64;
    let mut replaced_at = now;
    let mut selected = Vec::new();
    for (position, build) in builds.iter().enumerate().rev() {
        let is_this_one = position + 1 == builds.len() && build.files == current;
        if is_this_one {
            replaced_at = build.time;
            continue;
        }
        let age = now.saturating_sub(replaced_at);
        if selected.len() == bounds.builds || age > bounds.max_age.as_secs() {
            break;
        }
        let is_new = |file: &&RecordedFile| !routes.contains(&*file.route);
        let files: Vec<&RecordedFile> = build.files.iter().filter(is_new).collect();
        for file in &files {
            if bodies.insert(file.sha256) {
                total = total.saturating_add(file.bytes as u64);
            }
        }
        if total > bounds.max_bytes.as_u64() {
            break;
        }
        routes.extend(files.iter().map(|file| &*file.route));
        selected.push(Selected { position, files: files.into_iter().cloned().collect() });
        replaced_at = build.time;
    }
    selected
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use bytesize::ByteSize;

    use super::*;
    use crate::asset::cache_policy::CachePolicy;
    use crate::asset::digest::ContentHash;

    fn file(name: &str) -> RecordedFile {
        RecordedFile {
            route: format!("/{name}"),
            content_type: "text/css".parse().unwrap(),
            cache_control: CachePolicy::Immutable,
            sha256: ContentHash::of(name.as_bytes()),
            bytes: 10,
        }
    }

    fn files(names: &str) -> Vec<RecordedFile> {
        names.split_whitespace().map(file).collect()
    }

    /// Returns the routes that are kept, the newest build first.
    fn kept(
        builds: &[(u64, &str)],
        current: &str,
        now: u64,
        change: impl FnOnce(&mut KeepBounds),
    ) -> String {
        let build = |&(time, names): &(u64, &str)| Build { time, files: files(names) };
        let builds: Vec<Build> = builds.iter().map(build).collect();
        let mut bounds = KeepBounds {
            builds: 9,
            max_age: Duration::from_secs(100),
            max_bytes: ByteSize::b(1000),
            store: None,
        };
        change(&mut bounds);
        let selected = select(&builds, &files(current), &bounds, now);
        let routes = |one: &Selected| {
            one.files.iter().map(|file| &file.route[1..]).collect::<Vec<_>>().join(" ")
        };
        selected.iter().map(routes).collect::<Vec<_>>().join(" | ")
    }

    const BUILDS: &[(u64, &str)] = &[(0, "a s"), (10, "b s"), (20, "c s")];

    #[test]
    fn files_of_earlier_builds_are_kept_once_and_never_for_a_route_of_this_build() {
        assert_eq!(kept(BUILDS, "d s", 30, |_| {}), "c | b | a");
        assert_eq!(kept(BUILDS, "a d", 30, |_| {}), "c s | b | ");
        assert_eq!(kept(&[], "a", 30, |_| {}), "");
    }

    #[test]
    fn a_repeated_build_is_not_one_before_itself() {
        assert_eq!(kept(BUILDS, "c s", 30, |_| {}), "b | a");
    }

    #[test]
    fn only_the_newest_builds_are_kept() {
        assert_eq!(kept(BUILDS, "d", 30, |bounds| bounds.builds = 2), "c s | b");
        assert_eq!(kept(BUILDS, "c s", 30, |bounds| bounds.builds = 1), "b");
    }

    #[test]
    fn a_file_has_the_age_of_the_first_build_without_it() {
        let age =
            |seconds| move |bounds: &mut KeepBounds| bounds.max_age = Duration::from_secs(seconds);
        // `c` is gone now, `b` since 20, and `a` since 10.
        assert_eq!(kept(BUILDS, "d", 30, age(0)), "c s");
        assert_eq!(kept(BUILDS, "d", 30, age(10)), "c s | b");
        assert_eq!(kept(BUILDS, "d", 30, age(19)), "c s | b");
        assert_eq!(kept(BUILDS, "d", 30, age(20)), "c s | b | a");
        // The same build, repeated later, ages the ones before.
        assert_eq!(kept(BUILDS, "c s", 30, age(10)), "b");
        assert_eq!(kept(BUILDS, "c s", 31, age(10)), "");
        // A clock that was set back makes nothing old.
        assert_eq!(kept(BUILDS, "d", 5, age(0)), "c s | b | a");
    }

    #[test]
    fn the_oldest_builds_go_when_there_are_too_many_bytes() {
        let bytes = |bytes| move |bounds: &mut KeepBounds| bounds.max_bytes = ByteSize::b(bytes);
        assert_eq!(kept(BUILDS, "d", 30, bytes(40)), "c s | b | a");
        assert_eq!(kept(BUILDS, "d", 30, bytes(39)), "c s | b");
        assert_eq!(kept(BUILDS, "d", 30, bytes(19)), "");
    }
}
