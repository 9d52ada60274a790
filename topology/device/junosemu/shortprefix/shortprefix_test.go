package shortprefix

import "testing"

func TestWhole(t *testing.T) {
	for text, want := range map[string]string{
		"10/8": "10.0.0.0/8", "172.16/12": "172.16.0.0/12", "192.0.2/24": "192.0.2.0/24", "0/0": "0.0.0.0/0",
		"10.0.0.0/8": "10.0.0.0/8", "10.1": "10.1", "10.1.2.3": "10.1.2.3", "::/0": "::/0", "fe80::/64": "fe80::/64",
		"/8": "/8", "": "", "ge-0/0": "ge-0/0", "a/8": "a/8",
	} {
		if got := Whole(text); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}
