package explain

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// what says in a few words which values there may be.
func (n *node) what() string {
	var all []string
	for _, form := range n.forms() {
		if !slices.Contains(all, form) {
			all = append(all, form)
		}
	}
	return strings.Join(all, ", or ")
}

// forms are the values that there may be, one by one.
func (n *node) forms() []string {
	switch {
	case n.Ref == placeholder:
		return nil
	case n.target != nil:
		return n.target.forms()
	case len(n.AnyOf) > 0 && len(n.Properties) == 0:
		return alternatives(n.AnyOf)
	case n.Const != nil:
		return []string{fmt.Sprint(n.Const)}
	case len(n.Enum) > 0:
		words := make([]string, len(n.Enum))
		for i, word := range n.Enum {
			words[i] = fmt.Sprint(word)
		}
		return []string{strings.Join(words, " | ")}
	}
	return n.typed()
}

// alternatives are the forms of several schemas. A list of what may also stand
// alone is said in short.
func alternatives(all []*node) []string {
	var forms []string
	for _, a := range all {
		if a.Items != nil && len(forms) > 0 && slices.Equal(a.Items.forms(), forms) {
			forms = append(forms, "a list of such")
			continue
		}
		forms = append(forms, a.forms()...)
	}
	return forms
}

// typed are the forms of a schema that says no more than a type.
func (n *node) typed() []string {
	if len(n.Type) == 0 {
		return []string{"a mapping"}
	}
	switch n.Type[0] {
	case "object":
		if n.Others.node != nil {
			return []string{"NAME: " + n.Others.what()}
		}
		return []string{"a mapping"}
	case "array":
		if n.Items == nil {
			return []string{"a list"}
		}
		return []string{"a list, each " + n.Items.what()}
	case "boolean":
		return []string{"true | false"}
	case "integer":
		return []string{"a whole number" + n.limits()}
	case "number":
		return []string{"a number" + n.limits()}
	case "null":
		return nil
	}
	if len(n.Examples) == 0 {
		return []string{"text"}
	}
	examples := make([]string, len(n.Examples))
	for i, e := range n.Examples {
		examples[i] = fmt.Sprint(e)
	}
	return []string{"such as " + strings.Join(examples, " or ")}
}

func (n *node) limits() string {
	number := func(f *float64) string { return strconv.FormatFloat(*f, 'f', -1, 64) }
	switch {
	case n.Minimum != nil && n.Maximum != nil:
		return ", " + number(n.Minimum) + " to " + number(n.Maximum)
	case n.Minimum != nil:
		return ", at least " + number(n.Minimum)
	case n.Maximum != nil:
		return ", at most " + number(n.Maximum)
	}
	return ""
}
