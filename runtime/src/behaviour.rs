//! Whose rules a table answers by: those of Workers Static Assets, or those of Pages.

use crate::named::named;

/// How a table answers, as far as its user can choose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Behaviour {
    /// Which of Cloudflare's two asset servers is followed.
    pub compat: Compat,
    /// Which URLs a page has. Pages has rules of its own, and ignores this.
    pub html_handling: HtmlHandling,
    /// What is answered where nothing is. Pages has rules of its own, and ignores this.
    pub not_found_handling: NotFoundHandling,
    /// How closely the server is followed.
    pub fidelity: Fidelity,
}

impl Behaviour {
    /// What a table without a choice does.
    pub const DEFAULT: Self = Self {
        compat: Compat::Workers,
        html_handling: HtmlHandling::AutoTrailingSlash,
        not_found_handling: NotFoundHandling::NearestPage,
        fidelity: Fidelity::Improved,
    };

    /// Returns the choices as bytes, for a binary table.
    pub const fn to_bytes(self) -> [u8; 4] {
        [
            self.compat as u8,
            self.html_handling as u8,
            self.not_found_handling as u8,
            self.fidelity as u8,
        ]
    }

    /// Reads what [`Behaviour::to_bytes`] wrote. What it did not write counts as the default.
    pub(crate) fn from_bytes([compat, html, not_found, fidelity]: [u8; 4]) -> Self {
        fn of<T: Copy>(all: &[T], index: u8, default: T) -> T {
            all.get(usize::from(index)).copied().unwrap_or(default)
        }
        let default = Self::DEFAULT;
        Self {
            compat: of(&Compat::ALL, compat, default.compat),
            html_handling: of(&HtmlHandling::ALL, html, default.html_handling),
            not_found_handling: of(&NotFoundHandling::ALL, not_found, default.not_found_handling),
            fidelity: of(&Fidelity::ALL, fidelity, default.fidelity),
        }
    }
}

impl Default for Behaviour {
    fn default() -> Self {
        Self::DEFAULT
    }
}

named! {
    /// One of Cloudflare's two asset servers.
    pub enum Compat {
        /// Workers Static Assets: 307 to the one URL of a page, percent-encoded in one way.
        Workers = "workers",
        /// Pages: 308 to the one URL of a page, and three more header fields with each answer.
        Pages = "pages",
    }
}

named! {
    /// Which URLs a page has (`html_handling` of Workers Static Assets).
    pub enum HtmlHandling {
        /// `x.html` is at `/x`, and `x/index.html` at `/x/`.
        AutoTrailingSlash = "auto-trailing-slash",
        /// Both are at `/x/`.
        ForceTrailingSlash = "force-trailing-slash",
        /// Both are at `/x`.
        DropTrailingSlash = "drop-trailing-slash",
        /// Every file is at its own name alone.
        None = "none",
    }
}

named! {
    /// What is answered where nothing is (`not_found_handling` of Workers Static Assets).
    pub enum NotFoundHandling {
        /// The `404.html` nearest to the path, going up the tree, with status 404.
        NearestPage = "404-page",
        /// `/index.html`, with status 200: its script looks at the URL.
        SinglePageApplication = "single-page-application",
        /// An empty 404.
        None = "none",
    }
}

named! {
    /// How closely Cloudflare's server is followed.
    pub enum Fidelity {
        /// In URLs and redirects, but with conditional requests, ranges and methods as RFC 9110 has
        /// them, and without redirects that lead to whatever site a path names.
        Improved = "improved",
        /// In everything.
        Strict = "strict",
    }
}
