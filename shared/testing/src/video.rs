//! A video, as far as anybody looks who does not play it.

use bytes::Bytes;

/// A video of 640 × 360 that plays so many milliseconds, coded as H.264, without its pictures (ISO/IEC 14496-12).
pub fn video(duration_ms: u32) -> Bytes {
    let be = |numbers: &[u32]| numbers.iter().flat_map(|n| n.to_be_bytes()).collect::<Vec<u8>>();
    let mvhd = boxed(*b"mvhd", &[be(&[0, 0, 0, 1_000, duration_ms]), vec![0; 80]].concat());
    let matrix = be(&[0x1_0000, 0, 0, 0, 0x1_0000, 0, 0, 0, 0x4000_0000]);
    let head = [be(&[7, 0, 0, 1, 0, duration_ms]), vec![0; 16], matrix, be(&[640 << 16, 360 << 16])].concat();
    let stsd = boxed(*b"stsd", &[be(&[0, 1]), boxed(*b"avc1", &[0; 78])].concat());
    let hdlr = boxed(*b"hdlr", &[&[0; 8], b"vide".as_slice(), &[0; 13]].concat());
    let minf = boxed(*b"minf", &boxed(*b"stbl", &stsd));
    let trak = boxed(*b"trak", &[boxed(*b"tkhd", &head), boxed(*b"mdia", &[hdlr, minf].concat())].concat());
    [boxed(*b"ftyp", b"isom\0\0\0\0isom"), boxed(*b"moov", &[mvhd, trak].concat())].concat().into()
}

fn boxed(name: [u8; 4], inner: &[u8]) -> Vec<u8> {
    let length = u32::try_from(inner.len() + 8).unwrap_or(0);
    [&length.to_be_bytes(), name.as_slice(), inner].concat()
}
