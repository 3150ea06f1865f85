//! The map of a script, made of where the minifier took each part from and of the map of the build.

use serde::{Deserialize, Serialize};
use swc_sourcemap::{SourceMap, SourceMapBuilder, Token};

use super::lines::Lines;
use super::{Places, Script};
use crate::asset::debug_id::DebugId;
use crate::transform::javascript::Origin;

/// A source map as it is written (ECMA-426). The debug id has two names: that of the proposal, and the one
/// before it.
#[derive(Serialize)]
struct Rendered<'r> {
    version: u8,
    file: &'r str,
    sources: Vec<String>,
    #[serde(rename = "sourcesContent")]
    contents: Vec<Option<String>>,
    names: Vec<&'r str>,
    mappings: String,
    #[serde(rename = "ignoreList", skip_serializing_if = "Vec::is_empty")]
    ignored: Vec<u32>,
    #[serde(rename = "debugId")]
    debug_id: String,
    #[serde(rename = "debug_id")]
    old_debug_id: String,
}

/// Renders the map of a minified script.
pub(super) fn render(
    origins: &[Origin],
    script: &Script<'_>,
    built: Option<&SourceMap>,
    places: &Places,
    file: &str,
    id: DebugId,
) -> Vec<u8> {
    let mut builder = SourceMapBuilder::new(None);
    match built {
        Some(built) => through(&mut builder, origins, script, built),
        None => directly(&mut builder, origins, script),
    }
    let map = builder.into_sourcemap();
    let named = built.map(|built| places.sources(script.path, built)).unwrap_or_default();
    let ignored: Vec<u32> = built.map(|it| it.ignore_list().copied().collect()).unwrap_or_default();
    let mut rendered = Rendered {
        version: 3,
        file,
        sources: Vec::new(),
        contents: Vec::new(),
        names: map.names().map(|name| &**name).collect(),
        mappings: mappings(&map),
        ignored: Vec::new(),
        debug_id: id.to_string(),
        old_debug_id: id.to_string(),
    };
    for number in 0..map.get_source_count() {
        // Sources are numbers until here: two files of the build may get the same name.
        let of_build = map.get_source(number).and_then(|source| source.parse::<u32>().ok());
        let (name, contents) = match (of_build, built) {
            (Some(source), Some(built)) => {
                if ignored.contains(&source) {
                    rendered.ignored.push(number);
                }
                let name = named.get(source as usize).cloned().unwrap_or_default();
                (name, built.get_source_contents(source).map(|it| places.cleaned(it)))
            }
            _ => (places.in_project(script.path), Some(places.cleaned(script.source))),
        };
        rendered.sources.push(name);
        rendered.contents.push(contents);
    }
    serde_json::to_vec(&rendered).expect("texts are plain data")
}

/// Maps to the source itself.
fn directly(builder: &mut SourceMapBuilder, origins: &[Origin], script: &Script<'_>) {
    let mut lines = Lines::new(script.source);
    for Origin { line, column, offset, name } in origins {
        let (source_line, source_column) = lines.place(*offset);
        let name = name.clone().map(Into::into);
        let source = Some("".into());
        builder.add(*line, *column, source_line, source_column, source, name, false);
    }
}

/// Maps to where the map of the build leads.
fn through(
    builder: &mut SourceMapBuilder,
    origins: &[Origin],
    script: &Script<'_>,
    built: &SourceMap,
) {
    let (written, place_in_written) = script.written;
    let mut lines = Lines::new(written);
    // The parts of a source without an origin have none in the result either.
    let mut last_has_source = false;
    for Origin { line, column, offset, name } in origins {
        let (built_line, built_column) = lines.place(place_in_written(*offset));
        let token = built.lookup_token(built_line, built_column);
        let token: Option<Token<'_>> =
            token.filter(|token| token.get_dst_line() == built_line && token.has_source());
        if let Some(token) = token {
            // A name that the build has not changed is not in its map.
            let is_exact = token.get_dst_col() == built_column;
            let own = || name.clone().map(Into::into);
            let name = is_exact.then(|| token.get_name().cloned().or_else(own)).flatten();
            let source = Some(token.get_src_id().to_string().into());
            let (source_line, source_column) = token.get_src();
            builder.add(*line, *column, source_line, source_column, source, name, false);
            last_has_source = true;
        } else if last_has_source {
            builder.add(*line, *column, 0, 0, None, None, false);
            last_has_source = false;
        }
    }
}

/// Returns the mappings of a map, encoded.
fn mappings(map: &SourceMap) -> String {
    #[derive(Deserialize)]
    struct Encoded {
        mappings: String,
    }
    let mut json = Vec::new();
    map.to_writer(&mut json).expect("writing into memory does not fail");
    let encoded: Encoded = serde_json::from_slice(&json).expect("a map has mappings");
    encoded.mappings
}
