// Package feed reads articles from files and folders: plain text as it was scraped, Markdown with front matter, and JSON
// Lines, packed or not.
//
// A corpus is never perfect, so one bad file or line does not end the reading. Files yields what it could not read as a
// Problem, which says where, what and what to do about it, and goes on. It keeps one article in memory at a time, so that
// the size of a file does not matter. What is in an article's text is left as it is: deciding what belongs to the story
// is the next stage's work.
package feed

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"strings"

	"crosscheck/retrieval/news"
)

// MaxBytes is the largest article that is read, and the longest line of a JSON Lines file. A longer text is not an article
// but a book or a mistake, and would crowd out the rest of the corpus.
const MaxBytes = 8 << 20

// Item is one article and the place it came from.
type Item struct {
	Article news.Article
	Path    string // the file
	Line    int    // the line of the file on which the article begins
	Bytes   int64  // read so far, over all the paths; it grows towards what Size returns
}

// Problem is a file or a line that gave no article. The reading went on behind it.
type Problem struct {
	Path    string
	Line    int    // 0 when the problem is the whole file's
	What    string // what is wrong
	Hint    string // what to do about it, or what it means for the rest
	Skipped bool   // left alone by rule, such as a file of a kind that is not read, rather than damaged
}

// Error names the place, the problem and the way out, in this order.
func (p *Problem) Error() string {
	place := p.Path
	if p.Line > 0 {
		place = fmt.Sprintf("%s:%d", p.Path, p.Line)
	}
	if p.Hint == "" {
		return place + ": " + p.What
	}
	return place + ": " + p.What + "; " + p.Hint
}

// Files reads the articles in the named files and, in the order of their names, in everything beneath the named folders.
// What begins with a dot is passed over unless it is named itself.
//
// Each step yields either an article or an error, and the Item's Path and Bytes are set in both cases. The error is a
// *Problem, after which reading goes on, or the context's error, after which it does not.
func Files(ctx context.Context, paths ...string) iter.Seq2[Item, error] {
	return func(yield func(Item, error) bool) {
		r := &reader{ctx: ctx, yield: yield}
		for file := range walk(paths) {
			if !r.file(file) {
				return
			}
		}
	}
}

// Size is the number of bytes that Files would read from the paths, for a progress bar. The sum counts whatever can be
// read even when the error, the first Problem of a path that cannot, is not nil; Files reports it again.
func Size(paths ...string) (int64, error) {
	var sum int64
	var first error
	for file := range walk(paths) {
		sum += file.size
		if first == nil && file.problem != nil && !file.problem.Skipped {
			first = file.problem
		}
	}
	return sum, first
}

// reader carries what the reading of one file needs to know of the whole.
type reader struct {
	ctx   context.Context // of the one call of Files that the reader lives in
	yield func(Item, error) bool
	bytes int64 // of all files before this one
}

// file reads one file, and reports whether to go on.
func (r *reader) file(f found) bool {
	if err := r.ctx.Err(); err != nil {
		r.yield(Item{Path: f.path, Bytes: r.bytes}, err)
		return false
	}
	if f.problem != nil {
		return r.problem(f.problem, 0)
	}
	goOn := true
	switch f.kind {
	case jsonLines, packedJSONLines:
		goOn = r.lines(f)
	default:
		goOn = r.whole(f)
	}
	r.bytes += f.size
	return goOn
}

// whole reads a file that holds a single article.
func (r *reader) whole(f found) bool {
	article, problem := readWhole(f)
	if problem != nil {
		return r.problem(problem, f.size)
	}
	return r.yield(Item{Article: article, Path: f.path, Line: 1, Bytes: r.bytes + f.size}, nil)
}

// problem yields p; read is how much of its file has been read.
func (r *reader) problem(p *Problem, read int64) bool {
	return r.yield(Item{Path: p.Path, Line: p.Line, Bytes: r.bytes + read}, p)
}

func readWhole(f found) (news.Article, *Problem) {
	data, problem := contents(f)
	if problem != nil {
		return news.Article{}, problem
	}
	s, problem := decode(f.path, data)
	if problem != nil {
		return news.Article{}, problem
	}
	article := news.Article{Text: s}
	if f.kind == markdown {
		if article, problem = readMarkdown(f.path, s); problem != nil {
			return news.Article{}, problem
		}
	}
	if strings.TrimSpace(article.Text) == "" {
		return news.Article{}, &Problem{Path: f.path, What: "there is no text in the file", Hint: "fill it or remove it"}
	}
	if article.ID == "" {
		article.ID, article.File = idOf(f.path), absolute(f.path)
	}
	return article, nil
}

// absolute is the path from the root, by which a file is known again; as it is when the working folder is gone.
func absolute(path string) string {
	if whole, err := filepath.Abs(path); err == nil {
		return whole
	}
	return path
}

// idOf names an article after its file.
func idOf(path string) string {
	base := filepath.Base(path)
	return strings.TrimSuffix(base, filepath.Ext(base))
}

// contents reads a file of bounded size. The size is checked again while reading, since the file may have grown.
func contents(f found) ([]byte, *Problem) {
	if f.size > MaxBytes {
		return nil, tooLarge(f.path, 0)
	}
	file, err := os.Open(f.path)
	if err != nil {
		return nil, unreadable(f.path, err)
	}
	defer file.Close()
	data, err := io.ReadAll(io.LimitReader(file, MaxBytes+1))
	if err != nil {
		return nil, unreadable(f.path, err)
	}
	if len(data) > MaxBytes {
		return nil, tooLarge(f.path, 0)
	}
	return data, nil
}

func tooLarge(path string, line int) *Problem {
	what := "the file"
	if line > 0 {
		what = "the line"
	}
	return &Problem{Path: path, Line: line, What: fmt.Sprintf("%s is larger than %d MiB, the most an article may have", what, MaxBytes>>20), Hint: "split it into articles"}
}

// unreadable turns an error of the file system into a Problem without repeating the path.
func unreadable(path string, err error) *Problem {
	hint := "check the file and read it again"
	switch {
	case errors.Is(err, fs.ErrNotExist):
		hint = "check the path"
	case errors.Is(err, fs.ErrPermission):
		hint = "give the user that runs this the right to read it"
	}
	if inner := (*fs.PathError)(nil); errors.As(err, &inner) {
		err = inner.Err
	}
	return &Problem{Path: path, What: "cannot read: " + err.Error(), Hint: hint}
}
