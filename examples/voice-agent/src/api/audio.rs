//! `POST audio`: speech without its background noise.
//!
//! The body is read, worked on and sent chunk by chunk, so that the memory does not depend on its length.
//! The time does: a second of audio takes 10 to 20 ms of a core in workerd, and the Free plan allows 10 ms for a
//! request. `limits.cpu_ms` of `wrangler.jsonc` is the bound on the paid plan.

use std::pin::Pin;

use futures_util::stream::{self, Stream};
use futures_util::{StreamExt as _, TryStreamExt as _};
use voice_audio::{AudioError, Container, Denoiser, Format, Limits, SampleRate};
use worker::wasm_bindgen_futures::{JsFuture, spawn_local};
use worker::worker_sys::FixedLengthStream;
use worker::{Env, Error, Request, Response, ResponseBody, ResponseBuilder, console_error};

use super::input;
use crate::exchange::Exchange;
use crate::limits::{self, Quota};
use crate::meter::Metric;
use crate::problem::{Answer, Kind, Problem};

/// Chunks of a body.
type Chunks = Pin<Box<dyn Stream<Item = Result<Vec<u8>, Error>>>>;

/// Removes the noise of the body.
pub(super) async fn post(env: &Env, exchange: &Exchange, mut request: Request) -> Answer {
    let container = container(&request)?;
    let rate = input::query(&request, "rate")?.map(|rate| sample_rate(&rate)).transpose()?;
    let coding = content_coding(exchange, &request)?;
    let allowance = limits::pass(env, exchange, Quota::Recordings).await?;
    let limits = Limits { max_seconds: exchange.settings.audio_seconds };
    let announced = input::announced_len(&request);
    let mut chunks: Chunks = if request.inner().body().is_some() {
        Box::pin(request.stream()?)
    } else {
        Box::pin(stream::empty())
    };
    let mut denoiser = Denoiser::new(container, rate, limits);
    if let Some(len) = announced {
        denoiser.expect(len).map_err(|error| problem(&error))?;
    }
    // Until the first sample, an error can still be a response.
    let mut begun = Vec::new();
    while !denoiser.has_samples()
        && let Some(chunk) = chunks.try_next().await?
    {
        denoiser.push(&chunk, &mut begun).map_err(|error| problem(&error))?;
    }
    let Some(format) = denoiser.format().filter(|_| denoiser.has_samples()) else {
        denoiser.finish(&mut begun).map_err(|error| problem(&error))?;
        return Err(problem(&AudioError::Empty));
    };
    count(exchange, format);
    let len = denoiser.output_len();
    let media_type = request.headers().get("Content-Type")?.unwrap_or_default();
    let response = ResponseBuilder::new().with_header("Content-Type", &media_type)?;
    let output = denoised(denoiser, chunks, begun);
    let response = match (coding, len) {
        // The host compresses a body of which a field says that it is compressed.
        (Some(coding), _) => {
            response.with_header("Content-Encoding", coding)?.from_stream(output)?
        }
        (None, Some(len)) => with_length(response.from_stream(output)?, len)?,
        (None, None) => response.from_stream(output)?,
    };
    Ok(allowance.show(response)?)
}

/// Lets the host send the length of a body. It ignores the field `Content-Length` of other streams.
fn with_length(response: Response, len: u64) -> Result<Response, Error> {
    let (builder, body) = response.into_parts();
    let ResponseBody::Stream(stream) = body else { return Ok(builder.body(body)) };
    let sized = FixedLengthStream::new_big_int(len.into())?;
    let piped = stream.pipe_to(&sized.writable());
    // It fails if the client leaves, or with the audio. Both ends know that already.
    spawn_local(async move { drop(JsFuture::from(piped).await) });
    Ok(builder.stream(sized.readable()))
}

/// Counts the length of the audio, as it is announced.
fn count(exchange: &Exchange, format: Format) {
    let bytes = format.data_len.unwrap_or_default();
    #[expect(clippy::cast_precision_loss, reason = "a body has far less than 2^52 bytes")]
    let seconds = bytes as f64 / 2.0 / f64::from(format.rate.hertz());
    exchange.readings.add(Metric::AudioSeconds, &[], seconds);
}

/// Returns the output for the rest of the chunks, after what has been made of the first ones.
fn denoised(
    denoiser: Denoiser,
    chunks: Chunks,
    begun: Vec<u8>,
) -> impl Stream<Item = Result<Vec<u8>, Error>> {
    let rest = stream::try_unfold(Some((denoiser, chunks)), |state| async move {
        let Some((mut denoiser, mut chunks)) = state else { return Ok(None) };
        let mut output = Vec::new();
        let rest = if let Some(chunk) = chunks.try_next().await? {
            denoiser.push(&chunk, &mut output).map_err(|error| broken(&error))?;
            Some((denoiser, chunks))
        } else {
            denoiser.finish(&mut output).map_err(|error| broken(&error))?;
            None
        };
        Ok(Some((output, rest)))
    });
    stream::once(async { Ok(begun) }).chain(rest)
}

/// Breaks off a response that has begun, which is all that HTTP allows.
fn broken(error: &AudioError) -> Error {
    console_error!("voice-agent: audio broke off: {error}");
    Error::RustError(error.to_string())
}

fn container(request: &Request) -> Answer<Container> {
    match &*input::media_type(request) {
        "audio/wav" | "audio/x-wav" | "audio/wave" | "audio/vnd.wave" => Ok(Container::Wav),
        "audio/pcm" => {
            let field = request.headers().get("Content-Type")?.unwrap_or_default();
            let mut parameters = field.split(';').skip(1).map(str::trim);
            let rate = parameters.find_map(|parameter| parameter.strip_prefix("rate="));
            Ok(Container::Pcm(sample_rate(rate.unwrap_or("24000").trim_matches('"'))?))
        }
        _ => {
            let detail = "send `audio/wav` or `audio/pcm;rate=24000`, each with 16-bit mono samples at \
                          24,000 or 48,000 Hz";
            let problem = Problem::new(Kind::UnsupportedMediaType, detail);
            Err(problem.with("Accept", "audio/wav, audio/pcm"))
        }
    }
}

fn sample_rate(text: &str) -> Answer<SampleRate> {
    let rate = text.parse().ok().and_then(|rate: u32| SampleRate::try_from(rate).ok());
    rate.ok_or_else(|| {
        Problem::new(Kind::Unprocessable, format!("the rate `{text}` has to be 24000 or 48000"))
    })
}

/// Returns the content coding that the query asks for, if the client accepts it (RFC 9110 §12.5.3).
fn content_coding(exchange: &Exchange, request: &Request) -> Answer<Option<&'static str>> {
    match input::query(request, "compress")?.as_deref() {
        None | Some("none") => Ok(None),
        Some("gzip") => {
            let field = request.headers().get("Accept-Encoding")?;
            let accepted = exchange.edge.accept_encoding.clone().or(field).unwrap_or_default();
            if accepts_gzip(&accepted) {
                return Ok(Some("gzip"));
            }
            let detail = "`compress=gzip` needs `Accept-Encoding: gzip`";
            Err(Problem::new(Kind::NotAcceptable, detail))
        }
        Some(other) => Err(Problem::new(
            Kind::BadRequest,
            format!("`compress` is `gzip` or `none`, not `{other}`"),
        )),
    }
}

fn accepts_gzip(field: &str) -> bool {
    let codings = field.split(',').map(|coding| {
        let mut parts = coding.split(';').map(str::trim);
        let name = parts.next().unwrap_or_default().to_ascii_lowercase();
        let weight = parts.find_map(|part| part.strip_prefix("q=")?.trim().parse::<f32>().ok());
        (name, weight.unwrap_or(1.0))
    });
    let found: Vec<_> =
        codings.filter(|(name, _)| matches!(&**name, "gzip" | "x-gzip" | "*")).collect();
    let named = found.iter().find(|(name, _)| name != "*").or(found.first());
    named.is_some_and(|(_, weight)| *weight > 0.0)
}

/// Makes a problem of audio that cannot be read.
fn problem(error: &AudioError) -> Problem {
    let kind = match error {
        AudioError::TooLong { .. } => Kind::TooLarge,
        AudioError::Unsupported { .. } => Kind::UnsupportedMediaType,
        AudioError::Empty => Kind::BadRequest,
        _ => Kind::Unprocessable,
    };
    Problem::new(kind, error.to_string())
}
