package trafficgen

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

func texts(t *testing.T, kind, field string, v Values, place int) []string {
	t.Helper()
	l := Layer{Kind: kind, Fields: map[string]Values{field: v}}
	values, err := l.Values(place, field)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, b := range values {
		out = append(out, Kind(kind).Field(field).Text(b))
	}
	return out
}

func TestValues(t *testing.T) {
	for _, tc := range []struct {
		kind, field string
		v           Values
		want        string
	}{
		{"ip", "dst", Values{From: "10.0.0.254", Count: 4}, "10.0.0.254 10.0.0.255 10.0.1.0 10.0.1.1"},
		{"ip", "dst", Values{From: "10.0.0.1", Step: "0.1.0.0", Count: 3}, "10.0.0.1 10.1.0.1 10.2.0.1"},
		{"ip", "dst", Values{From: "10.0.0.3", Step: "-1", Count: 3}, "10.0.0.3 10.0.0.2 10.0.0.1"},
		{"ipv6", "src", Values{From: "2001:db8::ffff", Step: "0:0:0:1::", Count: 2}, "2001:db8::ffff 2001:db8:0:1::ffff"},
		{"eth", "src", Values{From: "02:00:00:00:00:ff", Step: "2", Count: 2}, "02:00:00:00:00:ff 02:00:00:00:01:01"},
		{"mpls", "label", Values{From: "16", Step: "0x10", Count: 3}, "16 32 48"},
		{"udp", "sport", Values{List: []string{"0x50", "53"}}, "80 53"},
		{"tcp", "flags", Only("syn, ACK"), "18"},
		{"raw", "bytes", Only("0xde ad:be ef"), "deadbeef"},
	} {
		if got := strings.Join(texts(t, tc.kind, tc.field, tc.v, 1), " "); got != tc.want {
			t.Errorf("%s %s %+v: %s, want %s", tc.kind, tc.field, tc.v, got, tc.want)
		}
	}
}

// Drawn values are in their range, the same for the same seed and place, and
// others for another; every value of a small range is drawn.
func TestDraws(t *testing.T) {
	v := Values{From: "10", To: "17", Count: 256, Seed: 5}
	a := texts(t, "udp", "sport", v, 2)
	if !slices.Equal(a, texts(t, "udp", "sport", v, 2)) {
		t.Error("the same seed draws other values")
	}
	if slices.Equal(a, texts(t, "udp", "sport", v, 3)) || slices.Equal(a, texts(t, "udp", "dport", v, 2)) {
		t.Error("two fields draw the same values")
	}
	v.Seed = 6
	if slices.Equal(a, texts(t, "udp", "sport", v, 2)) {
		t.Error("two seeds draw the same values")
	}
	seen := map[string]int{}
	for _, s := range a {
		seen[s]++
	}
	for i := 10; i <= 17; i++ {
		if n := seen[fmt.Sprint(i)]; n < 10 || n > 70 { // 32 each
			t.Errorf("%d was drawn %d times of 256", i, n)
		}
	}
	if len(seen) != 8 {
		t.Errorf("drawn: %v", seen)
	}
	for n, want := range map[int]int{0: 1, 1: 1, 2: 2, 3: 4, 1000: 1024, 1024: 1024} {
		if got := Draws(n); got != want {
			t.Errorf("Draws(%d) = %d, want %d", n, got, want)
		}
	}
}

func TestSizes(t *testing.T) {
	imix := SimpleIMIX()
	count := map[int]int{}
	for _, s := range imix {
		count[s]++
	}
	if len(imix) != 12 || count[64] != 7 || count[570] != 4 || count[1518] != 1 {
		t.Errorf("the simple IMIX is %v", imix)
	}
	for i := range imix { // spread: never three small ones in a row, round the end too
		if imix[i] == 64 && imix[(i+1)%12] == 64 && imix[(i+2)%12] == 64 {
			t.Errorf("the simple IMIX is not spread: %v", imix)
		}
	}
	if got := Weighted([]int{64, 128}, []int{200, 100}); !slices.Equal(got, []int{64, 128, 64}) {
		t.Errorf("weights 200 and 100 make %v", got)
	}
	if s := (&Stream{Sizes: []int{64, 128}}); s.MeanSize() != 96 || s.Largest() != 128 {
		t.Errorf("mean %v, largest %d", s.MeanSize(), s.Largest())
	}
	for letters, want := range map[string]string{"abcdefghij": "[64 128 256 512 1024 1280 1518 2112 9000 16000]", "aAzA": "[64 77 1500 77]"} {
		got, err := Genome(letters, map[string]int{"A": 77, "z": 1500})
		if err != nil || fmt.Sprint(got) != want {
			t.Errorf("%s: %v, %v; want %s", letters, got, err, want)
		}
	}
	for _, letters := range []string{"", "aB", "ké"} {
		if _, err := Genome(letters, nil); err == nil {
			t.Errorf("%q is a genome", letters)
		}
	}
}
