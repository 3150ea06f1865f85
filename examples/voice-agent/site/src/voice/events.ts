/** The events of a call, in one form for both voice APIs. */

/** The voice API that a call uses, as the field `Voice-Api` names it. */
export type VoiceApi = 'realtime' | 'live';

/** Something that happened in a call. */
export type VoiceEvent =
  /** The session has begun, and client events may be sent. */
  | { type: 'ready' }
  /** A part of what the user said, or all of it. */
  | { type: 'userTranscript'; part: 'delta' | 'done'; text: string; itemId: string | null }
  /** A part of what the agent says, or all of it. */
  | { type: 'agentTranscript'; part: 'delta' | 'done'; text: string }
  /** The agent's turn was cut off before its end. */
  | { type: 'agentCancelled' }
  | { type: 'userSpeaking'; phase: 'started' | 'stopped'; itemId: string | null }
  | { type: 'agentSpeaking'; phase: 'started' | 'stopped' }
  | { type: 'usage'; usage: Usage }
  /** The service ended the session. */
  | { type: 'ended'; reason: string }
  /** The service reported an error. Most of them do not end the session. */
  | { type: 'failed'; message: string; code: string };

/** What a call has used: the Realtime API counts tokens of each response, the Live API seconds in total. */
export type Usage =
  | { unit: 'tokens'; input: number; cached: number; output: number }
  | { unit: 'seconds'; seconds: number };

/** The members of a JSON object, none of which is certain. */
export type Members = Readonly<Record<string, unknown>>;

/** Returns the members of an object, or none for anything else. */
export function membersOf(value: unknown): Members {
  return value !== null && typeof value === 'object' && !Array.isArray(value) ? (value as Members) : {};
}

/** Returns a member if it is text, otherwise an empty string. */
export function textOf(members: Members, name: string): string {
  const value = members[name];
  return typeof value === 'string' ? value : '';
}

/** Returns a member if it is a finite number that is not negative, otherwise 0. */
export function numberOf(members: Members, name: string): number {
  const value = members[name];
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : 0;
}

/** Returns an error event: both APIs have the same form, and every member of it may be empty. */
export function failureOf(members: Members): VoiceEvent {
  const error = membersOf(members.error);
  return {
    type: 'failed',
    message: textOf(error, 'message') || 'The voice service reported an error without saying which.',
    code: textOf(error, 'code') || textOf(error, 'type'),
  };
}
