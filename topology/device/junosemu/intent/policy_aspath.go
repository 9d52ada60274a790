package intent

import (
	"fmt"
	"strconv"
	"strings"
)

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
		case isDigit(c):
			low := digits(pattern[i:])
			i += len(low)
			high := ""
			if i+1 < len(pattern) && pattern[i] == '-' && isDigit(pattern[i+1]) {
				high = digits(pattern[i+1:])
				i += 1 + len(high)
			}
			b.WriteString(asTerm(numbersBetween(low, high)))
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

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

// digits are those that s begins with.
func digits(s string) string {
	end := 0
	for end < len(s) && isDigit(s[end]) {
		end++
	}
	return s[:end]
}

// numbersBetween is an expression of the numbers from low to high; of low alone
// if high is empty. It joins expressions that each leave some last digits free:
// 64512-65535 is 6451[2-9]|645[2-9][0-9]|….
func numbersBetween(low, high string) string {
	from, errLow := strconv.ParseUint(low, 10, 32)
	to, errHigh := strconv.ParseUint(high, 10, 32)
	if high == "" || errLow != nil || errHigh != nil || from > to {
		return low
	}
	var parts []string
	for from <= to {
		// The longest run of whole tens, hundreds, … that starts at from.
		size := uint64(1)
		for from%(size*10) == 0 && from+size*10-1 <= to && from >= size*10 {
			size *= 10
		}
		last := from
		for last/(size*10) == from/(size*10) && last+2*size-1 <= to && (last/size)%10 != 9 {
			last += size
		}
		parts = append(parts, digitRun(from/size, last/size)+strings.Repeat("[0-9]", len(strconv.FormatUint(size, 10))-1))
		from = last + size
	}
	if len(parts) == 1 {
		return parts[0]
	}
	return "(" + strings.Join(parts, "|") + ")"
}

// digitRun is an expression of numbers that differ in their last digit only.
func digitRun(from, to uint64) string {
	if from == to {
		return strconv.FormatUint(from, 10)
	}
	prefix := ""
	if from >= 10 {
		prefix = strconv.FormatUint(from/10, 10)
	}
	return fmt.Sprintf("%s[%d-%d]", prefix, from%10, to%10)
}
