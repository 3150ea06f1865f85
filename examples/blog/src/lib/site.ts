import { getCollection, type CollectionEntry } from 'astro:content';

export const site = {
  title: 'Field Notes',
  tagline: 'How things get to a browser',
};

export const authors = {
  ines: { name: 'Ines Okafor-Lund', role: 'Servers and caches' },
  tomasz: { name: 'Tomasz Wren', role: 'Protocols and sound' },
  maribel: { name: 'Maribel Achterberg', role: 'Type and rendering' },
} as const;

export type Post = CollectionEntry<'posts'>;

export async function allPosts(): Promise<Post[]> {
  const posts = await getCollection('posts');
  return posts.sort((a, b) => b.data.date.getTime() - a.data.date.getTime());
}

const months = 'January February March April May June July August September October November December'.split(' ');
export const showDate = (date: Date) => `${date.getUTCDate()} ${months[date.getUTCMonth()]} ${date.getUTCFullYear()}`;
export const isoDate = (date: Date) => date.toISOString().slice(0, 10);
export const words = (text = '') => text.split(/\s+/).filter(Boolean).length;
export const postPath = (id: string) => `/blog/${id}/`;
