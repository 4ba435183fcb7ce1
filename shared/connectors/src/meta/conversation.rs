//! What names an account that is a number of a business and one recipient. Who connects it makes the name, and what comes in finds the
//! account by it.

use connector_kit::hmac_hex;

/// Hex digits that tell recipients apart without telling who they are.
const MARK: usize = 32;

/// The account's id. It holds a keyed hash of the recipient's number (`recipient`, digits with the country's code) and not the number.
pub(super) fn account_id(phone: &str, business: &str, recipient: &str) -> String {
    let mark: String = hmac_hex(phone.as_bytes(), recipient.as_bytes()).chars().take(MARK).collect();
    format!("{phone}/{business}/{mark}")
}
