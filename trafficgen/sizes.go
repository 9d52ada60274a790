package trafficgen

import (
	"fmt"
	"slices"
)

// genome maps the letters of RFC 6985, section 3, to frame sizes in bytes with
// FCS. Its z, the path's MTU, is the user's to say.
var genome = map[byte]int{
	'a': 64, 'b': 128, 'c': 256, 'd': 512, 'e': 1024, 'f': 1280, 'g': 1518, 'h': 2112, 'i': 9000, 'j': 16000,
}

// SimpleIMIX is the Internet mix that most testers know as "simple": frames of
// 64, 570 and 1518 bytes, 7 to 4 to 1.
func SimpleIMIX() []int { return Weighted([]int{64, 570, 1518}, []int{7, 4, 1}) }

// Genome reads an IMIX genome (RFC 6985): a letter for each frame, in the order
// in which they are sent. own are the sizes of other letters: capitals, as the
// RFC has it, and z.
func Genome(letters string, own map[string]int) ([]int, error) {
	if letters == "" {
		return nil, fmt.Errorf("an IMIX genome has a letter for each frame; this has none")
	}
	sizes := make([]int, 0, len(letters))
	for i := range len(letters) {
		size, ok := own[letters[i:i+1]]
		if !ok {
			size, ok = genome[letters[i]]
		}
		if !ok {
			return nil, fmt.Errorf("%q is not a letter of an IMIX genome: a to j are those of RFC 6985, others need a size of their own", letters[i:i+1])
		}
		sizes = append(sizes, size)
	}
	return sizes, nil
}

// Weighted is a sequence in which each size occurs as often as its weight says,
// spread as evenly as they allow. Weights have no common divisor in the result.
func Weighted(sizes, weights []int) []int {
	total, divisor := 0, 0
	for _, w := range weights {
		divisor = gcd(w, divisor)
	}
	for _, w := range weights {
		total += w / max(divisor, 1)
	}
	credit := make([]int, len(sizes))
	order := make([]int, total)
	for n := range order {
		for i, w := range weights {
			credit[i] += w / divisor
		}
		next := slices.Index(credit, slices.Max(credit))
		credit[next] -= total
		order[n] = sizes[next]
	}
	return order
}

func gcd(a, b int) int {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}
