package feed

import (
	"bytes"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
	unicodetext "golang.org/x/text/encoding/unicode"
)

const utf8BOM = "\uFEFF"

// signatures are the first bytes of files that people put into a corpus and that are not text.
var signatures = []struct{ head, name, hint string }{
	{"%PDF-", "a PDF", "turn it into text first, for example with pdftotext"},
	{"PK\x03\x04", "a ZIP archive or an office document", "unpack it or save it as text"},
	{"\x1f\x8b", "packed with gzip", "unpack it, or name it .jsonl.gz if it holds JSON lines"},
	{"\x89PNG", "a PNG image", "remove it"},
	{"\xff\xd8\xff", "a JPEG image", "remove it"},
	{"GIF8", "a GIF image", "remove it"},
	{"\xd0\xcf\x11\xe0", "an old office document", "save it as text"},
	{"{\\rtf", "an RTF document", "save it as text"},
	{"SQLite format 3\x00", "a SQLite database", "remove it"},
	{"\x28\xb5\x2f\xfd", "packed with zstd", "unpack it"},
	{"7z\xbc\xaf", "a 7z archive", "unpack it"},
	{"\x7fELF", "a program", "remove it"},
}

// decode turns a file's bytes into text. UTF-8 is kept byte for byte but for a byte order mark. Anything else is decoded
// only where that is plausible: a wrong guess would put words into an article that its author did not write.
func decode(path string, data []byte) (string, *Problem) {
	refuse := func(line int, what, hint string) (string, *Problem) {
		return "", &Problem{Path: path, Line: line, What: what, Hint: hint}
	}
	if p := notText(path, data); p != nil {
		return "", p
	}
	if isUTF16(data) {
		s, ok := fromUTF16(data)
		if !ok {
			return refuse(0, "the file begins as UTF-16 but is not", "save it as UTF-8")
		}
		return s, nil
	}
	if at := bytes.IndexByte(data, 0); at >= 0 {
		return refuse(lineAt(data, at), "the file holds NUL bytes, so it is not text", "if it is UTF-16 save it as UTF-8, otherwise remove it")
	}
	if utf8.Valid(data) {
		return string(bytes.TrimPrefix(data, []byte(utf8BOM))), nil
	}
	s, ok := fromWindows1252(data)
	if !ok {
		return refuse(lineAt(data, invalidAt(data)), "the text is neither UTF-8 nor plausibly windows-1252", "save it as UTF-8")
	}
	return s, nil
}

// notText recognises files of other kinds by their first bytes.
func notText(path string, head []byte) *Problem {
	for _, s := range signatures {
		if bytes.HasPrefix(head, []byte(s.head)) {
			return &Problem{Path: path, What: "the file is " + s.name, Hint: s.hint}
		}
	}
	return nil
}

func isUTF16(data []byte) bool {
	return bytes.HasPrefix(data, []byte{0xff, 0xfe}) || bytes.HasPrefix(data, []byte{0xfe, 0xff})
}

func fromUTF16(data []byte) (string, bool) {
	if len(data)%2 != 0 {
		return "", false
	}
	out, err := unicodetext.UTF16(unicodetext.LittleEndian, unicodetext.ExpectBOM).NewDecoder().Bytes(data)
	return string(out), err == nil && !bytes.ContainsRune(out, utf8.RuneError) && bytes.IndexByte(out, 0) < 0
}

// fromWindows1252 decodes Western European text, of which latin-1 is a part. It refuses what would not read as such:
// damaged UTF-8, and the other eight-bit alphabets, whose words become long runs of accented letters.
func fromWindows1252(data []byte) (string, bool) {
	valid, invalid := 0, 0
	for rest := data; len(rest) > 0; {
		r, size := utf8.DecodeRune(rest)
		switch {
		case r == utf8.RuneError && size == 1:
			invalid++
		case size > 1:
			valid++
		}
		rest = rest[size:]
	}
	if valid*4 >= invalid { // an accented letter before a sign can look like UTF-8, but seldom does
		return "", false
	}
	out, err := charmap.Windows1252.NewDecoder().Bytes(data)
	if err != nil {
		return "", false
	}
	s := string(out)
	return s, westernProse(s)
}

// westernProse reports whether the characters beyond ASCII are few, are letters and signs that prose has, and stand
// alone, as accents do in the languages that are written in windows-1252.
func westernProse(s string) bool {
	accents, letters, run := 0, 0, 0
	for _, r := range s {
		accented := r >= utf8.RuneSelf && unicode.IsLetter(r)
		switch {
		case r < ' ' && !strings.ContainsRune("\t\n\v\f\r", r), r == utf8.RuneError, 0x7f <= r && r < 0xa0:
			return false
		case accented:
			accents++
			run++
			letters++
		case unicode.IsLetter(r):
			letters++
			run = 0
		default:
			run = 0
		}
		if run > 2 {
			return false
		}
	}
	return accents*5 <= letters
}

// invalidAt is the place of the first byte that is not UTF-8.
func invalidAt(data []byte) int {
	for i := 0; i < len(data); {
		r, size := utf8.DecodeRune(data[i:])
		if r == utf8.RuneError && size == 1 {
			return i
		}
		i += size
	}
	return len(data)
}

func lineAt(data []byte, at int) int { return 1 + bytes.Count(data[:at], []byte("\n")) }

// columnAt counts characters, not bytes, since that is what an editor shows.
func columnAt(line []byte, at int) int {
	return 1 + utf8.RuneCount(line[:max(0, min(at, len(line)))])
}

func inColumn(line []byte, at int) string { return fmt.Sprintf("at column %d", columnAt(line, at)) }
