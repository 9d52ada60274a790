package explain

import (
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// width is how long lines get, as long as no word is longer.
const width = 78

// Text writes a topic for people.
func Text(w io.Writer, t *Topic) error {
	var b strings.Builder
	if t.Path != "" {
		fmt.Fprintf(&b, "%s: %s\n\n", t.Path, t.What)
	}
	wrap(&b, "", "", t.Doc)
	for i, rule := range t.Rules {
		if i == 0 {
			b.WriteString("\n")
		}
		wrap(&b, "", "  ", "It takes "+rule+".")
	}
	if len(t.Keys) > 0 {
		b.WriteString("\nKeys:\n")
	}
	for _, k := range t.Keys {
		head := k.Name + ": " + k.What
		if k.Required {
			head += " (required)"
		}
		if len(k.Beside) > 0 {
			head += " (beside " + strings.Join(k.Beside, " or ") + ")"
		}
		wrap(&b, "  ", "    ", head)
		wrap(&b, "      ", "      ", k.Doc)
	}
	if len(t.Also) > 0 {
		b.WriteString("\n")
		wrap(&b, "", "  ", "The same word elsewhere: "+strings.Join(t.Also, ", "))
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// wrap writes a paragraph: its first line behind one indent, the others behind
// another.
func wrap(b *strings.Builder, first, others, text string) {
	line := first
	empty := true
	for _, word := range strings.Fields(text) {
		if !empty && utf8.RuneCountInString(line)+1+utf8.RuneCountInString(word) > width {
			b.WriteString(line + "\n")
			line, empty = others, true
		}
		if !empty {
			line += " "
		}
		line += word
		empty = false
	}
	if !empty {
		b.WriteString(line + "\n")
	}
}
