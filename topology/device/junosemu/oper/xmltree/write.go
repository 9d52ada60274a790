package xmltree

import (
	"strings"
)

// Indent is what one level of nesting adds in the CLI's "| display xml";
// NETCONF replies are not indented.
const Indent = "    "

// String is the element as XML, one element a line, without indentation: the
// layout of Junos's NETCONF replies.
func (e *Element) String() string { return e.Format("", "") }

// Format is the element as XML, one element a line, each line starting with
// prefix and one indent a level.
func (e *Element) Format(prefix, indent string) string {
	var b strings.Builder
	e.write(&b, prefix, indent)
	return b.String()
}

func (e *Element) write(b *strings.Builder, prefix, indent string) {
	b.WriteString(prefix)
	b.WriteByte('<')
	b.WriteString(e.Name)
	for _, a := range e.Attrs {
		b.WriteByte(' ')
		b.WriteString(a.Name)
		b.WriteString(`="`)
		b.WriteString(attrEscaper.Replace(a.Value))
		b.WriteByte('"')
	}
	if e.Text == "" && len(e.Children) == 0 {
		b.WriteString("/>\n")
		return
	}
	b.WriteByte('>')
	b.WriteString(Escape(e.Text))
	if len(e.Children) > 0 {
		b.WriteByte('\n')
		for _, c := range e.Children {
			c.write(b, prefix+indent, indent)
		}
		b.WriteString(prefix)
	}
	b.WriteString("</")
	b.WriteString(e.Name)
	b.WriteString(">\n")
}

var (
	textEscaper = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")
	attrEscaper = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;", "\n", "&#10;")
)

// Escape makes text safe between tags. Quotation marks stay as they are, as
// Junos leaves them; characters that XML 1.0 has no place for become U+FFFD.
func Escape(text string) string {
	return textEscaper.Replace(strings.Map(func(r rune) rune {
		if r < ' ' && r != '\t' && r != '\n' && r != '\r' || r == 0xFFFE || r == 0xFFFF {
			return '\uFFFD'
		}
		return r
	}, text))
}
