# To look into one request by hand; a server compares in constant time. body.json is its body byte for byte.
# WEBHOOK_SECRET is the secret, WEBHOOK_ID, WEBHOOK_TIMESTAMP and WEBHOOK_SIGNATURE are the headers of these names.
set -f
case $WEBHOOK_TIMESTAMP in '' | *[!0-9]*) echo "refused: no time" && exit 1 ;; esac
age=$(($(date +%s) - WEBHOOK_TIMESTAMP))
[ "$age" -le 300 ] && [ "$age" -ge -300 ] || { echo "refused: too old, or of later" && exit 1; }
key=$(printf %s "${WEBHOOK_SECRET#whsec_}" | openssl base64 -d -A | od -An -v -tx1 | tr -d ' \n')
ours=$({ printf '%s.%s.' "$WEBHOOK_ID" "$WEBHOOK_TIMESTAMP" && cat body.json; } |
  openssl dgst -sha256 -mac HMAC -macopt "hexkey:$key" -binary | openssl base64 -A)
# While a secret is replaced there are two signatures.
for theirs in $WEBHOOK_SIGNATURE; do
  [ "$theirs" = "v1,$ours" ] && echo verified && exit 0
done
echo "refused: no signature is right"
exit 1
