/** The conversation as text: turns of both speakers, merged from events in whatever order they arrive. */
import type { VoiceEvent } from './events.ts';

/** What one speaker says before the other does. */
export interface Turn {
  readonly id: number;
  readonly speaker: 'user' | 'agent';
  readonly text: string;
  /** `partial` while text may follow, `interrupted` if the speaker was cut off. */
  readonly state: 'partial' | 'final' | 'interrupted';
  readonly by: 'voice' | 'typing';
  /** The Realtime API's id of the item, by which a late transcript finds its place. */
  readonly itemId: string | null;
}

/** A message as `POST chat` and `GET session/<id>` have it. */
export interface Message {
  role: 'user' | 'assistant';
  text: string;
}

/** The limits of `POST chat`. */
const mostMessages = 40;
const mostBytes = 31 * 1024;

/** The turns of a rehearsal. Each change makes a new list, so that it can be compared by identity. */
export class Transcript {
  #turns: readonly Turn[] = [];
  #nextId = 1;
  #agentAudible = false;

  get turns(): readonly Turn[] {
    return this.#turns;
  }

  /** Takes in an event of a call. Events without text change nothing or the state of a turn. */
  apply(event: VoiceEvent): void {
    switch (event.type) {
      case 'userSpeaking':
        if (event.phase === 'started') this.#userBegins(event.itemId);
        break;
      case 'userTranscript':
        if (event.part === 'delta') this.#append('user', event.text);
        else this.#completeUser(event.text, event.itemId);
        break;
      case 'agentTranscript':
        if (event.part === 'delta') this.#append('agent', event.text);
        else this.#completeAgent(event.text);
        break;
      case 'agentSpeaking':
        this.#agentAudible = event.phase === 'started';
        break;
      case 'agentCancelled':
        this.#interruptAgent();
        break;
      case 'ended':
        this.settle();
        break;
    }
  }

  /** Adds what the user typed. */
  addTyped(text: string): void {
    this.settle();
    this.#add('user', text, 'final', 'typing', null);
  }

  /** Adds a part of a reply to typed text. */
  appendReply(text: string): void {
    const last = this.#turns.at(-1);
    if (last?.speaker === 'agent' && last.state === 'partial') this.#change(last, { text: last.text + text });
    else this.#add('agent', text, 'partial', 'typing', null);
  }

  /** Ends all turns: no more text follows for them. Turns without text are dropped. */
  settle(how: 'final' | 'interrupted' = 'final'): void {
    this.#agentAudible = false;
    this.#turns = this.#turns
      .filter((turn) => turn.text !== '' || turn.state !== 'partial')
      .map((turn) => (turn.state === 'partial' ? { ...turn, state: how } : turn));
  }

  /** Replaces the turns by those that the server has kept. */
  restore(messages: readonly Message[]): void {
    this.#turns = [];
    for (const { role, text } of messages) this.#add(role === 'user' ? 'user' : 'agent', text, 'final', 'voice', null);
  }

  /** Returns the newest turns as messages that `POST chat` accepts. */
  messages(): Message[] {
    const kept: Message[] = [];
    let bytes = 0;
    for (const turn of this.#turns.toReversed()) {
      if (turn.text.trim() === '') continue;
      const message: Message = { role: turn.speaker === 'user' ? 'user' : 'assistant', text: turn.text };
      bytes += new TextEncoder().encode(JSON.stringify(message)).length + 1;
      if (kept.length === mostMessages || bytes > mostBytes) break;
      kept.unshift(message);
    }
    return kept;
  }

  #userBegins(itemId: string | null): void {
    if (this.#agentAudible) this.#interruptAgent();
    const last = this.#turns.at(-1);
    if (last?.speaker === 'user' && last.state === 'partial' && last.text === '') return;
    this.#add('user', '', 'partial', 'voice', itemId);
  }

  /** The Realtime API transcribes speech while the agent already answers: the text goes to the turn that waits for it. */
  #completeUser(text: string, itemId: string | null): void {
    const waiting = this.#turns.filter((turn) => turn.speaker === 'user' && turn.state === 'partial');
    const turn = waiting.find((each) => itemId !== null && each.itemId === itemId) ?? waiting[0];
    if (turn) {
      if (text.trim() === '') this.#turns = this.#turns.filter((each) => each !== turn);
      else this.#change(turn, { text, state: 'final' });
    } else if (text.trim() !== '') {
      const last = this.#turns.at(-1);
      const answered = last?.speaker === 'agent' && last.state === 'partial';
      this.#add('user', text, 'final', 'voice', itemId);
      if (answered) this.#turns = [...this.#turns.slice(0, -2), this.#turns.at(-1)!, last];
    }
  }

  #completeAgent(text: string): void {
    const last = this.#turns.findLast((turn) => turn.speaker === 'agent');
    if (last?.state === 'partial') this.#change(last, { text: text || last.text, state: 'final' });
    // The complete text of an interrupted turn contains what was not heard.
    else if (text !== '' && !(last?.state === 'interrupted' && text.startsWith(last.text))) this.#add('agent', text, 'final', 'voice', null);
  }

  #interruptAgent(): void {
    this.#agentAudible = false;
    const last = this.#turns.findLast((turn) => turn.speaker === 'agent');
    // A turn that the user has answered is over.
    const answered = last !== undefined && this.#turns.slice(this.#turns.indexOf(last)).some((turn) => turn.speaker === 'user' && turn.text !== '');
    if (last && !answered && last.state !== 'interrupted') this.#change(last, { state: 'interrupted' });
  }

  /** Adds text to the speaker's turn; the first words of a speaker end what the other one was saying. */
  #append(speaker: 'user' | 'agent', text: string): void {
    if (text === '') return;
    const other = this.#turns.findLast((turn) => turn.speaker !== speaker);
    if (other?.state === 'partial' && other.text !== '') this.#change(other, { state: 'final' });
    const last = this.#turns.findLast((turn) => turn.speaker === speaker);
    const open = last?.state === 'partial' && (speaker === 'user' || this.#turns.at(-1) === last);
    if (last && open) this.#change(last, { text: last.text + text });
    else this.#add(speaker, text, 'partial', 'voice', null);
  }

  #add(speaker: Turn['speaker'], text: string, state: Turn['state'], by: Turn['by'], itemId: string | null): void {
    this.#turns = [...this.#turns, { id: this.#nextId++, speaker, text, state, by, itemId }];
  }

  #change(turn: Turn, change: Partial<Turn>): void {
    this.#turns = this.#turns.map((each) => (each === turn ? { ...each, ...change } : each));
  }
}
