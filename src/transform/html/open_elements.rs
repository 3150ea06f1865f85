//! The elements of a kind that are open while lol_html walks through a page.

use std::cell::Cell;
use std::rc::Rc;

use lol_html::html_content::Element;

/// The number of open elements of a kind. Clones count the same ones.
#[derive(Clone, Default)]
pub(super) struct OpenElements(Rc<Cell<usize>>);

impl OpenElements {
    /// Counts an element, until its end tag. One without an end tag is not counted.
    pub(super) fn enter(&self, element: &mut Element<'_, '_>) {
        if let Some(handlers) = element.end_tag_handlers() {
            self.0.set(self.0.get() + 1);
            let open = Rc::clone(&self.0);
            handlers.push(Box::new(move |_| {
                open.set(open.get().saturating_sub(1));
                Ok(())
            }));
        }
    }

    /// Returns whether one is open.
    pub(super) fn any(&self) -> bool {
        self.0.get() > 0
    }
}
