// The report that the command prints with `--format json`, as lines for a log.

/** The version of the report that is understood here. */
export const REPORT_VERSION = 1;

/** Returns the report in what the command printed, or nothing if that is something else. */
export function parseReport(stdout) {
  try {
    return JSON.parse(stdout);
  } catch {
    return undefined;
  }
}

/** Returns what there is to say about files. What is the same of several is said once. */
export function remarks(diagnostics) {
  const groups = new Map();
  for (const diagnostic of diagnostics) {
    const { severity, message, help, file, excerpt } = diagnostic;
    // Each place in a source is shown for itself.
    const key = JSON.stringify([severity, message, help, excerpt ? [file, excerpt] : null]);
    groups.set(key, [...(groups.get(key) ?? []), diagnostic]);
  }
  return [...groups.values()].map((group) => {
    const [{ severity, message, help, excerpt }] = group;
    const place = excerpt ? `:${excerpt.line}:${excerpt.column}` : '';
    const lines = [`${names(group.map(({ file }) => file))}${place}: ${message}`];
    if (excerpt) lines.push(`  ${excerpt.text.trim()}`);
    if (help) lines.push(`  help: ${help}`);
    return { severity, text: lines.join('\n') };
  });
}

/** Returns why the command failed, of its report if it printed one. */
export function failure({ code, signal, stdout, stderr }) {
  const report = parseReport(stdout);
  const lines = [];
  if (report?.error) {
    lines.push(report.error);
    lines.push(...remarks(report.diagnostics ?? []).map(({ text }) => text));
    lines.push(...(report.causes ?? []).map((cause) => `caused by: ${cause}`));
  } else {
    const how = signal ? `was ended by ${signal}` : `ended with exit code ${code}`;
    lines.push(`worker-pack ${how}`, stderr.trim());
  }
  return lines.filter((line) => line !== '').join('\n');
}

/** Returns what the pack came to. */
export function summary({ totals, leftOut, worker }) {
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
  if (worker) {
    const { size: total, modules, gzip } = worker.weight;
    lines.push(`the Worker: ${size(total)} in ${count(modules, 'module')}, ${size(gzip)} under gzip`);
  }
  return lines;
}

/** Returns what became of the output folder. */
export function changes({ written, unchanged, removed }) {
  if (written + removed === 0) return `unchanged, ${count(unchanged, 'file')}`;
  return `${written} written, ${unchanged} unchanged, ${removed} removed`;
}

function names(files) {
  const [first, second] = files;
  if (files.length === 1) return first;
  return files.length === 2 ? `${first} and ${second}` : `${first} and ${files.length - 1} others`;
}

function count(number, noun) {
  return number === 1 ? `1 ${noun}` : `${number} ${noun}s`;
}

/** A number of bytes, as the command writes it. */
function size(bytes) {
  if (bytes < 1000) return `${bytes} B`;
  return bytes < 999_950 ? `${(bytes / 1e3).toFixed(1)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}
