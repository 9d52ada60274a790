package check

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// A delta is how a number may change: by so much, or by a share of what it was.
type delta struct {
	sign  string // "+", "-", or "" for both ways
	size  float64
	share bool // size is a percentage
}

var deltaForm = regexp.MustCompile(`^([+-]?)\s*([0-9]+(?:\.[0-9]+)?)\s*(%?)$`)

// CheckDelta reports what is wrong with the argument of JSNAPy's delta.
func CheckDelta(s string) error {
	_, err := parseDelta(s)
	return err
}

func parseDelta(s string) (delta, error) {
	m := deltaForm.FindStringSubmatch(strings.TrimSpace(s))
	if m == nil {
		return delta{}, fmt.Errorf("%q is not a change such as 10%%, +5 or -5%%", s)
	}
	size, err := strconv.ParseFloat(m[2], 64)
	return delta{sign: m[1], size: size, share: m[3] != ""}, err
}

// holds reports whether a change is within the delta. As in JSNAPy a signed
// percentage bounds one direction and leaves the other free, while a signed
// number allows only its own direction.
func (d delta) holds(old, now float64) bool {
	size := d.size
	if d.share {
		size = max(old, -old) * d.size / 100
	}
	down, up := now >= old-size, now <= old+size
	switch {
	case d.sign == "":
		return down && up
	case d.sign == "-":
		return down && (d.share || now <= old)
	}
	return up && (d.share || now >= old)
}
