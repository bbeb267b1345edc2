package bot

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/gorilla/websocket"
)

// Diagnosis is one thing that a doctor looked at.
type Diagnosis struct {
	What   string
	Result Result
	Says   string // what was seen
	Hint   string // what to do, where there is something to do
}

// Result is how a look ended.
type Result string

// The results.
const (
	Good    Result = "ok"
	Skipped Result = "skipped"
	Failed  Result = "FAILED"
)

// Problem is something in a configuration with which an adapter cannot work.
type Problem struct{ What, Says, Hint string }

// Problems are all that can be told to be wrong with a configuration without asking the platform. An adapter and its doctor both
// begin with them, so that no token is sent where it could be read.
type Problems []Problem

// Err is the first problem as an error, nil when there is none. The platform is named as in the configuration.
func (all Problems) Err(platform string) error {
	if len(all) == 0 {
		return nil
	}
	more := ""
	if len(all) > 1 {
		more = "; there is more, which `crosscheck doctor " + platform + "` lists"
	}
	return fmt.Errorf("%s: %s; %s%s", platform, all[0].Says, all[0].Hint, more)
}

// Doctor looks at a platform the way an adapter would meet it, one thing after the other, and says a cause that stands behind
// several of them once.
type Doctor struct {
	Platform string               // as it calls itself
	APIURL   string               // where it is asked
	Hosts    string               // whose addresses a firewall must let pass for the connection over which it delivers
	Secrets  []string             // what no diagnosis may tell
	Read     func(error) Response // how the platform answered, by the error of the adapter's client
	Findings []Diagnosis

	closed string // why nothing more is asked of the platform, as was said; "" while it is
}

// Response is what a platform said to a question that failed.
type Response int

// The responses.
const (
	Unanswered Response = iota // what came, if anything, is not the platform's
	Refused
	AskedTooOften
	Troubled // by faults of its own
)

// doctorPatience is how long one request may take. Somebody waits for the report.
const doctorPatience = 5 * time.Second

// name is the platform as it stands in the configuration, in commands and in addresses.
func (d *Doctor) name() string { return strings.ToLower(d.Platform) }

// Tell adds a diagnosis.
func (d *Doctor) Tell(what string, result Result, says, hint string) {
	d.Findings = append(d.Findings, Diagnosis{what, result, says, hint})
}

// told is an error for the operator, without any secret that a library may have put into it.
func (d *Doctor) told(err error) string {
	text := err.Error()
	for _, secret := range d.Secrets {
		if secret != "" {
			text = strings.ReplaceAll(text, secret, "…")
		}
	}
	return text
}

// Begin tells what is wrong with the configuration, and reports whether the platform may be asked: nothing is wrong.
func (d *Doctor) Begin(wrong Problems) bool {
	for _, p := range wrong {
		d.Tell(p.What, Failed, p.Says, sentence(p.Hint))
	}
	if len(wrong) > 0 {
		d.Tell("everything else", Skipped, d.Platform+" was not asked, since the configuration is wrong", "")
	}
	return len(wrong) == 0
}

// sentence makes a hint in an error a sentence of its own.
func sentence(hint string) string {
	r, size := utf8.DecodeRuneInString(hint)
	return string(unicode.ToUpper(r)) + hint[size:] + "."
}

// Close has nothing more asked of the platform, and says why with all that would have been.
func (d *Doctor) Close(why string) { d.closed = why }

// Open reports whether the platform may still be asked about something. Where it may not, that is told.
func (d *Doctor) Open(what string) bool {
	if d.closed != "" {
		d.Tell(what, Skipped, d.closed, "")
	}
	return d.closed == ""
}

// Ask has something asked of the platform, and reports whether it said yes. What it says otherwise becomes a diagnosis, with a
// hint that fits it. Where no answer of the platform comes, that is found once, and nothing more is asked.
func (d *Doctor) Ask(ctx context.Context, what string, hint func(error) string, call func(context.Context) error) bool {
	if !d.Open(what) {
		return false
	}
	ctx, cancel := context.WithTimeout(ctx, doctorPatience)
	defer cancel()
	err := call(ctx)
	if err == nil {
		return true
	}
	switch d.Read(err) {
	case AskedTooOften:
		d.Tell(what, Skipped, d.Platform+" limits how often this may be asked", "Try again in a minute.")
	case Troubled:
		d.Tell(what, Skipped, d.Platform+" has trouble of its own: "+d.told(err), "Try again in a minute.")
	case Refused:
		d.Tell(what, Failed, d.told(err), hint(err))
	default:
		says := fmt.Sprintf("no answer of %s from %s: %s", d.Platform, d.APIURL, d.told(cause(err)))
		d.Tell(d.Platform, Failed, says, "Check the network, the proxy of this machine and "+d.name()+".api_url.")
		d.Close(d.Platform + " cannot be reached")
		d.Tell(what, Skipped, d.closed, "")
	}
	return false
}

// cause is why a request came to nothing, without the address and the layers of libraries.
func cause(err error) error {
	var late interface{ Timeout() bool }
	var sent *url.Error
	var way *net.OpError
	var syntax *json.SyntaxError
	switch {
	case errors.Is(err, context.DeadlineExceeded) || errors.As(err, &late) && late.Timeout():
		return fmt.Errorf("nothing came within %s", doctorPatience)
	case errors.As(err, &way):
		return way
	case errors.As(err, &sent):
		return sent.Err
	case errors.As(err, &syntax):
		return errors.New("what came is no JSON; a proxy may have answered in its place")
	}
	return err
}

// Greeted opens the connection over which the platform delivers, and reports whether it is greeted there as hello expects. It
// does without the adapter's own connection, which tries again for as long as it may: here the first failure is the news.
func (d *Doctor) Greeted(ctx context.Context, what, address string, header http.Header, hello func(said []byte) error) bool {
	ctx, cancel := context.WithTimeout(ctx, doctorPatience)
	defer cancel()
	said, err := firstWord(ctx, address, header)
	if err == nil {
		err = hello(said)
	}
	if err != nil {
		says := strings.ReplaceAll(d.told(cause(err)), address, "…") // with some addresses whoever has them is let in
		hint := "A proxy or firewall may keep connections to wss:// addresses of " + d.Hosts + " from being made."
		d.Tell(what, Failed, d.Platform+" lets the app in, and the connection fails: "+says, hint)
	}
	return err == nil
}

// firstWord opens a connection and returns what is said there first.
func firstWord(ctx context.Context, address string, header http.Header) ([]byte, error) {
	const longest = 1 << 20
	dialer := websocket.Dialer{Proxy: http.ProxyFromEnvironment, HandshakeTimeout: doctorPatience}
	conn, response, err := dialer.DialContext(ctx, address, header)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	defer response.Body.Close()
	conn.SetReadLimit(longest)
	if err := conn.SetReadDeadline(time.Now().Add(doctorPatience)); err != nil {
		return nil, err
	}
	_, said, err := conn.ReadMessage()
	return said, err
}

// Entrance is where a platform sends to over HTTP.
type Entrance struct {
	What      string
	Secret    string // by what serve knows that the platform has sent something
	PublicURL string // "" when it is not set
	Path      string
	Client    *http.Client
}

// Enter checks that an entrance leads to a running serve. It asks that address and not the platform.
func (d *Doctor) Enter(ctx context.Context, e Entrance) {
	if e.PublicURL == "" {
		hint := "Set CROSSCHECK_PUBLIC_URL to the address that " + d.Platform + " sends to."
		d.Tell(e.What, Skipped, "the "+e.Secret+" is set; without public_url the way in cannot be tried", hint)
		return
	}
	ctx, cancel := context.WithTimeout(ctx, doctorPatience)
	defer cancel()
	address := e.PublicURL + e.Path
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, address, strings.NewReader("{}"))
	if err != nil {
		d.Tell(e.What, Failed, "public_url is no web address", "Write it like https://crosscheck.example.org")
		return
	}
	response, err := e.Client.Do(request)
	if err != nil {
		hint := fmt.Sprintf("Start `crosscheck serve`, and have your proxy pass /%s/ on to it. If only this machine cannot reach the address, %s still may.", d.name(), d.Platform)
		d.Tell(e.What, Failed, "nobody answers at "+address+": "+cause(err).Error(), hint)
		return
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusUnauthorized { // what serve says to a request that the platform did not sign
		hint := fmt.Sprintf("Have your proxy pass /%s/ on to a `crosscheck serve` that has the %s.", d.name(), e.Secret)
		d.Tell(e.What, Failed, fmt.Sprintf("%s answers %s to an unsigned request, and not 401", address, response.Status), hint)
		return
	}
	d.Tell(e.What, Good, address+" is reached and refuses what "+d.Platform+" did not sign", "")
}
