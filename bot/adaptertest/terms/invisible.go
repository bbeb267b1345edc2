package terms

import "unicode"

// formats are characters without width: joiners and other formats, and those that say which way a text runs. The joiner of
// emoji is among them, because it also hides words from a search; such an emoji falls apart into its parts.
var formats = &unicode.RangeTable{
	R16: []unicode.Range16{
		{0x00ad, 0x00ad, 1},
		{0x061c, 0x061c, 1},
		{0x180e, 0x180e, 1},
		{0x200b, 0x200f, 1},
		{0x2028, 0x202e, 1},
		{0x2060, 0x206f, 1},
		{0xfeff, 0xfeff, 1},
		{0xfff9, 0xfffb, 1},
	},
	R32: []unicode.Range32{{0xe0000, 0xe007f, 1}},
}

// Invisible returns the characters of a text that are not seen.
func Invisible(s string) (found []rune) {
	for _, r := range s {
		// The replacement character is seen; it stands for a text that was cut inside a character.
		if r != '\n' && unicode.IsControl(r) || unicode.Is(formats, r) || r == unicode.ReplacementChar {
			found = append(found, r)
		}
	}
	return found
}
