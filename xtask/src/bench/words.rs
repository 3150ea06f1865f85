//! Pages that differ in their words alone.

use crate::random::Random;

/// Words, as random as they have to be and always the same.
pub(super) struct Words {
    known: Vec<String>,
    random: Random,
}

impl Words {
    /// How many there are. More of them make text that compresses less well.
    const KNOWN: usize = 4096;

    pub(super) fn new() -> Self {
        let mut words = Self { known: Vec::new(), random: Random::new(1) };
        for _ in 0..Self::KNOWN {
            let mut word = String::new();
            for _ in 0..=words.random.below(4) {
                for letters in ["bcdfghklmnprstvw", "aeiouaeiouaeioua"] {
                    let at = words.random.below(letters.len());
                    word.push_str(&letters[at..=at]);
                }
            }
            words.known.push(word);
        }
        words
    }

    /// Writes a page of about a size. Brotli leaves about four tenths of it.
    pub(super) fn page(&mut self, title: &str, size: usize) -> String {
        let mut page = format!(
            "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
             <title>{title}</title>\n</head>\n<body>\n<p>"
        );
        while page.len() < size {
            let word = self.random.below(Self::KNOWN);
            page.push_str(&self.known[word]);
            page.push_str(if self.random.below(60) == 0 { ".</p>\n<p>" } else { " " });
        }
        page + "</p>\n</body>\n</html>\n"
    }
}
