package check

import (
	"math"
	"strings"
	"testing"
	"time"
)

func TestBound(t *testing.T) {
	tests := []struct {
		bound     Bound
		dimension Dimension
		holds     []float64
		not       []float64
		words     string
	}{
		{"2", Number, []float64{2}, []float64{1, 3}, "2"},
		{"= 0", Number, []float64{0}, []float64{1, -1}, "0"},
		{"== 0", Number, []float64{0}, []float64{1}, "0"},
		{"!= 3", Number, []float64{2}, []float64{3}, "other than 3"},
		{">=2", Number, []float64{2, 3}, []float64{1.9}, "at least 2"},
		{"< 0.1%", Share, []float64{0, 0.00099}, []float64{0.001}, "less than 0.1%"},
		{">= 95%", Share, []float64{0.95, 1}, []float64{0.949}, "at least 95%"},
		{"< 200ms", Time, []float64{0.1999}, []float64{0.2}, "less than 200ms"},
		{"<= 50us", Time, []float64{50e-6}, []float64{51e-6}, "at most 50us"},
		{"> 2m", Time, []float64{121}, []float64{120}, "more than 2m"},
		{">= 1.5kfps", FrameRate, []float64{1500}, []float64{1499}, "at least 1.5kfps"},
		{"> 10 Mbps", BitRate, []float64{1e7 + 1}, []float64{1e7}, "more than 10 Mbps"},
		{"100..200", Number, []float64{100, 150, 200}, []float64{99, 201}, "100 to 200"},
		{"10..20ms", Time, []float64{0.01, 0.02}, []float64{0.021}, "10 to 20ms"},
		{"10ms .. 1s", Time, []float64{0.01, 1}, []float64{1.1}, "10ms to 1s"},
		{"-5..5", Number, []float64{-5, 0}, []float64{-6}, "-5 to 5"},
	}
	for _, test := range tests {
		if err := test.bound.Check(test.dimension); err != nil {
			t.Errorf("%q: %v", test.bound, err)
		}
		if d := test.bound.Dimension(); d != test.dimension {
			t.Errorf("%q is a %s", test.bound, d)
		}
		if w := test.bound.Words(); w != test.words {
			t.Errorf("%q reads %q", test.bound, w)
		}
		for _, v := range test.holds {
			if !test.bound.Holds(v) {
				t.Errorf("%q does not hold for %v", test.bound, v)
			}
		}
		for _, v := range append(test.not, math.NaN()) {
			if test.bound.Holds(v) {
				t.Errorf("%q holds for %v", test.bound, v)
			}
		}
	}
}

func TestBoundMistakes(t *testing.T) {
	for bound, want := range map[Bound]string{
		"":           "empty",
		"  ":         "empty",
		"<":          "not a number",
		"< x":        "not a number",
		"< 5 parsec": "not a unit",
		"5..":        "not a number",
		"5..1":       "ends before it begins",
		"1ms..5%":    "mixes time and percentage",
		"0x10":       "not a number",
		"1_0":        "not a number",
		"inf":        "not a number",
		"5ms":        "is a time, but a percentage (0.1%) or a number is wanted",
	} {
		err := bound.Check(Share, Number)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: error is %v, want %q", bound, err, want)
		}
		if bound.Holds(5) && !strings.Contains(want, "wanted") {
			t.Errorf("%q holds", bound)
		}
	}
}

func TestBoundHitsTime(t *testing.T) {
	for b, want := range map[Bound]bool{
		"200ms": true, "= 1s": true, "== 5us": true,
		"< 200ms": false, "1000fps": false, "0ms": false, "= 0": false, "2": false, "5%": false, "1ms..2ms": false, "x": false,
	} {
		if got := b.HitsTime(); got != want {
			t.Errorf("%q: %v", b, got)
		}
	}
}

func TestBoundOfTimeIsExact(t *testing.T) {
	holds := func(b Bound, d time.Duration) bool { return b.overTime(d, d) == Pass }
	for _, ms := range []time.Duration{1, 3, 7, 200, 1100, 123457} {
		d := ms * time.Millisecond
		b := Bound("= " + d.String())
		if d >= time.Minute {
			continue // 2m3.457s is a duration but not one number with a unit
		}
		if !holds(b, d) || holds(b, d+1) || holds(b, d-1) {
			t.Errorf("%q is not exact", b)
		}
	}
	if holds("< 5", 1) || holds("", 0) {
		t.Error("a bound that is no time holds for one")
	}
}

func FuzzBound(f *testing.F) {
	for _, s := range []string{"< 200ms", "1..5", "= 0.1%", "1..2..3", "..", "!=-1e9Gbps", "µs"} {
		f.Add(s, 1.5)
	}
	f.Fuzz(func(t *testing.T, s string, v float64) {
		b := Bound(s)
		err := b.Check()
		if err != nil && (b.Holds(v) || b.overTime(1, 1) == Pass || b.Dimension() != "" || err.Error() == "") {
			t.Fatalf("%q is wrong (%v) but holds", s, err)
		}
		if err == nil && b.Dimension() == "" {
			t.Fatalf("%q has no dimension", s)
		}
		b.Words()
	})
}
