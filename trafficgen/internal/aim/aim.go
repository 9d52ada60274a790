// Package aim prints what benchmarks have measured beside what they aim at.
package aim

import (
	"fmt"
	"slices"
)

// AtLeast prints a figure that is to be want or more.
func AtLeast(what string, got, want float64, unit string) {
	report(what, got, want, "≥", unit, got >= want)
}

// AtMost prints a figure that is to be want or less.
func AtMost(what string, got, want float64, unit string) {
	report(what, got, want, "≤", unit, got <= want)
}

func report(what string, got, want float64, relation, unit string, met bool) {
	verdict := "aim met:"
	if !met {
		verdict = "aim missed:"
	}
	// A benchmark's log is cut.
	fmt.Printf("%-11s %s: %.4g %s (aim: %s %.4g)\n", verdict, what, got, unit, relation, want)
}

// Median is the middle value, the upper one of two. There must be one.
func Median(v []float64) float64 {
	v = slices.Sorted(slices.Values(v))
	return v[len(v)/2]
}
