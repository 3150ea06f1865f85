// Serves a site as another way of compressing it would: `rival.mjs FOLDER CODING URL`. CODING is the
// quality of Brotli, 4 as at Cloudflare's edge or 11, or `files` for `*.br` beside the files. The routes
// and all other header fields are those of the server at URL, so that the bodies alone are compared.
// Prints its own URL.

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer, request } from 'node:http';
import { join } from 'node:path';
import { brotliCompressSync, constants } from 'node:zlib';

const [folder, coding, model] = process.argv.slice(2);
if (model === undefined) {
  console.error('usage: rival.mjs FOLDER CODING URL');
  process.exit(2);
}

/**
 * The media types that Cloudflare's edge compresses besides `text/*`, as its documentation lists them
 * (“Content compression”), as far as sites have them.
 */
const COMPRESSED = [
  'application/atom+xml',
  'application/javascript',
  'application/json',
  'application/ld+json',
  'application/manifest+json',
  'application/rss+xml',
  'application/vnd.ms-fontobject',
  'application/wasm',
  'application/xhtml+xml',
  'application/xml',
  'font/otf',
  'font/ttf',
  'image/bmp',
  'image/svg+xml',
  'image/vnd.microsoft.icon',
  'image/x-icon',
];

/** Fields that depend on the body. */
const OF_BODY = [
  'connection',
  'content-encoding',
  'content-length',
  'date',
  'etag',
  'keep-alive',
  'transfer-encoding',
  'vary',
];

/** The bodies that were asked for, by their names. */
const bodies = new Map();

/** Reads a file, and nothing if it is missing. */
function read(name) {
  try {
    return readFileSync(join(folder, name));
  } catch (error) {
    if (['ENOENT', 'EISDIR', 'ENOTDIR'].includes(error.code)) return undefined;
    throw error;
  }
}

/** Returns the name and bytes of the file that a path leads to. */
function find(path) {
  for (const name of path.endsWith('/') ? [`${path}index.html`] : [path, `${path}.html`]) {
    const bytes = read(name);
    if (bytes) return { name, bytes };
  }
  return undefined;
}

function brotli(bytes, quality) {
  return brotliCompressSync(bytes, {
    params: {
      [constants.BROTLI_PARAM_QUALITY]: quality,
      [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
    },
  });
}

function compress({ name, bytes }, type) {
  if (coding === 'files') return read(`${name}.br`);
  const [essence] = type.split(';');
  const isCompressed = essence.startsWith('text/') || COMPRESSED.includes(essence);
  return isCompressed ? brotli(bytes, Number(coding)) : undefined;
}

/** Returns the smaller body of a file, with its fields. */
function represent(file, type) {
  const { bytes } = file;
  const compressed = compress(file, type);
  const isSmaller = compressed && compressed.length < bytes.length;
  const body = isSmaller ? compressed : bytes;
  const etag = `"${createHash('sha256').update(body).digest('hex').slice(0, 32)}"`;
  return { body, etag, fields: isSmaller ? { 'content-encoding': 'br' } : {} };
}

/** Asks the other server for the fields of a reply. */
function ask({ method, url, headers }) {
  return new Promise((resolve, reject) => {
    const { range, cookie } = headers;
    const asked = { ...(range && { range }), ...(cookie && { cookie }) };
    const options = { method, path: url, headers: asked };
    request(new URL(model).origin, options, resolve).on('error', reject).end();
  });
}

const server = createServer(async (asked, reply) => {
  const model = await ask(asked);
  const { statusCode, headers } = model;
  const path = decodeURIComponent(new URL(asked.url, 'http://localhost').pathname);
  const file = statusCode === 404 ? find('/404.html') : find(path);
  if (![200, 404].includes(statusCode) || file === undefined) {
    // A redirect, or a part of a file.
    reply.writeHead(statusCode, headers);
    return model.pipe(reply);
  }
  model.resume();
  const type = headers['content-type'] ?? '';
  if (!bodies.has(file.name)) bodies.set(file.name, represent(file, type));
  const { body, etag, fields } = bodies.get(file.name);
  const kept = Object.entries(headers).filter(([name]) => !OF_BODY.includes(name));
  const all = { ...Object.fromEntries(kept), ...fields, etag, vary: 'Accept-Encoding' };
  if (statusCode === 200 && asked.headers['if-none-match'] === etag) {
    return reply.writeHead(304, all).end();
  }
  reply.writeHead(statusCode, { ...all, 'content-length': body.length });
  return reply.end(asked.method === 'HEAD' ? undefined : body);
});
server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`http://127.0.0.1:${server.address().port}/\n`);
});
