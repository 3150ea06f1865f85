/** Server and client events of OpenAI's Realtime API. */
import { failureOf, membersOf, numberOf, textOf, type Members, type VoiceEvent } from './events.ts';
import type { Turn } from './transcript.ts';

/** Reads a server event. */
export function readRealtimeEvent(event: Members): VoiceEvent[] {
  const itemId = textOf(event, 'item_id') || null;
  switch (event.type) {
    case 'session.created':
      return [{ type: 'ready' }];
    case 'input_audio_buffer.speech_started':
      return [{ type: 'userSpeaking', phase: 'started', itemId }];
    case 'input_audio_buffer.speech_stopped':
      return [{ type: 'userSpeaking', phase: 'stopped', itemId }];
    case 'conversation.item.input_audio_transcription.completed':
      return [{ type: 'userTranscript', part: 'done', text: textOf(event, 'transcript'), itemId }];
    case 'response.output_audio_transcript.delta':
      return [{ type: 'agentTranscript', part: 'delta', text: textOf(event, 'delta') }];
    case 'response.output_audio_transcript.done':
      return [{ type: 'agentTranscript', part: 'done', text: textOf(event, 'transcript') }];
    case 'output_audio_buffer.started':
      return [{ type: 'agentSpeaking', phase: 'started' }];
    case 'output_audio_buffer.stopped':
      return [{ type: 'agentSpeaking', phase: 'stopped' }];
    case 'output_audio_buffer.cleared':
      return [{ type: 'agentSpeaking', phase: 'stopped' }, { type: 'agentCancelled' }];
    case 'response.done':
      return readResponse(membersOf(event.response));
    case 'error':
      return readError(event);
    default:
      return [];
  }
}

function readResponse(response: Members): VoiceEvent[] {
  const events: VoiceEvent[] = [];
  const usage = membersOf(response.usage);
  const input = membersOf(usage.input_token_details);
  const output = membersOf(usage.output_token_details);
  if (response.usage !== undefined) {
    events.push({
      type: 'usage',
      usage: {
        unit: 'tokens',
        input: numberOf(input, 'audio_tokens') + numberOf(input, 'text_tokens'),
        cached: numberOf(input, 'cached_tokens'),
        output: numberOf(output, 'audio_tokens') + numberOf(output, 'text_tokens'),
      },
    });
  }
  if (response.status === 'cancelled') events.push({ type: 'agentCancelled' });
  if (response.status === 'failed') events.push(failureOf(membersOf(response.status_details)));
  return events;
}

function readError(event: Members): VoiceEvent[] {
  const failure = failureOf(event);
  if (failure.type !== 'failed') return [];
  // A session lasts at most 60 minutes, and its end is announced as an error.
  if (failure.code === 'session_expired') return [{ type: 'ended', reason: 'expired' }];
  // The response ended by itself while the request to cancel it was on its way.
  if (failure.code === 'response_cancel_not_active') return [];
  return [failure];
}

/** A client event that stops the response that is being made. */
export const cancelResponse = { type: 'response.cancel' };

/** A client event that drops the audio that the service has made and not yet sent. */
export const clearAudio = { type: 'output_audio_buffer.clear' };

/** A client event that lets the agent speak. */
export const createResponse = { type: 'response.create' };

/** A client event that adds something that was typed to the conversation. */
export function createItem(turn: Pick<Turn, 'speaker' | 'text'>): Members {
  const content = { type: turn.speaker === 'user' ? 'input_text' : 'output_text', text: turn.text };
  const role = turn.speaker === 'user' ? 'user' : 'assistant';
  return { type: 'conversation.item.create', item: { type: 'message', role, content: [content] } };
}
