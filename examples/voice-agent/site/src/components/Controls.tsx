import type { Rehearsal } from '../voice/rehearsal.ts';
import type { Snapshot } from '../voice/snapshot.ts';

interface Props {
  rehearsal: Snapshot;
  /** Whether buttons work yet. */
  ready: boolean;
  act: () => Rehearsal;
}

interface Action {
  label: string;
  role: string;
  run: () => void;
  disabled?: boolean;
}

/** The buttons of each state. The first one stays the same element, so that it keeps the focus. */
export function Controls({ rehearsal, ready, act }: Props) {
  const actions = actionsOf(rehearsal, act);
  return (
    <div class="actions" role="group" aria-label="Call">
      {actions.map(({ label, role, run, disabled }, index) => (
        <button type="button" class={index === 0 ? 'strong' : ''} data-role={role} disabled={!ready || disabled} onClick={run}>{label}</button>
      ))}
    </div>
  );
}

function actionsOf({ state, paused, api, agentSpeaking, sessionId, turns }: Snapshot, act: () => Rehearsal): Action[] {
  const typing: Action = { label: 'Type instead', role: 'type', run: () => act().type() };
  const end: Action = { label: 'End rehearsal', role: 'end', run: () => act().end() };
  switch (state) {
    case 'idle':
      return [{ label: 'Start speaking', role: 'start', run: () => act().start('anew') }, typing];
    case 'connecting':
      return [{ label: 'Cancel', role: 'end', run: () => act().end() }, typing];
    case 'live': {
      const hold: Action = paused
        ? { label: 'Go on', role: 'go-on', run: () => act().goOn() }
        : { label: 'Pause', role: 'pause', run: () => act().pause() };
      const interrupt: Action = { label: 'Interrupt', role: 'interrupt', run: () => act().interrupt(), disabled: !agentSpeaking };
      return [hold, ...(api === 'realtime' && !paused ? [interrupt] : []), end, typing];
    }
    case 'reconnecting':
      return [{ label: 'Try now', role: 'hurry', run: () => act().hurry() }, end, typing];
    case 'ended': {
      const anew: Action = { label: 'Start anew', role: 'start', run: () => act().start('anew') };
      const onward: Action = { label: 'Continue', role: 'continue', run: () => act().start('resume') };
      return [...(sessionId === null ? [] : [onward]), anew, typing];
    }
    case 'chat':
      return [{ label: 'Speak instead', role: 'speak', run: () => act().start(turns.length === 0 ? 'anew' : 'resume') }];
    case 'failed':
      return [{ label: 'Try again', role: 'speak', run: () => act().start(turns.length === 0 ? 'anew' : 'resume') }];
  }
}
