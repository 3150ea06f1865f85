//! Facts about a style sheet: the files that it names, and the fonts that it declares and uses.

use std::collections::BTreeSet;

use cssparser::{Parser, ParserInput, Token};
use lightningcss::declaration::DeclarationBlock;
use lightningcss::properties::font::{AbsoluteFontWeight, FontWeight};
use lightningcss::rules::font_face::{
    FontFaceProperty, FontFaceRule, FontFormat, FontStyle, Source,
};
use lightningcss::rules::{CssRule, CssRuleList};
use lightningcss::stylesheet::{ParserOptions, PrinterOptions, StyleAttribute, StyleSheet};
use lightningcss::traits::ToCss;

use super::{font, screen};

/// Facts about a style sheet. URLs are as they are written.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct StyleFacts {
    /// The style sheets that it imports.
    pub(super) imports: Vec<Import>,
    /// The images and other files in its declarations. A browser loads those that an element needs.
    pub(super) named: Vec<String>,
    /// The fonts that it declares.
    pub(super) faces: Vec<Face>,
    /// The families that its declarations name, in lower case.
    pub(super) families: BTreeSet<String>,
    /// The weights of text that its declarations ask for.
    pub(super) weights: BTreeSet<u16>,
    /// True if a declaration asks for italic text.
    pub(super) is_italic: bool,
}

/// A style sheet that another one imports.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Import {
    pub(super) url: String,
    /// True if its rules apply to the screen. It is loaded in any case.
    pub(super) is_for_screen: bool,
}

/// A font that an `@font-face` declares.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Face {
    /// The family in lower case.
    pub(super) family: String,
    /// The file of the first format that the browser reads. None if a font of the computer is taken.
    pub(super) url: Option<String>,
    /// The lightest and the heaviest weight that it is for.
    pub(super) weights: (f32, f32),
    pub(super) is_italic: bool,
    /// The first and last characters of the ranges that it is for. Empty for all characters.
    pub(super) characters: Vec<(u32, u32)>,
}

impl StyleFacts {
    /// Reads a style sheet. What is not valid has no facts.
    pub(super) fn of_sheet(source: &str) -> Self {
        let options = ParserOptions { error_recovery: true, ..ParserOptions::default() };
        let mut facts = Self::default();
        if let Ok(sheet) = StyleSheet::parse(source, options) {
            facts.rules(&sheet.rules);
        }
        facts
    }

    /// Reads an attribute `style`.
    pub(super) fn of_attribute(source: &str) -> Self {
        let options = ParserOptions { error_recovery: true, ..ParserOptions::default() };
        let mut facts = Self::default();
        if let Ok(attribute) = StyleAttribute::parse(source, options) {
            facts.declarations(&attribute.declarations);
        }
        facts
    }

    fn rules(&mut self, rules: &CssRuleList<'_>) {
        for rule in &rules.0 {
            match rule {
                // Browsers load an import whether or not its media query matches.
                CssRule::Import(import) => self.imports.push(Import {
                    url: import.url.to_string(),
                    is_for_screen: screen::matches_list(&import.media),
                }),
                CssRule::Media(media) if screen::matches_list(&media.query) => {
                    self.rules(&media.rules);
                }
                CssRule::Style(style) => {
                    self.declarations(&style.declarations);
                    self.rules(&style.rules);
                }
                CssRule::NestedDeclarations(nested) => self.declarations(&nested.declarations),
                CssRule::Nesting(nesting) => {
                    self.declarations(&nesting.style.declarations);
                    self.rules(&nesting.style.rules);
                }
                CssRule::FontFace(face) => self.faces.extend(Face::of(face)),
                CssRule::Supports(inner) => self.rules(&inner.rules),
                CssRule::LayerBlock(inner) => self.rules(&inner.rules),
                CssRule::Container(inner) => self.rules(&inner.rules),
                CssRule::Scope(inner) => self.rules(&inner.rules),
                CssRule::StartingStyle(inner) => self.rules(&inner.rules),
                CssRule::Keyframes(frames) => {
                    for frame in &frames.keyframes {
                        self.declarations(&frame.declarations);
                    }
                }
                _ => {}
            }
        }
    }

    fn declarations(&mut self, block: &DeclarationBlock<'_>) {
        for property in block.declarations.iter().chain(&block.important_declarations) {
            let Ok(value) = property.value_to_css_string(PrinterOptions::default()) else {
                continue;
            };
            let name = property.property_id();
            let name = name.name();
            let (is_font, is_custom) = (name.starts_with("font"), name.starts_with("--"));
            if is_font || is_custom {
                self.font(&value);
            }
            if value.contains("url(") || value.contains("image-set(") {
                // A fragment alone is an element of the page (CSS Values 4 §4.5.2).
                self.named.extend(urls(&value).into_iter().filter(|url| !url.starts_with('#')));
            }
        }
    }

    /// Reads the families, the weight and the style in a value of `font`, `font-family` and so on.
    fn font(&mut self, value: &str) {
        let mut input = ParserInput::new(value);
        let mut parser = Parser::new(&mut input);
        let mut words: Vec<String> = Vec::new();
        while let Ok(token) = parser.next_including_whitespace() {
            match token {
                Token::Ident(word) => words.push(word.to_ascii_lowercase()),
                Token::QuotedString(name) => {
                    self.families.insert(name.to_ascii_lowercase());
                }
                Token::Number { int_value: Some(weight), .. } => {
                    // Smaller numbers are line heights and settings of features.
                    let weight = u16::try_from(*weight).ok();
                    self.weights.extend(weight.filter(|weight| (100..=1000).contains(weight)));
                }
                Token::WhiteSpace(_) => {}
                _ => self.words(&mut words),
            }
        }
        self.words(&mut words);
    }

    /// Reads adjacent words, which are keywords or, together, the name of a family.
    fn words(&mut self, words: &mut Vec<String>) {
        if words.iter().any(|word| word == "bold" || word == "bolder") {
            self.weights.insert(font::BOLD);
        }
        self.is_italic |= words.iter().any(|word| word == "italic" || word == "oblique");
        // In `font`, keywords come before the family: each tail may be its name.
        for start in 0..words.len() {
            self.families.insert(words[start..].join(" "));
        }
        words.clear();
    }
}

impl Face {
    fn of(rule: &FontFaceRule<'_>) -> Option<Self> {
        let mut family = None;
        let mut face = Self {
            family: String::new(),
            url: None,
            weights: (f32::from(font::REGULAR), f32::from(font::REGULAR)),
            is_italic: false,
            characters: Vec::new(),
        };
        for property in &rule.properties {
            match property {
                FontFaceProperty::FontFamily(name) => {
                    let name = name.to_css_string(PrinterOptions::default()).ok()?;
                    family = Some(name.trim_matches(['"', '\'']).to_lowercase());
                }
                FontFaceProperty::Source(sources) => face.url = first_readable(sources),
                FontFaceProperty::FontWeight(weights) => {
                    let (one, other) = (number(&weights.0), number(&weights.1));
                    face.weights = (one.min(other), one.max(other));
                }
                FontFaceProperty::FontStyle(style) => {
                    face.is_italic = !matches!(style, FontStyle::Normal);
                }
                FontFaceProperty::UnicodeRange(ranges) => {
                    face.characters = ranges.iter().map(|it| (it.start, it.end)).collect();
                }
                _ => {}
            }
        }
        Some(Self { family: family?, ..face })
    }

    /// Returns whether the font is for one of some characters.
    pub(super) fn has_any_of(&self, characters: &BTreeSet<char>) -> bool {
        let is_in =
            |c: &char| self.characters.iter().any(|(a, z)| (*a..=*z).contains(&(*c as u32)));
        self.characters.is_empty() || characters.iter().any(is_in)
    }
}

/// Returns the first file that the browser reads. A `local()` font may or may not be on the computer, so
/// that it is passed over.
fn first_readable(sources: &[Source<'_>]) -> Option<String> {
    sources.iter().find_map(|source| match source {
        Source::Url(source) => match source.format {
            Some(FontFormat::EmbeddedOpenType | FontFormat::SVG) => None,
            _ => Some(source.url.url.to_string()),
        },
        Source::Local(_) => None,
    })
}

fn number(weight: &FontWeight) -> f32 {
    match weight {
        FontWeight::Absolute(AbsoluteFontWeight::Weight(number)) => *number,
        FontWeight::Absolute(AbsoluteFontWeight::Bold) | FontWeight::Bolder => 700.0,
        FontWeight::Absolute(AbsoluteFontWeight::Normal) | FontWeight::Lighter => 400.0,
    }
}

/// The meaning of a text in quotes.
#[derive(Clone, Copy)]
enum Quoted {
    /// A URL, as in `image-set("a.webp" 1x)`.
    Url,
    Text,
}

/// Returns the URLs in a value, with those in functions such as `image-set()`.
fn urls(value: &str) -> Vec<String> {
    let mut urls = Vec::new();
    collect(&mut Parser::new(&mut ParserInput::new(value)), Quoted::Text, &mut urls);
    urls
}

fn collect(parser: &mut Parser<'_, '_>, quoted: Quoted, urls: &mut Vec<String>) {
    while let Ok(token) = parser.next().cloned() {
        match (token, quoted) {
            (Token::UnquotedUrl(url), _) | (Token::QuotedString(url), Quoted::Url) => {
                urls.push(url.to_string());
            }
            (Token::Function(name), _) => {
                let name = name.to_ascii_lowercase();
                let is_of_urls = matches!(&*name, "url" | "image-set" | "-webkit-image-set");
                let quoted = if is_of_urls { Quoted::Url } else { Quoted::Text };
                // Never an error, because the block is read to its end.
                let _ = parser.parse_nested_block(|inner| {
                    collect(inner, quoted, urls);
                    Ok::<_, cssparser::ParseError<'_, ()>>(())
                });
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_files_of_a_style_sheet_are_those_for_this_screen() {
        let facts = StyleFacts::of_sheet(
            "@import 'a.css' print; @import url(b.css);
             body { background: url(bg.png); & p { cursor: url('c.cur'), auto } }
             @media print { p { background: url(never.png) } }
             @media (min-width: 10em) { @layer x { p { background-image: image-set(url(d.webp) 1x) } } }
             broken { color: ; } } i { background: url(e.png) }",
        );
        let imports = facts.imports.iter().map(|it| (&*it.url, it.is_for_screen));
        assert_eq!(imports.collect::<Vec<_>>(), [("a.css", false), ("b.css", true)]);
        assert!(
            ["bg.png", "c.cur", "d.webp"].iter().all(|url| facts.named.iter().any(|it| it == url))
        );
        assert!(!facts.named.iter().any(|url| url == "never.png"));
    }

    #[test]
    fn fonts_are_declared_and_used_by_family() {
        let facts = StyleFacts::of_sheet(
            "@font-face { font-family: Field Notes; src: url(a.eot) format('embedded-opentype'), url(a.woff2) format('woff2') }
             @font-face { font-family: 'Field Notes'; font-weight: 700; font-style: italic; src: url(b.woff2); unicode-range: U+0-7F }
             :root { --mono: 'Other Mono', monospace } h1 { font: italic bold 2rem/1 Field Notes, serif }",
        );
        let [first, second] = &*facts.faces else { panic!("{:?}", facts.faces) };
        assert_eq!((&*first.family, first.url.as_deref()), ("field notes", Some("a.woff2")));
        assert_eq!((first.weights, second.weights), ((400.0, 400.0), (700.0, 700.0)));
        assert!(second.is_italic && !first.is_italic);
        assert!(second.has_any_of(&['a'].into()) && !second.has_any_of(&['ж'].into()));
        assert!(facts.families.contains("field notes") && facts.families.contains("other mono"));
        assert!(facts.is_italic);
        assert_eq!(facts.weights, [700].into());
    }
}
