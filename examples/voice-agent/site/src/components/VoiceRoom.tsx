import { useEffect, useRef, useState } from 'preact/hooks';
import { VoiceRoom as Room, type RoomView } from '../voice/room.ts';
import type { Scene } from '../voice/snapshot.ts';
import { Composer } from './Composer.tsx';
import { Controls } from './Controls.tsx';
import { Figures, Remaining } from './Figures.tsx';
import { Seat } from './Seat.tsx';
import { TranscriptLog } from './TranscriptLog.tsx';

const unscripted: Scene = { slug: '', title: 'Without a script', counterpart: 'The voice', office: 'as itself', opening: '' };

/**
 * The voice room. Its root element has the state in `data-*` attributes:
 * `data-ready` once buttons work, `data-state`, `data-paused`, `data-session`, `data-api`, `data-connect-ms`,
 * `data-ends-at`, `data-wait-ms`, `data-microphone`, and `data-inbound-level` (0 to 1).
 */
export default function VoiceRoom({ scenes }: { scenes: Scene[] }) {
  const root = useRef<HTMLElement>(null);
  const audio = useRef<HTMLAudioElement>(null);
  const room = useRef<Room | null>(null);
  const [view, show] = useState<RoomView>(() => new Room(unscripted, () => {}).view);
  const [ready, setReady] = useState(false);
  const [muted, setMuted] = useState(false);
  const [you, setYou] = useState('You');

  useEffect(() => {
    const parameters = new URL(location.href).searchParams;
    const scene = scenes.find(({ slug }) => slug === parameters.get('training')) ?? unscripted;
    const entered = new Room(scene, show);
    room.current = entered;
    setYou(parameters.get('as')?.trim().slice(0, 40) || 'You');
    show(entered.view);
    setReady(true);
    entered.enter();
    return () => entered.leave();
  }, []);

  const { rehearsal, scene, microphone } = view;
  useEffect(() => {
    if (!audio.current) return;
    audio.current.srcObject = rehearsal.remote;
    if (rehearsal.remote) audio.current.play().then(() => setMuted(false), () => setMuted(true));
  }, [rehearsal.remote]);

  const choose = (slug: string) => room.current?.choose(scenes.find((each) => each.slug === slug) ?? unscripted);
  // The Live API has no events for it.
  const tells = rehearsal.api !== 'live';
  const opening = rehearsal.turns.length === 0 ? scene.opening : '';

  return (
    <section
      ref={root}
      class="room"
      aria-label="Rehearsal"
      data-voice-agent
      data-ready={ready ? 'true' : undefined}
      data-state={rehearsal.state}
      data-paused={rehearsal.paused ? 'true' : 'false'}
      data-session={rehearsal.sessionId ?? ''}
      data-api={rehearsal.api ?? ''}
      data-connect-ms={rehearsal.connectMs ?? ''}
      data-ends-at={rehearsal.endsAt ?? ''}
      data-wait-ms={rehearsal.waits.last ?? ''}
      data-microphone={microphone}
      data-inbound-level="0"
    >
      <div class="stage">
        <label class="choice">
          <span>Training</span>
          <select data-role="training" value={scene.slug} disabled={!ready} onChange={(event) => choose(event.currentTarget.value)}>
            {[unscripted, ...scenes].map(({ slug, title }) => <option key={slug} value={slug}>{title}</option>)}
          </select>
        </label>
        <div class="seats">
          <Seat name={you} office="in the first chair" label="your microphone" speaking={tells ? rehearsal.userSpeaking : null} stream={rehearsal.paused ? null : rehearsal.microphone} side="first" />
          <Seat
            name={scene.counterpart}
            office={scene.office}
            label="the other voice"
            speaking={tells ? rehearsal.agentSpeaking : null}
            stream={rehearsal.remote}
            side="second"
            report={(level) => root.current?.setAttribute('data-inbound-level', level.toFixed(2))}
          />
        </div>
        <div class="line">
          <p class="status" role="status" data-role="status">{rehearsal.status}</p>
          {rehearsal.endsAt !== null && <Remaining endsAt={rehearsal.endsAt} />}
        </div>
        <Controls rehearsal={rehearsal} ready={ready} act={() => room.current!.rehearsal} />
        {muted && (
          <p class="actions"><button type="button" data-role="unmute" onClick={() => void audio.current?.play().then(() => setMuted(false))}>Let me hear the voice</button></p>
        )}
        <div aria-live="polite" data-role="notice">
          {rehearsal.notice && <p class="note"><strong>{rehearsal.notice.sentence}</strong> {rehearsal.notice.remedy}</p>}
        </div>
      </div>

      <div class="script">
        <TranscriptLog turns={rehearsal.turns} you={you} other={scene.counterpart} opening={opening} />
        {(rehearsal.state === 'chat' || rehearsal.state === 'failed') && (
          <Composer
            key={scene.slug}
            opening={opening}
            replying={rehearsal.replying}
            chosen={rehearsal.notice === null}
            send={(text) => void room.current?.rehearsal.send(text)}
            stop={() => room.current?.rehearsal.stopReply()}
          />
        )}
        <Figures rehearsal={rehearsal} microphone={microphone} />
      </div>
      <audio ref={audio} data-role="agent" autoplay muted={rehearsal.paused} />
    </section>
  );
}
