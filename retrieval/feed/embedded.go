package feed

import (
	"crosscheck/retrieval/news"
)

// Markdown reads the article in the content of a Markdown file with front matter. It serves files that are part of a
// program rather than of a folder; name stands for the path.
func Markdown(name string, content []byte) (news.Article, error) {
	s, problem := decode(name, content)
	if problem != nil {
		return news.Article{}, problem
	}
	article, problem := readMarkdown(name, s)
	if problem != nil {
		return news.Article{}, problem
	}
	if article.ID == "" {
		article.ID = idOf(name)
	}
	return article, nil
}
