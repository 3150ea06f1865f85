//! Pages as nobody should write them, each made from a number.

use super::tokens::{ATTRIBUTES, CODE, COMMENTS, FOREIGN, FRAME, LOADS, SPECIAL, TEXT};

/// A generator of random numbers (`SplitMix64`), so that a case is the same on every machine.
pub(super) struct Random(u64);

impl Random {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x5851_f42d_4c95_7f2d)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.next() % limit as u64).unwrap()
    }

    fn pick<'t, T: ?Sized>(&mut self, from: &[&'t T]) -> &'t T {
        from[self.below(from.len())]
    }
}

/// Creates the page with this number. `examples` are pages to mutate.
pub(super) fn page(seed: u64, examples: &[String]) -> String {
    let random = &mut Random::new(seed);
    let mut tokens: Vec<&str> = match random.below(10) {
        0 if !examples.is_empty() => excerpt(random, examples),
        0..=3 => {
            let pools = [FOREIGN, FOREIGN, COMMENTS, CODE, TEXT];
            soup(random, &pools)
        }
        4..=6 => frame(random),
        _ => {
            let pools = [FOREIGN, SPECIAL, FRAME, COMMENTS, TEXT, CODE, LOADS, ATTRIBUTES];
            soup(random, &pools)
        }
    };
    for _ in 0..random.below(4) {
        mutate(random, &mut tokens);
    }
    let mut page = tokens.concat();
    if random.below(12) == 0 {
        let end = random.below(page.len() + 1);
        page.truncate(page.floor_char_boundary(end));
    }
    page
}

/// Tokens of any kind.
fn soup(random: &mut Random, pools: &[&[&'static str]]) -> Vec<&'static str> {
    // Few kinds in one page meet more often.
    let kinds: Vec<&[&str]> = (0..=random.below(4)).map(|_| random.pick(pools)).collect();
    (0..random.below(24) + 2)
        .map(|_| {
            let kind = if random.below(5) == 0 { random.pick(pools) } else { random.pick(&kinds) };
            random.pick(kind)
        })
        .collect()
}

/// A page in good order with a few tokens in the wrong place.
fn frame(random: &mut Random) -> Vec<&'static str> {
    let mut tokens = vec![
        "<!doctype html>",
        "\n",
        "<html>",
        "\n",
        "<head>",
        "\n",
        "<meta charset=utf-8>",
        "\n",
        "<title>t</title>",
        "\n",
        "</head>",
        "\n",
        "<body>",
        "\n",
        "<main>",
        "text",
        "</main>",
        "\n",
        "</body>",
        "\n",
        "</html>",
        "\n",
    ];
    let pools = [FOREIGN, SPECIAL, COMMENTS, TEXT, CODE, CODE, LOADS, LOADS, ATTRIBUTES];
    for _ in 0..random.below(10) {
        let at = random.below(tokens.len());
        let pool = random.pick(&pools);
        tokens.insert(at, random.pick(pool));
    }
    tokens
}

/// Some tokens of an example in a row.
fn excerpt<'e>(random: &mut Random, examples: &'e [String]) -> Vec<&'e str> {
    let example = &examples[random.below(examples.len())];
    let mut tokens: Vec<&str> = Vec::new();
    for part in example.split_inclusive('>') {
        let (text, tag) = part.split_at(part.find('<').unwrap_or(part.len()));
        tokens.extend([text, tag].into_iter().filter(|token| !token.is_empty()));
    }
    let start = if random.below(2) == 0 { 0 } else { random.below(tokens.len()) };
    let len = random.below(120) + 1;
    tokens.into_iter().skip(start).take(len).collect()
}

/// Inserts, removes, repeats or swaps tokens.
fn mutate(random: &mut Random, tokens: &mut Vec<&str>) {
    let pools = [FOREIGN, SPECIAL, FRAME, COMMENTS, TEXT, CODE, LOADS, ATTRIBUTES];
    if tokens.is_empty() {
        return;
    }
    let (at, other) = (random.below(tokens.len()), random.below(tokens.len()));
    match random.below(4) {
        0 => {
            tokens.remove(at);
        }
        1 => tokens.insert(other, tokens[at]),
        2 => tokens.swap(at, other),
        _ => {
            let pool = random.pick(&pools);
            tokens.insert(at, random.pick(pool));
        }
    }
}
