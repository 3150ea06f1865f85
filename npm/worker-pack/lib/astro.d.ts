import type { AstroIntegration } from 'astro';

/**
 * Options for packing a site. Each is also a flag of the command and a key of `worker-pack.toml`;
 * options given here take precedence. Paths are relative to the project's folder.
 */
export interface WorkerPackOptions {
  /**
   * Folder to pack. Default: the one that Astro built, without its server code. The key `dist` of
   * `worker-pack.toml` is ignored.
   */
  dist?: string | URL;
  /**
   * Output folder. Default: `dist-worker` beside `outDir`; required for `target: 'rust'`, and for
   * `'rust-worker'`, where it is the folder of the crate. The key `out` of `worker-pack.toml` is ignored.
   */
  out?: string | URL;
  /**
   * Output: a complete Worker, all of a Worker but its program in Rust, or a Rust module alone.
   * Default: `worker`.
   */
  target?: 'worker' | 'rust' | 'rust-worker';
  /** Configuration file. Default: `worker-pack.toml`, if present. */
  config?: string | URL;
  /** Languages to minify; `off` for none. Default: all. */
  minify?: 'off' | ('html' | 'css' | 'js' | 'json' | 'svg' | 'xml')[];
  /** Browserslist queries: browsers to compile style sheets for. Default: none. */
  cssTargets?: string[];
  /** Texts of comments that stay; `*` stands for any text. Default: those that programs read. */
  keepComments?: string[];
  /** Content codings to compress with; `off` for none. Default: `['br']`. */
  encodings?: 'off' | ('br' | 'gzip')[];
  /** Compression effort: Brotli level 5, 9 or 11. Default: `max`. */
  effort?: 'fast' | 'balanced' | 'max';
  /**
   * Pictures, with the effort `max`: smaller PNG files, and WebP with the same pixels for clients that
   * accept it. With `lossy`, photographs become smaller with other pixels too: JPEG, and AVIF and WebP
   * for clients that accept them. Default: `lossless`.
   */
  pictures?: 'off' | 'lossless' | 'lossy';
  /**
   * Quality of pictures with `lossy`: the least score of SSIMULACRA2, a whole number from 30 to 95.
   * Default: `75`.
   */
  pictureQuality?: number;
  /**
   * Source of bodies for clients that accept no content coding: stored copies, or decompressing the
   * Brotli body. Default: `auto`, which picks `decoded` if the Worker can decompress.
   */
  identity?: 'auto' | 'stored' | 'decoded';
  /** Source maps. Default: `leave-out`. */
  sourceMaps?: 'leave-out' | 'write' | 'publish';
  /** Dotfiles other than `.well-known`. Default: `leave-out`. */
  dotfiles?: 'leave-out' | 'publish';
  /** Settings by path. For each setting, the last rule that matches and has it applies. */
  rule?: PathRule[];
  /** Limits of what the site, its pages or some files may cost. A build above one fails. */
  budgets?: Budget[];
  /**
   * Keep the hashed files of earlier builds public, so that open pages still find their scripts after a
   * deployment: `true`, a number of builds, or bounds. Default: `false`.
   */
  keep?: boolean | number | KeepBounds;
  /**
   * Files that get a second URL with the hash of their bytes, which pages and other texts then load:
   * with `public`, pictures, fonts, media and style sheets without such a name. Default: `off`.
   */
  fingerprints?: 'off' | 'public' | 'all';
  /**
   * With `add`, pages load scripts and style sheets whose URLs never get other bytes with an `integrity`
   * attribute, by which browsers check them. With `modules`, import maps have the hashes of the modules that
   * these import. Default: `off`.
   */
  integrity?: 'off' | 'add' | 'modules';
  /** With `strict`, treat warnings as errors. Default: `lenient`. */
  strictness?: 'lenient' | 'strict';
  /**
   * Send `Link` headers for the preloads of pages, which Cloudflare turns into Early Hints.
   * Default: `false`.
   */
  earlyHints?: boolean;
  /**
   * Dictionaries (RFC 9842) with which browsers fetch only what is new: `pages` makes one of a page
   * for the other pages, `deltas` uses earlier versions of files, `on` is both. Default: `off`.
   */
  dictionaries?: 'off' | 'pages' | 'deltas' | 'on';
  /**
   * Content security policies for pages: with `hashes`, each page has a policy that lists the hashes of the
   * inline code that it ships, and the sources of what it loads; with `strict-dynamic`, the hashes of scripts in
   * place of their hosts, which needs `integrity: 'modules'`. Default: `off`.
   */
  csp?: 'off' | 'hashes' | 'strict-dynamic';
  /**
   * `style` attributes and event handlers in pages with such a policy: `hash` allows those that a page ships.
   * Default: `block`.
   */
  cspAttributes?: 'block' | 'hash';
  /** Directives to add to such policies, such as `script-src https://example.com`. */
  cspAdd?: string[];
  /**
   * The Cloudflare product whose URLs and redirects the site follows: Workers Static Assets or
   * Pages. Default: Pages for a project of Pages, else Workers Static Assets.
   */
  compat?: 'workers' | 'pages';
  /**
   * URLs of pages, as in wrangler's `assets`. Default: as configured for wrangler, else
   * `auto-trailing-slash`.
   */
  htmlHandling?: 'auto-trailing-slash' | 'force-trailing-slash' | 'drop-trailing-slash' | 'none';
  /**
   * Response when no file matches, as in wrangler's `assets`. Default: as configured for wrangler,
   * else `404-page`, which is a plain 404 if the site has no such page.
   */
  notFoundHandling?: '404-page' | 'single-page-application' | 'none';
  /**
   * With `strict`, match Cloudflare exactly; with `improved`, follow the RFCs where Cloudflare does
   * not. Default: `improved`.
   */
  fidelity?: 'improved' | 'strict';
  /** Folder of the cache, or `none`. Default: `node_modules/.cache/worker-pack`. */
  cacheDir?: string | URL;
  /** Maximum size of the cache: `'1 GB'`, the default. */
  cacheSize?: string;
  /** WebAssembly module to use as the engine. Default: the built-in one. Only for `worker`. */
  engine?: string | URL;
  /**
   * Apply `_headers` to server responses as well; with `with-policies`, those without `Cache-Control`
   * get the policy of the rules by path. Default: `false`. For `worker` and `rust-worker`.
   */
  headersOnSsr?: boolean | 'with-policies';
  /**
   * Form of the server's code. `minified` preserves the names of functions and classes. Default:
   * `minified`. For `worker` and `rust-worker`.
   */
  serverCode?: 'minified' | 'minified-names' | 'original';
  /**
   * Move files of at least this size out of the Worker: `'1 MB'`. Default: no file. For `worker` and
   * `rust-worker`.
   */
  spillAbove?: string;
  /**
   * Maximum size of all files in the Worker: `'20 MB'`. The excess moves out of it. Default: as much as
   * `limits.size` permits. For `worker` and `rust-worker`.
   */
  budget?: string;
  /**
   * Place of files that move out of the Worker: Workers Static Assets, R2, or with `both`, R2 for files
   * that are too large for the former. Default: `static-assets`. For `worker` and `rust-worker`.
   */
  spillTo?: 'static-assets' | 'r2' | 'both';
  /**
   * Configuration that wrangler finds without `--config`, by `.wrangler/deploy/config.json`: with
   * `packed`, that of the packed Worker. Default: `kept`. Only for `worker`.
   */
  deployConfig?: 'kept' | 'packed';
  /**
   * Place of the table and the bodies: the program, or modules beside it, for which a changed page does
   * not compile the program again. Default: `compiled`. Only for `rust-worker`.
   */
  siteData?: 'compiled' | 'modules';
  /** Limits of the platform. For `worker` and `rust-worker`. */
  limits?: WorkerLimits;
  /** Additional arguments for `worker-pack build`, one per entry. */
  args?: string[];
}

/** Bounds of what is kept of earlier builds. */
export interface KeepBounds {
  /** Number of builds before this one. Default: 20. */
  builds?: number;
  /** Age above which a file is not kept, counted from the first build without it. Default: `'7d'`. */
  maxAge?: string;
  /** Size of all kept files, without compression. Default: `'20 MB'`. */
  maxBytes?: string | number;
  /** Folder of the store. Default: below `.worker-pack`, beside the output. */
  store?: string | URL;
}

/** Settings of the files at some paths. */
export interface PathRule {
  /** Paths of files or of their URLs: `/about/`, `/fonts/*`. A `*` matches slashes too. */
  paths: string | string[];
  /** Languages to minify; `off` keeps every byte. */
  minify?: 'off' | ('html' | 'css' | 'js' | 'json' | 'svg' | 'xml')[];
  /** Content codings to compress with. */
  encodings?: 'off' | ('br' | 'gzip')[];
  /** Publish files that are left out otherwise, or leave them out. */
  publish?: boolean;
  /** `immutable`, `revalidate`, `no-store`, or the directives of `Cache-Control`. */
  cache?: 'immutable' | 'revalidate' | 'no-store' | (string & {});
  /** Value of `Content-Type`: `'text/plain; charset=utf-8'`. */
  contentType?: string;
}

/** A limit of what all files, some files or each of some pages may cost. */
export interface Budget {
  /** Size as sent: `'170 kB'` (powers of 1000), `'64 KiB'` (powers of 1024), or a number of bytes. */
  limit: string | number;
  /** Pages, each of which is bounded: `/blog/*`. Without it, the sum of the files is bounded. */
  page?: string;
  /** Media type of the files that count: `text/javascript`, `image/*`. */
  type?: string;
  /** Files that count. Fingerprints can be left out: `client.js`. With `!`, files are excluded. */
  file?: string | string[];
  /** Content coding of the sizes. Default: `br`. */
  coding?: 'br' | 'gzip' | 'identity';
  /** Name in reports. */
  name?: string;
}

/** Limits of a Worker. An exceeded limit fails the build; an exceeded mark is a warning. */
export interface WorkerLimits {
  /** Size of all modules: `'64 MiB'`, the default. */
  size?: string;
  /** Marks for the size of all modules under gzip. Default: `['3 MB', '10 MB']`. */
  gzipMarks?: string[];
  /** Memory of an isolate: `'128 MB'`, the default. */
  memory?: string;
  /** Mark for the estimated startup time, in milliseconds. Default: 500. */
  startupMark?: number;
  /** Size of a file in Workers Static Assets: `'25 MiB'`, the default. */
  staticAsset?: string;
  /** Number of files in Workers Static Assets. Default: 20,000. */
  staticAssets?: number;
  /** Size of a file that wrangler uploads to R2: `'300 MiB'`, the default. */
  r2Upload?: string;
}

/** Packs the site after each `astro build`, once the adapter and all other integrations are done. */
export default function workerPack(options?: WorkerPackOptions): AstroIntegration;
