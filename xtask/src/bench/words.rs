//! Generated pages that differ only in their words.

use fastrand::Rng;

/// A vocabulary of random words, the same each time.
pub(super) struct Words {
    vocabulary: Vec<String>,
    random: Rng,
}

impl Words {
    /// The size of the vocabulary. Text from a larger one compresses less well.
    const COUNT: usize = 4096;

    pub(super) fn new() -> Self {
        let mut random = Rng::with_seed(1);
        let word = |random: &mut Rng| {
            let mut word = String::new();
            for _ in 0..=random.usize(..4) {
                for letters in ["bcdfghklmnprstvw", "aeiou"] {
                    let index = random.usize(..letters.len());
                    word.push_str(&letters[index..=index]);
                }
            }
            word
        };
        let vocabulary = (0..Self::COUNT).map(|_| word(&mut random)).collect();
        Self { vocabulary, random }
    }

    /// Writes a page of about this size. Brotli compresses it to about four tenths.
    pub(super) fn page(&mut self, title: &str, size: usize) -> String {
        let mut page = format!(
            "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
             <title>{title}</title>\n</head>\n<body>\n<p>On the page "
        );
        while page.len() < size {
            page.push_str(&self.vocabulary[self.random.usize(..Self::COUNT)]);
            page.push_str(if self.random.usize(..60) == 0 { ".</p>\n<p>" } else { " " });
        }
        page + "</p>\n</body>\n</html>\n"
    }
}
