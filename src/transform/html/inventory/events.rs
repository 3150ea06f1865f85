//! Attributes that contain code.

/// Names of the attributes of events, without `on`, that pages contain (HTML §8.1.8.2).
const EVENTS: [&str; 52] = [
    "abort",
    "animationend",
    "animationstart",
    "beforeinput",
    "beforetoggle",
    "beforeunload",
    "blur",
    "cancel",
    "change",
    "click",
    "close",
    "contextmenu",
    "copy",
    "cut",
    "dblclick",
    "drag",
    "dragend",
    "dragenter",
    "dragleave",
    "dragover",
    "dragstart",
    "drop",
    "ended",
    "error",
    "focus",
    "hashchange",
    "input",
    "invalid",
    "keydown",
    "keyup",
    "load",
    "message",
    "mousedown",
    "mouseenter",
    "mouseleave",
    "mousemove",
    "mouseout",
    "mouseover",
    "mouseup",
    "paste",
    "play",
    "pointerdown",
    "pointerup",
    "popstate",
    "reset",
    "resize",
    "scroll",
    "submit",
    "toggle",
    "touchstart",
    "transitionend",
    "wheel",
];

/// Returns whether an attribute is the handler of an event.
pub(super) fn is_handler(name: &str) -> bool {
    name.strip_prefix("on").is_some_and(|event| EVENTS.binary_search(&event).is_ok())
}

/// Returns whether a URL is code.
pub(super) fn is_script_url(url: &str) -> bool {
    let url = url.trim_start();
    url.get(..11).is_some_and(|scheme| scheme.eq_ignore_ascii_case("javascript:"))
}
