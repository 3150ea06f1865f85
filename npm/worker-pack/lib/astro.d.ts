import type { AstroIntegration } from 'astro';

/**
 * How a site is packed. Each option is a flag of the command and a key of `worker-pack.toml`; what
 * is given here wins over the file. Paths are relative to the project's folder.
 */
export interface WorkerPackOptions {
  /**
   * The folder to pack. Default: the one that Astro has built, in which the public files and the
   * server's are told apart. `dist` of `worker-pack.toml` does not count here.
   */
  dist?: string | URL;
  /**
   * The folder to write into. Default: `dist-worker` beside `outDir`; there is none with
   * `host: 'rust'`. `out` of `worker-pack.toml` does not count here.
   */
  out?: string | URL;
  /**
   * What the pack is for: a Worker of its own, or a Rust crate that includes the table. Default:
   * `worker`, unless the project has server code of another adapter than Cloudflare's.
   */
  host?: 'worker' | 'rust';
  /** The configuration file. Default: `worker-pack.toml`, if there is one. */
  config?: string | URL;
  /** The languages to minify, none if empty. Default: all. */
  minify?: ('html' | 'css' | 'js' | 'json' | 'svg' | 'xml')[];
  /** Browsers to compile style sheets for, as Browserslist queries. Default: none. */
  cssTargets?: string[];
  /** The content codings to make, none if empty. Default: `['br']`. */
  encodings?: ('br' | 'gzip')[];
  /** What becomes of source maps. Default: `leave-out`. */
  sourceMaps?: 'leave-out' | 'publish';
  /** What becomes of hidden files outside `.well-known`. Default: `leave-out`. */
  dotfiles?: 'leave-out' | 'publish';
  /** Whether a warning fails the build. */
  strict?: boolean;
  /** The cache policies of some paths; of those that match, the last counts. */
  cache?: CacheRule[];
  /** How much work a smaller body is worth: Brotli 5, 9 or 11. Default: `max`. */
  effort?: 'fast' | 'balanced' | 'max';
  /**
   * The folder to keep results in from one build to the next, `none` for none. Default:
   * `node_modules/.cache/worker-pack`.
   */
  cacheDir?: string | URL;
  /** How clients are served that take no content coding. Default: `auto`. */
  identity?: 'auto' | 'stored' | 'decoded';
  /** Whether pages send ahead what they load, as Early Hints. */
  earlyHints?: boolean;
  /** Whose rules are followed. Default: those of what the site is made for. */
  compat?: 'workers' | 'pages';
  /** Which URLs a page has. Default: as in wrangler's configuration, else `auto-trailing-slash`. */
  htmlHandling?:
    'auto-trailing-slash' | 'force-trailing-slash' | 'drop-trailing-slash' | 'none';
  /** What is answered where nothing is. Default: as in wrangler's configuration, else `404-page`. */
  notFoundHandling?: '404-page' | 'single-page-application' | 'none';
  /** Whether Cloudflare is followed to the letter. */
  strictCompat?: boolean;
  /** Whether the rules of `_headers` are for the server's answers too. Only for `worker`. */
  headersOnSsr?: boolean;
  /** What becomes of the server's modules. Default: `minified`. Only for `worker`. */
  serverCode?: 'minified' | 'original';
  /** Files of at least this size go to Workers Static Assets: `'1 MB'`. Only for `worker`. */
  spillAbove?: string;
  /** How many bytes of files the Worker may hold: `'20 MB'`. Only for `worker`. */
  budget?: string;
  /** Further arguments for `worker-pack build`, one an entry, such as `['--engine=engine.wasm']`. */
  args?: string[];
}

export interface CacheRule {
  /** The paths, such as `/fonts/*`; without `=`. */
  paths: string;
  /** `immutable`, `revalidate`, `no-store`, or the directives of `Cache-Control` themselves. */
  policy: 'immutable' | 'revalidate' | 'no-store' | (string & {});
}

/** Packs the site after each `astro build`, behind the adapter and all other integrations. */
export default function workerPack(options?: WorkerPackOptions): AstroIntegration;
