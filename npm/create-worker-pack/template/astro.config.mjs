import cloudflare from '@astrojs/cloudflare';
import { defineConfig } from 'astro/config';
import workerPack from 'worker-pack/astro';

export default defineConfig({
  // Pages are rendered by the build, unless one says `export const prerender = false`.
  adapter: cloudflare({ imageService: 'compile' }),
  // Sessions need a KV namespace. Remove this line, and wrangler makes one when it deploys.
  session: false,
  integrations: [workerPack()],
});
