/** The level of a sound, from silence (0) to full (1). */

/** The quietest level that is shown, in decibels below full scale. */
const floorDb = -60;

/** Returns the level of samples between −1 and 1. Loudness is heard in decibels, so the scale is one of decibels. */
export function levelOf(samples: ArrayLike<number>): number {
  let sum = 0;
  for (let index = 0; index < samples.length; index++) sum += samples[index]! ** 2;
  if (samples.length === 0 || sum === 0) return 0;
  const db = 10 * Math.log10(sum / samples.length);
  return Math.min(1, Math.max(0, 1 - db / floorDb));
}

/** Returns the level as a number of steps, of which at least one is lit by any sound. */
export function stepsOf(level: number, steps: number): number {
  return Math.min(steps, Math.ceil(level * steps));
}

/** How a level is shown: at each frame, or once a second for people who prefer reduced motion. */
export type Pace = 'frames' | 'seconds';

let context: AudioContext | null = null;

/** Measures a stream until it is stopped. The first one has to follow a gesture of the user. */
export class LevelMeter {
  readonly #source: MediaStreamAudioSourceNode;
  readonly #analyser: AnalyserNode;
  readonly #samples: Float32Array<ArrayBuffer>;
  readonly #report: (level: number) => void;
  readonly #pace: Pace;
  #frame = 0;
  #last = 0;

  constructor(stream: MediaStream, report: (level: number) => void, pace: Pace) {
    context ??= new AudioContext();
    void context.resume();
    this.#report = report;
    this.#pace = pace;
    this.#source = context.createMediaStreamSource(stream);
    this.#analyser = context.createAnalyser();
    this.#analyser.fftSize = 1024;
    this.#samples = new Float32Array(this.#analyser.fftSize);
    // Not connected to the loudspeaker: the agent is heard through its <audio> element.
    this.#source.connect(this.#analyser);
    this.#frame = requestAnimationFrame(this.#measure);
  }

  stop(): void {
    cancelAnimationFrame(this.#frame);
    this.#source.disconnect();
    this.#report(0);
  }

  readonly #measure = (time: number): void => {
    this.#frame = requestAnimationFrame(this.#measure);
    if (this.#pace === 'seconds' && time - this.#last < 1000) return;
    this.#last = time;
    this.#analyser.getFloatTimeDomainData(this.#samples);
    this.#report(levelOf(this.#samples));
  };
}

/** Returns the pace that the user prefers. */
export function preferredPace(): Pace {
  return matchMedia('(prefers-reduced-motion: reduce)').matches ? 'seconds' : 'frames';
}
