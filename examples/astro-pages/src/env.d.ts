type Runtime = import('@astrojs/cloudflare').Runtime<{
  GREETING: string;
  ASSETS: { fetch(input: string | URL | Request): Promise<Response> };
}>;

declare namespace App {
  interface Locals extends Runtime {}
}
