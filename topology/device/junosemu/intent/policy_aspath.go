package intent

import "strings"

// asPathRegex turns Junos's pattern over AS numbers, which matches a whole
// path, to one of FRR's over characters.
func asPathRegex(pattern string) string {
	var b strings.Builder
	b.WriteString("^")
	for i := 0; i < len(pattern); {
		switch c := pattern[i]; {
		case c == ' ':
			i++
		case c == '.':
			b.WriteString(asTerm("[0-9]+"))
			i++
		case c >= '0' && c <= '9':
			end := i
			for end < len(pattern) && pattern[end] >= '0' && pattern[end] <= '9' {
				end++
			}
			b.WriteString(asTerm(pattern[i:end]))
			i = end
		case c == '^' || c == '$':
			i++ // every pattern is anchored
		case strings.HasPrefix(pattern[i:], "()"):
			i += 2 // the empty path
		case c == '{':
			end := strings.IndexByte(pattern[i:], '}') + i + 1
			if end <= i {
				end = len(pattern)
			}
			b.WriteString(pattern[i:end])
			i = end
		default:
			b.WriteByte(c) // ( ) | * + ? { , }
			i++
		}
	}
	b.WriteString("$")
	return b.String()
}

// asTerm is one AS number with what separates it from the one before.
func asTerm(number string) string { return "((^| )" + number + ")" }
