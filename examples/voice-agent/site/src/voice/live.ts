/** Server events of OpenAI's Live API. It has no client events that this page needs: interruptions are its own work. */
import { failureOf, membersOf, numberOf, textOf, type Members, type VoiceEvent } from './events.ts';

/** Reads a server event. */
export function readLiveEvent(event: Members): VoiceEvent[] {
  switch (event.type) {
    case 'session.started':
      return [{ type: 'ready' }];
    case 'session.input_transcript.delta':
      return [{ type: 'userTranscript', part: 'delta', text: textOf(event, 'delta'), itemId: null }];
    case 'session.output_transcript.delta':
      return [{ type: 'agentTranscript', part: 'delta', text: textOf(event, 'delta') }];
    case 'session.usage.updated':
      return usageOf(event);
    case 'session.closed':
      return [...usageOf(event), { type: 'ended', reason: textOf(event, 'reason') || 'closed' }];
    case 'error':
      return [failureOf(event)];
    default:
      return [];
  }
}

function usageOf(event: Members): VoiceEvent[] {
  if (event.usage === undefined) return [];
  return [{ type: 'usage', usage: { unit: 'seconds', seconds: numberOf(membersOf(event.usage), 'seconds') } }];
}
