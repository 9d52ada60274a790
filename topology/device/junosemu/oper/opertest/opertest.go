// Package opertest is a data plane for tests: a junosemu.Sensor that answers
// from recorded outputs and a junosemu.Dataplane that remembers what it was
// told.
package opertest

import (
	"context"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/ccl-lab/ccl/topology/device/junosemu"
)

// A Sensor answers from a directory of recordings: the answer of ospfd to "show
// ip ospf neighbor json" is in ospfd/show_ip_ospf_neighbor_json.
type Sensor struct {
	Dir      string
	Stopped  []string // daemons that do not run
	LinkList []junosemu.LinkState
	Near     []junosemu.Neighbor
	Programs map[string]string // output by the command, or by its first word
	Heard    []junosemu.LLDPNeighbor
	Logged   []junosemu.FirewallLogEntry

	mu    sync.Mutex
	calls []string
}

// Calls lists the commands that changed or ran something: clear, programs,
// restarts.
func (s *Sensor) Calls() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.calls)
}

func (s *Sensor) note(call string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls = append(s.calls, call)
}

// FRR answers from the recording; a command without one is answered as FRR
// answers what it does not know.
func (s *Sensor) FRR(_ context.Context, daemon, command string) ([]byte, error) {
	if slices.Contains(s.Stopped, daemon) {
		return nil, junosemu.ErrNotRunning
	}
	if !strings.HasPrefix(command, "show ") {
		s.note(daemon + ": " + command)
		return nil, nil
	}
	answer, err := os.ReadFile(filepath.Join(s.Dir, daemon, strings.NewReplacer(" ", "_", "/", "_").Replace(command)))
	if os.IsNotExist(err) {
		return []byte("% Unknown command: " + command + "\n"), nil
	}
	return answer, err
}

// Links returns LinkList.
func (s *Sensor) Links(context.Context) ([]junosemu.LinkState, error) { return s.LinkList, nil }

// Neighbors returns Near.
func (s *Sensor) Neighbors(context.Context) ([]junosemu.Neighbor, error) { return s.Near, nil }

// LLDPNeighbors returns Heard.
func (s *Sensor) LLDPNeighbors(context.Context) ([]junosemu.LLDPNeighbor, error) { return s.Heard, nil }

// FirewallLog returns Logged.
func (s *Sensor) FirewallLog(context.Context) ([]junosemu.FirewallLogEntry, error) {
	return s.Logged, nil
}

// ClearFirewallLog is only noted.
func (s *Sensor) ClearFirewallLog(context.Context) error {
	s.note("clear firewall log")
	return nil
}

// ForgetLLDP is only noted.
func (s *Sensor) ForgetLLDP(_ context.Context, device string) error {
	s.note("forget LLDP " + device)
	return nil
}

// Exec answers from Programs: to the whole command or else to its first word.
func (s *Sensor) Exec(_ context.Context, argv ...string) ([]byte, error) {
	s.note(strings.Join(argv, " "))
	output, ok := s.Programs[strings.Join(argv, " ")]
	if !ok {
		output, ok = s.Programs[argv[0]]
	}
	if !ok {
		return nil, fmt.Errorf("%s: no such program", argv[0])
	}
	return []byte(output), nil
}

// Restart is only noted.
func (s *Sensor) Restart(_ context.Context, process string) error {
	s.note("restart " + process)
	return nil
}

// A Dataplane remembers the intents it was given. Refuse, if set, may refuse one.
type Dataplane struct {
	Refuse func(*junosemu.Intent) error

	mu      sync.Mutex
	applied []*junosemu.Intent
}

// Apply remembers an intent unless Refuse refuses it.
func (d *Dataplane) Apply(_ context.Context, want *junosemu.Intent) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.Refuse != nil {
		if err := d.Refuse(want); err != nil {
			return err
		}
	}
	d.applied = append(d.applied, want)
	return nil
}

// Applied lists the intents in order.
func (d *Dataplane) Applied() []*junosemu.Intent {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Clone(d.applied)
}

// Ring is router r1 of a ring with two neighbors, for identities in tests.
var Ring = junosemu.Identity{
	Name: "r1", Kind: "juniper_vjunosrouter",
	Ports: []junosemu.Port{{Junos: "ge-0/0/0", Device: "eth1"}, {Junos: "ge-0/0/1", Device: "eth2"}, {Junos: "ge-0/0/2", Device: "eth3"}},
}

// Prefixes parses prefixes.
func Prefixes(texts ...string) []netip.Prefix {
	var all []netip.Prefix
	for _, text := range texts {
		all = append(all, netip.MustParsePrefix(text))
	}
	return all
}
