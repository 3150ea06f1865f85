/** What `wrangler.jsonc` and the adapter bind to the Worker. */
declare module 'cloudflare:workers' {
  interface Fetcher {
    fetch(input: string | URL | Request, init?: RequestInit): Promise<Response>;
  }
  export const env: { GREETING: string; ASSETS: Fetcher };
}

interface Request {
  /** What Cloudflare knows about the client. */
  readonly cf?: Record<string, unknown>;
}

declare namespace App {
  interface Locals {
    cfContext: { waitUntil(promise: Promise<unknown>): void };
  }
}
