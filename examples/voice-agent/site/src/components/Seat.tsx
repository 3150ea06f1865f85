import { useEffect, useState } from 'preact/hooks';
import { LevelMeter, preferredPace, stepsOf } from '../voice/meter.ts';

const steps = 12;

interface Props {
  name: string;
  office: string;
  /** What the meter measures. */
  label: string;
  /** `null` if the service does not tell. */
  speaking: boolean | null;
  stream: MediaStream | null;
  side: 'first' | 'second';
  report?: (level: number) => void;
}

/** One of the two chairs: who sits there, and how loud they are. */
export function Seat({ name, office, label, speaking, stream, side, report }: Props) {
  const [lit, setLit] = useState(0);
  useEffect(() => {
    if (!stream || stream.getAudioTracks().length === 0) return;
    const meter = new LevelMeter(stream, (level) => {
      report?.(level);
      // Drawn again only when a step is lit or put out.
      setLit(stepsOf(level, steps));
    }, preferredPace());
    return () => meter.stop();
  }, [stream]);

  return (
    <div class={`seat ${side}`}>
      <svg class="chair" viewBox="0 0 30 56" aria-hidden="true">
        <path d={side === 'first' ? 'M3 3v50M3 32h24v21' : 'M27 3v50M27 32H3v21'} />
      </svg>
      <p class="name">{name}<span>{office}</span></p>
      <p class="doing">{doingOf(speaking, stream)}</p>
      <svg
        class="meter"
        viewBox={`0 0 ${steps * 10 - 4} 20`}
        role="meter"
        aria-label={`Level of ${label}`}
        aria-valuemin={0}
        aria-valuemax={steps}
        aria-valuenow={lit}
        aria-valuetext={`${lit} of ${steps}`}
      >
        {Array.from({ length: steps }, (_, step) => <rect key={step} class={step < lit ? 'lit' : ''} x={step * 10} y={0} width={6} height={20} rx={3} />)}
      </svg>
    </div>
  );
}

function doingOf(speaking: boolean | null, stream: MediaStream | null): string {
  if (!stream) return 'not connected';
  if (speaking === null) return 'connected';
  return speaking ? 'speaking' : 'listening';
}
