/** The microphone: whether it can be used, why not, and what to do about it. */

/** What is known about the microphone. */
export type MicrophoneState =
  | 'unknown'
  /** The browser will ask. */
  | 'prompt'
  | 'granted'
  | 'denied'
  | 'no-device'
  /** Another program uses it, or the system refuses it. */
  | 'busy'
  /** The page was not loaded over HTTPS or from this machine. */
  | 'insecure'
  /** The browser cannot record sound. */
  | 'unsupported';

/** A state in which speaking is impossible. */
export type MicrophoneObstacle = Exclude<MicrophoneState, 'unknown' | 'prompt' | 'granted'>;

/** A sentence about a state, and what to do. */
export interface Advice {
  sentence: string;
  remedy: string;
}

const advice: Record<MicrophoneState, Advice> = {
  unknown: { sentence: 'The microphone has not been used yet.', remedy: 'The browser may ask when you start.' },
  prompt: { sentence: 'The browser will ask for the microphone.', remedy: 'Allow it for this visit; nothing is recorded before you start.' },
  granted: { sentence: 'The microphone is ready.', remedy: 'Nothing is sent before you start.' },
  denied: {
    sentence: 'This site may not use the microphone.',
    remedy: 'Open the site settings beside the address, allow the microphone, and press “Speak instead”. Until then you can type.',
  },
  'no-device': {
    sentence: 'No microphone was found.',
    remedy: 'Plug one in or switch the headset on, and press “Speak instead”. Until then you can type.',
  },
  busy: {
    sentence: 'The microphone does not answer.',
    remedy: 'Another program may use it: close other calls, and press “Speak instead”. Until then you can type.',
  },
  insecure: {
    sentence: 'Browsers only allow the microphone on pages loaded over HTTPS.',
    remedy: 'Open this page with an address that begins with https://. Until then you can type.',
  },
  unsupported: { sentence: 'This browser cannot make voice calls.', remedy: 'Use a current browser, or type.' },
};

/** Returns what to tell a person about a state. */
export function adviceOn(state: MicrophoneState): Advice {
  return advice[state];
}

/** An obstacle that is thrown. */
export class MicrophoneError extends Error {
  readonly obstacle: MicrophoneObstacle;

  constructor(obstacle: MicrophoneObstacle) {
    super(advice[obstacle].sentence);
    this.name = 'MicrophoneError';
    this.obstacle = obstacle;
  }
}

/** Returns the obstacle behind an error of `getUserMedia` (Media Capture and Streams §10.2). */
export function obstacleOf(thrown: unknown): MicrophoneObstacle {
  const name = thrown instanceof Error || thrown instanceof DOMException ? thrown.name : '';
  if (name === 'NotAllowedError' || name === 'SecurityError') return 'denied';
  if (name === 'NotFoundError' || name === 'OverconstrainedError') return 'no-device';
  if (name === 'NotReadableError' || name === 'AbortError') return 'busy';
  return 'unsupported';
}

/** Opens the microphone. */
export async function openMicrophone(): Promise<MediaStream> {
  if (!globalThis.isSecureContext) throw new MicrophoneError('insecure');
  if (!navigator.mediaDevices?.getUserMedia || typeof RTCPeerConnection === 'undefined') throw new MicrophoneError('unsupported');
  try {
    return await navigator.mediaDevices.getUserMedia({
      audio: { echoCancellation: true, noiseSuppression: true, autoGainControl: true },
    });
  } catch (thrown) {
    throw new MicrophoneError(obstacleOf(thrown));
  }
}

/** Reports the state now and whenever the user changes the permission. Firefox and Safari may not know it in advance. */
export async function watchMicrophone(report: (state: MicrophoneState) => void): Promise<void> {
  if (!globalThis.isSecureContext) return report('insecure');
  if (!navigator.mediaDevices?.getUserMedia) return report('unsupported');
  try {
    const permission = await navigator.permissions.query({ name: 'microphone' as PermissionName });
    const tell = () => report(permission.state);
    permission.addEventListener('change', tell);
    tell();
  } catch {
    report('unknown');
  }
}
