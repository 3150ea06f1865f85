//! The parts of a built Worker, which add up to its size.

use std::cmp::Reverse;

use super::bodies::Found;
use super::manifest::Manifest;
use super::module::{BuiltModule, label};
use super::modules::Modules;
use super::report::{KindSize, PartKind};
use super::rules::RuleType;
use crate::asset::blob::Blob;
use crate::feedback::code::Code;
use crate::feedback::diagnostic::Diagnostic;
use crate::feedback::error::PackError;
use crate::weight::limits::{Excess, Remedies};
use crate::weight::program::Program;
use crate::weight::{Load, Part};

/// The parts of a Worker.
#[derive(Clone, Debug, Default)]
pub(super) struct Parts {
    pub(super) all: Vec<Part>,
    /// Size of the bodies that have the name of a file.
    pub(super) named: usize,
    /// Size of the bodies that are stored once more.
    pub(super) repeated: usize,
    /// Size of each kind of part.
    sizes: [usize; PartKind::ALL.len()],
}

/// A module that was read.
pub(super) struct Loaded<'m> {
    pub(super) module: &'m BuiltModule,
    pub(super) load: Load,
    pub(super) bytes: Vec<Blob>,
}

/// Reads all modules. Returns them with a diagnostic for each that is not valid.
pub(super) fn load(modules: &Modules) -> Result<(Vec<Loaded<'_>>, Vec<Diagnostic>), PackError> {
    let mut diagnostics = Vec::new();
    let mut all = Vec::new();
    for module in &modules.all {
        let name = &module.name;
        let bytes: Vec<Blob> = module.files.iter().map(|(_, bytes)| bytes.clone()).collect();
        let load = match (module.kind, bytes.as_slice()) {
            (kind, _) if kind.is_script() => Load::Script,
            (RuleType::CompiledWasm, [module]) => match Program::read(&module.read()?) {
                Ok(program) => Load::Program(program),
                Err(error) => {
                    let message = format!("is not a valid WebAssembly module: {error}");
                    let error = Diagnostic::error(Code::WorkerInvalidWasm, name, message);
                    diagnostics.push(error.with_help(
                        "build the Worker again; until then Cloudflare does not accept it",
                    ));
                    Load::Data
                }
            },
            _ => Load::Data,
        };
        all.push(Loaded { module, load, bytes });
    }
    Ok((all, diagnostics))
}

impl Parts {
    /// Finds the parts of modules. A manifest tells the names of bodies.
    pub(super) fn of(
        modules: &[Loaded<'_>],
        manifest: Option<&Manifest>,
    ) -> Result<Self, PackError> {
        let mut parts = Self::default();
        for Loaded { module, load, bytes } in modules {
            let name = label(&module.name);
            match (load, bytes.as_slice()) {
                (Load::Program(program), [bytes]) => {
                    parts.add_program(name, program, &bytes.read()?, manifest);
                }
                (Load::Data, [bytes]) if module.kind == RuleType::Data => {
                    let found = match manifest {
                        Some(manifest) => Found::in_module(manifest, &bytes.read()?),
                        None => Found::default(),
                    };
                    parts.add(PartKind::Data, name.to_owned(), bytes.len() - found.len());
                    parts.add_bodies(found);
                }
                _ => {
                    let kind = if matches!(load, Load::Script) {
                        PartKind::Scripts
                    } else {
                        PartKind::Data
                    };
                    for (name, bytes) in &module.files {
                        parts.add(kind, label(name).to_owned(), bytes.len());
                    }
                }
            }
        }
        Ok(parts)
    }

    fn add_program(
        &mut self,
        name: &str,
        program: &Program,
        module: &[u8],
        manifest: Option<&Manifest>,
    ) {
        let found = match manifest {
            Some(manifest) => Found::in_program(manifest, program, module),
            None => Found::default(),
        };
        let data = program.data_len().saturating_sub(found.len());
        let custom: usize = program.custom.iter().map(|(_, size)| size).sum();
        let other = module.len().saturating_sub(program.code + program.data_len() + custom);
        self.add(PartKind::Code, format!("{name}: code"), program.code);
        self.add(PartKind::Data, format!("{name}: data"), data);
        for (section, size) in &program.custom {
            self.add(PartKind::Custom, format!("{name}: section `{section}`"), *size);
        }
        self.add(PartKind::Code, format!("{name}: other sections"), other);
        self.add_bodies(found);
    }

    fn add(&mut self, kind: PartKind, name: String, size: usize) {
        self.sizes[kind as usize] += size;
        if size > 0 {
            self.all.push(Part { name, size });
        }
    }

    /// Returns the kinds of parts, the largest first.
    pub(super) fn kinds(&self) -> Vec<KindSize> {
        let size = |kind| KindSize { kind, size: self.sizes[kind as usize] };
        let mut kinds = PartKind::ALL.map(size).to_vec();
        kinds.retain(|one| one.size > 0);
        kinds.sort_by_key(|one| Reverse(one.size));
        kinds
    }

    fn add_bodies(&mut self, found: Found) {
        self.named += found.len();
        self.repeated += found.repeated;
        for (kind, Part { name, size }) in found.parts {
            self.add(kind, name, size);
        }
    }
}

impl Remedies for Parts {
    fn lighter(&self, _: Excess) -> String {
        let remedy = match self.kinds().first().map(|largest| largest.kind) {
            Some(PartKind::Scripts) => "ship less server code",
            Some(PartKind::Code) => {
                "compile the crate for size (`opt-level = \"z\"`, `lto = true` in its profile)"
            }
            Some(PartKind::Custom) => {
                "leave out names and debug information (`strip = true` in the profile)"
            }
            Some(PartKind::Copies) => {
                "leave out the copies of compressed files (`identity = \"decoded\"`; in Rust with the \
                 feature `brotli` of the runtime)"
            }
            Some(PartKind::Data) | None => {
                "move files to Workers Static Assets (`budget`, `spill-above`), or leave them out \
                 of the site"
            }
        };
        remedy.to_owned()
    }

    fn too_large_asset(&self) -> String {
        "serve it from R2, and leave it out of the folder".to_owned()
    }

    fn too_many_assets(&self) -> String {
        "leave files out with `.assetsignore`, or raise `static-assets` in `limits` if your account \
         has a higher limit"
            .to_owned()
    }
}
