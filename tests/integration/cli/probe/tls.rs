//! Certificates, made by openssl for the test.

use std::io::{BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::thread;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

use super::host::{bytes_of, read};
use super::{SITE, parts, probe, run};
use crate::support::site::Site;

/// Runs openssl in a folder.
fn openssl(folder: &Path, arguments: &str) {
    let arguments = arguments.split_whitespace();
    let output = Command::new("openssl").args(arguments).current_dir(folder).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// Makes an authority, and a certificate that it signs for a host and a number of days.
fn certificate(folder: &Path, host: &str, days: &str) -> [PathBuf; 3] {
    let key = "-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes";
    openssl(folder, &format!("req -x509 {key} -keyout ca.key -out ca.pem -days 30 -subj /CN=test"));
    openssl(folder, &format!("req {key} -keyout host.key -out host.csr -subj /CN=host"));
    let extensions = format!("subjectAltName={host}\nbasicConstraints=CA:FALSE\n");
    std::fs::write(folder.join("ext"), extensions).unwrap();
    openssl(
        folder,
        &format!(
            "x509 -req -in host.csr -CA ca.pem -CAkey ca.key -CAcreateserial -out host.pem {days} -extfile ext"
        ),
    );
    ["ca.pem", "host.pem", "host.key"].map(|name| folder.join(name))
}

/// Starts a host that has the site, with a certificate.
fn start(certificate: &Path, key: &Path) -> SocketAddr {
    let certificates = CertificateDer::pem_file_iter(certificate).unwrap();
    let certificates = certificates.collect::<Result<Vec<_>, _>>().unwrap();
    let key = PrivateKeyDer::from_pem_file(key).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ServerConfig::builder_with_provider(provider);
    let builder = builder.with_safe_default_protocol_versions().unwrap().with_no_client_auth();
    let config = Arc::new(builder.with_single_cert(certificates, key).unwrap());
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let config = Arc::clone(&config);
            thread::spawn(move || answer(config, stream.unwrap()));
        }
    });
    address
}

fn answer(config: Arc<ServerConfig>, stream: TcpStream) {
    let connection = ServerConnection::new(config).unwrap();
    let mut stream = BufReader::new(StreamOwned::new(connection, stream));
    while let Some(asked) = read(&mut stream) {
        let bytes = bytes_of(&asked, &|_, _| {});
        if stream.get_mut().write_all(&bytes).is_err() {
            break;
        }
    }
}

/// Probes, and returns the exit code and what is printed to standard error.
fn said(url: &str, arguments: &[&str]) -> (i32, String) {
    let manifest = ["--manifest", SITE.1.to_str().unwrap()];
    let arguments = [&["probe", url], &manifest[..], arguments].concat();
    let (code, _, stderr) = parts(&run(SITE.0.project(), &arguments));
    (code, stderr)
}

#[test]
fn a_certificate_of_an_own_authority_is_accepted_by_name() {
    let folder = Site::new::<&str>(&[]);
    let [ca, host, key] = certificate(folder.project(), "IP:127.0.0.1", "-days 2");
    let address = start(&host, &key);
    let url = format!("https://{address}");
    let (code, stderr) = said(&url, &[]);
    assert_eq!(code, 1);
    assert!(stderr.contains("certificate") && stderr.contains("`--ca FILE`"), "{stderr}");
    let manifest = SITE.1.to_str().unwrap();
    let found = probe(&url, &["--manifest", manifest, "--ca", ca.to_str().unwrap()]);
    assert_eq!((found.code, found.findings()), (0, vec![]), "{}", found.report);
    let found = probe(&url, &["--manifest", manifest, "--insecure"]);
    assert_eq!(found.code, 0, "{}", found.report);
    // The certificate is for the address, and not for the name.
    let other = format!("https://localhost:{}", address.port());
    let (code, stderr) = said(&other, &["--ca", ca.to_str().unwrap()]);
    assert!(code == 1 && stderr.contains("for another host"), "{stderr}");
    let (code, stderr) = said(&format!("http://{address}"), &[]);
    assert_eq!(code, 1, "{stderr}");
    for (text, part) in [("no certificate", "contains no certificate in PEM"), ("", "in PEM")] {
        let file = folder.project().join("other.pem");
        std::fs::write(&file, text).unwrap();
        let (code, stderr) = said(&url, &["--ca", file.to_str().unwrap()]);
        assert!(code == 2 && stderr.contains(part), "{stderr}");
    }
    let (code, stderr) = said(&url, &["--ca", "nowhere.pem"]);
    assert!(code == 1 && stderr.contains("cannot read `nowhere.pem`"), "{stderr}");
}

#[test]
fn a_self_signed_certificate_is_told() {
    let folder = Site::new::<&str>(&[]);
    openssl(
        folder.project(),
        "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout self.key \
         -out self.pem -days 30 -subj /CN=127.0.0.1 -addext subjectAltName=IP:127.0.0.1",
    );
    let [host, key] = ["self.pem", "self.key"].map(|name| folder.project().join(name));
    let url = format!("https://{}", start(&host, &key));
    let (code, stderr) = said(&url, &[]);
    assert!(
        code == 1 && stderr.contains("self-signed") && stderr.contains("--insecure"),
        "{stderr}"
    );
    assert_eq!(said(&url, &["--insecure"]), (0, String::new()));
}

#[test]
fn an_expired_certificate_is_told() {
    let folder = Site::new::<&str>(&[]);
    let [ca, host, key] = certificate(folder.project(), "IP:127.0.0.1", "-days -1");
    let address = start(&host, &key);
    let (code, stderr) = said(&format!("https://{address}"), &["--ca", ca.to_str().unwrap()]);
    assert!(code == 1 && stderr.contains("its certificate has expired"), "{stderr}");
}

#[test]
fn a_host_without_tls_is_told() {
    let host = super::host::Host::of_site();
    let url = host.url().replace("http://", "https://");
    let (code, stderr) = said(&url, &["--timeout", "60s"]);
    assert!(code == 1 && stderr.contains("is it `http`?"), "{stderr}");
}
