package check

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// A JSNAPyOperator is an operator of JSNAPy test files.
type JSNAPyOperator struct {
	Name  string
	Takes Takes // beside the element, which comes first
	Since bool  // it compares with a snapshot
	Bare  bool  // it may stand without an element
	// each judges one value of those that look at one at a time.
	each func(value string, args []string) (bool, error)
}

// JSNAPyOperators are the operators of JSNAPy test files, all 18. Texts are
// compared as texts there, without the spaces around them: 1.10 is not 1.1.
var JSNAPyOperators = []JSNAPyOperator{
	{Name: "all-same", Takes: TakesNothing},
	{Name: "is-equal", Takes: TakesValue, each: texts(func(v string, a []string) bool { return v == a[0] })},
	{Name: "not-equal", Takes: TakesValue, each: texts(func(v string, a []string) bool { return v != a[0] })},
	{Name: "exists", Takes: TakesNothing},
	{Name: "not-exists", Takes: TakesNothing},
	{Name: "contains", Takes: TakesValue, each: texts(func(v string, a []string) bool { return strings.Contains(v, a[0]) })},
	{Name: "not-contains", Takes: TakesValue, each: texts(func(v string, a []string) bool { return !strings.Contains(v, a[0]) })},
	{Name: "is-in", Takes: TakesList, each: texts(func(v string, a []string) bool { return slices.Contains(a, v) })},
	{Name: "not-in", Takes: TakesList, each: texts(func(v string, a []string) bool { return !slices.Contains(a, v) })},
	{Name: "is-gt", Takes: TakesNumber, each: numbers(func(v float64, a []string) bool { return Bound(">" + a[0]).Holds(v) })},
	{Name: "is-lt", Takes: TakesNumber, each: numbers(func(v float64, a []string) bool { return Bound("<" + a[0]).Holds(v) })},
	{Name: "in-range", Takes: TakesRange, each: numbers(func(v float64, a []string) bool { return rangeOf(a).Holds(v) })},
	{Name: "not-range", Takes: TakesRange, each: numbers(func(v float64, a []string) bool { return Bound("<="+a[0]).Holds(v) || Bound(">="+a[1]).Holds(v) })},
	{Name: "regex", Takes: TakesRegexp, each: matching},
	{Name: "no-diff", Takes: TakesNothing, Since: true},
	{Name: "list-not-less", Takes: TakesNothing, Since: true, Bare: true},
	{Name: "list-not-more", Takes: TakesNothing, Since: true, Bare: true},
	{Name: "delta", Takes: TakesDelta, Since: true},
}

func texts(holds func(string, []string) bool) func(string, []string) (bool, error) {
	return func(v string, args []string) (bool, error) { return holds(v, args), nil }
}

func numbers(holds func(float64, []string) bool) func(string, []string) (bool, error) {
	return func(v string, args []string) (bool, error) {
		n, err := firstNumber(v)
		return err == nil && holds(n, args), err
	}
}

func matching(v string, args []string) (bool, error) {
	re, err := regexp.Compile(args[0])
	return err == nil && re.MatchString(v), err
}

// withUnit is a number that something follows which is no part of it.
var withUnit = regexp.MustCompile(`^([+-]?[0-9]+(?:\.[0-9]+)?)(?:\s|%)`)

// firstNumber is the number that a text is, or begins with.
func firstNumber(s string) (float64, error) {
	s = strings.TrimSpace(s)
	if m := withUnit.FindStringSubmatch(s); m != nil {
		s = m[1]
	}
	v, ok := number(s)
	if !ok {
		return 0, fmt.Errorf("%s is not a number", shown(s))
	}
	return v, nil
}

func jsnapyOperator(name string) (JSNAPyOperator, bool) {
	i := slices.IndexFunc(JSNAPyOperators, func(o JSNAPyOperator) bool { return o.Name == name })
	if i < 0 {
		return JSNAPyOperator{}, false
	}
	return JSNAPyOperators[i], true
}

// least is how many arguments it has at least.
func (o *JSNAPyOperator) least() int {
	switch o.Takes {
	case TakesNothing:
		return 0
	case TakesRange:
		return 2
	}
	return 1
}

// words say what is expected.
func (o *JSNAPyOperator) words(t *RowTest) string {
	if len(t.Args) < o.least() {
		return o.Name
	}
	switch o.Name {
	case "no-diff":
		return "what it was"
	case "list-not-less":
		return "all that was there"
	case "list-not-more":
		return "nothing that was not there"
	case "delta":
		return "a change within " + t.Args[0]
	}
	for _, op := range Operators {
		if op.Name == o.Name {
			return op.words(t.Args)
		}
	}
	return o.Name
}
