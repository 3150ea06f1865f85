// What an output folder holds before and after a pack: the command does not touch what stays the
// same.

import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** Returns the state of each file in a folder, or nothing if there is no folder yet. */
export async function snapshot(folder) {
  const files = new Map();
  const names = await readdir(folder, { recursive: true }).catch((error) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return [];
    throw error;
  });
  for (const name of names) {
    const file = await stat(join(folder, name), { bigint: true });
    if (file.isFile()) files.set(name, `${file.ino} ${file.size} ${file.mtimeNs}`);
  }
  return files;
}

/** Returns how many files were written, left alone and removed between two snapshots. */
export function compare(before, after) {
  const unchanged = [...after].filter(([name, state]) => before.get(name) === state).length;
  const removed = [...before.keys()].filter((name) => !after.has(name)).length;
  return { written: after.size - unchanged, unchanged, removed };
}
