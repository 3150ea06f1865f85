//! The gain in quality, measured with synthetic speech and noise of a fixed seed. Each test prints its
//! figures: `cargo test --release --test quality -- --nocapture`.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "the numbers of samples and their values are small"
)]

use std::env;
use std::process::Command;

use voice_audio::{Container, Denoiser, Limits, SampleRate};

const TEXT: &str = "Good morning, and thank you for calling. Your parcel left the warehouse on \
    Tuesday, and should reach you within the next three days. Is there anything else that I can \
    do for you? If the address has changed, please tell me the new street and the postal code.";

/// The root mean square of the speech: about a tenth of full scale.
const SPEECH_LEVEL: f64 = 3000.0;

/// A seeded generator of noise (xorshift64*).
struct Noise(u64);

impl Noise {
    fn uniform(&mut self) -> f64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let bits = self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 32;
        f64::from(u32::try_from(bits).unwrap()) / f64::from(u32::MAX) - 0.5
    }

    /// Nearly normal noise of variance 1: the sum of 12 uniform numbers.
    fn normal(&mut self) -> f64 {
        (0..12).map(|_| self.uniform()).sum()
    }

    fn white(&mut self, len: usize) -> Vec<f64> {
        (0..len).map(|_| self.normal()).collect()
    }

    /// Noise of equal power in each octave: a sum of low-passed noises, an octave apart.
    fn pink(&mut self, len: usize, rate: f64) -> Vec<f64> {
        let mut sum = vec![0.0; len];
        for octave in 0..11 {
            let pole = (-std::f64::consts::TAU * 12.0 * f64::from(1 << octave) / rate).exp();
            let scale = (1.0 - pole * pole).sqrt();
            let mut value = 0.0;
            for sample in &mut sum {
                value = pole * value + scale * self.normal();
                *sample += value;
            }
        }
        sum
    }
}

/// Returns speech at 48 kHz.
fn speech() -> Vec<f64> {
    let program = env::var_os("WORKER_PACK_ESPEAK").unwrap_or_else(|| "espeak-ng".into());
    let output = match Command::new(&program)
        .args(["-v", "en", "-s", "150", "--stdout", TEXT])
        .output()
    {
        Ok(output) if output.status.success() => output.stdout,
        result => panic!(
            "cannot run `{}` to make speech: install it, as by `apt-get install espeak-ng`, or set \
             WORKER_PACK_ESPEAK to its path ({:?})",
            program.display(),
            result.map(|output| output.status),
        ),
    };
    let rate = u32::from_le_bytes(output[24..28].try_into().unwrap());
    let samples: Vec<f64> = samples(&output[44..]);
    let speech = interpolate(&samples, f64::from(rate) / 48_000.0);
    scale(&speech, SPEECH_LEVEL)
}

/// Returns the samples at the multiples of `step`, which is less than 1, by a windowed sinc.
fn interpolate(samples: &[f64], step: f64) -> Vec<f64> {
    const REACH: i32 = 32;
    let len = (samples.len() as f64 / step) as usize;
    let value = |n: usize| {
        let at = n as f64 * step;
        let first = at.floor() as i64;
        let near = (1 - REACH..=REACH).map(|offset| first + i64::from(offset));
        near.filter_map(|n| Some((n, samples.get(usize::try_from(n).ok()?)?)))
            .map(|(n, sample)| {
                let x = std::f64::consts::PI * (at - n as f64);
                let sinc = if x == 0.0 { 1.0 } else { x.sin() / x };
                let window = (x / f64::from(2 * REACH)).cos();
                sample * sinc * window * window
            })
            .sum()
    };
    (0..len).map(value).collect()
}

/// Returns every second sample of a signal, without what is above 12 kHz: the speech of eSpeak NG
/// ends at 11 kHz, so nothing is folded.
fn halve(samples: &[f64]) -> Vec<f64> {
    samples.iter().copied().step_by(2).collect()
}

fn samples(bytes: &[u8]) -> Vec<f64> {
    bytes.as_chunks().0.iter().map(|bytes| f64::from(i16::from_le_bytes(*bytes))).collect()
}

fn power(signal: &[f64]) -> f64 {
    signal.iter().map(|value| value * value).sum::<f64>() / signal.len() as f64
}

/// Returns the signal with this root mean square.
fn scale(signal: &[f64], level: f64) -> Vec<f64> {
    let factor = level / power(signal).sqrt();
    signal.iter().map(|value| value * factor).collect()
}

fn mix(speech: &[f64], noise: &[f64], snr: f64) -> Vec<f64> {
    let noise = scale(noise, power(speech).sqrt() / 10_f64.powf(snr / 20.0));
    speech.iter().zip(noise).map(|(speech, noise)| speech + noise).collect()
}

fn dot(one: &[f64], other: &[f64]) -> f64 {
    one.iter().zip(other).map(|(one, other)| one * other).sum()
}

fn decibels(ratio: f64) -> f64 {
    10.0 * ratio.log10()
}

/// Returns the scale-invariant ratio of signal to noise (Le Roux et al. 2019), in decibels.
fn si_snr(signal: &[f64], reference: &[f64]) -> f64 {
    let factor = dot(signal, reference) / dot(reference, reference);
    let target: Vec<f64> = reference.iter().map(|value| value * factor).collect();
    let rest: Vec<f64> = signal.iter().zip(&target).map(|(value, target)| value - target).collect();
    decibels(power(&target) / power(&rest))
}

/// Returns the delay at which the signal is most like the reference, in samples.
fn lag(signal: &[f64], reference: &[f64]) -> i32 {
    const REACH: usize = 600;
    let first = reference.len() / 4;
    let middle = &reference[first..3 * first];
    let likeness = |at: usize| dot(&signal[first - REACH + at..][..middle.len()], middle);
    let best = (0..=2 * REACH).max_by(|a, b| likeness(*a).total_cmp(&likeness(*b))).unwrap();
    i32::try_from(best).unwrap() - i32::try_from(REACH).unwrap()
}

/// Suppresses the noise of a signal, as a client would send it.
fn denoise(signal: &[f64], input: SampleRate, output: SampleRate) -> Vec<f64> {
    let limits = Limits { max_seconds: 60 };
    let mut denoiser = Denoiser::new(Container::Pcm(input), Some(output), limits);
    let bytes: Vec<u8> =
        signal.iter().flat_map(|value| (value.round() as i16).to_le_bytes()).collect();
    let mut quiet = Vec::new();
    for chunk in bytes.chunks(4096) {
        denoiser.push(chunk, &mut quiet).unwrap();
    }
    denoiser.finish(&mut quiet).unwrap();
    samples(&quiet)
}

/// Speech at a rate, and the ways through the denoiser that begin there.
struct Path {
    rate: SampleRate,
    speech: Vec<f64>,
}

impl Path {
    fn all() -> [Self; 2] {
        let speech = speech();
        let narrow = halve(&speech);
        [
            Self { rate: SampleRate::Hz48000, speech },
            Self { rate: SampleRate::Hz24000, speech: narrow },
        ]
    }

    fn pink(&self) -> Vec<f64> {
        Noise(2).pink(self.speech.len(), f64::from(self.rate.hertz()))
    }

    fn white(&self) -> Vec<f64> {
        Noise(1).white(self.speech.len())
    }

    fn denoise(&self, signal: &[f64]) -> Vec<f64> {
        denoise(signal, self.rate, self.rate)
    }

    /// Returns by how much the ratio of speech to noise improves, in decibels.
    fn gain(&self, background: &[f64], snr: f64) -> f64 {
        let noisy = mix(&self.speech, background, snr);
        let quiet = self.denoise(&noisy);
        assert_eq!(lag(&quiet, &self.speech), 0);
        si_snr(&quiet, &self.speech) - si_snr(&noisy, &self.speech)
    }
}

#[test]
fn noisy_speech_gets_clearer() {
    for path in Path::all() {
        let (white, pink) = (path.white(), path.pink());
        for (snr, least) in [(0.0, (6.0, 4.0)), (5.0, (6.0, 4.0)), (10.0, (3.0, 2.0))] {
            let (white, pink) = (path.gain(&white, snr), path.gain(&pink, snr));
            println!("{:?}, {snr:>2} dB: white {white:+.1} dB, pink {pink:+.1} dB", path.rate);
            assert!(white >= least.0 && pink >= least.1, "white: {white}, pink: {pink}");
        }
    }
}

/// From its first sample on, so that nothing before it helps.
#[test]
fn noise_alone_gets_quieter() {
    for path in Path::all() {
        for (name, noise) in [("white", path.white()), ("pink", path.pink())] {
            for level in [100.0, 300.0, 1000.0, 3000.0] {
                let noise = scale(&noise, level);
                let quiet = path.denoise(&noise);
                let change = decibels(power(&quiet) / power(&noise));
                println!("{:?}: {name} noise of level {level} {change:+.1} dB", path.rate);
                assert!(change <= -20.0, "{name} noise of level {level}: {change}");
            }
        }
    }
}

#[test]
fn clean_speech_stays_as_it_is() {
    for path in Path::all() {
        let quiet = path.denoise(&path.speech);
        assert_eq!(lag(&quiet, &path.speech), 0);
        let likeness = si_snr(&quiet, &path.speech);
        println!("{:?}: clean speech comes back at {likeness:.1} dB", path.rate);
        assert!(likeness >= 18.0, "{likeness}");
    }
}

#[test]
fn speech_of_another_rate_is_aligned() {
    let [wide, narrow] = Path::all();
    for (from, to) in [(&wide, &narrow), (&narrow, &wide)] {
        let quiet = denoise(&from.speech, from.rate, to.rate);
        assert_eq!(lag(&quiet, &to.speech), 0);
        let likeness = si_snr(&quiet, &to.speech);
        println!("{:?} to {:?}: {likeness:.1} dB", from.rate, to.rate);
        assert!(likeness >= 18.0, "{likeness}");
    }
}
