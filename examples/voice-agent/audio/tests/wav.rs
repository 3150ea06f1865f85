//! WAV files: which headers are accepted, which are refused, and with what sentence.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::io::Cursor;

use voice_audio::{AudioError, Container, Denoiser, Format, Limits, SampleRate};

const LIMITS: Limits = Limits { max_seconds: 10 };

/// A `fmt ` chunk of 16 bytes.
fn format_chunk(tag: u16, channels: u16, rate: u32, bits: u16) -> Vec<u8> {
    let align = channels * bits.div_ceil(8);
    let mut content = Vec::new();
    content.extend(tag.to_le_bytes());
    content.extend(channels.to_le_bytes());
    content.extend(rate.to_le_bytes());
    content.extend((rate * u32::from(align)).to_le_bytes());
    content.extend(align.to_le_bytes());
    content.extend(bits.to_le_bytes());
    chunk(b"fmt ", &content)
}

/// A chunk, with its padding.
fn chunk(name: &[u8], content: &[u8]) -> Vec<u8> {
    let len = u32::try_from(content.len()).unwrap();
    let padding = vec![0; content.len() % 2];
    [name, &len.to_le_bytes(), content, &padding].concat()
}

/// A WAV file of these chunks.
fn wav(chunks: &[Vec<u8>]) -> Vec<u8> {
    let content = chunks.concat();
    let len = u32::try_from(content.len() + 4).unwrap();
    [b"RIFF", &len.to_le_bytes()[..], b"WAVE", &content].concat()
}

fn mono() -> Vec<u8> {
    format_chunk(1, 1, 24_000, 16)
}

/// 1,000 samples.
fn samples() -> Vec<u8> {
    (0..1000_i16).flat_map(|n| (n % 50 * 200).to_le_bytes()).collect()
}

/// Returns the output for a whole file.
fn denoise(file: &[u8], rate: Option<SampleRate>) -> Result<Vec<u8>, AudioError> {
    let mut denoiser = Denoiser::new(Container::Wav, rate, LIMITS);
    let mut output = Vec::new();
    denoiser.push(file, &mut output)?;
    let len = denoiser.output_len();
    denoiser.finish(&mut output)?;
    assert!(len.is_none_or(|len| len == output.len() as u64));
    Ok(output)
}

fn message(file: &[u8]) -> String {
    denoise(file, None).unwrap_err().to_string()
}

#[test]
fn output_is_a_wav_file_of_the_same_length() {
    let input = wav(&[mono(), chunk(b"data", &samples())]);
    for (rate, hertz, samples) in [(None, 24_000, 1000), (Some(SampleRate::Hz48000), 48_000, 2000)]
    {
        let output = denoise(&input, rate).unwrap();
        let reader = hound::WavReader::new(Cursor::new(&output)).unwrap();
        assert_eq!(reader.spec().sample_rate, hertz);
        assert_eq!(reader.spec().bits_per_sample, 16);
        assert_eq!(reader.spec().channels, 1);
        assert_eq!(reader.len(), samples);
        assert_eq!(reader.into_samples::<i16>().filter_map(Result::ok).count(), samples as usize);
    }
}

#[test]
fn files_of_hound_are_read() {
    let mut file = Cursor::new(Vec::new());
    let spec = hound::WavSpec {
        channels: 1,
        sample_rate: 48_000,
        bits_per_sample: 16,
        sample_format: hound::SampleFormat::Int,
    };
    let mut writer = hound::WavWriter::new(&mut file, spec).unwrap();
    for n in 0..999_i16 {
        writer.write_sample(n).unwrap();
    }
    writer.finalize().unwrap();
    let output = denoise(file.get_ref(), Some(SampleRate::Hz24000)).unwrap();
    assert_eq!(output.len(), 44 + 500 * 2, "the last sample is at the time of the 999th");
}

#[test]
fn format_and_length_are_known_with_the_header() {
    let input = wav(&[mono(), chunk(b"data", &samples())]);
    let mut denoiser = Denoiser::new(Container::Wav, None, LIMITS);
    let mut output = Vec::new();
    denoiser.push(&input[..43], &mut output).unwrap();
    assert_eq!((denoiser.format(), denoiser.output_len()), (None, None));
    denoiser.push(&input[43..44], &mut output).unwrap();
    let format = Format { rate: SampleRate::Hz24000, data_len: Some(2000) };
    assert_eq!((denoiser.format(), denoiser.output_len()), (Some(format), Some(2044)));
    assert_eq!(output.len(), 44, "the header comes at once");
}

#[test]
fn other_chunks_are_skipped_with_their_padding() {
    let plain = denoise(&wav(&[mono(), chunk(b"data", &samples())]), None).unwrap();
    let surrounded = wav(&[
        chunk(b"JUNK", &[1; 4044]),
        chunk(b"bext", &[2; 603]),
        mono(),
        chunk(b"fact", &[3; 12]),
        chunk(b"LIST", b"odd"),
        chunk(b"data", &samples()),
        chunk(b"LIST", b"after"),
    ]);
    assert_eq!(denoise(&surrounded, None).unwrap(), plain);
}

#[test]
fn extensible_pcm_is_accepted() {
    let mut content = format_chunk(0xFFFE, 1, 24_000, 16)[8..].to_vec();
    content.extend([22, 0, 16, 0, 4, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0x10, 0, 0x80, 0, 0, 0xAA, 0]);
    content.extend([0x38, 0x9B, 0x71]);
    let file = |content: &[u8]| wav(&[chunk(b"fmt ", content), chunk(b"data", &samples())]);
    let plain = denoise(&wav(&[mono(), chunk(b"data", &samples())]), None).unwrap();
    assert_eq!(denoise(&file(&content), None).unwrap(), plain);

    content[24] = 3;
    assert!(message(&file(&content)).contains("floating point"));
    content[30] = 9;
    assert!(message(&file(&content)).contains("0xfffe"), "an unknown SubFormat");
    assert!(message(&file(&content[..18])).contains("has no `SubFormat`"));
}

#[test]
fn streams_of_unknown_length_last_until_the_end() {
    let known = denoise(&wav(&[mono(), chunk(b"data", &samples())]), None).unwrap();
    for (len, riff) in [(0, 36), (u32::MAX, u32::MAX), (0x7FFF_F000, 0x7FFF_F024_u32)] {
        let data = [b"data", &len.to_le_bytes()[..], &samples()].concat();
        let output = denoise(&wav(&[mono(), data]), None).unwrap();
        assert_eq!(output[44..], known[44..]);
        assert_eq!(output[40..44], len.to_le_bytes(), "the same convention");
        assert_eq!(output[4..8], riff.to_le_bytes());
    }
    let endless = [b"data", &u32::MAX.to_le_bytes()[..], &vec![0; 480_002]].concat();
    let error = denoise(&wav(&[mono(), endless]), None).unwrap_err();
    assert_eq!(error, AudioError::TooLong { seconds: 11, limit: 10 });
}

#[test]
fn long_audio_is_refused_by_its_header() {
    let mut header = wav(&[mono()]);
    header.extend([b"data", &480_000_u32.to_le_bytes()[..]].concat());
    let mut denoiser = Denoiser::new(Container::Wav, None, LIMITS);
    assert_eq!(denoiser.push(&header, &mut Vec::new()), Ok(()), "just short enough");

    let at = header.len() - 4;
    header[at..].copy_from_slice(&1_000_000_u32.to_le_bytes());
    let error = denoise(&header, None).unwrap_err();
    assert_eq!(error, AudioError::TooLong { seconds: 21, limit: 10 });
    assert_eq!(
        error.to_string(),
        "the audio lasts 21 s or more, and the limit is 10 s; send it in parts"
    );
}

#[test]
fn other_formats_are_refused_with_the_remedy() {
    let file = |format| wav(&[format, chunk(b"data", &samples())]);
    for (format, problem) in [
        (format_chunk(1, 2, 24_000, 16), "the audio has 2 channels"),
        (format_chunk(1, 0, 24_000, 16), "the audio has 0 channels"),
        (format_chunk(1, 1, 44_100, 16), "the sample rate 44100 is not supported"),
        (format_chunk(1, 1, 24_000, 8), "the samples have 8 bits"),
        (format_chunk(1, 1, 24_000, 24), "the samples have 24 bits"),
        (
            format_chunk(3, 1, 24_000, 32),
            "the WAV file has samples of the format floating point, not PCM",
        ),
        (format_chunk(7, 1, 24_000, 8), "the WAV file has samples of the format µ-law, not PCM"),
    ] {
        let remedy = "; send 16-bit PCM, mono, at 24 or 48 kHz";
        assert_eq!(message(&file(format)), format!("{problem}{remedy}"));
    }
}

#[test]
fn relatives_of_wav_are_refused_by_name() {
    let file = wav(&[mono(), chunk(b"data", &samples())]);
    for name in ["RIFX", "RF64", "BW64"] {
        let relative = [name.as_bytes(), &file[4..]].concat();
        assert!(message(&relative).starts_with(&format!("the file is {name}")), "{name}");
    }
    let avi = [b"RIFF", &file[4..8], b"AVI ", &file[12..]].concat();
    assert_eq!(denoise(&avi, None), Err(AudioError::NotWav));
    assert_eq!(denoise(b"ID3\x04not a WAV file", None), Err(AudioError::NotWav));
    assert_eq!(denoise(b"RIFF", None), Err(AudioError::NotWav));
}

#[test]
fn broken_files_are_refused() {
    let data = chunk(b"data", &samples());
    assert_eq!(denoise(b"", None), Err(AudioError::Empty));
    assert_eq!(denoise(&wav(&[mono(), chunk(b"data", b"")]), None), Err(AudioError::Empty));
    assert_eq!(denoise(&wav(&[mono()]), None), Err(AudioError::HeaderTruncated));
    assert_eq!(denoise(&wav(&[mono(), chunk(b"data", b"odd")]), None), Err(AudioError::OddLength));
    assert!(message(&wav(&[data.clone(), mono()])).contains("before its `fmt ` chunk"));
    assert!(message(&wav(&[chunk(b"fmt ", &[1; 14]), data.clone()])).contains("less than 16"));
    let mut wide = mono();
    wide[20] = 4;
    assert!(message(&wav(&[wide, data.clone()])).contains("not 2 bytes"));

    let file = wav(&[mono(), data.clone()]);
    assert_eq!(
        message(&file[..file.len() - 500]),
        "the WAV file ends after 1500 of the 2000 bytes of samples that its header announces; \
         send the whole file, or 0xFFFFFFFF as the length of a stream"
    );
    let limit = Err(AudioError::HeaderTooLong { limit: 65_536 });
    let picture = chunk(b"JUNK", &vec![0; 65_537]);
    assert_eq!(denoise(&wav(&[picture, mono(), data.clone()]), None), limit);
    let many = vec![chunk(b"JUNK", b"small"); 5000].concat();
    assert_eq!(denoise(&wav(&[many, mono(), data]), None), limit);
}
