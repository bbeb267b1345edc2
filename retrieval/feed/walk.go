package feed

import (
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"strings"
)

// kind is how a file is read.
type kind int

const (
	unknown kind = iota
	plain
	markdown
	jsonLines
	packedJSONLines
)

// found is a file that a walk came upon, or the problem in its place.
type found struct {
	path    string
	size    int64 // 0 where there is a problem
	kind    kind
	problem *Problem
}

// walk finds the files at and beneath the paths, folders in the order of their entries' names.
func walk(paths []string) iter.Seq[found] {
	return func(yield func(found) bool) {
		for _, path := range paths {
			if !visit(filepath.Clean(path), yield) {
				return
			}
		}
	}
}

func visit(path string, yield func(found) bool) bool {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return yield(found{path: path, problem: unreadable(path, err)})
	case info.IsDir():
		return visitFolder(path, yield)
	case !info.Mode().IsRegular():
		return yield(skipped(path, "is not a regular file", "name a file or a folder"))
	}
	kind, hint := kindOf(path)
	if kind == unknown {
		return yield(skipped(path, "files of this kind are not read", hint))
	}
	return yield(found{path: path, size: info.Size(), kind: kind})
}

// visitFolder walks a folder. A link to a file is followed, since mounted configuration consists of such links; a link to
// a folder is not, since it may lead in a circle.
func visitFolder(path string, yield func(found) bool) bool {
	entries, err := os.ReadDir(path)
	if err != nil && !yield(found{path: path, problem: unreadable(path, err)}) {
		return false
	}
	for _, entry := range entries {
		if strings.HasPrefix(entry.Name(), ".") {
			continue
		}
		inner := filepath.Join(path, entry.Name())
		if entry.Type()&fs.ModeSymlink != 0 && isFolder(inner) {
			if !yield(skipped(inner, "links to folders are not followed", "name the folder itself")) {
				return false
			}
			continue
		}
		if !visit(inner, yield) {
			return false
		}
	}
	return true
}

func isFolder(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

func skipped(path, what, hint string) found {
	return found{path: path, problem: &Problem{Path: path, What: what, Hint: hint, Skipped: true}}
}

// kindOf tells how a file is read by its name, or what to do about one that is not.
func kindOf(path string) (kind, string) {
	name := strings.ToLower(filepath.Base(path))
	switch ext := filepath.Ext(name); {
	case ext == ".txt":
		return plain, ""
	case ext == ".md" || ext == ".markdown":
		return markdown, ""
	case ext == ".jsonl" || ext == ".ndjson":
		return jsonLines, ""
	case strings.HasSuffix(name, ".jsonl.gz") || strings.HasSuffix(name, ".ndjson.gz"):
		return packedJSONLines, ""
	case ext == ".json":
		return unknown, "write one object a line and name the file .jsonl"
	case ext == ".gz" || ext == ".zip" || ext == ".tar" || ext == ".zst" || ext == ".bz2" || ext == ".xz":
		return unknown, "unpack it; only .jsonl.gz is read packed"
	}
	return unknown, "use .txt, .md, .jsonl or .jsonl.gz"
}
