// Text of unknown origin, such as file names, in a form that is safe to log: that of the command.

/** Characters that control a terminal, end a line, reorder text or hide in it. */
const ACTIVE =
  /[\p{Cc}\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}]/gu;

/** The sign of a command that GitHub or Cargo obeys at the start of a line. */
const COMMAND_AT_START = /(?<=^\s*):(?=:)|(?<=^\s*cargo):/u;

/** The first sign of a command that GitHub or Azure obeys anywhere in a line. */
const COMMAND = /#(?=#[A-Za-z0-9]*\[)/gu;

/** Returns a text on one line, without characters that do more than appear. */
export function printable(text) {
  return String(text)
    .replace(COMMAND_AT_START, escape)
    .replace(COMMAND, escape)
    .replace(ACTIVE, escape);
}

/** Returns a text whose lines are printable. */
export function printableLines(text) {
  return String(text).split('\n').map(printable).join('\n');
}

function escape(c) {
  const short = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };
  return short[c] ?? `\\u{${c.codePointAt(0).toString(16)}}`;
}
