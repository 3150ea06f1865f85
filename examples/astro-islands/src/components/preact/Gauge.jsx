import { Fragment } from 'preact';
import { useEffect, useState } from 'preact/hooks';

/** A gauge whose level a reader raises. */
export default function Gauge({ name, level, marks, children }) {
  const [now, setNow] = useState(level);
  const [isReady, setReady] = useState(false);
  useEffect(() => setReady(true), []);
  return (
    <section class="gauge" data-ready={String(isReady)}>
      <h2>{name}</h2>
      {children}
      <dl>
        {marks.map((mark) => (
          <Fragment key={mark}>
            <dt>{mark}</dt> <dd>centimetres</dd>
          </Fragment>
        ))}
      </dl>
      <button data-testid="preact" onClick={() => setNow(now + 1)}>
        {name}: {now} cm
      </button>
    </section>
  );
}
