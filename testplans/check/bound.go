package check

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

// A Bound is a comparison with a number and its unit: "< 200ms", ">= 95%",
// "= 0", "!= 3", "100..200". A bare number means "=". The empty Bound asks
// nothing and never holds; test for it first.
type Bound string

// A Dimension is what a bound's unit measures. It decides the base unit in
// which Holds takes its value.
type Dimension string

// The dimensions of bounds, each with its base unit.
const (
	Number    Dimension = "number"     // a plain number
	Share     Dimension = "percentage" // a fraction: 5% is 0.05
	Time      Dimension = "time"       // seconds
	FrameRate Dimension = "frame rate" // frames per second
	BitRate   Dimension = "bit rate"   // bits per second
)

// A unit scales by multiplying and then dividing, both by whole numbers, so
// that 200ms is exactly the float64 nearest to 0.2.
type unit struct {
	dimension Dimension
	mul, div  float64
}

var units = map[string]unit{
	"":     {Number, 1, 1},
	"%":    {Share, 1, 100},
	"ns":   {Time, 1, 1e9},
	"us":   {Time, 1, 1e6},
	"µs":   {Time, 1, 1e6},
	"ms":   {Time, 1, 1e3},
	"s":    {Time, 1, 1},
	"m":    {Time, 60, 1},
	"min":  {Time, 60, 1},
	"h":    {Time, 3600, 1},
	"fps":  {FrameRate, 1, 1},
	"pps":  {FrameRate, 1, 1},
	"kfps": {FrameRate, 1e3, 1},
	"kpps": {FrameRate, 1e3, 1},
	"Mfps": {FrameRate, 1e6, 1},
	"Mpps": {FrameRate, 1e6, 1},
	"bps":  {BitRate, 1, 1},
	"kbps": {BitRate, 1e3, 1},
	"Mbps": {BitRate, 1e6, 1},
	"Gbps": {BitRate, 1e9, 1},
}

// ParseQuantity reads a number with its unit, as in "1.5kfps", and returns it
// in the base unit of its dimension.
func ParseQuantity(s string) (float64, Dimension, error) {
	text := strings.TrimSpace(s)
	end := strings.LastIndexAny(text, "0123456789.") + 1
	number, name := text[:end], strings.TrimSpace(text[end:])
	v, err := strconv.ParseFloat(number, 64)
	if err != nil || math.IsInf(v, 0) || math.IsNaN(v) || strings.ContainsAny(number, "xX_pP") {
		return 0, "", fmt.Errorf("%q is not a number with a unit", text)
	}
	u, ok := units[name]
	if !ok {
		return 0, "", &UnitError{Unit: name}
	}
	return v * u.mul / u.div, u.dimension, nil
}

// A UnitError is a unit that does not exist.
type UnitError struct{ Unit string }

func (e *UnitError) Error() string { return fmt.Sprintf("%q is not a unit", e.Unit) }

// Units lists the units of the given dimensions, from small to large.
func Units(dimensions ...Dimension) []string {
	var names []string
	for name, u := range units {
		if name != "" && slices.Contains(dimensions, u.dimension) {
			names = append(names, name)
		}
	}
	slices.SortFunc(names, func(a, b string) int {
		return cmp.Or(cmp.Compare(units[a].dimension, units[b].dimension),
			cmp.Compare(units[a].mul/units[a].div, units[b].mul/units[b].div), cmp.Compare(a, b))
	})
	return names
}

// A limit is a parsed Bound: lo and hi are the same unless op is "..".
type limit struct {
	op        string
	lo, hi    float64
	dimension Dimension
}

// boundOps are the operators of bounds, the longer ones first.
var boundOps = []string{"<=", ">=", "==", "!=", "<", ">", "="}

func (b Bound) parse() (limit, error) {
	s := strings.TrimSpace(string(b))
	if s == "" {
		return limit{}, fmt.Errorf("a bound is empty")
	}
	if from, to, ok := strings.Cut(s, ".."); ok {
		return parseRange(s, from, to)
	}
	l := limit{op: "="}
	for _, op := range boundOps {
		if rest, ok := strings.CutPrefix(s, op); ok {
			l.op, s = op, rest
			break
		}
	}
	if l.op == "==" {
		l.op = "="
	}
	v, dimension, err := ParseQuantity(s)
	if err != nil {
		return limit{}, err
	}
	l.lo, l.hi, l.dimension = v, v, dimension
	return l, nil
}

func parseRange(s, from, to string) (limit, error) {
	lo, loDim, err := ParseQuantity(from)
	if err != nil {
		return limit{}, err
	}
	hi, hiDim, err := ParseQuantity(to)
	if err != nil {
		return limit{}, err
	}
	if loDim != hiDim && loDim == Number { // "100..200ms": the unit is said once
		lo, _, err = ParseQuantity(from + to[strings.LastIndexAny(to, "0123456789.")+1:])
		if err != nil {
			return limit{}, err
		}
		loDim = hiDim
	}
	switch {
	case loDim != hiDim:
		return limit{}, fmt.Errorf("the range %q mixes %s and %s", s, loDim, hiDim)
	case lo > hi:
		return limit{}, fmt.Errorf("the range %q ends before it begins", s)
	}
	return limit{op: "..", lo: lo, hi: hi, dimension: hiDim}, nil
}

// Check reports what is wrong with the bound, nil if nothing is. If any
// dimensions are given, the bound must be of one of them.
func (b Bound) Check(allowed ...Dimension) error {
	l, err := b.parse()
	if err != nil {
		return err
	}
	if len(allowed) > 0 && !slices.Contains(allowed, l.dimension) {
		words := make([]string, len(allowed))
		for i, d := range allowed {
			words[i] = d.withExample()
		}
		return fmt.Errorf("%q is a %s, but a %s is wanted", b, l.dimension, strings.Join(words, " or a "))
	}
	return nil
}

// HitsTime reports whether the bound asks to hit a time exactly, which a
// measurement never does: 200ms in place of < 200ms. Zero can be hit.
func (b Bound) HitsTime() bool {
	l, err := b.parse()
	return err == nil && l.op == "=" && l.lo != 0 && l.dimension == Time
}

func (d Dimension) withExample() string {
	switch d {
	case Share:
		return "percentage (0.1%)"
	case Time:
		return "time (200ms)"
	case FrameRate:
		return "frame rate (1000fps)"
	case BitRate:
		return "bit rate (10Mbps)"
	}
	return string(d)
}

// Dimension is what the bound's unit measures, "" if the bound is wrong.
func (b Bound) Dimension() Dimension {
	l, err := b.parse()
	if err != nil {
		return ""
	}
	return l.dimension
}

// IsRange reports whether the bound is written with two ends, "1..5".
func (b Bound) IsRange() bool {
	l, err := b.parse()
	return err == nil && l.op == ".."
}

// Holds reports whether v, in the base unit of the bound's dimension, is
// within the bound. A bound that is empty or wrong never holds.
func (b Bound) Holds(v float64) bool {
	l, err := b.parse()
	return err == nil && !math.IsNaN(v) && l.holds(v)
}

// ns is a limit of times in whole nanoseconds.
func (l limit) ns() limit {
	l.lo, l.hi = math.Round(l.lo*1e9), math.Round(l.hi*1e9)
	return l
}

func (l limit) holds(v float64) bool {
	switch l.op {
	case "<":
		return v < l.lo
	case "<=":
		return v <= l.lo
	case ">":
		return v > l.lo
	case ">=":
		return v >= l.lo
	case "!=":
		return v != l.lo
	case "..":
		return l.lo <= v && v <= l.hi
	}
	return v == l.lo
}

// Words is the bound as it reads in a sentence: "2" for "= 2", "at least 95%",
// "less than 200ms".
func (b Bound) Words() string {
	s := strings.TrimSpace(string(b))
	for _, w := range []struct{ op, words string }{
		{"<=", "at most "}, {">=", "at least "}, {"==", ""}, {"!=", "other than "},
		{"<", "less than "}, {">", "more than "}, {"=", ""},
	} {
		if rest, ok := strings.CutPrefix(s, w.op); ok {
			return w.words + strings.TrimSpace(rest)
		}
	}
	if from, to, ok := strings.Cut(s, ".."); ok {
		return strings.TrimSpace(from) + " to " + strings.TrimSpace(to)
	}
	return s
}
