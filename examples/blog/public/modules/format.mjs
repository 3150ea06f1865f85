// Tiny helpers for numbers in text.

/** 7 becomes "07". */
export const two = (number) => String(number).padStart(2, '0');

/** Joins parts with a colon: `10:04:59`. */
export const join = (parts, separator = ':') => parts.join(separator);

/** A template with an expression, a regular expression and a division in one place. */
export const ratio = (a, b) => `${(a / b).toFixed(2)}`.replace(/\.?0+$/g, '') + ' : 1';
