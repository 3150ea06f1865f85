/** What the page says about the state of a rehearsal. */

/** The state of a rehearsal, as the attribute `data-state` has it. */
export type RehearsalState = 'idle' | 'connecting' | 'live' | 'reconnecting' | 'ended' | 'chat' | 'failed';

/** A message that stays until something else happens. */
export interface Notice {
  sentence: string;
  /** What can be done, if anything. */
  remedy: string;
}

/** Returns the sentence of the status line, which screen readers announce. */
export function statusOf(state: RehearsalState, paused: boolean, detail = ''): string {
  switch (state) {
    case 'idle':
      return 'Nobody is listening yet.';
    case 'connecting':
      return detail === 'microphone' ? 'Waiting for the microphone.' : 'Calling.';
    case 'live':
      return paused ? 'Paused. Neither of you hears the other.' : 'Connected. You can speak.';
    case 'reconnecting':
      return detail.startsWith('0') || detail === '' ? 'The connection is interrupted.' : `Calling again: try ${detail}.`;
    case 'ended':
      return 'The rehearsal is over.';
    case 'chat':
      return 'You are typing. Nobody is listening.';
    case 'failed':
      return 'The voice room does not work at the moment.';
  }
}

const endings: Record<string, Notice> = {
  client: { sentence: 'You ended the rehearsal.', remedy: 'Continue where you stopped, or start anew.' },
  budget: { sentence: 'The time for this call is used up.', remedy: 'Continue in a new call: it knows what was said.' },
  operator: { sentence: 'We ended this call from our side.', remedy: 'You can continue in a new call.' },
  expired: { sentence: 'The voice service ends every call after an hour.', remedy: 'Continue in a new call: it knows what was said.' },
  idle: { sentence: 'The call was paused for so long that it was hung up.', remedy: 'Continue in a new call: it knows what was said.' },
  left: { sentence: 'You were in the middle of a rehearsal when this page was left.', remedy: 'Continue where you stopped, or start anew.' },
};

/** Returns what to say about the end of a session. */
export function endingOf(reason: string): Notice {
  return endings[reason] ?? { sentence: `The voice service ended the call (${reason}).`, remedy: 'You can continue in a new call.' };
}
