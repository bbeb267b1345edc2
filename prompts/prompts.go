// Package prompts is what a model is asked and how its reply is read.
//
// There is a prompt for each thing that is asked: an answer, what one source says of a matter, its stance on a claim, a story of a
// digest, a question in full, whether words carry a statement. Each has a file with the type that holds what is asked as data, and a
// template that makes messages of it for a language model. All reply in JSON, whose schema stands beside the type,
// and which the type's reader turns into a draft. A draft is what a model said and nothing more: it is unchecked, and no adapter accepts
// one. What may be shown is a bot.Answer, which only verification makes.
//
// Sources, questions and conversations are other people's words. They stand in a fenced part of the prompt under their author's
// name, and the instructions say that nothing in there is an instruction.
package prompts

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"strings"
	"text/template"
	"time"
	"unicode"

	"crosscheck/retrieval/news"
)

// Prompt is something that a language model is asked.
type Prompt interface {
	// Name is what is asked for, one word: the name of the template.
	Name() string
	// Messages are the operator's instructions and the message with what others have said.
	Messages() (system, user string, err error)
	// Schema is the JSON schema of the reply.
	Schema() string
	// Fitted returns the prompt with as much of its sources as fits into a room of so many tokens, and names the passages that were left
	// out. Size counts the tokens of a text.
	Fitted(room int, size func(string) int) (p Prompt, left []string, err error)
}

// Written is what a language model wrote.
type Written struct {
	Text    string
	Model   string // that wrote it
	Instead error  // why those that were asked before it failed; nil for the first
	Usage   Usage
	Cost    float64  // in the currency of the prices; 0 where there are none
	Left    []string // the passages that did not fit into its context
}

// Usage counts the tokens of a request, as the server says.
type Usage struct {
	Prompt     int // all of them, those that were cached too
	Cached     int
	Completion int // those of reasoning too
	Reasoning  int
}

// Add adds another request's.
func (u Usage) Add(o Usage) Usage {
	return Usage{u.Prompt + o.Prompt, u.Cached + o.Cached, u.Completion + o.Completion, u.Reasoning + o.Reasoning}
}

//go:embed *.tmpl
var templateFiles embed.FS

// templates are all templates; those that several share are in fragments.tmpl.
var templates = template.Must(template.New("").Funcs(template.FuncMap{"fence": fence, "attribute": attribute}).ParseFS(templateFiles, "*.tmpl"))

// messages executes the templates of a prompt.
func messages(p Prompt) (system, user string, err error) {
	if system, err = write(p.Name()+" system", p); err != nil {
		return "", "", err
	}
	user, err = write(p.Name()+" user", p)
	return strings.TrimSpace(system), strings.TrimSpace(user), err
}

// write executes a template.
func write(name string, data any) (string, error) {
	var out strings.Builder
	if err := templates.ExecuteTemplate(&out, name, data); err != nil {
		return "", fmt.Errorf("write the prompt's %q: %w", name, err)
	}
	return out.String(), nil
}

// Version names the words with which something is asked: it is another one when the template of the prompt, the fragments or the
// schema have changed.
func Version(p Prompt) string { return version(templateFiles, p.Name(), p.Schema()) }

func version(files fs.FS, name, schema string) string {
	hash := sha256.New()
	for _, file := range []string{name + ".tmpl", "fragments.tmpl"} {
		content, err := fs.ReadFile(files, file)
		if err != nil {
			panic(err) // the files are part of the program
		}
		fmt.Fprintf(hash, "%d %s", len(content), content)
	}
	hash.Write([]byte(schema))
	return name + "-" + hex.EncodeToString(hash.Sum(nil)[:4])
}

// Source is a passage as a model is shown it.
type Source struct {
	N         int // from 1; what a model cites
	Passage   news.Passage
	Text      string // the passage, cut from its article
	Before    string // what stands before it in its parent, for understanding only
	After     string // what stands after it
	Title     string
	Outlet    string
	Published time.Time // zero when undated
	Origin    string    // id of the article that first published the text; equal for copies
	Score     float64   // the search's, comparable within one prompt
}

// Date is the source's day of publication or "undated".
func (s Source) Date() string {
	if s.Published.IsZero() {
		return "undated"
	}
	return s.Published.Format(time.DateOnly)
}

// Turn is something that was said in the conversation before the question.
type Turn struct {
	Author string // who really said it
	Text   string
	Asked  bool // whether it was a question to the bot
}

// unfenced are the signs of which tags are made, and the tokens between which some models expect their instructions and which some
// servers read in any text.
var unfenced = strings.NewReplacer("<", "‹", ">", "›", "[INST]", "(INST)", "[/INST]", "(/INST)", "[SYSTEM_PROMPT]", "(SYSTEM_PROMPT)", "[/SYSTEM_PROMPT]", "(/SYSTEM_PROMPT)")

// fence makes text from outside safe to stand between the prompt's tags: it cannot close them, and it says nothing to a model that a
// reader does not see.
func fence(s string) string {
	s = strings.Map(seen, s)
	if !strings.ContainsAny(s, "<>[") { // as most are
		return s
	}
	return unfenced.Replace(s)
}

// seen drops the characters that cannot be seen, in which orders can be written: control characters, direction marks, tags.
func seen(r rune) rune {
	if !unicode.IsSpace(r) && (unicode.IsControl(r) || unicode.In(r, unicode.Cf, unicode.Variation_Selector)) {
		return -1
	}
	return r
}

// attribute makes text from outside safe to stand in quotation marks within a tag: it cannot end them and state a field of
// its own, such as another outlet.
func attribute(s string) string {
	return strings.ReplaceAll(strings.Join(strings.Fields(fence(s)), " "), `"`, "”")
}
