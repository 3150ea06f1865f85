//! The rules that a table answers by: those of Workers Static Assets or of Pages, and options.

use crate::named::named;

/// The user's choices about the answers of a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Behaviour {
    /// The asset server of Cloudflare that the table matches.
    pub compat: Compat,
    /// The URLs of pages. Pages has its own rules and ignores this.
    pub html_handling: HtmlHandling,
    /// The response when no file matches. Pages has its own rules and ignores this.
    pub not_found_handling: NotFoundHandling,
    /// The closeness to Cloudflare's server.
    pub fidelity: Fidelity,
}

impl Behaviour {
    /// The default behaviour of a table.
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

    /// Reads the bytes of [`Behaviour::to_bytes`]. An unknown byte means the default.
    pub(crate) const fn from_bytes([compat, html, not_found, fidelity]: [u8; 4]) -> Self {
        const fn of<T: Copy>(all: &[T], index: u8, default: T) -> T {
            let index = index as usize;
            if index < all.len() { all[index] } else { default }
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
        /// Workers Static Assets: redirects with 307 to the canonical URL of a page, and to its
        /// canonical percent-encoding.
        Workers = "workers",
        /// Pages: redirects with 308 to the canonical URL of a page, and sends three more header
        /// fields with each response.
        Pages = "pages",
    }
}

named! {
    /// The URLs of pages (`html_handling` of Workers Static Assets).
    pub enum HtmlHandling {
        /// `x.html` is served at `/x`, and `x/index.html` at `/x/`.
        AutoTrailingSlash = "auto-trailing-slash",
        /// Both are served at `/x/`.
        ForceTrailingSlash = "force-trailing-slash",
        /// Both are served at `/x`.
        DropTrailingSlash = "drop-trailing-slash",
        /// A file is served only at its own name.
        None = "none",
    }
}

named! {
    /// The response when no file matches (`not_found_handling` of Workers Static Assets).
    pub enum NotFoundHandling {
        /// The `404.html` in the path's folder or the nearest one above it, with status 404.
        NearestPage = "404-page",
        /// `/index.html` with status 200, whose script handles the URL.
        SinglePageApplication = "single-page-application",
        /// An empty 404.
        None = "none",
    }
}

named! {
    /// The closeness to Cloudflare's server.
    pub enum Fidelity {
        /// The same URLs and redirects, but conditional requests, ranges and methods as in RFC
        /// 9110, and no redirects to other sites that a path names.
        Improved = "improved",
        /// The same in everything.
        Strict = "strict",
    }
}
