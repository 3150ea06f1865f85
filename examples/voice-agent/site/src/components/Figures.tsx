import { useEffect, useState } from 'preact/hooks';
import type { Usage } from '../voice/events.ts';
import { adviceOn, type MicrophoneState } from '../voice/microphone.ts';
import type { Snapshot } from '../voice/snapshot.ts';

/** The time that is left. Screen readers read it on demand; the room announces the last minute by itself. */
export function Remaining({ endsAt }: { endsAt: number }) {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, [endsAt]);
  const seconds = Math.max(0, Math.round((endsAt - now) / 1000));
  return (
    <p class="remaining" role="timer" data-role="remaining">
      {Math.floor(seconds / 60)}:{String(seconds % 60).padStart(2, '0')} <span>left</span>
    </p>
  );
}

/** Figures about the call, for those who want to know. */
export function Figures({ rehearsal, microphone }: { rehearsal: Snapshot; microphone: MicrophoneState }) {
  const { connectMs, waits, roundTripMs, usage, api } = rehearsal;
  const advice = adviceOn(microphone);
  const rows = [
    ['Microphone', `${advice.sentence} ${advice.remedy}`],
    ['Voice service', api === null ? 'none yet' : api === 'live' ? 'Live API' : 'Realtime API'],
    ['Time to connect', milliseconds(connectMs)],
    ['Wait for the answer', waits.count === 0 ? 'not measured yet' : `${milliseconds(waits.last)}, median of ${waits.count}: ${milliseconds(waits.median)}`],
    ['Round trip', milliseconds(roundTripMs)],
    ['Used', usageInWords(usage)],
  ];
  return (
    <details class="figures">
      <summary>About this call</summary>
      <dl class="pairs">{rows.map(([name, value]) => <><dt>{name}</dt><dd>{value}</dd></>)}</dl>
    </details>
  );
}

function milliseconds(value: number | null): string {
  return value === null ? 'not measured yet' : `${value} ms`;
}

function usageInWords(usage: Usage | null): string {
  if (usage === null) return 'nothing yet';
  if (usage.unit === 'seconds') return `${Math.round(usage.seconds)} seconds`;
  return `${usage.input} tokens heard (${usage.cached} of them from the cache), ${usage.output} spoken`;
}
