//! Which network addresses are public. Version 4 is a table of what is not; version 6 is the other way round: only
//! global unicast is public, less the special ranges inside it, so a range that nobody thought of is refused.

use ipnet::{Ipv4Net, Ipv6Net};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

const fn v4(a: u8, b: u8, c: u8, d: u8, length: u8) -> Ipv4Net {
    Ipv4Net::new_assert(Ipv4Addr::new(a, b, c, d), length)
}

const fn v6(a: u16, b: u16, length: u8) -> Ipv6Net {
    Ipv6Net::new_assert(Ipv6Addr::new(a, b, 0, 0, 0, 0, 0, 0), length)
}

/// IANA's special-purpose registry of version 4 (RFC 6890 and successors), wholly: what it calls globally reachable, too, is
/// nobody's server. With it multicast, and one cloud's wire server, whose address is an ordinary one.
const NOT_PUBLIC_V4: [Ipv4Net; 19] = [
    v4(0, 0, 0, 0, 8),        // this network
    v4(10, 0, 0, 0, 8),       // private
    v4(100, 64, 0, 0, 10),    // shared by carriers
    v4(127, 0, 0, 0, 8),      // loopback
    v4(168, 63, 129, 16, 32), // a cloud's wire server
    v4(169, 254, 0, 0, 16),   // link-local: instance and task metadata
    v4(172, 16, 0, 0, 12),    // private
    v4(192, 0, 0, 0, 24),     // protocol assignments
    v4(192, 0, 2, 0, 24),     // documentation
    v4(192, 31, 196, 0, 24),  // AS112
    v4(192, 52, 193, 0, 24),  // AMT
    v4(192, 88, 99, 0, 24),   // 6to4 relays
    v4(192, 168, 0, 0, 16),   // private
    v4(192, 175, 48, 0, 24),  // AS112, delegated
    v4(198, 18, 0, 0, 15),    // benchmarking
    v4(198, 51, 100, 0, 24),  // documentation
    v4(203, 0, 113, 0, 24),   // documentation
    v4(224, 0, 0, 0, 4),      // multicast
    v4(240, 0, 0, 0, 4),      // reserved, broadcast
];

/// Global unicast, the only version 6 range that is handed out. Outside of it lie loopback, IPv4-mapped and
/// -compatible addresses, NAT64, unique local, link-local, segment routing and multicast.
const GLOBAL_V6: Ipv6Net = v6(0x2000, 0, 3);

/// Special ranges inside global unicast: the registry of version 6.
const NOT_PUBLIC_V6: [Ipv6Net; 5] = [
    v6(0x2001, 0, 23),     // protocol assignments: Teredo, ORCHID, benchmarking
    v6(0x2001, 0xdb8, 32), // documentation
    v6(0x2002, 0, 16),     // 6to4: carries any version 4 address
    v6(0x3fff, 0, 20),     // documentation
    Ipv6Net::new_assert(Ipv6Addr::new(0x2620, 0x4f, 0x8000, 0, 0, 0, 0, 0), 48), // AS112, delegated
];

/// Whether the address ends in a version 4 address that a router of its site unpacks (ISATAP, RFC 5214 section 6.1), whatever
/// network it lies in: the address inside may be a private one.
fn is_isatap(address: Ipv6Addr) -> bool {
    let [.., universal, mark, _, _] = address.segments();
    matches!(universal, 0 | 0x0200) && mark == 0x5efe
}

/// Whether the address lies in the public internet.
pub fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(a) => !NOT_PUBLIC_V4.iter().any(|net| net.contains(&a)),
        IpAddr::V6(a) => GLOBAL_V6.contains(&a) && !is_isatap(a) && !NOT_PUBLIC_V6.iter().any(|net| net.contains(&a)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinary_addresses_are_public() {
        for text in [
            "1.1.1.1",
            "8.8.8.8",
            "9.255.255.255",
            "11.0.0.1",
            "52.94.0.1",
            "99.255.255.255",
            "100.128.0.1",
            "172.15.255.255",
            "172.32.0.1",
            "192.0.1.1",
            "192.167.255.255",
            "198.17.255.255",
            "198.20.0.1",
            "223.255.255.255",
            "2001:4860:4860::8888",
            "2606:4700::1111",
            "2620:4f:7fff::1",
            "2a00:1450:4001::5eff:a00:1",
            "2a00:1450:4001::1",
        ] {
            let address = text.parse();
            assert_eq!(address.map(is_public), Ok(true), "{text}");
        }
    }
}
