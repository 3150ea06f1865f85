// Prints the files that the Worker contains, by type, from the manifest that worker-pack wrote.

import { readFileSync } from 'node:fs';

const manifest = JSON.parse(readFileSync(new URL('../build/table/manifest.json', import.meta.url)));

/** The files and their sizes in bytes, by media type. */
const types = new Map();
for (const { contentType, representations } of Object.values(manifest.assets)) {
  const bytes = (coding) => representations.find(({ encoding }) => encoding === coding)?.bytes;
  const raw = bytes('identity') ?? 0;
  const sum = types.get(contentType) ?? { files: 0, raw: 0, sent: 0 };
  types.set(contentType, {
    files: sum.files + 1,
    raw: sum.raw + raw,
    sent: sum.sent + (bytes('br') ?? raw),
  });
}

const rows = [...types].map(([type, sums]) => ({ type, ...sums })).sort((a, b) => b.sent - a.sent);
const total = rows.reduce(
  (sum, row) => ({
    type: 'total',
    files: sum.files + row.files,
    raw: sum.raw + row.raw,
    sent: sum.sent + row.sent,
  }),
  { type: 'total', files: 0, raw: 0, sent: 0 },
);
const line = ({ type, files, raw, sent }) =>
  `${type.padEnd(32)}${String(files).padStart(6)}${String(raw).padStart(12)}${String(sent).padStart(12)}`;
console.log(line({ type: 'type', files: 'files', raw: 'bytes', sent: 'as Brotli' }));
for (const row of [...rows, total]) console.log(line(row));
