import { useState } from 'preact/hooks';

/** Doubles its delay at each retry, as a polite client does. */
export default function RetryCounter({ start = 250 }: { start?: number }) {
  const [tries, setTries] = useState(0);
  const delay = start * 2 ** tries;
  return (
    <div class="row" data-testid="retry-counter">
      <button type="button" data-testid="retry-button" onClick={() => setTries(tries + 1)}>Retry</button>
      <button type="button" data-testid="retry-reset" onClick={() => setTries(0)}>Reset</button>
      <output data-testid="retry-output">{`retries: ${tries}, next after ${delay} ms`}</output>
    </div>
  );
}
