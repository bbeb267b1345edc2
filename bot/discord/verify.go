package discord

import (
	"crypto/ed25519"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"
)

// maxBody is more than Discord sends; what is longer does not come from it.
const maxBody = 1 << 20

// maxSkew is how old a signature may be: what somebody has recorded is of no use to them later.
const maxSkew = 5 * time.Minute

// errUnsigned is returned for a request that Discord did not sign, or did not sign just now.
var errUnsigned = errors.New("the request carries no valid signature of Discord")

// verify reads the body of a request and checks that Discord signed it within the last five minutes:
// https://docs.discord.com/developers/interactions/overview#setting-up-an-endpoint-validating-security-request-headers.
func verify(r *http.Request, key ed25519.PublicKey, now time.Time) ([]byte, error) {
	body, err := io.ReadAll(io.LimitReader(r.Body, maxBody+1))
	if err != nil {
		return nil, fmt.Errorf("read a request: %w", err)
	}
	if len(body) > maxBody {
		return nil, fmt.Errorf("%w: it is longer than what Discord sends", errUnsigned)
	}
	stamp := r.Header.Get("X-Signature-Timestamp")
	seconds, err := strconv.ParseInt(stamp, 10, 64)
	if err != nil {
		return nil, fmt.Errorf("%w: its time is no number", errUnsigned)
	}
	if age := now.Sub(time.Unix(seconds, 0)); age > maxSkew || age < -maxSkew {
		return nil, fmt.Errorf("%w: it was signed at another time", errUnsigned)
	}
	signature, err := hex.DecodeString(r.Header.Get("X-Signature-Ed25519"))
	if err != nil || len(signature) != ed25519.SignatureSize || !ed25519.Verify(key, append([]byte(stamp), body...), signature) {
		return nil, errUnsigned
	}
	return body, nil
}
