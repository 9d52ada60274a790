package check

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Takes says what stands behind an operator in a plan.
type Takes int

// What operators take.
const (
	TakesValue   Takes = iota // one value, a number or text
	TakesNumber               // one number
	TakesRange                // two numbers: 1..5
	TakesList                 // several values
	TakesBound                // a comparison: 2, ">= 2"
	TakesNothing              // the operator says all: exists: true
	TakesRegexp               // a regular expression
	TakesDelta                // a change: 10%, +5, -5%
)

// An Operator compares what a check selected. Those that look at one value at
// a time hold if they hold for every value that was selected.
type Operator struct {
	Name  string
	Takes Takes
	Doc   string
	// each judges one value. It is nil for operators that look at all values.
	each func(value string, args []string) bool
	// words say what is expected.
	words func(args []string) string
}

// Operators are the operators of tests, named as JSNAPy names them.
var Operators = []Operator{
	{Name: "is-equal", Takes: TakesValue, Doc: "Every selected value equals this, as numbers if both are numbers.",
		each: func(v string, a []string) bool { return equal(v, a[0]) }, words: plainly("%s")},
	{Name: "not-equal", Takes: TakesValue, Doc: "No selected value equals this.",
		each: func(v string, a []string) bool { return !equal(v, a[0]) }, words: plainly("not %s")},
	{Name: "is-gt", Takes: TakesNumber, Doc: "Every selected value is a number greater than this.",
		each: func(v string, a []string) bool { return Bound(">" + a[0]).holdsText(v) }, words: plainly("more than %s")},
	{Name: "is-lt", Takes: TakesNumber, Doc: "Every selected value is a number less than this.",
		each: func(v string, a []string) bool { return Bound("<" + a[0]).holdsText(v) }, words: plainly("less than %s")},
	{Name: "in-range", Takes: TakesRange, Doc: "Every selected value is a number within this range, ends included.",
		each: func(v string, a []string) bool { return rangeOf(a).holdsText(v) }, words: func(a []string) string { return "within " + rangeOf(a).Words() }},
	{Name: "not-range", Takes: TakesRange, Doc: "Every selected value is a number outside this range.",
		each: func(v string, a []string) bool { return isNumber(v) && !rangeOf(a).holdsText(v) }, words: func(a []string) string { return "outside " + rangeOf(a).Words() }},
	{Name: "contains", Takes: TakesValue, Doc: "Every selected value contains this text.",
		each: func(v string, a []string) bool { return strings.Contains(v, a[0]) }, words: plainly("text with %q")},
	{Name: "not-contains", Takes: TakesValue, Doc: "No selected value contains this text.",
		each: func(v string, a []string) bool { return !strings.Contains(v, a[0]) }, words: plainly("text without %q")},
	{Name: "regex", Takes: TakesRegexp, Doc: "Every selected value matches this regular expression (RE2 syntax).",
		each: func(v string, a []string) bool { ok, err := matching(v, a); return ok && err == nil }, words: plainly("text that matches /%s/")},
	{Name: "is-in", Takes: TakesList, Doc: "Every selected value is one of these.",
		each: func(v string, a []string) bool { return isIn(v, a) }, words: func(a []string) string { return "one of " + strings.Join(a, ", ") }},
	{Name: "not-in", Takes: TakesList, Doc: "No selected value is one of these.",
		each: func(v string, a []string) bool { return !isIn(v, a) }, words: func(a []string) string { return "none of " + strings.Join(a, ", ") }},
	{Name: "exists", Takes: TakesNothing, Doc: "Something is selected; if not, the device is at fault.", words: plainly("something there")},
	{Name: "not-exists", Takes: TakesNothing, Doc: "Nothing is selected.", words: plainly("nothing there")},
	{Name: "all-same", Takes: TakesNothing, Doc: "All selected values are the same.", words: plainly("the same value everywhere")},
	{Name: "count", Takes: TakesBound, Doc: "How many values are selected: 2, \">= 2\".",
		words: func(a []string) string { return Bound(a[0]).Words() + " of them" }},
}

// plainly makes words of a format with at most one argument.
func plainly(format string) func([]string) string {
	return func(args []string) string {
		if len(args) == 0 || !strings.Contains(format, "%") {
			return format
		}
		return fmt.Sprintf(format, args[0])
	}
}

// OperatorNames lists the operators.
func OperatorNames() []string {
	names := make([]string, len(Operators))
	for i, op := range Operators {
		names[i] = op.Name
	}
	return names
}

// operator finds the test's operator and checks its arguments. No operator is
// exists.
func (t Test) operator() (Operator, error) {
	name := t.Op
	i := slices.IndexFunc(Operators, func(o Operator) bool { return o.Name == name })
	if i < 0 {
		return Operator{}, fmt.Errorf("there is no operator %q", t.Op)
	}
	op := Operators[i]
	if op.Takes != TakesNothing && len(t.Args) == 0 {
		return Operator{}, fmt.Errorf("the operator %s lacks its value", t.Op)
	}
	return op, nil
}

// number reads a decimal number. Words that strconv takes for numbers too, such
// as "inf" and "0x1p4", are text here.
func number(s string) (float64, bool) {
	s = strings.TrimSpace(s)
	if strings.Trim(s, "0123456789+-.eE") != "" {
		return 0, false
	}
	v, err := strconv.ParseFloat(s, 64)
	return v, err == nil
}

func isNumber(s string) bool {
	_, ok := number(s)
	return ok
}

// equal compares as numbers if both are numbers, else as text without the
// spaces around it.
func equal(a, b string) bool {
	x, okX := number(a)
	y, okY := number(b)
	if okX && okY {
		return x == y
	}
	return strings.TrimSpace(a) == strings.TrimSpace(b)
}

func isIn(v string, list []string) bool {
	return slices.ContainsFunc(list, func(want string) bool { return equal(v, want) })
}

// holdsText is Holds for text, which must be a number.
func (b Bound) holdsText(s string) bool {
	v, ok := number(s)
	return ok && b.Holds(v)
}

// rangeOf is the range of an operator's arguments, "1..5" or "1" and "5".
func rangeOf(args []string) Bound {
	if len(args) >= 2 {
		return Bound(args[0] + ".." + args[1])
	}
	return Bound(args[0])
}
