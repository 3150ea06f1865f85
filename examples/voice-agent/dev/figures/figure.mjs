// A figure that is measured, with the value that it must reach and the one that it should reach.

/**
 * @typedef {object} Figure
 * @property {string} name
 * @property {string} unit what follows the number
 * @property {number} measured
 * @property {'<' | '>'} [better] whether less or more is better; without it, the figure is only shown
 * @property {number} [target] the value that it must reach
 * @property {number} [aim] the value that it should reach
 * @property {string} [note] what is measured, and how it is spread
 */

/** Returns the value below which a share of the values is. */
export function percentile(values, share) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)];
}

/** Returns the middle value. */
export const median = (values) => percentile(values, 0.5);

/** Returns the verdict on a figure. */
export function verdict({ measured, better, target, aim }) {
  const reaches = (value) => value !== undefined && (better === '>' ? measured >= value : measured < value);
  if (better === undefined) return '';
  if (aim === 0 && measured === 0) return 'aim reached';
  if (reaches(aim)) return 'aim reached';
  return reaches(target) ? 'target reached' : 'TARGET MISSED';
}

/** Returns a number with its unit, with as many digits as a person reads. */
export function format(value, unit) {
  if (value === undefined) return '–';
  const digits = Math.abs(value) >= 100 || Number.isInteger(value) ? 0 : 1;
  return `${value.toLocaleString('en', { maximumFractionDigits: digits })} ${unit}`;
}

/** Returns figures as a table, and their notes below it. */
export function table(figures) {
  const rows = [
    ['figure', 'measured', 'target', 'aim', 'verdict'],
    ...figures.map((figure) => {
      const bound = (value) => (value === undefined ? '' : `${sign(figure, value)}${format(value, figure.unit)}`);
      const { name, measured, unit, target, aim } = figure;
      return [name, format(measured, unit), bound(target), bound(aim), verdict(figure)];
    }),
  ];
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  const padded = (cell, column) => {
    const isText = column === 0 || column === 4;
    return isText ? cell.padEnd(widths[column]) : cell.padStart(widths[column]);
  };
  const lines = rows.map((row) => row.map(padded).join('  ').trimEnd());
  const notes = figures.filter(({ note }) => note).map(({ name, note }) => `${name}: ${note}`);
  return [...lines, '', ...notes].join('\n');
}

function sign({ better }, value) {
  if (value === 0) return '';
  return better === '>' ? '≥ ' : '< ';
}
