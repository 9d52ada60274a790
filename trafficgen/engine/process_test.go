package engine_test

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/ccl-lab/ccl/trafficgen"
	"github.com/ccl-lab/ccl/trafficgen/engine"
)

const childEnv = "TEST_TRAFFIC_CHILD"

// TestMain lets the test program be its own traffic process.
func TestMain(m *testing.M) {
	switch os.Getenv(childEnv) {
	case "serve":
		if err := engine.Serve(os.Stdin, os.Stdout); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	case "probe":
		id := trafficgen.PortID{Node: "n", Device: "eth1", NetNS: os.Getenv(childEnv + "_NETNS")}
		fmt.Print(engine.ProbePort(id)[0].Why)
		os.Exit(0)
	case "parent":
		if err := parent(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	case "rootless":
		if err := rootless(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	case "die":
		fmt.Fprintln(os.Stderr, "out of luck")
		os.Exit(3)
	}
	os.Exit(m.Run())
}

func process(t *testing.T, what string) *engine.Process {
	t.Setenv(childEnv, what)
	return engine.NewProcess(engine.Options{}, "/proc/self/exe")
}

// A process of its own keeps the pace while this one is busy in all its
// threads, and does what the engine in this process does.
func TestProcess(t *testing.T) {
	from, to := pair(t)
	stop := make(chan struct{})
	defer close(stop)
	for range 4 {
		go func() {
			for garbage := make([][]byte, 1000); ; {
				for i := range garbage {
					garbage[i] = make([]byte, 1000)
				}
				select {
				case <-stop:
					return
				default:
				}
			}
		}()
	}
	observed := 0
	all, err := process(t, "serve").Run(t.Context(), []trafficgen.Stream{{
		Name: "s", From: from, To: to, Size: 128, Rate: 1000, Duration: 2 * time.Second}},
		func(s []trafficgen.Stats) {
			if s[0].Stream != "s" || s[0].Sent > 2000 {
				t.Errorf("%+v", s)
			}
			observed++
		})
	if err != nil {
		t.Fatal(err)
	}
	clean(t, all[0], 2000)
	if observed == 0 || all[0].Started.IsZero() || len(all[0].Series) == 0 {
		t.Errorf("%d observations, %+v", observed, all[0])
	}
	t.Logf("worst lateness %v", all[0].Uncertainty-time.Millisecond)
}

func TestProcessIsStopped(t *testing.T) {
	from, to := pair(t)
	r, err := trafficgen.Start(t.Context(), process(t, "serve"), []trafficgen.Stream{{Name: "s", From: from, To: to, Size: 64, Rate: 500}})
	if err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(time.Minute); r.Stats()[0].Received == 0; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%+v", r.Stats())
		}
	}
	st, err := r.Stop()
	if err != nil {
		t.Fatal(err)
	}
	clean(t, st[0], st[0].Sent)
}

func TestProcessSaysWhatIsWrong(t *testing.T) {
	from, to := pair(t)
	bad := from
	bad.Device = "eth7"
	for _, tc := range []struct {
		name, what, want string
		from             trafficgen.PortID
	}{
		{"refused", "serve", `a:eth7: device "eth7": Link not found`, bad},
		{"dead", "die", "it ended without a result", from},
		{"its last words", "die", "out of luck", from},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, err := process(t, tc.what).Run(t.Context(), []trafficgen.Stream{{
				Name: "s", From: tc.from, To: to, Size: 64, Rate: 1, Duration: time.Second}}, nil)
			if err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("error %v, want %q", err, tc.want)
			}
		})
	}
	if _, err := engine.NewProcess(engine.Options{}, "/nonexistent").Run(t.Context(), nil, nil); err == nil {
		t.Error("a program that is not there was run")
	}
}
