/** The messages of the data channel `oai-events`. */
import { membersOf, type VoiceApi, type VoiceEvent } from './events.ts';
import { readLiveEvent } from './live.ts';
import { readRealtimeEvent } from './realtime.ts';

/**
 * Reads a message of the data channel.
 *
 * A message that is not JSON, is not an object or has a type that this client does not use gives an
 * empty list: the services add events without notice.
 */
export function readEvents(api: VoiceApi, message: unknown): VoiceEvent[] {
  if (typeof message !== 'string') return [];
  let value: unknown;
  try {
    value = JSON.parse(message);
  } catch {
    return [];
  }
  const members = membersOf(value);
  return api === 'live' ? readLiveEvent(members) : readRealtimeEvent(members);
}
