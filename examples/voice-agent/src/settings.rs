//! The variables and secrets of the Worker, read once in each isolate.

use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use worker::js_sys::{JSON, Reflect};
use worker::{Env, Url};

use crate::problem::{Kind, Problem};
use crate::voice::{self, Prices, VoiceApi};

/// The variables of `wrangler.jsonc`, with a default for each.
#[derive(Debug)]
pub(crate) struct Settings {
    /// The secret that the voice service knows the Worker by. It goes into requests to it and nowhere
    /// else.
    pub(crate) key: Option<String>,
    /// The token that operators read the metrics with.
    pub(crate) metrics_token: Option<String>,
    pub(crate) api: &'static dyn VoiceApi,
    pub(crate) models: Models,
    /// The voice service, by the continent of the client, and for all others.
    pub(crate) base_urls: BTreeMap<String, String>,
    pub(crate) base_url: String,
    /// Time that the voice service may take to begin its response, in milliseconds.
    pub(crate) upstream_timeout: u64,
    /// The origins of other sites that may use the API.
    pub(crate) allowed_origins: Vec<String>,
    pub(crate) ice_servers: Vec<IceServer>,
    /// Length of a call after which the Worker ends it, in minutes. With 0, every call ends at once.
    pub(crate) session_minutes: u64,
    /// Number of `sdp` and `token` requests that a client may send each minute.
    pub(crate) calls_a_minute: usize,
    /// Number of `chat` requests that a client may send each minute.
    pub(crate) chats_a_minute: usize,
    /// Number of `audio` requests that a client may send each minute.
    pub(crate) recordings_a_minute: usize,
    /// Length of the longest audio that is accepted, in seconds.
    pub(crate) audio_seconds: u32,
    /// Duration from which a request is logged as slow, in milliseconds.
    pub(crate) slow_request: u64,
    /// The earlier deployment on Pages, if some visitors still get it.
    pub(crate) pages_origin: Option<String>,
    /// Share of visitors who get it, in percent.
    pub(crate) pages_percent: u64,
    pub(crate) prices: Prices,
    /// The variables that cannot be read, each with the reason.
    pub(crate) faults: Vec<String>,
}

/// The models, whose names change several times a year.
#[derive(Debug)]
pub(crate) struct Models {
    pub(crate) realtime: String,
    pub(crate) live: String,
    pub(crate) chat: String,
    pub(crate) transcription: String,
}

/// A server that helps peers to find a way to each other, in the form of `RTCIceServer`.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct IceServer {
    urls: Urls,
    #[serde(skip_serializing_if = "Option::is_none")]
    username: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    credential: Option<String>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(untagged)]
enum Urls {
    One(String),
    Several(Vec<String>),
}

thread_local! {
    static SETTINGS: OnceCell<Rc<Settings>> = const { OnceCell::new() };
}

impl Settings {
    /// Returns the settings of the isolate.
    pub(crate) fn of(env: &Env) -> Rc<Self> {
        SETTINGS.with(|cell| Rc::clone(cell.get_or_init(|| Rc::new(Self::read(env)))))
    }

    fn read(env: &Env) -> Self {
        let mut variables = Variables { env, faults: Vec::new() };
        Self {
            key: variables.key("OPENAI_API_KEY"),
            metrics_token: env
                .secret("METRICS_TOKEN")
                .ok()
                .map(|it| it.to_string())
                .and_then(not_empty),
            api: variables.voice_api(),
            models: Models {
                realtime: variables.text("REALTIME_MODEL", "gpt-realtime-2.1"),
                live: variables.text("LIVE_MODEL", "gpt-live-1"),
                chat: variables.text("CHAT_MODEL", "gpt-6-luna"),
                transcription: variables.text("TRANSCRIPTION_MODEL", "gpt-transcribe"),
            },
            base_urls: variables.base_urls(),
            base_url: variables.base_url("OPENAI_BASE_URL", "https://api.openai.com"),
            upstream_timeout: variables.number("UPSTREAM_TIMEOUT_MS", 15_000, 1, 120_000),
            allowed_origins: variables.origins("ALLOWED_ORIGINS"),
            ice_servers: variables.json("ICE_SERVERS").unwrap_or_default(),
            session_minutes: variables.number("SESSION_MINUTES", 15, 0, 60),
            calls_a_minute: variables.number("CALLS_A_MINUTE", 10, 1, 1000),
            chats_a_minute: variables.number("CHATS_A_MINUTE", 20, 1, 1000),
            recordings_a_minute: variables.number("RECORDINGS_A_MINUTE", 10, 1, 1000),
            audio_seconds: variables.number("AUDIO_SECONDS", 300, 1, 3600),
            slow_request: variables.number("SLOW_REQUEST_MS", 1000, 0, 3_600_000),
            pages_origin: variables.origins("PAGES_ORIGIN").pop(),
            pages_percent: variables.number("PAGES_PERCENT", 0, 0, 100),
            prices: variables.json("PRICES").unwrap_or_default(),
            faults: variables.faults,
        }
    }

    /// Fails if a variable cannot be read, and names all of them.
    pub(crate) fn check(&self) -> Result<(), Problem> {
        match &*self.faults {
            [] => Ok(()),
            faults => {
                let detail =
                    format!("correct these variables of the Worker: {}", faults.join("; "));
                Err(Problem::new(Kind::NotConfigured, detail))
            }
        }
    }

    /// Returns the URL of the voice service for clients of a continent.
    pub(crate) fn base_url_for(&self, continent: Option<&str>) -> &str {
        let regional = continent.and_then(|continent| self.base_urls.get(continent));
        regional.unwrap_or(&self.base_url)
    }
}

/// Returns a text, unless it is empty, which stands for a missing one.
fn not_empty(text: String) -> Option<String> {
    (!text.is_empty()).then_some(text)
}

/// The variables, with the faults found so far.
struct Variables<'e> {
    env: &'e Env,
    faults: Vec<String>,
}

impl Variables<'_> {
    /// Returns a variable as text: those of JSON are objects, numbers and lists in the configuration.
    fn get(&self, name: &str) -> Option<String> {
        let value = Reflect::get(self.env.as_ref(), &name.into()).ok()?;
        let text = if value.is_string() {
            value.as_string()
        } else {
            JSON::stringify(&value).ok()?.as_string()
        };
        text.and_then(not_empty)
    }

    /// Returns a secret for a header field, without the space around it that comes from copying.
    fn key(&mut self, name: &str) -> Option<String> {
        let key = self.get(name)?.trim().to_owned();
        if key.bytes().all(|byte| byte.is_ascii_graphic()) {
            return not_empty(key);
        }
        self.faults.push(format!("`{name}` contains characters that no key contains"));
        None
    }

    fn text(&self, name: &str, default: &str) -> String {
        self.get(name).unwrap_or_else(|| default.to_owned())
    }

    fn number<N: TryFrom<u64>>(&mut self, name: &str, default: N, least: u64, most: u64) -> N {
        let Some(text) = self.get(name) else { return default };
        let number = text.trim().parse().ok().filter(|number| (least..=most).contains(number));
        number.and_then(|number| number.try_into().ok()).unwrap_or_else(|| {
            self.faults.push(format!("`{name}` has to be a whole number from {least} to {most}"));
            default
        })
    }

    fn json<T: DeserializeOwned>(&mut self, name: &str) -> Option<T> {
        let text = self.get(name)?;
        let read = serde_json::from_str(&text);
        read.map_err(|error| {
            // Not the message of the error, which may repeat a credential.
            let (line, column) = (error.line(), error.column());
            self.faults.push(format!("`{name}` is not the JSON expected, at {line}:{column}"));
        })
        .ok()
    }

    fn voice_api(&mut self) -> &'static dyn VoiceApi {
        let name = self.text("VOICE_API", voice::DEFAULT.name());
        voice::find(&name).unwrap_or_else(|| {
            self.faults.push("`VOICE_API` has to be `realtime` or `live`".to_owned());
            voice::DEFAULT
        })
    }

    fn base_url(&mut self, name: &str, default: &str) -> String {
        let text = self.text(name, default);
        origin(&text).unwrap_or_else(|| {
            self.faults.push(format!("`{name}` has to be a URL without a path"));
            default.to_owned()
        })
    }

    fn base_urls(&mut self) -> BTreeMap<String, String> {
        let urls: BTreeMap<String, String> = self.json("REGION_BASE_URLS").unwrap_or_default();
        let mut read = BTreeMap::new();
        for (continent, url) in urls {
            match origin(&url) {
                Some(url) => drop(read.insert(continent, url)),
                None => self.faults.push(format!(
                    "`REGION_BASE_URLS` has no URL without a path for `{continent}`"
                )),
            }
        }
        read
    }

    fn origins(&mut self, name: &str) -> Vec<String> {
        let text = self.text(name, "");
        let mut origins = Vec::new();
        let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
        for (index, part) in parts.enumerate() {
            match origin(part) {
                Some(origin) => origins.push(origin),
                None => self.faults.push(format!("`{name}` has no origin at place {}", index + 1)),
            }
        }
        origins
    }
}

/// Returns the origin that a text consists of, such as `https://example.org`.
fn origin(text: &str) -> Option<String> {
    let url = Url::parse(text).ok()?;
    let is_bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
    let is_http = matches!(url.scheme(), "http" | "https");
    (is_bare && is_http).then(|| url.origin().ascii_serialization())
}
