import { useEffect, useId, useState } from 'react';

/** A gauge whose level a reader raises. */
export default function Gauge({ name, level, marks, children }) {
  const [now, setNow] = useState(level);
  const [isReady, setReady] = useState(false);
  const id = useId();
  useEffect(() => setReady(true), []);
  return (
    <section className="gauge" aria-labelledby={id} data-ready={isReady}>
      <h2 id={id}>{name}</h2>
      {children}
      <ul>
        {marks.map((mark) => (
          <li key={mark}>
            {mark} cm{mark === level && <em> today</em>}
          </li>
        ))}
      </ul>
      <button data-testid="react" onClick={() => setNow((now) => now + 1)}>
        {name}: {now} cm
      </button>
    </section>
  );
}
