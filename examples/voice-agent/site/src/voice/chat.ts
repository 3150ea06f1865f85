/** Typing instead of speaking: one reply, streamed from `POST chat`. */
import type { VoiceAgentApi } from './api.ts';
import { failureOf, membersOf, textOf } from './events.ts';
import { faultOf, isLasting, sentenceOf } from './problem.ts';
import { readEventStream } from './sse.ts';
import type { Message } from './transcript.ts';

/** How a reply ended. */
export type ReplyEnd =
  | { outcome: 'complete' }
  /** The reply is cut off by a limit of the service. */
  | { outcome: 'incomplete' }
  | { outcome: 'stopped' }
  | { outcome: 'failed'; message: string }
  /** Asking again cannot help. */
  | { outcome: 'refused'; message: string };

/** An event of `POST chat` that this client uses. */
export type ChatEvent = { type: 'delta'; text: string } | { type: 'end'; end: ReplyEnd };

/** Reads the data of one server-sent event; `null` for everything that this client does not use. */
export function readChatEvent(data: string): ChatEvent | null {
  let event;
  try {
    event = membersOf(JSON.parse(data));
  } catch {
    return null;
  }
  switch (event.type) {
    case 'response.output_text.delta':
      return { type: 'delta', text: textOf(event, 'delta') };
    case 'response.completed':
      return { type: 'end', end: { outcome: 'complete' } };
    case 'response.incomplete':
      return { type: 'end', end: { outcome: 'incomplete' } };
    case 'response.failed':
      return { type: 'end', end: { outcome: 'failed', message: messageOf(failureOf(membersOf(event.response))) } };
    case 'error':
      // `/v1/responses` has the message in the event itself, errors of the API in `error`.
      return { type: 'end', end: { outcome: 'failed', message: textOf(event, 'message') || messageOf(failureOf(event)) } };
    default:
      return null;
  }
}

/** Asks for a reply. Every end of it is returned, and nothing is thrown. */
export async function askForReply(
  api: VoiceAgentApi,
  messages: Message[],
  append: (text: string) => void,
  signal: AbortSignal,
): Promise<ReplyEnd> {
  let begun = false;
  try {
    const body = await api.chat(messages, signal);
    begun = true;
    for await (const { data } of readEventStream(body)) {
      const event = readChatEvent(data);
      if (event?.type === 'delta') append(event.text);
      if (event?.type === 'end') return event.end;
    }
    return signal.aborted ? { outcome: 'stopped' } : brokenOff;
  } catch (thrown) {
    if (signal.aborted) return { outcome: 'stopped' };
    // The server was reached, so its address and the network are not to blame.
    if (begun) return brokenOff;
    const fault = faultOf(thrown);
    return { outcome: isLasting(fault) ? 'refused' : 'failed', message: sentenceOf(fault) };
  }
}

const brokenOff: ReplyEnd = { outcome: 'failed', message: 'The reply broke off.' };

function messageOf(failure: ReturnType<typeof failureOf>): string {
  return failure.type === 'failed' ? failure.message : '';
}
