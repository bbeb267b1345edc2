package feed

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"unicode/utf8"

	"crosscheck/retrieval/news"
)

// maxBadStart is how many lines may fail before the first article until the file is taken for something else, so that a
// file of the wrong kind gives one page of problems rather than a million.
const maxBadStart = 50

// lines reads a JSON Lines file, one article a line.
func (r *reader) lines(f found) bool {
	file, err := os.Open(f.path)
	if err != nil {
		return r.problem(unreadable(f.path, err), f.size)
	}
	defer file.Close()
	meter := &meter{ctx: r.ctx, r: file}
	var input io.Reader = meter
	if f.kind == packedJSONLines {
		unpacked, err := gzip.NewReader(bufio.NewReaderSize(meter, readAhead))
		if err != nil {
			return r.broken(f, 0, 0, fmt.Errorf("not a gzip file: %w", err))
		}
		input = unpacked
	}
	in := &lineReader{r: bufio.NewReaderSize(input, readAhead)}
	if problem := checkHead(f.path, in.r); problem != nil {
		return r.problem(problem, f.size)
	}
	return r.eachLine(f, in, meter)
}

// readAhead is large enough that a line seldom needs copying and small enough for a progress bar to move.
const readAhead = 256 << 10

func (r *reader) eachLine(f found, in *lineReader, meter *meter) bool {
	articles, bad := 0, 0
	for {
		line, long, err := in.next()
		read := min(meter.n, f.size)
		switch {
		case err == io.EOF && articles+bad == 0:
			return r.problem(&Problem{Path: f.path, What: "there is no article in the file", Hint: "write one JSON object a line"}, f.size)
		case err == io.EOF:
			return true
		case err != nil:
			return r.broken(f, in.n, articles, err)
		case !long && len(bytes.TrimSpace(line)) == 0:
			continue
		}
		article, problem := news.Article{}, tooLarge(f.path, in.n)
		if !long {
			article, problem = readLine(f.path, in.n, line)
		}
		goOn := true
		if problem != nil {
			bad++
			goOn = r.problem(problem, read)
		} else {
			articles++
			goOn = r.yield(Item{Article: article, Path: f.path, Line: in.n, Bytes: r.bytes + read}, nil)
		}
		if goOn && articles == 0 && bad == maxBadStart {
			return r.problem(&Problem{Path: f.path, What: fmt.Sprintf("none of the first %d lines is an article", bad), Hint: "the rest was not read; write one JSON object a line"}, f.size)
		}
		if !goOn {
			return false
		}
	}
}

// broken reports an input that ended before its end. Articles that were read stay read.
func (r *reader) broken(f found, line, articles int, err error) bool {
	if r.ctx.Err() != nil {
		r.yield(Item{Path: f.path, Line: line, Bytes: r.bytes}, r.ctx.Err())
		return false
	}
	what := fmt.Sprintf("the file breaks off after line %d: %v", line, err)
	if line == 0 {
		what = err.Error()
	}
	return r.problem(&Problem{Path: f.path, What: what, Hint: fmt.Sprintf("fetch it again; the %d articles before were read", articles)}, f.size)
}

// checkHead looks at the beginning of a file for signs that it is not JSON Lines at all, and drops a byte order mark.
func checkHead(path string, r *bufio.Reader) *Problem {
	head, _ := r.Peek(512) // an error comes back with the first line
	if p := notText(path, head); p != nil {
		return p
	}
	if isUTF16(head) {
		return &Problem{Path: path, What: "the file is UTF-16", Hint: "save it as UTF-8"}
	}
	if bytes.HasPrefix(head, []byte(utf8BOM)) {
		_, _ = r.Discard(len(utf8BOM)) // what was peeked at can be discarded
		head = head[len(utf8BOM):]
	}
	first, _, _ := bytes.Cut(head, []byte("\n"))
	if s := strings.TrimSpace(string(first)); s == "{" || s == "[" || strings.HasPrefix(s, "[{") {
		return &Problem{Path: path, Line: 1, What: "the file is one JSON document, not JSON lines", Hint: "write one object a line, for example with jq -c"}
	}
	return nil
}

// row is one line. Keys that are not named here are ignored: real dumps carry more, such as a topic.
type row struct {
	ID         name    `json:"id"`
	URL        string  `json:"url"`
	Title      string  `json:"title"`
	Outlet     string  `json:"outlet"`
	Author     authors `json:"author"`
	Published  string  `json:"published"`
	Lang       string  `json:"lang"`
	Collection string  `json:"collection"`
	Text       string  `json:"text"`
}

// readLine reads the article on one line.
func readLine(path string, n int, line []byte) (news.Article, *Problem) {
	refuse := func(what, hint string) (news.Article, *Problem) {
		return news.Article{}, &Problem{Path: path, Line: n, What: what, Hint: hint}
	}
	if !utf8.Valid(line) {
		return refuse("not UTF-8 "+inColumn(line, invalidAt(line)), "save the file as UTF-8; the other lines were read")
	}
	var in row
	if err := json.Unmarshal(line, &in); err != nil {
		return refuse(malformedJSON(line, err), "fix or remove the line, the other lines were read")
	}
	f := fields{string(in.ID), in.URL, in.Title, in.Outlet, string(in.Author), in.Published, in.Lang, in.Collection}
	article, fault := f.article()
	switch {
	case fault != nil:
		return refuse(fault.field+": "+fault.what, fault.hint)
	case article.ID == "" && article.URL == "":
		return refuse("the article has neither id nor url", "give it an id; the other lines were read")
	case strings.TrimSpace(in.Text) == "":
		return refuse("the article has no text", "fill text or remove the line; the other lines were read")
	case strings.IndexByte(in.Text, 0) >= 0:
		return refuse("the text holds NUL bytes", "remove them; the other lines were read")
	case article.ID == "":
		article.ID = idFromURL(article.URL)
	}
	article.Text = in.Text
	return article, nil
}

// malformedJSON says what is wrong and in which column.
func malformedJSON(line []byte, err error) string {
	if syntax := (*json.SyntaxError)(nil); errors.As(err, &syntax) {
		return fmt.Sprintf("malformed JSON %s: %v", inColumn(line, int(syntax.Offset)-1), err)
	}
	if kind := (*json.UnmarshalTypeError)(nil); errors.As(err, &kind) {
		if kind.Field == "" {
			return "want a JSON object, got a JSON " + kind.Value
		}
		return fmt.Sprintf("%s: want text, got a JSON %s", kind.Field, kind.Value)
	}
	return err.Error()
}

// name is an id, which dumps write as text or as a number.
type name string

// UnmarshalJSON takes a number as it is written.
func (n *name) UnmarshalJSON(data []byte) error {
	var number json.Number
	if err := json.Unmarshal(data, &number); err == nil && data[0] != '"' {
		*n = name(number)
		return nil
	}
	if err := json.Unmarshal(data, (*string)(n)); err != nil {
		return errors.New("id: want text or a number")
	}
	return nil
}

// authors is one name or a list of them.
type authors string

// UnmarshalJSON joins a list with commas.
func (a *authors) UnmarshalJSON(data []byte) error {
	var list []string
	if err := json.Unmarshal(data, &list); err == nil {
		*a = authors(strings.Join(list, ", "))
		return nil
	}
	if err := json.Unmarshal(data, (*string)(a)); err != nil {
		return errors.New("author: want text or a list of texts")
	}
	return nil
}

// meter counts what is read and stops when the context ends.
type meter struct {
	ctx context.Context
	r   io.Reader
	n   int64
}

func (m *meter) Read(p []byte) (int, error) {
	if err := m.ctx.Err(); err != nil {
		return 0, err
	}
	n, err := m.r.Read(p)
	m.n += int64(n)
	return n, err
}

// lineReader hands out lines and passes over those that are too long without keeping them.
type lineReader struct {
	r   *bufio.Reader
	buf []byte
	n   int // the number of the last line
}

// next returns the next line, valid until the call after, or that it was too long. A line that the input broke off in is
// dropped, because what is left of it may read as whole.
func (l *lineReader) next() (line []byte, long bool, err error) {
	l.buf = l.buf[:0]
	for size := 0; ; {
		part, err := l.r.ReadSlice('\n')
		size += len(part)
		long = size > MaxBytes
		if !long {
			l.buf = append(l.buf, part...)
		}
		switch {
		case err == bufio.ErrBufferFull:
			continue
		case err == io.EOF && size == 0:
			return nil, false, io.EOF
		case err != nil && err != io.EOF:
			return nil, false, err
		}
		l.n++
		return l.buf, long, nil
	}
}
