import { For, Show, createSignal, onMount } from 'solid-js';

/** A gauge whose level a reader raises. */
export default function Gauge(props) {
  const [now, setNow] = createSignal(props.level);
  const [isReady, setReady] = createSignal(false);
  onMount(() => setReady(true));
  return (
    <section class="gauge" data-ready={String(isReady())}>
      <h2>{props.name}</h2>
      {props.children}
      <ul>
        <For each={props.marks}>
          {(mark) => (
            <li>
              {mark} cm
              <Show when={mark === props.level}>
                <em> today</em>
              </Show>
            </li>
          )}
        </For>
      </ul>
      <button data-testid="solid" onClick={() => setNow(now() + 1)}>
        {props.name}: {now()} cm
      </button>
    </section>
  );
}
