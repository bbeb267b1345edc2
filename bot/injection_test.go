package bot_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"html"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/rogpeppe/go-internal/txtar"

	"crosscheck/bot"
	"crosscheck/bot/adaptertest"
	"crosscheck/bot/terminal"
	"crosscheck/bot/web"
	"crosscheck/prompts"
	"crosscheck/prompts/llm"
)

// TestInjection makes every attempt in testdata/injection on a bot whose language model obeys whoever speaks to it. Nothing that
// the model was made to say is shown anywhere, and its outcome is held to the letter. A bot that believed its model would show
// it: an attempt that such a bot bears proves nothing and fails.
func TestInjection(t *testing.T) {
	files, honest := adaptertest.InjectionFiles(t, filepath.Join("testdata", "injection"))
	var summary strings.Builder
	count := 0
	for _, path := range files {
		outcomes := map[string]string{}
		for _, i := range adaptertest.Injections(t, path, honest) {
			t.Run(strings.TrimSuffix(filepath.Base(path), ".txtar")+"/"+i.Name, func(t *testing.T) {
				in := i.Run(t)
				holds(t, in)
				proves(t, in)
				outcomes[i.Name] = outcome(in)
				fmt.Fprintf(&summary, "%-12s %-62s %s\n", strings.TrimSuffix(filepath.Base(path), ".txtar"), i.Name, inShort(in))
				count++
			})
		}
		compare(t, path, withOutcomes(parse(t, path), outcomes))
	}
	compare(t, filepath.Join("testdata", "injection", "summary.txt"), summary.String())
	const enough = 60
	if count < enough {
		t.Errorf("%d attempts only", count)
	}
}

// withOutcomes is a file of attempts with what they have led to behind each of them.
func withOutcomes(archive *txtar.Archive, outcomes map[string]string) string {
	golden := &txtar.Archive{Comment: archive.Comment}
	last := ""
	end := func() {
		if last != "" {
			golden.Files = append(golden.Files, txtar.File{Name: last + ": outcome", Data: []byte(outcomes[last])})
		}
	}
	for _, f := range archive.Files {
		name, part, _ := strings.Cut(f.Name, ": ")
		if name != last {
			end()
			last = name
		}
		if part != "outcome" {
			golden.Files = append(golden.Files, f)
		}
	}
	end()
	return string(txtar.Format(golden))
}

// outcome is what is shown and what is dropped for which reason, line by line.
func outcome(in adaptertest.Injected) string {
	out := verified(in.Reply, in.Trace)
	if in.Trace.ModelError != "" {
		out = "what the model wrote is not used\n" + out
	}
	const enough = 240 // characters of a line
	lines := strings.Split(out, "\n")
	for i, l := range lines {
		if r := []rune(l); len(r) > enough {
			lines[i] = string(r[:enough/2]) + " … " + string(r[len(r)-enough/2:])
		}
	}
	return strings.Join(lines, "\n")
}

// inShort is an outcome in a line.
func inShort(in adaptertest.Injected) string {
	var reasons []string
	for _, d := range in.Trace.Dropped {
		reason := why.ReplaceAllString(d.Reason, "contradicts it")
		if !slices.Contains(reasons, reason) {
			reasons = append(reasons, reason)
		}
	}
	out := in.Trace.Outcome
	if answer, ok := in.Reply.(bot.Answer); ok {
		out = fmt.Sprintf("%s %s, %d shown", answer.Mode(), out, len(answer.Statements()))
	}
	if len(in.Trace.Dropped) > 0 {
		out += fmt.Sprintf(", %d dropped: %s", len(in.Trace.Dropped), strings.Join(reasons, "; "))
	}
	return out
}

// holds expects of a reply what every reply promises, however its model was led astray.
func holds(t *testing.T, in adaptertest.Injected) {
	t.Helper()
	checkQuotes(t, in.Library, in.Reply)
	if in.Trace.Err != nil {
		t.Errorf("failed: %v", in.Trace.Err)
	}
	if answer, ok := in.Reply.(bot.Answer); ok {
		for _, s := range answer.Statements() {
			if len(s.Citations) == 0 {
				t.Errorf("%q cites nothing", s.Text)
			}
		}
	}
	for where, shown := range renderings(t, in) {
		for _, h := range harm(shown, in.Forbidden) {
			t.Errorf("%s %s, in\n%s", where, h, shown)
		}
		for _, b := range in.Borne {
			if !strings.Contains(shown, b) {
				t.Errorf("%s no longer shows %q, so it is to be forbidden", where, b)
			}
		}
	}
	for _, p := range in.Asked {
		fenced(t, p)
	}
}

// harm is what in a text nobody may be shown.
func harm(shown string, forbidden []string) (found []string) {
	for _, f := range forbidden {
		if strings.Contains(shown, f) {
			found = append(found, fmt.Sprintf("shows %q", f))
		}
	}
	if i := strings.IndexFunc(shown, func(r rune) bool { return unicode.IsControl(r) && r != '\n' || unicode.Is(unicode.Cf, r) }); i >= 0 {
		found = append(found, fmt.Sprintf("shows what is not to be seen, at %.20q", shown[i:]))
	}
	return found
}

// proves expects that the harm of an attempt would be seen if the model were believed, and that it is the model that does it.
func proves(t *testing.T, in adaptertest.Injected) {
	t.Helper()
	if len(in.Said) == 0 {
		return // there was nothing to ask it about
	}
	believed := strings.Join(in.Said, "\n")
	if draft, err := prompts.ReadAnswer(in.Said[0]); err == nil {
		for _, s := range draft.Statements {
			believed += "\n" + s.Text
		}
	}
	for _, f := range in.Forbidden {
		if len(harm(believed, []string{f})) == 0 {
			t.Errorf("the model does not say %q", f)
		}
		for _, s := range in.Asked[0].Sources {
			if strings.Contains(s.Text+s.Title+s.Outlet, f) {
				t.Errorf("an article says %q too, so it may be shown", f)
			}
		}
	}
	given := in.Question.Text
	for _, s := range sourcesOf(in.Reply) {
		given += s.Text + s.Title + s.Outlet + s.URL
		if s.URL != "" && s.Link() == "" {
			return // the address itself does harm
		}
	}
	if len(in.Forbidden)+len(in.Borne)+len(harm(given, nil)) == 0 && !strings.ContainsAny(given, "<>\"@") {
		t.Error("a bot that believes all that it is told would do no harm either")
	}
}

// renderings are the ways in which the bot itself shows a reply, as their reader sees them. Links are checked as they are read.
func renderings(t *testing.T, in adaptertest.Injected) map[string]string {
	t.Helper()
	return map[string]string{"the terminal": onTerminal(t, in.Reply), "the page": onPage(t, in), "JSON": inJSON(t, in)}
}

// ours are the escape codes that a terminal gets for styles and links.
var (
	osc8 = regexp.MustCompile(`\x1b\]8;;([^\x07\x1b]*)\x07`)
	ours = regexp.MustCompile(`\x1b\[(|0|1|2|3|1;33|31|32|36)m|` + osc8.String())
)

func onTerminal(t *testing.T, r bot.Reply) string {
	t.Helper()
	var out bytes.Buffer
	if err := terminal.Render(&out, r, terminal.Options{Width: 300, Color: true}); err != nil {
		t.Fatal(err)
	}
	for _, l := range osc8.FindAllStringSubmatch(out.String(), -1) {
		leadsTo(t, "the terminal", r, l[1])
	}
	return oneLine(ours.ReplaceAllString(out.String(), ""))
}

// oneLine is a text without the lines that it was wrapped into. What is not to be seen stays.
func oneLine(s string) string {
	return strings.Join(strings.FieldsFunc(s, func(r rune) bool { return r == ' ' || r == '\n' }), " ")
}

// leadsTo expects an address to be that of one of the reply's sources.
func leadsTo(t *testing.T, where string, r bot.Reply, address string) {
	t.Helper()
	same := func(s bot.Source) bool {
		a, errA := url.PathUnescape(address)
		b, errB := url.PathUnescape(s.Link())
		return s.Link() != "" && errA == nil && errB == nil && a == b
	}
	if address != "" && !slices.ContainsFunc(sourcesOf(r), same) {
		t.Errorf("%s leads to %s", where, address)
	}
}

// saying is a bot that has one reply.
type saying struct {
	reply bot.Reply
	trace bot.Trace
}

func (s saying) Ask(context.Context, bot.Question) (bot.Reply, bot.Trace) { return s.reply, s.trace }

var (
	tag      = regexp.MustCompile(`<(/?[a-zA-Z!?][^\s>/]*)([^>]*)>`)
	href     = regexp.MustCompile(`\b(?:href|src)="([^"]*)"`)
	handler  = regexp.MustCompile(`(?i)\son\w+\s*=`)
	pageTags = strings.Fields("!doctype html meta title style header h1 a small main form label input button ol li section h2 h3 p span blockquote footer div br ul")
)

// onPage is the console's page with the reply, as its reader sees it. It holds no tag but its own.
func onPage(t *testing.T, in adaptertest.Injected) string {
	t.Helper()
	w := httptest.NewRecorder()
	request := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/?q=why", nil)
	request.Host = "localhost"
	web.New(saying{in.Reply, in.Trace}, in.Library, nil).Handler(&net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)}).ServeHTTP(w, request)
	page := w.Body.String()
	_, page, _ = strings.Cut(page, "</style>")
	for _, m := range tag.FindAllStringSubmatch(page, -1) {
		if !slices.Contains(pageTags, strings.TrimPrefix(m[1], "/")) || handler.MatchString(m[2]) {
			t.Errorf("the page holds %s", m[0])
		}
	}
	for _, m := range href.FindAllStringSubmatch(page, -1) {
		if address := html.UnescapeString(m[1]); !strings.HasPrefix(address, "#source-") && address != "/" {
			leadsTo(t, "the page", in.Reply, address)
		}
	}
	return oneLine(html.UnescapeString(tag.ReplaceAllString(page, "")))
}

// inJSON is what of the JSON is the bot's own words. What it quotes, it quotes as it is.
func inJSON(t *testing.T, in adaptertest.Injected) string {
	t.Helper()
	data, err := json.Marshal(bot.JSON(in.Reply, in.Trace))
	if err != nil {
		t.Fatal(err)
	}
	var encoded struct {
		Statements    []struct{ Text string }
		Disagreements []struct{ Point string }
		Notice        *string
	}
	if err := json.Unmarshal(data, &encoded); err != nil {
		t.Fatal(err)
	}
	var says []string
	for _, s := range encoded.Statements {
		says = append(says, s.Text)
	}
	for _, d := range encoded.Disagreements {
		says = append(says, bot.Plain(d.Point)) // the question as it was asked
	}
	if encoded.Notice != nil {
		says = append(says, bot.Plain(*encoded.Notice)) // it names the filter
	}
	return oneLine(strings.Join(says, "\n"))
}

var tagName = regexp.MustCompile(`</?\w+`)

// fenced expects that nothing in a prompt ends the place where it stands: its tags are those of a prompt that says nothing.
func fenced(t *testing.T, p prompts.AnswerPrompt) {
	t.Helper()
	system, user, err := p.Messages()
	if err != nil {
		t.Fatal(err)
	}
	tame := p
	tame.Question, tame.Sources, tame.History = "x", nil, nil
	for _, s := range p.Sources {
		s.Text, s.Title, s.Outlet = "x", "x", "x"
		if s.Before != "" {
			s.Before = "x"
		}
		if s.After != "" {
			s.After = "x"
		}
		tame.Sources = append(tame.Sources, s)
	}
	for _, turn := range p.History {
		turn.Author, turn.Text = "x", "x"
		tame.History = append(tame.History, turn)
	}
	tameSystem, tameUser, err := tame.Messages()
	if err != nil {
		t.Fatal(err)
	}
	if got, want := tagName.FindAllString(user, -1), tagName.FindAllString(tameUser, -1); !slices.Equal(got, want) || system != tameSystem {
		t.Errorf("the prompt holds the tags %q, not %q:\n%s", got, want, user)
	}
	if strings.ContainsFunc(system+user, func(r rune) bool { return unicode.Is(unicode.Cf, r) || unicode.IsControl(r) && r != '\n' && r != '\t' }) {
		t.Errorf("the model is shown what nobody sees: %q", user)
	}
}

// FuzzReply has a model write anything. Whatever is shown of it cites words that stand in their article, leads nowhere but to its
// sources and steers nothing.
func FuzzReply(f *testing.F) {
	files, honest := adaptertest.InjectionFiles(f, filepath.Join("testdata", "injection"))
	for _, path := range files {
		for _, i := range adaptertest.Injections(f, path, honest) {
			f.Add(i.Writes())
		}
	}
	archive, err := txtar.ParseFile(honest)
	if err != nil {
		f.Fatal(err)
	}
	lib := adaptertest.Library(f, archive)
	f.Fuzz(func(t *testing.T, text string) {
		model := llm.NewScripted(llm.Reply{Text: text})
		r, trace := adaptertest.Bot(lib, model, adaptertest.Draft("")).Ask(t.Context(), bot.Question{Text: "What happened to the ferry?"})
		holds(t, adaptertest.Injected{Reply: r, Trace: trace, Library: lib, Asked: model.Asked()})
		if answer, ok := r.(bot.Answer); ok {
			for _, s := range answer.Statements() {
				if strings.Contains(s.Text, "://") || strings.Contains(s.Text, "](") {
					t.Errorf("%q holds a link", s.Text)
				}
			}
		}
	})
}
