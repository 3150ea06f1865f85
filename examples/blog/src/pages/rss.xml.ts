import type { APIRoute } from 'astro';
import { allPosts, postPath, site } from '../lib/site';

const escape = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

export const GET: APIRoute = async (context) => {
  const posts = await allPosts();
  const items = posts.map(({ id, data }) => {
    const link = new URL(postPath(id), context.site).href;
    return `    <item>
      <title>${escape(data.title)}</title>
      <link>${link}</link>
      <guid>${link}</guid>
      <pubDate>${data.date.toUTCString()}</pubDate>
      <description>${escape(data.summary)}</description>
${data.tags.map((tag) => `      <category>${tag}</category>`).join('\n')}
    </item>`;
  });
  const body = `<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom">
  <channel>
    <title>${site.title}</title>
    <description>${site.tagline}</description>
    <link>${context.site}</link>
    <language>en</language>
    <atom:link href="${new URL('/rss.xml', context.site)}" rel="self" type="application/rss+xml" />
${items.join('\n')}
  </channel>
</rss>
`;
  return new Response(body, { headers: { 'Content-Type': 'application/rss+xml; charset=utf-8' } });
};
