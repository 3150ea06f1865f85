//! Sitemaps (sitemaps.org): the URLs that a site lists.

use quick_xml::Reader;
use quick_xml::events::Event;

use super::text;
use crate::probe::exchange::Client;

/// Number of sitemaps that are read.
const MAX_SITEMAPS: usize = 20;

/// Returns the URLs of sitemaps, and of those that they name.
pub(super) async fn urls(client: &Client, sitemaps: &[String], most: usize) -> Vec<String> {
    let mut waiting: Vec<String> = sitemaps.to_vec();
    let (mut read, mut found) = (Vec::<String>::new(), Vec::new());
    while let Some(sitemap) = waiting.pop() {
        let url = client.address().resolve("/", &sitemap);
        let Some(target) = url.and_then(|url| client.address().target_of(&url)) else { continue };
        if read.contains(&target) || read.len() >= MAX_SITEMAPS || found.len() >= most {
            continue;
        }
        read.push(target.clone());
        let Some(xml) = text(client, &target).await else { continue };
        let Listed { sitemaps, pages } = Listed::parse(&xml);
        waiting.extend(sitemaps);
        found.extend(pages);
    }
    found.truncate(most);
    found
}

/// The URLs in a sitemap.
#[derive(Debug, Default, PartialEq, Eq)]
struct Listed {
    sitemaps: Vec<String>,
    pages: Vec<String>,
}

impl Listed {
    /// Parses a sitemap, up to the first mistake.
    fn parse(xml: &str) -> Self {
        let mut listed = Self::default();
        let mut reader = Reader::from_str(xml);
        let (mut is_index, mut location) = (false, None::<String>);
        while let Ok(event) = reader.read_event() {
            match event {
                Event::Eof => break,
                Event::Start(start) => match start.local_name().as_ref() {
                    "sitemapindex" => is_index = true,
                    "loc" => location = Some(String::new()),
                    _ => {}
                },
                Event::Text(text) => {
                    if let Some(location) = &mut location {
                        location.push_str(&text);
                    }
                }
                Event::GeneralRef(name) => {
                    if let Some(location) = &mut location {
                        let entity = format!("&{};", &*name);
                        location.push_str(&html_escape::decode_html_entities(&entity));
                    }
                }
                Event::End(end) if end.local_name().as_ref() == "loc" => {
                    let url = location.take().unwrap_or_default().trim().to_owned();
                    if is_index { listed.sitemaps.push(url) } else { listed.pages.push(url) }
                }
                _ => {}
            }
        }
        listed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_are_read_from_sitemaps_and_their_indexes() {
        let pages = Listed::parse(
            "<?xml version=\"1.0\"?><urlset xmlns=\"x\"><url><loc> https://a.example/b?c=1&amp;d=2 </loc>\
             <lastmod>2026</lastmod></url><url><loc>/e</loc></url></urlset>",
        );
        assert_eq!(pages.pages, ["https://a.example/b?c=1&d=2", "/e"]);
        let index =
            Listed::parse("<sitemapindex><sitemap><loc>/map.xml</loc></sitemap></sitemapindex>");
        assert_eq!(index.sitemaps, ["/map.xml"]);
        assert_eq!(Listed::parse("<!doctype html><p>no"), Listed::default());
        assert_eq!(Listed::parse(""), Listed::default());
    }
}
