package slack

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"

	"github.com/slack-go/slack"
)

// maxBody is more than Slack sends; what is longer does not come from it.
const maxBody = 1 << 20

// errUnsigned is returned for a request that Slack did not sign, or did not sign just now.
var errUnsigned = errors.New("the request carries no valid signature of Slack")

// verify reads the body of a request and checks that Slack signed it within the last five minutes:
// https://docs.slack.dev/authentication/verifying-requests-from-slack.
func verify(r *http.Request, secret string) ([]byte, error) {
	body, err := io.ReadAll(io.LimitReader(r.Body, maxBody+1))
	if err != nil {
		return nil, fmt.Errorf("read a request: %w", err)
	}
	if len(body) > maxBody {
		return nil, fmt.Errorf("%w: it is longer than what Slack sends", errUnsigned)
	}
	verifier, err := slack.NewSecretsVerifier(r.Header, secret)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errUnsigned, err)
	}
	if _, err := io.Copy(&verifier, bytes.NewReader(body)); err != nil {
		return nil, err
	}
	if err := verifier.Ensure(); err != nil {
		return nil, fmt.Errorf("%w: %w", errUnsigned, err)
	}
	return body, nil
}
