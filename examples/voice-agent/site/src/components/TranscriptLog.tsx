import { useEffect, useRef } from 'preact/hooks';
import type { Turn } from '../voice/transcript.ts';

interface Props {
  turns: readonly Turn[];
  /** The names of the speakers. */
  you: string;
  other: string;
  /** What the agent is told first, if the scene has a script. */
  opening: string;
}

/** The conversation as a script. It is announced turn by turn, and not while a turn is growing. */
export function TranscriptLog({ turns, you, other, opening }: Props) {
  const log = useRef<HTMLDivElement>(null);
  const atEnd = useRef(true);
  const shown = turns.filter(({ text }) => text !== '');

  useEffect(() => {
    // Someone who has scrolled back to read is left alone.
    if (log.current && atEnd.current) log.current.scrollTop = log.current.scrollHeight;
  }, [turns]);
  const remember = () => {
    const { scrollTop, clientHeight, scrollHeight } = log.current!;
    atEnd.current = scrollTop + clientHeight > scrollHeight - 40;
  };

  return (
    <>
      <h2 id="transcript">Transcript</h2>
      <div
        ref={log}
        class="log"
        role="log"
        aria-live="polite"
        aria-labelledby="transcript"
        aria-busy={shown.some(({ state }) => state === 'partial') ? 'true' : 'false'}
        tabIndex={0}
        data-role="transcript"
        onScroll={remember}
      >
        {shown.length === 0 && <p class="empty">{opening ? `It begins with: “${opening}”` : 'What is said appears here.'}</p>}
        <ol>
          {shown.map(({ id, speaker, text, state, by }) => (
            <li key={id} data-speaker={speaker} data-turn={state} data-by={by}>
              <span class="speaker">{speaker === 'user' ? you : other}</span>
              <span class="words">
                {text}
                {state === 'interrupted' && <span class="cut"> (interrupted)</span>}
              </span>
            </li>
          ))}
        </ol>
      </div>
    </>
  );
}
