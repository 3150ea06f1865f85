/** The voice room: the rehearsals of all scenes, which share one pool of connections. */
import { VoiceAgentApi } from './api.ts';
import { systemClock } from './clock.ts';
import type { VoiceConnection } from './connection.ts';
import { adviceOn, openMicrophone, watchMicrophone, type MicrophoneState } from './microphone.ts';
import { ConnectionPool } from './pool.ts';
import { Rehearsal } from './rehearsal.ts';
import type { Scene, Snapshot } from './snapshot.ts';

/** What the page shows: the chosen scene's rehearsal, and the microphone. */
export interface RoomView {
  scene: Scene;
  rehearsal: Snapshot;
  microphone: MicrophoneState;
}

/** Where the newest session of a scene is kept while the tab is open, so that a reload can continue it. */
const storageKey = (scene: Scene) => `second-chair/session/${scene.slug}`;

export class VoiceRoom {
  readonly #api = new VoiceAgentApi();
  readonly #pool = new ConnectionPool<VoiceConnection>(systemClock);
  readonly #rehearsals = new Map<string, Rehearsal>();
  readonly #report: (view: RoomView) => void;
  readonly #leaving = new AbortController();
  #current: Rehearsal;
  #microphone: MicrophoneState = 'unknown';

  constructor(scene: Scene, report: (view: RoomView) => void) {
    this.#report = report;
    this.#current = this.#rehearsalOf(scene);
  }

  get rehearsal(): Rehearsal {
    return this.#current;
  }

  get view(): RoomView {
    return { scene: this.#current.scene, rehearsal: this.#current.snapshot, microphone: this.#microphone };
  }

  /** Begins to watch the surroundings: the page, the network, the permission and the health of the service. */
  enter(): void {
    const { signal } = this.#leaving;
    const closeNoMore = this.#pool.closeOnPageHide(window);
    signal.addEventListener('abort', closeNoMore);
    const hurry = () => {
      if (document.visibilityState === 'visible') this.#current.hurry();
    };
    window.addEventListener('online', hurry, { signal });
    document.addEventListener('visibilitychange', hurry, { signal });
    void watchMicrophone((state) => this.#microphoneIs(state));
    void this.#api.health().then((health) => {
      if (health === 'no-voice' && this.#current.snapshot.state === 'idle') {
        this.#current.type({ sentence: 'The voice service cannot be reached at the moment.', remedy: 'You can rehearse by typing, and try to speak later.' });
      }
    });
    this.#recall(this.#current);
  }

  leave(): void {
    this.#leaving.abort();
    this.#pool.closeAll();
  }

  /** Changes the scene. A call that is live is paused and can be taken up again. */
  choose(scene: Scene): void {
    if (scene.slug === this.#current.scene.slug) return;
    const { state } = this.#current.snapshot;
    if (state === 'live') this.#current.pause();
    else if (state === 'connecting' || state === 'reconnecting') this.#current.end();
    this.#current.stopReply();
    this.#current = this.#rehearsalOf(scene);
    this.#recall(this.#current);
    this.#report(this.view);
  }

  #rehearsalOf(scene: Scene): Rehearsal {
    const known = this.#rehearsals.get(scene.slug);
    if (known) return known;
    const setting = {
      api: this.#api,
      clock: systemClock,
      pool: this.#pool,
      openMicrophone,
      createPeer: (configuration: RTCConfiguration) => new RTCPeerConnection(configuration),
    };
    const rehearsal = new Rehearsal(setting, scene, (snapshot) => {
      remember(scene, snapshot);
      if (this.#current === rehearsal) this.#report(this.view);
    });
    this.#rehearsals.set(scene.slug, rehearsal);
    return rehearsal;
  }

  #recall(rehearsal: Rehearsal): void {
    const id = stored(rehearsal.scene);
    if (id !== null && rehearsal.snapshot.state === 'idle') void rehearsal.recall(id);
  }

  #microphoneIs(state: MicrophoneState): void {
    this.#microphone = state;
    const blocked = state === 'denied' || state === 'insecure' || state === 'unsupported';
    if (blocked && this.#current.snapshot.state === 'idle') this.#current.type(adviceOn(state));
    else this.#report(this.view);
  }
}

function stored(scene: Scene): string | null {
  try {
    return sessionStorage.getItem(storageKey(scene));
  } catch {
    // Storage is switched off: a reload then starts anew.
    return null;
  }
}

function remember(scene: Scene, snapshot: Snapshot): void {
  if (snapshot.state !== 'live' || snapshot.sessionId === null || stored(scene) === snapshot.sessionId) return;
  try {
    sessionStorage.setItem(storageKey(scene), snapshot.sessionId);
  } catch {
    // See `stored`.
  }
}
