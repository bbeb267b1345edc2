package fake_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
)

type checked struct {
	base http.RoundTripper
	doc  *openapi3.T
	mu   sync.Mutex
	seen map[string]int
}

func (c *checked) RoundTrip(req *http.Request) (*http.Response, error) {
	res, err := c.base.RoundTrip(req)
	if err != nil || !strings.Contains(req.URL.Path, "/api/v10") {
		return res, err
	}
	body, _ := io.ReadAll(res.Body)
	res.Body = io.NopCloser(bytes.NewReader(body))
	r := req.Clone(context.Background())
	r.URL.Scheme, r.URL.Host, r.Host = "https", "discord.com", "discord.com"
	c.mu.Lock()
	defer c.mu.Unlock()
	var route *routers.Route
	best := -1
	for p, item := range c.doc.Paths.Map() {
		re := regexp.MustCompile("^" + regexp.MustCompile(`\{[^}]+\}`).ReplaceAllString(p, "[^/]+") + "$")
		if op := item.GetOperation(r.Method); op != nil && re.MatchString(strings.TrimPrefix(r.URL.Path, "/api/v10")) && -strings.Count(p, "{")+100 > best {
			best = 100 - strings.Count(p, "{")
			route = &routers.Route{Spec: c.doc, Path: p, PathItem: item, Method: r.Method, Operation: op}
		}
	}
	params := map[string]string{}
	if route == nil {
		c.seen["NOROUTE "+req.Method+" "+req.URL.Path]++
		return res, nil
	}
	in := &openapi3filter.ResponseValidationInput{
		RequestValidationInput: &openapi3filter.RequestValidationInput{Request: r, PathParams: params, Route: route},
		Status:                 res.StatusCode, Header: res.Header, Options: &openapi3filter.Options{IncludeResponseStatus: true},
	}
	if strings.HasPrefix(string(body), "<") {
		return res, nil
	}
	in.SetBodyBytes(body)
	if err := openapi3filter.ValidateResponse(context.Background(), in); err != nil {
		msg := fmt.Sprint(err)
		if len(msg) > 900 {
			msg = msg[:900]
		}
		c.seen["BAD "+route.Method+" "+route.Path+" "+fmt.Sprint(res.StatusCode)+" "+msg+"\nBODY "+string(body[:min(len(body), 1500)])]++
	} else {
		c.seen["ok "+route.Method+" "+route.Path+" "+fmt.Sprint(res.StatusCode)]++
	}
	return res, nil
}

func TestMain(m *testing.M) {
	doc, err := openapi3.NewLoader().LoadFromFile("/work/shared/contracts/discord/openapi.json")
	if err != nil {
		panic(err)
	}
	c := &checked{base: http.DefaultTransport, doc: doc, seen: map[string]int{}}
	http.DefaultTransport = c
	http.DefaultClient.Transport = c
	code := m.Run()
	f, _ := os.Create("/tmp/djs/contract.txt")
	for k, n := range c.seen {
		fmt.Fprintln(f, n, k)
	}
	f.Close()
	os.Exit(code)
}
