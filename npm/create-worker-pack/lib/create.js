// The files of a new project.

import { mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const TEMPLATE = fileURLToPath(new URL('../template/', import.meta.url));

/** Stands for the name of the project in the files of the template. */
const NAME = 'worker-pack-site';

/** Names that npm would leave out of a package, or read as its own. */
const RENAMED = new Map([
  ['_gitignore', '.gitignore'],
  ['_package.json', 'package.json'],
]);

/** What a folder may contain before: a repository without files, and settings of editors. */
const HARMLESS = new Set(['.git', '.idea', '.vscode', '.DS_Store']);

/** A folder in which no project can be made. */
export class CreateError extends Error {}

/**
 * Writes a project into a folder, or nothing.
 *
 * @param {string} folder made if it is missing
 * @returns {{ name: string, files: string[] }} the name of the project and its Worker, and its files
 * @throws {CreateError} if the folder is in use, or cannot be written
 */
export function create(folder) {
  const root = resolve(folder);
  const name = nameOf(root);
  refuseUsed(root, folder);
  const files = new Map();
  for (const path of readdirSync(TEMPLATE, { recursive: true }).sort()) {
    const source = join(TEMPLATE, path);
    if (!statSync(source).isFile()) continue;
    const target = join(dirname(path), RENAMED.get(basename(path)) ?? basename(path));
    files.set(target, readFileSync(source, 'utf8').replaceAll(NAME, name));
  }
  const [written, folders] = [[], []];
  try {
    for (const [path, text] of files) {
      const made = mkdirSync(dirname(join(root, path)), { recursive: true });
      if (made) folders.push(made);
      writeFileSync(join(root, path), text, { flag: 'wx' });
      written.push(path);
    }
  } catch (error) {
    for (const path of written) rmSync(join(root, path), { force: true });
    // The outermost folder that was missing comes first, which may be above the project's.
    for (const made of folders) rmSync(made, { recursive: true, force: true });
    throw new CreateError(`cannot write into \`${folder}\`: ${error.message}`);
  }
  return { name, files: written };
}

/** Fails if a folder contains anything. */
function refuseUsed(root, folder) {
  let names;
  try {
    names = readdirSync(root);
  } catch (error) {
    if (error.code === 'ENOENT') return;
    throw new CreateError(`\`${folder}\` cannot be used: ${error.message}`);
  }
  const used = names.filter((name) => !HARMLESS.has(name));
  if (used.length > 0) {
    const help =
      'choose another folder; `npx worker-pack init` moves an Astro project that is there already';
    throw new CreateError(`\`${folder}\` is not empty, it contains \`${used[0]}\`: ${help}`);
  }
}

/** Returns the name of a folder in the form that npm and wrangler take: `[a-z0-9-]`, at most 54. */
function nameOf(root) {
  const name = basename(root)
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .slice(0, 54)
    .replaceAll(/^-+|-+$/g, '');
  return name || NAME;
}
