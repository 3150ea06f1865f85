//! Sites with every kind of reference and names drawn at random, and a visit of one in Chromium.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use worker_pack::options::Fingerprints;
use worker_pack::{Options, Packed};
use worker_pack_runtime::packer::path::encode_segments;

use super::{fingerprinted, options, renamed, served};
use crate::support::site::Site;
use crate::support::visits::Visits;

/// Numbers that depend on a seed alone (a linear congruential generator, with Knuth's factor for MMIX).
struct Draw(u64);

impl Draw {
    fn below(&mut self, bound: usize) -> usize {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % bound
    }

    fn of<'t, T: ?Sized>(&mut self, all: &[&'t T]) -> &'t T {
        all[self.below(all.len())]
    }

    /// A path without an extension. The number makes it the only one of its kind, whatever its case.
    fn path(&mut self, number: usize) -> String {
        const PARTS: [&str; 12] =
            ["a", "B", "ü", " ", "+", "-", "_", ".", "%41", "'", "(x)", "0123456789abcdef"];
        let folder = self.of(&["", "img/", "b c/", "ü/d/"]);
        let parts = (0..=self.below(4)).map(|_| self.of(&PARTS)).collect::<String>();
        format!("{folder}n{parts}z{number}")
    }
}

/// A site, with the routes of the files that get a fingerprint.
struct Generated {
    site: Site,
    named: Vec<String>,
    /// Those among them that are in circles.
    circles: Vec<String>,
}

impl Generated {
    /// Returns the route of a file with its fingerprint, which is checked.
    fn renamed(&self, packed: &Packed, route: &str) -> String {
        if self.circles.iter().any(|one| one == route) {
            renamed(packed, route)
        } else {
            fingerprinted(packed, route)
        }
    }
}

/// Writes a URL of a file from a text in a folder, in one of the ways to write it.
fn url(draw: &mut Draw, from: &str, to: &str) -> String {
    let encoded = encode_segments(to).replace('\'', "%27").replace('(', "%28").replace(')', "%29");
    let up = "../".repeat(from.matches('/').count());
    let start = draw.of(&["/", &*up, "/./"]);
    let start = if start.is_empty() { "./" } else { start };
    format!("{start}{encoded}{}", draw.of(&["", "?v=1", "#x"]))
}

/// Writes a classic script and modules, of which each loads all later ones. The last two import each other.
fn scripts(draw: &mut Draw, site: &Site, pictures: &[String]) -> Vec<String> {
    let names: Vec<String> = (40..47).map(|number| format!("{}.js", draw.path(number))).collect();
    for (number, name) in names.iter().enumerate() {
        let mut text = String::new();
        for (other, later) in names.iter().enumerate().skip(number + 1) {
            let url = url(draw, name, later);
            let ways = match number {
                0 => vec![format!("import('{url}');"), format!("import(`{url}`);")],
                _ => vec![
                    format!("import '{url}';"),
                    format!("import {{ a as a{other} }} from \"{url}\"; console.debug(a{other});"),
                    format!("export * from '{url}';"),
                    format!("export {{ a as b{other} }} from '{url}';"),
                    format!("import(/* later */ `{url}`).then(console.debug);"),
                    format!("new Worker(new URL('{url}', import.meta.url), {{ type: 'module' }});"),
                ],
            };
            text += &ways[draw.below(ways.len())];
            text.push('\n');
        }
        if number == 6 {
            writeln!(text, "import '{}';", url(draw, name, &names[5])).unwrap();
        }
        if number > 0 {
            let picture = &pictures[draw.below(pictures.len())];
            let url = url(draw, name, picture);
            writeln!(text, "export let a = new URL('{url}', import.meta.url).href + {number};")
                .unwrap();
        }
        site.write(name, text);
    }
    names
}

/// Writes drawings that load pictures. The first one also loads the second.
fn drawings(draw: &mut Draw, site: &Site, pictures: &[String]) -> Vec<String> {
    let drawings: Vec<String> =
        (20..22).map(|number| format!("{}.svg", draw.path(number))).collect();
    for (number, name) in drawings.iter().enumerate() {
        let mut text = String::new();
        for picture in pictures.iter().chain(&drawings[number + 1..]) {
            let url = url(draw, name, picture);
            // Relative references of a drawing whose elements are used stay.
            let element = if pictures.contains(picture) { "use" } else { "image" };
            text += draw.of(&[
                &*format!("<image href=\"{url}\"/>"),
                &*format!("<image xlink:href='{url}'/>"),
                &*format!("<{element} href=\"{url}\"/>"),
                &*format!("<g style=\"fill: url('{url}')\"/>"),
                &*format!("<rect width='1' height='1' filter=\"url({url})\"/>"),
                &*format!("<style>.d{number} {{ mask: url({url}) }}</style>"),
                &*format!("<style><![CDATA[ .d{number} {{ mask: url('{url}') }} ]]></style>"),
            ]);
        }
        site.write(
            name,
            format!(
                "<svg xmlns=\"http://www.w3.org/2000/svg\" xmlns:xlink=\"http://www.w3.org/1999/xlink\">{text}</svg>"
            ),
        );
    }
    drawings
}

fn generated(seed: u64) -> Generated {
    let mut draw = Draw(seed);
    let site = Site::new::<&str>(&[]);
    let pictures: Vec<String> = (0..6).map(|number| format!("{}.svg", draw.path(number))).collect();
    for (number, name) in pictures.iter().enumerate() {
        let size = number + 1;
        let text = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {size} {size}\"><rect id=\"x\" width=\"1\" height=\"1\"/></svg>"
        );
        site.write(name, text);
    }
    let drawings = drawings(&mut draw, &site, &pictures);
    let manifest = format!("{}.webmanifest", draw.path(30));
    let icons: Vec<serde_json::Value> = pictures
        .iter()
        .map(|picture| serde_json::json!({ "src": url(&mut draw, &manifest, picture), "sizes": "any" }))
        .collect();
    let text = serde_json::json!({ "name": "Site", "icons": icons, "start_url": "/" });
    site.write(&manifest, serde_json::to_string_pretty(&text).unwrap());
    // Each sheet imports some of the later ones. The last two import each other.
    let sheets: Vec<String> = (10..15).map(|number| format!("{}.css", draw.path(number))).collect();
    for (number, name) in sheets.iter().enumerate() {
        let mut text = String::new();
        for later in &sheets[number + 1..] {
            let later = url(&mut draw, name, later);
            let imported = [format!("'{later}'"), format!("url({later})")];
            writeln!(text, "@import {};", draw.of(&[&*imported[0], &*imported[1]])).unwrap();
        }
        if number == 4 {
            writeln!(text, "@import \"{}\";", url(&mut draw, name, &sheets[3])).unwrap();
        }
        for picture in &pictures {
            let url = url(&mut draw, name, picture);
            let value = draw
                .of(&[
                    &*format!("url({url})"),
                    &*format!("url( \"{url}\" )"),
                    &*format!("image-set('{url}' 1x)"),
                ])
                .to_owned();
            writeln!(text, ".p{number} {{ background: {value} }}").unwrap();
        }
        site.write(name, text);
    }
    let scripts = scripts(&mut draw, &site, &pictures);
    for page in ["index.html", "img/page.html", "ü/d/e/index.html"] {
        let mut text = "<!doctype html><meta charset=utf-8><title>Page</title>\n".to_owned();
        for sheet in &sheets {
            let href = url(&mut draw, page, sheet);
            writeln!(text, "<link rel=stylesheet href=\"{href}\">").unwrap();
        }
        for drawing in &drawings {
            let url = url(&mut draw, page, drawing);
            writeln!(text, "<object data=\"{url}\"></object>").unwrap();
        }
        let [classic, module, preloaded] =
            [&scripts[0], &scripts[1], &scripts[2]].map(|script| url(&mut draw, page, script));
        writeln!(text, "<script src=\"{classic}\"></script>").unwrap();
        writeln!(text, "<link rel=modulepreload href=\"{preloaded}\">").unwrap();
        writeln!(text, "<script type=module src='{module}'></script>").unwrap();
        let href = url(&mut draw, page, &manifest);
        writeln!(text, "<link rel=manifest href=\"{href}\">").unwrap();
        for picture in &pictures {
            let [one, other] = [(); 2].map(|()| url(&mut draw, page, picture));
            text += draw.of(&[
                &*format!("<img alt=\"\" src=\"{one}\" srcset=\"{other} 1x, {one} 2x\">\n"),
                &*format!("<picture><source srcset=\"{other}\"><img alt=\"\" src='{one}'></picture>\n"),
                &*format!("<p style=\"background: url(&quot;{one}&quot;)\">a</p><img alt=\"\" src={other}>\n"),
                &*format!("<style>p {{ background: url({one}) }}</style><img alt=\"\" src='{other}'>\n"),
                &*format!("<svg><image href=\"{one}\"/></svg><object data=\"{other}\"></object>\n"),
                &*format!("<link rel=icon href=\"{one}\"><video poster=\"{other}\"></video>\n"),
            ]);
        }
        site.write(page, text);
    }
    let route = |name: &String| format!("/{name}");
    let named = pictures.iter().chain(&drawings).chain(&sheets).chain(&scripts).map(route);
    let circles = sheets[3..].iter().chain(&scripts[5..]).map(route);
    Generated { site, named: named.collect(), circles: circles.collect() }
}

/// Returns the served bytes of each file by its own route.
fn files(packed: &Packed) -> BTreeMap<String, String> {
    let own = packed.table().entries().iter().filter(|entry| entry.fingerprint_of.is_none());
    own.map(|entry| (entry.route.to_string(), served(packed, entry.route.as_str()))).collect()
}

#[test]
fn texts_differ_by_fingerprints_alone_and_no_reference_is_left() {
    for seed in 0..40 {
        let generated = generated(seed);
        let (site, named) = (&generated.site, &generated.named);
        let off = site.pack_with(Options { fingerprints: Fingerprints::Off, ..options() });
        let on = site.pack_with(options());
        let new: Vec<String> = named.iter().map(|route| generated.renamed(&on, route)).collect();
        let marks: Vec<&str> = new
            .iter()
            .map(|route| &route[route.rfind('.').unwrap() - 17..route.rfind('.').unwrap()])
            .collect();
        let (before, after) = (files(&off), files(&on));
        assert_eq!(before.len(), after.len(), "seed {seed}");
        for (route, text) in &after {
            let plain = marks.iter().fold(text.clone(), |text, mark| text.replace(mark, ""));
            let is_script = std::path::Path::new(route).extension().is_some_and(|it| it == "js");
            if is_script {
                // The minifier takes the letters first that a script has most of.
                assert_eq!(plain.len(), before[route].len(), "seed {seed}, {route}: {plain}");
            } else {
                assert_eq!(plain, before[route], "seed {seed}, {route}");
            }
            for (old, mark) in named.iter().zip(&marks) {
                let name = old.rsplit('/').next().unwrap();
                let spelt = encode_segments(name)
                    .replace('\'', "%27")
                    .replace('(', "%28")
                    .replace(')', "%29");
                assert!(!text.contains(&spelt), "seed {seed}: {route} names {old} and not {mark}");
            }
        }
    }
}

#[test]
fn chromium_finds_every_file_by_its_fingerprint() {
    let Generated { site, named, circles } = generated(7);
    let packed = site.pack_with(options());
    let visits = Visits::of(
        &site.dist(),
        &["--fingerprints", "public"],
        &["/", "/img/page", "/%C3%BC/d/e/"],
    );
    let seen = visits.check_names(packed.report(), &circles);
    assert!(seen.len() > named.len() / 2, "{seen:?} of {named:?}");
}
