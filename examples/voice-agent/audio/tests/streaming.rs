//! Properties of a stream, whatever its bytes are and wherever it is cut into chunks.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use proptest::prelude::*;
use voice_audio::{AudioError, Container, Denoiser, Limits, SampleRate};

const LIMITS: Limits = Limits { max_seconds: 1 };
const RATES: [SampleRate; 2] = [SampleRate::Hz24000, SampleRate::Hz48000];

/// Returns the result and the output for these chunks.
fn denoise<'a>(
    container: Container,
    rate: Option<SampleRate>,
    chunks: impl IntoIterator<Item = &'a [u8]>,
) -> (Result<(), AudioError>, Vec<u8>) {
    let mut denoiser = Denoiser::new(container, rate, LIMITS);
    let mut output = Vec::new();
    for chunk in chunks {
        if let Err(error) = denoiser.push(chunk, &mut output) {
            return (Err(error), output);
        }
    }
    (denoiser.finish(&mut output), output)
}

/// Cuts bytes into chunks of these lengths, and a rest.
fn cut<'a>(mut bytes: &'a [u8], lengths: &[usize]) -> Vec<&'a [u8]> {
    let mut chunks = Vec::new();
    for length in lengths {
        let (chunk, rest) = bytes.split_at((*length).min(bytes.len()));
        chunks.push(chunk);
        bytes = rest;
    }
    chunks.push(bytes);
    chunks
}

/// A WAV file with a `LIST` chunk of odd length before the samples, and one after them.
fn wav(samples: &[u8]) -> Vec<u8> {
    let len = u32::try_from(samples.len()).unwrap();
    let mut file = b"RIFF\xFF\xFF\xFF\xFFWAVEfmt \x10\0\0\0\x01\0\x01\0".to_vec();
    file.extend(b"\xC0\x5D\0\0\x80\xBB\0\0\x02\0\x10\0LIST\x03\0\0\0odd\0data");
    file.extend(len.to_le_bytes());
    file.extend(samples);
    file.extend(b"LIST\x04\0\0\0tail");
    file
}

fn rate() -> impl Strategy<Value = SampleRate> {
    prop::sample::select(RATES.to_vec())
}

fn container() -> impl Strategy<Value = Container> {
    prop_oneof![Just(Container::Wav), rate().prop_map(Container::Pcm)]
}

/// Lengths of chunks, many of which are small or zero.
fn lengths() -> impl Strategy<Value = Vec<usize>> {
    prop::collection::vec(prop_oneof![0..4_usize, 0..1500_usize], 0..30)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn chunks_make_no_difference(
        container in container(),
        rate in prop::option::of(rate()),
        samples in prop::collection::vec(any::<u8>(), 0..5000),
        lengths in lengths(),
    ) {
        let bytes = if container == Container::Wav { wav(&samples) } else { samples };
        let whole = denoise(container, rate, [&bytes[..]]);
        prop_assert_eq!(&denoise(container, rate, cut(&bytes, &lengths)), &whole);
        prop_assert_eq!(&denoise(container, rate, bytes.chunks(1)), &whole);
    }

    #[test]
    fn output_is_as_long_as_the_input(
        input in rate(),
        output in rate(),
        samples in prop::collection::vec(any::<i16>(), 1..3000),
        lengths in lengths(),
    ) {
        let bytes: Vec<u8> = samples.iter().flat_map(|sample| sample.to_le_bytes()).collect();
        let (result, quiet) = denoise(Container::Pcm(input), Some(output), cut(&bytes, &lengths));
        prop_assert_eq!(result, Ok(()));
        let expected = (samples.len() * output.hertz() as usize).div_ceil(input.hertz() as usize);
        prop_assert_eq!(quiet.len(), 2 * expected);
    }

    #[test]
    fn no_bytes_make_it_panic(
        container in container(),
        rate in prop::option::of(rate()),
        bytes in prop::collection::vec(any::<u8>(), 0..2000),
        lengths in lengths(),
    ) {
        let _ = denoise(container, rate, cut(&bytes, &lengths));
    }

    #[test]
    fn no_damage_to_a_header_makes_it_panic(
        damage in prop::collection::vec((0..60_usize, any::<u8>()), 1..6),
        lengths in lengths(),
        samples in prop::collection::vec(any::<u8>(), 0..500),
    ) {
        let mut bytes = wav(&samples);
        for (at, byte) in damage {
            bytes[at] = byte;
        }
        let whole = denoise(Container::Wav, None, [&bytes[..]]);
        prop_assert_eq!(denoise(Container::Wav, None, cut(&bytes, &lengths)), whole);
        // An error stays an error, whatever comes after it.
        let mut denoiser = Denoiser::new(Container::Wav, None, LIMITS);
        if let Err(error) = denoiser.push(&bytes, &mut Vec::new()) {
            prop_assert_eq!(denoiser.push(&bytes, &mut Vec::new()), Err(error));
        }
    }
}

#[test]
fn silence_stays_silent() {
    for input in RATES {
        for output in RATES {
            let (result, quiet) =
                denoise(Container::Pcm(input), Some(output), [&vec![0; 20_000][..]]);
            assert_eq!(result, Ok(()));
            assert!(quiet.iter().all(|byte| *byte == 0));
        }
    }
}

#[test]
fn loud_audio_does_not_wrap() {
    // A square wave at full scale overshoots in the filters. Wrapped, a sample would have the
    // opposite sign in the middle of a half wave.
    let wave = |n: usize| if (n / 240).is_multiple_of(2) { i16::MAX } else { i16::MIN };
    let bytes: Vec<u8> = (0..24_000).flat_map(|n| wave(n).to_le_bytes()).collect();
    for input in RATES {
        let (_, quiet) = denoise(Container::Pcm(input), Some(input), [&bytes[..]]);
        let samples: Vec<i16> =
            quiet.as_chunks().0.iter().map(|bytes| i16::from_le_bytes(*bytes)).collect();
        let jumps = samples.windows(2).filter(|pair| pair[0].abs_diff(pair[1]) > 60_000).count();
        assert!(jumps <= 100, "{jumps} jumps at {input:?}, of 100 edges");
    }
}

#[test]
fn output_keeps_up_with_the_input() {
    for input in RATES {
        for output in RATES {
            let mut denoiser = Denoiser::new(Container::Pcm(input), Some(output), LIMITS);
            let mut quiet = Vec::new();
            for second in 1..=100 {
                let bytes = vec![7; 2 * input.hertz() as usize / 100];
                denoiser.push(&bytes, &mut quiet).unwrap();
                let due = second * output.hertz() as usize / 100;
                let waiting = due - quiet.len() / 2;
                assert!(waiting < output.hertz() as usize * 25 / 1000, "25 ms: {waiting} samples");
            }
        }
    }
}

#[test]
fn raw_samples_are_limited_while_they_come() {
    let second = vec![0; 48_000];
    let container = Container::Pcm(SampleRate::Hz24000);
    assert_eq!(denoise(container, None, [&second[..]]).0, Ok(()));
    let too_long = Err(AudioError::TooLong { seconds: 2, limit: 1 });
    assert_eq!(denoise(container, None, [&second[..], &[0]]).0, too_long);
    assert_eq!(denoise(container, None, [&second[..47_999], &[0, 0]]).0, too_long);
}

#[test]
fn raw_samples_need_two_bytes_each() {
    let container = Container::Pcm(SampleRate::Hz48000);
    assert_eq!(denoise(container, None, [&[1, 2, 3][..]]).0, Err(AudioError::OddLength));
    assert_eq!(denoise(container, None, [&[1][..]]).0, Err(AudioError::OddLength));
    assert_eq!(denoise(container, None, []).0, Err(AudioError::Empty));
}

#[test]
fn the_format_of_raw_samples_is_known_at_once() {
    let denoiser = Denoiser::new(Container::Pcm(SampleRate::Hz24000), None, LIMITS);
    assert_eq!(denoiser.format().map(|format| format.rate), Some(SampleRate::Hz24000));
    assert_eq!(denoiser.output_len(), None);
}

#[test]
fn what_a_known_length_shows_to_be_wrong_is_found_before_the_samples() {
    let expect = |container, len| Denoiser::new(container, None, LIMITS).expect(len);
    let raw = Container::Pcm(SampleRate::Hz24000);
    assert_eq!(expect(raw, 0), Err(AudioError::Empty));
    assert_eq!(expect(raw, 4801), Err(AudioError::OddLength));
    assert_eq!(expect(raw, 48_002), Err(AudioError::TooLong { seconds: 2, limit: 1 }));
    assert_eq!(expect(raw, 48_000), Ok(()));
    let file = wav(&[0; 100]);
    let header_len = file.len() - 112;
    let read = |file: &[u8], len: usize| {
        let mut denoiser = Denoiser::new(Container::Wav, None, LIMITS);
        denoiser.expect(len as u64).unwrap();
        denoiser.push(&file[..header_len], &mut Vec::new()).map(|()| denoiser.output_len())
    };
    assert_eq!(read(&file, file.len()), Ok(Some(144)));
    assert_eq!(read(&file, header_len + 100), Ok(Some(144)));
    let truncated = Err(AudioError::Truncated { expected: 100, got: 99 });
    assert_eq!(read(&file, header_len + 99), truncated);
    let mut endless = file;
    endless[header_len - 4..header_len].fill(0xFF);
    assert_eq!(read(&endless, header_len + 48_000), Ok(Some(48_044)));
    assert_eq!(read(&endless, header_len), Err(AudioError::Empty));
    assert_eq!(read(&endless, header_len + 3), Err(AudioError::OddLength));
    assert_eq!(
        read(&endless, header_len + 50_000),
        Err(AudioError::TooLong { seconds: 2, limit: 1 })
    );
}
