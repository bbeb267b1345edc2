package embed

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/cenkalti/backoff/v5"
	"github.com/sashabaranov/go-openai"
)

// RemoteConfig says where a server of OpenAI's /embeddings interface is and how to ask it. BaseURL and Model are required.
type RemoteConfig struct {
	BaseURL    string        // up to and without /embeddings, such as https://api.openai.com/v1
	Key        string        // sent as a bearer token; empty for a server that wants none
	Model      string        // as the server names it
	Dimensions int           // asked of the server; 0 takes the model's own
	Length     int           // of the model's own vectors, where it is known already; spares the request that asks for it
	Batch      int           // texts in one request; 0 means 64
	Timeout    time.Duration // for one request; 0 means 30 seconds
	Patience   time.Duration // for one request and its repetitions, waits included; 0 means 2 minutes
	Base64     bool          // ask for vectors in base64, a quarter of the traffic, where the server knows that form
	PlainHTTP  bool          // allow http outside this machine, for a server on a network that is trusted
}

// Remote embeds by asking a server. Texts leave the machine. Its methods may be called at once from several goroutines.
type Remote struct {
	config RemoteConfig
	http   *http.Client
	pause  time.Duration // before the first repetition; it grows from there
	dims   int
}

const (
	defaultBatch    = 64
	defaultTimeout  = 30 * time.Second
	defaultPatience = 2 * time.Minute
	maxTries        = 6
	maxReply        = 64 << 20 // bytes; a batch of 2,048 vectors of 1,536 numbers is 45 MB at most
)

// NewRemote returns an embedder that asks the server of c. When c.Dimensions and c.Length are 0 it asks for one vector, to
// learn how long the model's are; otherwise it sends nothing. It refuses a BaseURL over plain http outside this machine, since the
// key and the texts would be readable on the way, unless c.PlainHTTP allows it.
func NewRemote(ctx context.Context, c RemoteConfig) (*Remote, error) {
	r := &Remote{config: c, pause: 500 * time.Millisecond, dims: cmp.Or(c.Dimensions, c.Length), http: &http.Client{CheckRedirect: refuseRedirect}}
	if err := r.config.complete(); err != nil {
		return nil, fmt.Errorf("remote embedder: %w", err)
	}
	if r.dims == 0 {
		probe, err := r.ask(ctx, []string{"dimensions"})
		if err != nil {
			return nil, err
		}
		r.dims = len(probe[0])
	}
	return r, nil
}

// complete checks the configuration and fills in what it leaves out.
func (c *RemoteConfig) complete() error {
	base, err := url.Parse(c.BaseURL)
	switch {
	case err != nil || base.Host == "" || base.Scheme != "http" && base.Scheme != "https":
		return errors.New("the base URL is not one; write it like https://api.openai.com/v1")
	case base.User != nil:
		return errors.New("the base URL holds a user name; give the key apart from it")
	case base.Scheme == "http" && !c.PlainHTTP && !loopback(base.Hostname()):
		return fmt.Errorf("refusing plain http to %s, where key and texts could be read on the way; use https", base.Host)
	case c.Model == "":
		return errors.New("no model named; give the name under which the server knows it")
	case c.Dimensions < 0 || c.Batch < 0 || c.Timeout < 0 || c.Patience < 0:
		return errors.New("dimensions, batch and times must not be negative")
	}
	c.BaseURL = strings.TrimSuffix(strings.TrimRight(c.BaseURL, "/"), "/embeddings")
	if c.Batch == 0 {
		c.Batch = defaultBatch
	}
	if c.Timeout == 0 {
		c.Timeout = defaultTimeout
	}
	if c.Patience == 0 {
		c.Patience = defaultPatience
	}
	return nil
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// refuseRedirect keeps the key from being carried to another address.
func refuseRedirect(next *http.Request, _ []*http.Request) error {
	return &fault{text: "the server redirects to " + next.URL.Host + "; set the base URL to where it really is"}
}

// Name names the vector space: the model and the length of its vectors. Vectors of different names cannot be compared.
func (r *Remote) Name() string { return "remote:" + r.config.Model + ":" + strconv.Itoa(r.dims) }

// LengthIn returns the length of the vectors in the space that a Remote for this model has named, 0 for any other space.
func LengthIn(space, model string) int {
	length, ok := strings.CutPrefix(space, "remote:"+model+":")
	n, err := strconv.Atoi(length)
	if !ok || err != nil {
		return 0
	}
	return n
}

// Dims is the length of a vector.
func (r *Remote) Dims() int { return r.dims }

// Embed returns one vector per text, of unit length, or zero for a text without anything but white space, which is not
// sent. It waits and asks again when the server is busy or out of reach, for as long as the configuration's patience.
func (r *Remote) Embed(ctx context.Context, texts []string) ([][]float32, error) {
	vectors := make([][]float32, len(texts))
	var batch []string
	var places []int
	send := func() error {
		found, err := r.ask(ctx, batch)
		if err != nil {
			return err
		}
		for i, v := range found {
			if len(v) != r.dims {
				return fmt.Errorf("remote embedder: model %s gave a vector of %d numbers, want %d: was the model behind the name changed?", r.config.Model, len(v), r.dims)
			}
			vectors[places[i]] = v
		}
		batch, places = batch[:0], places[:0]
		return nil
	}
	for i, text := range texts {
		if strings.TrimSpace(text) == "" {
			vectors[i] = make([]float32, r.dims)
			continue
		}
		batch, places = append(batch, text), append(places, i)
		if len(batch) == r.config.Batch {
			if err := send(); err != nil {
				return nil, err
			}
		}
	}
	if len(batch) > 0 {
		if err := send(); err != nil {
			return nil, err
		}
	}
	return vectors, nil
}

// ask sends one batch, again if need be, and returns its vectors in unit length.
func (r *Remote) ask(ctx context.Context, batch []string) ([][]float32, error) {
	var last error // what went wrong, which backoff would replace by "retry after"
	pauses := backoff.NewExponentialBackOff()
	pauses.InitialInterval = r.pause
	vectors, err := backoff.Retry(ctx, func() ([][]float32, error) {
		found, wait, err := r.askOnce(ctx, batch)
		last = err
		var fault *fault
		if ctx.Err() != nil || errors.As(err, &fault) && !fault.passing {
			return nil, backoff.Permanent(err)
		}
		if err != nil && wait > 0 {
			return nil, &backoff.RetryAfterError{Duration: wait}
		}
		return found, err
	}, backoff.WithBackOff(pauses), backoff.WithMaxTries(maxTries), backoff.WithMaxElapsedTime(r.config.Patience))
	switch {
	case err == nil:
		return vectors, nil
	case ctx.Err() != nil:
		return nil, fmt.Errorf("remote embedder: %w", context.Cause(ctx))
	}
	return nil, fmt.Errorf("remote embedder: %w", last)
}

// askOnce sends one batch once. With an error it may say how long the server wants to be left alone.
func (r *Remote) askOnce(ctx context.Context, batch []string) ([][]float32, time.Duration, error) {
	ctx, cancel := context.WithTimeout(ctx, r.config.Timeout)
	defer cancel()
	config := openai.DefaultConfig(r.config.Key)
	config.BaseURL = r.config.BaseURL
	reply := &exchange{client: r.http}
	config.HTTPClient = reply
	request := openai.EmbeddingRequestStrings{
		Input: batch, Model: openai.EmbeddingModel(r.config.Model),
		Dimensions: r.config.Dimensions, EncodingFormat: openai.EmbeddingEncodingFormatFloat,
	}
	if r.config.Base64 {
		request.EncodingFormat = openai.EmbeddingEncodingFormatBase64
	}
	response, err := openai.NewClientWithConfig(config).CreateEmbeddings(ctx, request)
	if err != nil {
		return nil, reply.retryAfter(), r.explain(err, reply.status)
	}
	vectors, err := inOrder(response.Data, len(batch))
	return vectors, 0, err
}

// exchange carries out one request and keeps what the library hides: the status and the wish to be left alone.
type exchange struct {
	client *http.Client
	status int
	header http.Header
}

// Do carries out the request; the reply may not be longer than maxReply.
func (e *exchange) Do(request *http.Request) (*http.Response, error) {
	response, err := e.client.Do(request)
	if err != nil {
		return nil, err
	}
	e.status, e.header = response.StatusCode, response.Header
	response.Body = http.MaxBytesReader(nil, response.Body, maxReply)
	return response, nil
}

// retryAfter reads the header of that name: seconds or a date.
func (e *exchange) retryAfter() time.Duration {
	value := e.header.Get("Retry-After")
	if seconds, err := strconv.ParseUint(value, 10, 31); err == nil {
		return time.Duration(seconds) * time.Second
	}
	if at, err := http.ParseTime(value); err == nil {
		return max(0, time.Until(at))
	}
	return 0
}

// fault is what went wrong with one request, and whether it may pass by itself.
type fault struct {
	text    string
	passing bool
	cause   error // nil when the cause's own text could hold the key
}

func (f *fault) Error() string { return f.text }
func (f *fault) Unwrap() error { return f.cause }

// explain says in the operator's words what went wrong, from the library's error and the status, 0 when there was none.
func (r *Remote) explain(err error, status int) error {
	if refused := (*fault)(nil); errors.As(err, &refused) {
		return refused
	}
	said, quota := "", false
	if api := (*openai.APIError)(nil); errors.As(err, &api) {
		said, quota = ": the server says "+strconv.Quote(r.clean(api.Message)), api.Code == "insufficient_quota"
	}
	at := fmt.Sprintf("%s answered %d", r.config.BaseURL, status)
	switch {
	case status == 0:
		return &fault{"no answer from " + r.config.BaseURL + ": " + r.clean(err.Error()) + "; is the server running?", true, err}
	case status == http.StatusUnauthorized || status == http.StatusForbidden:
		return &fault{text: at + said + "; check the key"}
	case status == http.StatusNotFound:
		return &fault{text: at + said + "; check the base URL and the model " + strconv.Quote(r.config.Model)}
	case status == http.StatusTooManyRequests:
		return &fault{text: at + said + "; the server's limit is reached: lower the batch or wait", passing: !quota}
	case status >= 500 || status == http.StatusRequestTimeout:
		return &fault{text: at + said + "; the fault is the server's", passing: true}
	case status >= 400:
		return &fault{text: at + said + "; check model, dimensions and batch against what the server takes"}
	case errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, context.DeadlineExceeded):
		return &fault{at + ", but the reply breaks off", true, err}
	}
	return &fault{at + ", but the reply cannot be read; does the server speak OpenAI's embeddings, and in the form asked for (base64 or numbers)?", false, err}
}

// clean makes text from elsewhere fit for an error: one line of at most 200 bytes, without the key.
func (r *Remote) clean(s string) string {
	if r.config.Key != "" {
		s = strings.ReplaceAll(s, r.config.Key, "[key]")
	}
	s = strings.Join(strings.Fields(s), " ")
	if len(s) > 200 {
		s = strings.ToValidUTF8(s[:200], "") + "…"
	}
	return s
}

// inOrder puts the vectors of a reply to n texts in the order of the texts, in unit length. A server that numbers none of
// them is taken to have kept the order.
func inOrder(data []openai.Embedding, n int) ([][]float32, error) {
	if len(data) != n {
		return nil, &fault{text: fmt.Sprintf("the server gave %d vectors for %d texts; lower the batch", len(data), n)}
	}
	numbered := false
	for _, d := range data {
		numbered = numbered || d.Index != 0
	}
	vectors := make([][]float32, n)
	for i, d := range data {
		if numbered {
			i = d.Index
		}
		if i < 0 || i >= n || vectors[i] != nil {
			return nil, &fault{text: fmt.Sprintf("the server numbers its vectors wrongly: %d of %d texts", i, n)}
		}
		if len(d.Embedding) != len(data[0].Embedding) || !finite(d.Embedding) {
			return nil, &fault{text: fmt.Sprintf("the server's vector %d has another length or numbers out of range; is this an embedding model?", i)}
		}
		vectors[i] = d.Embedding
		normalise(vectors[i])
	}
	return vectors, nil
}

// finite reports whether v has a length that it can be divided by.
func finite(v []float32) bool {
	square := float64(dot(v, v))
	return square > 0 && !math.IsInf(square, 0) && !math.IsNaN(square)
}
