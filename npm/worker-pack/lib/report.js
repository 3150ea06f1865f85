// Log lines from the report that the command prints with `--format json`.

import { printable, printableLines } from './printable.js';

/** The supported version of the report. */
export const REPORT_VERSION = 1;

/** Parses the output of the command. Returns `undefined` if it is not JSON. */
export function parseReport(stdout) {
  try {
    return JSON.parse(stdout);
  } catch {
    return undefined;
  }
}

/** Returns the diagnostics as text, one per message: files with the same message are grouped. */
export function describeAll(diagnostics) {
  const groups = new Map();
  for (const diagnostic of diagnostics) {
    const { severity, code, message, help, file, excerpt } = diagnostic;
    // Diagnostics with an excerpt are not grouped.
    const key = JSON.stringify([severity, code, message, excerpt ? [file, excerpt] : null]);
    groups.set(key, [...(groups.get(key) ?? []), diagnostic]);
  }
  return [...groups.values()].map((group) => {
    const [{ severity, code, message, help, excerpt }] = group;
    const place = excerpt ? `:${excerpt.line}:${excerpt.column}` : '';
    const lines = [`${names(group.map(({ file }) => file))}${place}: ${code}: ${printable(message)}`];
    if (excerpt) lines.push(`  ${printable(excerpt.text.trim())}`);
    if (help) lines.push(`  help: ${printable(help)}`);
    return { severity, text: lines.join('\n') };
  });
}

/** Returns the reason of a failure: from the report if there is one, else from standard error. */
export function failure({ code, signal, stdout, stderr }) {
  const report = parseReport(stdout);
  const lines = [];
  if (report?.error) {
    lines.push(printableLines(report.error));
    lines.push(...describeAll(report.diagnostics ?? []).map(({ text }) => text));
    lines.push(...(report.causes ?? []).map((cause) => `caused by: ${printableLines(cause)}`));
  } else {
    const end = signal ? `was killed by ${signal}` : `failed with exit code ${code}`;
    lines.push(`worker-pack ${end}`, printableLines(stderr.trim()));
  }
  return lines.filter((line) => line !== '').join('\n');
}

/** The servers whose rules a site may follow. */
const SERVERS = { workers: 'Workers Static Assets', pages: 'Pages' };

/** The answers of the assets to unknown paths. */
const ANSWERS = {
  '404-page': '404.html',
  'home-page': 'index.html with status 200',
  404: 'a plain 404',
};

/** Returns the sizes, the files left out, whose rules count, and the weight of the Worker. */
export function summary({ totals, leftOut, rules, worker }) {
  const { files, source, sent } = totals;
  const saved = source > sent ? `, -${Math.floor(((source - sent) * 100) / source)}%` : '';
  const lines = [`${count(files, 'file')}, ${size(source)}: ${size(sent)} as sent${saved}`];
  const byReason = new Map();
  for (const { file, reason } of leftOut) {
    byReason.set(reason, [...(byReason.get(reason) ?? []), file]);
  }
  for (const [reason, files] of byReason) {
    lines.push(`left out (${reason.replaceAll('-', ' ')}): ${names(files)}`);
  }
  if (rules) {
    const answer = worker?.hasServer ? "the server's answer" : ANSWERS[rules.unknownPaths];
    const server = `${SERVERS[rules.compat]}, since ${printable(rules.reason)}`;
    lines.push(`rules of ${server}: unknown paths get ${answer}`);
  }
  if (worker) {
    const { size: total, modules, gzip } = worker.weight;
    lines.push(
      `the Worker: ${size(total)} in ${count(modules, 'module')}, ${size(gzip)} under gzip`,
    );
  }
  return lines;
}

/** Describes the changes to the output folder. */
export function changes({ written, unchanged, removed }) {
  if (written + removed === 0) return `unchanged, ${count(unchanged, 'file')}`;
  return `${written} written, ${unchanged} unchanged, ${removed} removed`;
}

function names(files) {
  const [first, second] = files.map(printable);
  if (files.length === 1) return first;
  return files.length === 2 ? `${first} and ${second}` : `${first} and ${files.length - 1} others`;
}

function count(number, noun) {
  return number === 1 ? `1 ${noun}` : `${number} ${noun}s`;
}

/** Formats a number of bytes like the command. */
function size(bytes) {
  if (bytes < 1000) return `${bytes} B`;
  return bytes < 999_950 ? `${(bytes / 1e3).toFixed(1)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}
