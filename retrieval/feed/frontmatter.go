package feed

import (
	"errors"
	"fmt"
	"strings"

	"go.yaml.in/yaml/v4"

	"crosscheck/retrieval/news"
)

// frontMatterKeys is what a front matter may state, for the hint.
const frontMatterKeys = "id, url, title, outlet, author, published, lang, collection"

// readMarkdown reads a Markdown file: a front matter, if it begins with one, and the text after it.
func readMarkdown(path, s string) (news.Article, *Problem) {
	block, body, ok := splitFrontMatter(s)
	if !ok {
		return news.Article{}, &Problem{Path: path, Line: 1, What: "the front matter is not closed", Hint: "end it with a line of three hyphens"}
	}
	fields, lines, problem := readFrontMatter(block)
	if problem != nil {
		problem.Path = path
		return news.Article{}, problem
	}
	article, fault := fields.article()
	if fault != nil {
		return news.Article{}, &Problem{Path: path, Line: lines[fault.field], What: fault.field + ": " + fault.what, Hint: fault.hint}
	}
	article.Text = body
	return article, nil
}

// splitFrontMatter cuts a file into the front matter and what follows it. An empty line stands in for the opening fence,
// so that the lines of the block are numbered as those of the file.
func splitFrontMatter(s string) (block, body string, ok bool) {
	first, rest, _ := strings.Cut(s, "\n")
	if strings.TrimRight(first, " \t\r") != "---" {
		return "", s, true
	}
	for at := 0; at < len(rest); {
		line, _, more := strings.Cut(rest[at:], "\n")
		next := at + len(line)
		if more {
			next++
		}
		if fence := strings.TrimRight(line, " \t\r"); fence == "---" || fence == "..." {
			return "\n" + rest[:at], rest[next:], true
		}
		at = next
	}
	return "", "", false
}

// readFrontMatter reads the keys it knows and refuses those that look like a misspelling of one: that would silently leave
// an article without its date. Other keys are left alone, since files made for a web site have many. Values are taken as
// they are written, so that YAML's idea of numbers and dates changes nothing. The lines are those of the keys.
func readFrontMatter(block string) (f fields, lines map[string]int, problem *Problem) {
	var document yaml.Node
	if err := yaml.Unmarshal([]byte(block), &document); err != nil {
		return f, nil, malformedYAML(err)
	}
	if len(document.Content) == 0 {
		return f, nil, nil
	}
	top := document.Content[0]
	if top.Kind != yaml.MappingNode {
		return f, nil, &Problem{Line: top.Line, What: "the front matter is not a list of keys and values", Hint: "write lines such as title: A headline"}
	}
	into := map[string]*string{
		"id": &f.id, "url": &f.url, "title": &f.title, "outlet": &f.outlet,
		"author": &f.author, "published": &f.published, "lang": &f.lang, "collection": &f.collection,
	}
	lines = make(map[string]int)
	for i := 0; i+1 < len(top.Content); i += 2 {
		key, value := top.Content[i], top.Content[i+1]
		target := into[key.Value]
		switch {
		case target == nil && !misspelt(key.Value, into):
			continue // a key of somebody else's, such as tags
		case target == nil:
			return f, nil, &Problem{Line: key.Line, What: fmt.Sprintf("unknown key %.60q", key.Value), Hint: "use only " + frontMatterKeys}
		case lines[key.Value] > 0:
			return f, nil, &Problem{Line: key.Line, What: fmt.Sprintf("%s is stated twice, first on line %d", key.Value, lines[key.Value]), Hint: "remove one of them"}
		}
		s, ok := scalar(key.Value, value)
		if !ok {
			return f, nil, &Problem{Line: key.Line, What: key.Value + ": want a single value", Hint: "write it on one line, in quotes if it holds a colon"}
		}
		*target, lines[key.Value] = s, key.Line
	}
	return f, lines, nil
}

// misspelt reports whether a key is at most two letters away from a known one (Levenshtein).
func misspelt(key string, known map[string]*string) bool {
	const near, shortest = 2, 4 // of shorter keys, such as id, too many words are near
	for k := range known {
		if len(k) >= shortest && len(key) >= shortest && distance(strings.ToLower(key), k) <= near {
			return true
		}
	}
	return false
}

// distance is the least number of letters to insert, delete or replace that turns a into b.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		last := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := last
			if a[i] != b[j] {
				cost++
			}
			last, row[j+1] = row[j+1], min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}

// scalar is a value as it is written; several authors may be given as a list.
func scalar(key string, value *yaml.Node) (string, bool) {
	switch {
	case value.Kind == yaml.ScalarNode && value.Tag == "!!null":
		return "", true
	case value.Kind == yaml.ScalarNode:
		return value.Value, true
	case value.Kind == yaml.SequenceNode && key == "author":
		var names []string
		for _, item := range value.Content {
			if item.Kind != yaml.ScalarNode {
				return "", false
			}
			names = append(names, item.Value)
		}
		return strings.Join(names, ", "), true
	}
	return "", false
}

func malformedYAML(err error) *Problem {
	p := &Problem{Line: 1, What: "malformed front matter: " + oneLine(err.Error()), Hint: "put values that hold a colon or a quote into quotes"}
	if load := (*yaml.LoadError)(nil); errors.As(err, &load) {
		p.What = "malformed front matter: " + oneLine(load.Message)
		p.Line = max(1, load.Mark.Line)
	}
	return p
}
