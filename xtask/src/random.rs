//! Made-up input that is the same each time.

/// Numbers without a pattern, the same for the same seed (Knuth's MMIX).
pub(crate) struct Random {
    seed: u64,
    state: u64,
}

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        let mut random = Self { seed, state: seed };
        // The first few of neighbouring seeds are alike.
        for _ in 0..8 {
            random.below(2);
        }
        random
    }

    pub(crate) fn seed(&self) -> u64 {
        self.seed
    }

    /// Returns a number below another one.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        self.state = self.state.wrapping_mul(6_364_136_223_846_793_005);
        self.state = self.state.wrapping_add(1_442_695_040_888_963_407);
        usize::from((self.state >> 48) as u16) % end.max(1)
    }

    /// Returns one of some values.
    pub(crate) fn pick<'v, T: ?Sized>(&mut self, values: &[&'v T]) -> &'v T {
        values[self.below(values.len())]
    }
}
