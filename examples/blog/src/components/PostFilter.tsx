import { useMemo, useState } from 'preact/hooks';

interface Item {
  title: string;
  summary: string;
  path: string;
  date: string;
  tags: string[];
}

/** The blog index: a list that can be narrowed by words and by one tag. */
export default function PostFilter({ items, tags }: { items: Item[]; tags: string[] }) {
  const [query, setQuery] = useState('');
  const [tag, setTag] = useState('');

  const shown = useMemo(() => {
    const words = query.toLowerCase().split(/\s+/).filter(Boolean);
    return items.filter((item) => {
      const text = `${item.title} ${item.summary} ${item.tags.join(' ')}`.toLowerCase();
      return words.every((word) => text.includes(word)) && (!tag || item.tags.includes(tag));
    });
  }, [query, tag, items]);

  return (
    <div data-testid="post-filter">
      <p class="row">
        <label>
          <span class="meta">Search </span>
          <input
            type="search"
            value={query}
            placeholder="cache, font, json…"
            data-testid="post-filter-input"
            onInput={(event) => setQuery(event.currentTarget.value)}
          />
        </label>
        <output class="meta" data-testid="post-filter-count">{`${shown.length} of ${items.length} notes`}</output>
      </p>
      <p class="tags">
        {tags.map((name) => (
          <button
            type="button"
            key={name}
            class="tag"
            style={{ boxShadow: 'none' }}
            data-testid={`post-filter-tag-${name}`}
            aria-pressed={tag === name}
            onClick={() => setTag(tag === name ? '' : name)}
          >
            {name}
          </button>
        ))}
      </p>
      <ul class="cards" data-testid="post-filter-list">
        {shown.map((item) => (
          <li class="card" key={item.path}>
            <h2><a href={item.path}>{item.title}</a></h2>
            <p>{item.summary}</p>
            <p class="meta">{`${item.date} · ${item.tags.join(', ')}`}</p>
          </li>
        ))}
      </ul>
      {shown.length === 0 && <p data-testid="post-filter-empty">Nothing matches. Try fewer words.</p>}
    </div>
  );
}
