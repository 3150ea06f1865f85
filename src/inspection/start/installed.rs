//! The workerd that npm has installed for a project.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Packages that depend on workerd, directly or through others.
const DEPENDENTS: [&str; 5] =
    ["workerd", "miniflare", "wrangler", "@cloudflare/vite-plugin", "@astrojs/cloudflare"];

/// Maximum number of packages on the way to workerd.
const MAX_DEPTH: usize = 5;

/// Finds the program in the packages of a folder and of those around it, as Node.js resolves them. Package
/// managers that keep packages apart link from one to the next.
pub(super) fn workerd(folder: &Path) -> Option<PathBuf> {
    let mut seen = BTreeSet::new();
    folder.ancestors().find_map(|folder| in_packages(&folder.join("node_modules"), 0, &mut seen))
}

/// Finds the program in a folder `node_modules`.
fn in_packages(packages: &Path, depth: usize, seen: &mut BTreeSet<PathBuf>) -> Option<PathBuf> {
    let packages = packages.canonicalize().ok()?;
    if depth > MAX_DEPTH || !seen.insert(packages.clone()) {
        return None;
    }
    let program = packages.join(platform_package()).join("bin").join(program_name());
    if program.is_file() {
        return Some(program);
    }
    DEPENDENTS.iter().find_map(|name| {
        let package = packages.join(name).canonicalize().ok()?;
        let around = package.ancestors().skip(1).find(|it| it.ends_with("node_modules"));
        in_packages(&package.join("node_modules"), depth + 1, seen)
            .or_else(|| in_packages(around?, depth + 1, seen))
    })
}

/// Returns the name of the package with the program for this platform.
fn platform_package() -> String {
    let system = match std::env::consts::OS {
        "macos" => "darwin",
        other => other,
    };
    let processor = match std::env::consts::ARCH {
        "x86_64" => "64",
        "aarch64" => "arm64",
        other => other,
    };
    format!("@cloudflare/workerd-{system}-{processor}")
}

fn program_name() -> String {
    format!("workerd{}", std::env::consts::EXE_SUFFIX)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn install(folder: &Path) -> PathBuf {
        let bin = folder.join(platform_package()).join("bin");
        fs::create_dir_all(&bin).unwrap();
        fs::write(bin.join(program_name()), "").unwrap();
        bin.join(program_name()).canonicalize().unwrap()
    }

    #[test]
    fn the_program_is_found_in_a_folder_above() {
        let root = tempfile::tempdir().unwrap();
        let project = root.path().join("apps/site");
        fs::create_dir_all(&project).unwrap();
        assert_eq!(workerd(&project), None);
        let program = install(&root.path().join("node_modules"));
        assert_eq!(workerd(&project), Some(program));
    }

    #[test]
    fn the_program_is_found_among_the_packages_of_wrangler() {
        let root = tempfile::tempdir().unwrap();
        let inner = root.path().join("node_modules/wrangler/node_modules/miniflare/node_modules");
        let program = install(&inner);
        assert_eq!(workerd(root.path()), Some(program));
    }

    #[cfg(unix)]
    #[test]
    fn the_program_is_found_through_the_links_of_pnpm() {
        use std::os::unix::fs::symlink;

        let root = tempfile::tempdir().unwrap();
        let store = root.path().join("node_modules/.pnpm");
        let wrangler = store.join("wrangler@4.0.0/node_modules/wrangler");
        let workerd_packages = store.join("workerd@1.0.0/node_modules");
        fs::create_dir_all(&wrangler).unwrap();
        fs::create_dir_all(workerd_packages.join("workerd")).unwrap();
        symlink(&wrangler, root.path().join("node_modules/wrangler")).unwrap();
        let linked = store.join("wrangler@4.0.0/node_modules/workerd");
        symlink(workerd_packages.join("workerd"), linked).unwrap();
        let program = install(&workerd_packages);
        assert_eq!(workerd(root.path()), Some(program));
    }
}
