# With OpenSSL 3. body.json is the body of the request byte for byte, WEBHOOK_PUBLIC_KEY is the public key, and WEBHOOK_ID,
# WEBHOOK_TIMESTAMP and WEBHOOK_SIGNATURE are the headers of these names.
set -f
case $WEBHOOK_TIMESTAMP in '' | *[!0-9]*) echo "refused: no time" && exit 1 ;; esac
age=$(($(date +%s) - WEBHOOK_TIMESTAMP))
[ "$age" -le 300 ] && [ "$age" -ge -300 ] || { echo "refused: too old, or of later" && exit 1; }
work=$(mktemp -d) && trap 'rm -r "$work"' EXIT
# What an Ed25519 key in DER begins with, and the key.
printf '\060\052\060\005\006\003\053\145\160\003\041\000' >"$work/key"
printf %s "${WEBHOOK_PUBLIC_KEY#whpk_}" | openssl base64 -d -A >>"$work/key"
{ printf '%s.%s.' "$WEBHOOK_ID" "$WEBHOOK_TIMESTAMP" && cat body.json; } >"$work/signed"
# While a key is replaced there are two signatures.
for theirs in $WEBHOOK_SIGNATURE; do
  printf %s "${theirs#v1a,}" | openssl base64 -d -A >"$work/signature"
  openssl pkeyutl -verify -rawin -pubin -keyform DER -inkey "$work/key" -in "$work/signed" -sigfile "$work/signature" \
    >/dev/null 2>&1 && echo verified && exit 0
done
echo "refused: no signature is right"
exit 1
