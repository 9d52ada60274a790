package intent

import "strings"

// secret returns the clear text of a $9$ secret, or s itself if it is clear.
// $9$ is an obfuscation, not an encryption: each character is the sum of gaps
// between letters of a fixed alphabet.
func secret(s string) string {
	coded, ok := strings.CutPrefix(s, "$9$")
	if !ok || len(coded) < 2 {
		return s
	}
	first := coded[0]
	skip := secretExtra(first)
	if skip < 0 || len(coded) < 1+skip {
		return s
	}
	rest := coded[1+skip:]
	previous := strings.IndexByte(secretAlphabet, first)
	var out []byte
	for len(rest) > 0 {
		weights := secretWeights[len(out)%len(secretWeights)]
		if len(rest) < len(weights) {
			return s
		}
		sum := 0
		for i, w := range weights {
			at := strings.IndexByte(secretAlphabet, rest[i])
			if at < 0 {
				return s
			}
			gap := (at-previous+len(secretAlphabet))%len(secretAlphabet) - 1
			previous = at
			sum += gap * w
		}
		out = append(out, byte(sum%256))
		rest = rest[len(weights):]
	}
	return string(out)
}

// secretFamilies are the letters by the number of salt letters that follow them.
var secretFamilies = [...]string{"QzF3n6/9CAtpu0O", "B1IREhcSyrleKvMW8LXx", "7N-dVbwsY2g4oaJZGUDj", "iHkq.mPf5T"}

var secretAlphabet = strings.Join(secretFamilies[:], "")

var secretWeights = [...][]int{{1, 4, 32}, {1, 16, 32}, {1, 8, 32}, {1, 64}, {1, 32}, {1, 4, 16, 128}, {1, 32, 64}}

// secretExtra is the number of salt letters after the first one, or -1.
func secretExtra(first byte) int {
	for i, family := range secretFamilies {
		if strings.IndexByte(family, first) >= 0 {
			return len(secretFamilies) - 1 - i
		}
	}
	return -1
}
