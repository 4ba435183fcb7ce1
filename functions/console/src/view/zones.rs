//! The zones a person can schedule in.

use std::collections::BTreeMap;

use serde::Serialize;

/// The zones of one region.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ZoneGroup {
    /// The region, the part before the first slash.
    pub region: String,
    /// IANA names, sorted.
    pub zones: Vec<String>,
}

/// The regions of the IANA database that are places; the rest (`Etc`, `US`, `posix`, …) are aliases and offsets.
const REGIONS: [&str; 10] =
    ["Africa", "America", "Antarctica", "Arctic", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific"];

/// Every place of the linked zone database by region, with `UTC` first.
pub fn zone_groups() -> Vec<ZoneGroup> {
    let mut regions: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for name in jiff::tz::db().available() {
        let name = name.as_str();
        if let Some((region, _)) = name.split_once('/')
            && REGIONS.contains(&region)
        {
            regions.entry(region.to_owned()).or_default().push(name.to_owned());
        }
    }
    let utc = ZoneGroup { region: "Universal".to_owned(), zones: vec!["UTC".to_owned()] };
    std::iter::once(utc)
        .chain(regions.into_iter().map(|(region, mut zones)| {
            zones.sort_unstable();
            ZoneGroup { region, zones }
        }))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_zones_are_places_and_utc() {
        let groups = zone_groups();
        let has = |zone: &str| groups.iter().any(|group| group.zones.iter().any(|name| name == zone));
        assert!(has("UTC") && has("Europe/Berlin") && has("America/Argentina/Buenos_Aires") && has("Asia/Kolkata"));
        assert!(!has("Etc/GMT+5") && !has("EST") && !has("US/Pacific"));
        assert!(groups.iter().all(|group| group.zones.is_sorted()));
    }
}
