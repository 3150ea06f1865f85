//! The text in an element of a page, with the files that it loads.

use lol_html::html_content::Element;

use crate::transform::html::script_type::ScriptType;
use crate::transform::reference::{References, Role};
use crate::transform::{css, import_map, javascript};

/// The text that comes next, in an element with text alone.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Content {
    /// Words, or code that is not read here.
    #[default]
    Other,
    Style,
    Script,
    ImportMap,
    /// JSON-LD, which search engines read and no program of the page, or what is shown where scripts do not run.
    Inert,
}

impl Content {
    /// Returns what the text in a `<script>` is.
    pub(super) fn of_script(element: &Element<'_, '_>) -> Self {
        let [kind, language] = ["type", "language"].map(|name| element.get_attribute(name));
        match ScriptType::of(kind.as_deref(), language.as_deref()) {
            _ if element.get_attribute("src").is_some() => Self::Other,
            ScriptType::JavaScript(_) => Self::Script,
            ScriptType::ImportMap => Self::ImportMap,
            ScriptType::Json if kind.is_some_and(|kind| is_linked_data(&kind)) => Self::Inert,
            ScriptType::Json | ScriptType::Other => Self::Other,
        }
    }

    /// Returns the references of a style, or the modules that a script or an import map leads to.
    pub(super) fn references(self, text: &str) -> References {
        match self {
            Self::Style => css::references(text),
            Self::ImportMap => import_map::references(text),
            Self::Script => {
                let mut found = javascript::references(text).unwrap_or_default();
                found.all.retain(|reference| reference.role == Role::Loaded);
                found
            }
            Self::Other | Self::Inert => References::default(),
        }
    }
}

fn is_linked_data(kind: &str) -> bool {
    kind.trim().eq_ignore_ascii_case("application/ld+json")
}
