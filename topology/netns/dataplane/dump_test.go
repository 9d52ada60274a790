package dataplane

import (
	"errors"
	"testing"

	"github.com/vishvananda/netlink"
)

func TestWhole(t *testing.T) {
	other := errors.New("no buffer")
	for _, test := range []struct {
		name        string
		interrupted int
		end         error
		want        error
		calls       int
	}{
		{"at once", 0, nil, nil, 1},
		{"changed three times", 3, nil, nil, 4},
		{"another error", 1, other, other, 2},
		{"changes all the time", 1000, nil, netlink.ErrDumpInterrupted, dumpTries},
	} {
		calls := 0
		_, err := whole(func() ([]int, error) {
			if calls++; calls <= test.interrupted {
				return nil, netlink.ErrDumpInterrupted
			}
			return nil, test.end
		})
		if !errors.Is(err, test.want) || calls != test.calls {
			t.Errorf("%s: %v after %d calls", test.name, err, calls)
		}
	}
}
