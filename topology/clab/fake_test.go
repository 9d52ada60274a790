package clab

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/ccl-lab/ccl/topology/clabfile"
)

// The tests run against a stand-in for the containerlab command: this test binary,
// executed again with fakeVariable set. Its outputs have the form of the real ones
// in testdata, its failures are the real ones. What it is asked for is kept in its
// folder, so that tests can see and change what a lab has become.
const fakeVariable = "CLAB_FAKE"

func TestMain(m *testing.M) {
	if len(os.Args) == 2 && os.Args[1] == sleepWord {
		sleepForever()
	}
	if dir := os.Getenv(fakeVariable); dir != "" {
		os.Exit((&fake{dir: dir}).main(os.Args[1:]))
	}
	os.Exit(m.Run())
}

// fakeLab is what the stand-in knows of a lab.
type fakeLab struct {
	Name  string
	File  string
	Nodes []*fakeNode
}

type fakeNode struct {
	Name, Kind, Image string
	State, Status     string
	PID               int
	Devices           []string
}

func (l *fakeLab) node(name string) *fakeNode {
	for _, n := range l.Nodes {
		if n.Name == name {
			return n
		}
	}
	return nil
}

type fake struct{ dir string }

func (f *fake) labFile(name string) string { return filepath.Join(f.dir, name+".lab") }

func (f *fake) load(name string) *fakeLab {
	text, err := os.ReadFile(f.labFile(name))
	if err != nil {
		return nil
	}
	var l fakeLab
	if err := json.Unmarshal(text, &l); err != nil {
		panic(err)
	}
	return &l
}

func (f *fake) save(l *fakeLab) {
	text, err := json.Marshal(l)
	if err == nil {
		err = os.WriteFile(f.labFile(l.Name)+".new", text, 0o644)
	}
	if err == nil {
		err = os.Rename(f.labFile(l.Name)+".new", f.labFile(l.Name))
	}
	if err != nil {
		panic(err)
	}
}

// flags reads "--name value" pairs; flags without a value are "true".
func flags(args []string) map[string]string {
	all := map[string]string{}
	for i := 0; i < len(args); i++ {
		if !strings.HasPrefix(args[i], "--") {
			continue
		}
		value := "true"
		if i+1 < len(args) && !strings.HasPrefix(args[i+1], "--") {
			value = args[i+1]
		}
		if args[i] == "--label" { // repeated: containerlab=LAB, clab-node-name=NODE
			key, v, _ := strings.Cut(value, "=")
			all["--label "+key] = v
		}
		all[args[i]] = value
	}
	return all
}

func (f *fake) main(args []string) int {
	calls, err := os.OpenFile(filepath.Join(f.dir, "calls"), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		panic(err)
	}
	fmt.Fprintln(calls, strings.Join(args, " "))
	calls.Close()
	if sample, err := os.ReadFile(filepath.Join(f.dir, "fail."+args[0])); err == nil {
		os.Stderr.Write(sample)
		return 1
	}
	do := map[string]func(map[string]string) int{
		"deploy": f.deploy, "inspect": f.inspect, "destroy": f.destroy, "exec": f.exec, "stop": f.stop, "start": f.start,
	}[args[0]]
	if args[0] == "inspect" && args[1] == "interfaces" {
		do = f.interfaces
	}
	return do(flags(args))
}

// complain prints a message as containerlab does.
func complain(format string, args ...any) int {
	fmt.Fprintf(os.Stderr, "          \n   ERROR  \n          \n  %s.\n\n", fmt.Sprintf(format, args...))
	return 1
}

func notFound(lab string) int { return complain("Lab '%s' not found - no running containers", lab) }

func (f *fake) deploy(flag map[string]string) int {
	t, err := clabfile.Load(flag["--topo"])
	if err != nil {
		return complain("%v", err)
	}
	if f.load(t.Name) != nil {
		return complain("a second deploy over the running lab %s", t.Name)
	}
	l := &fakeLab{Name: t.Name, File: flag["--topo"]}
	for _, n := range t.Nodes {
		fn := &fakeNode{Name: n.Name, Kind: n.Kind, Image: n.Image, State: "running", Status: "Up Less than a second", PID: os.Getpid()}
		for _, p := range t.Ports(n.Name) {
			fn.Devices = append(fn.Devices, p.Device)
		}
		l.Nodes = append(l.Nodes, fn)
	}
	f.save(l)
	if withNamespaces() {
		f.boot(l, t)
	}
	return 0
}

// details has the form of testdata/inspect-details.json.
func details(l *fakeLab) map[string][]map[string]any {
	var list []map[string]any
	for i, n := range l.Nodes {
		address := fmt.Sprintf("172.20.20.%d", i+2)
		state, status, pid := n.State, n.Status, n.PID
		if withNamespaces() && !alive(n.PID) {
			state, status = "exited", "Exited (137) 1 second ago"
		}
		if state != "running" {
			address, pid = "", 0
		}
		list = append(list, map[string]any{
			"Names": []string{containerName(l.Name, n.Name)}, "Image": n.Image, "State": state, "Status": status, "Pid": pid,
			"Labels":          map[string]string{"containerlab": l.Name, "clab-node-name": n.Name, "clab-node-kind": n.Kind, "clab-topo-file": l.File},
			"NetworkSettings": map[string]any{"IPv4addr": address, "IPv4pLen": 24, "IPv6addr": ""},
		})
	}
	return map[string][]map[string]any{l.Name: list}
}

func containerName(lab, node string) string { return "clab-" + lab + "-" + node }

func printJSON(v any) int {
	if err := json.NewEncoder(os.Stdout).Encode(v); err != nil {
		panic(err)
	}
	return 0
}

func (f *fake) inspect(flag map[string]string) int {
	l := f.load(flag["--name"])
	if l == nil {
		return notFound(flag["--name"])
	}
	return printJSON(details(l))
}

func (f *fake) interfaces(flag map[string]string) int {
	l := f.load(flag["--name"])
	if l == nil {
		return notFound(flag["--name"])
	}
	list := []any{}
	for _, n := range l.Nodes {
		if name := containerName(l.Name, n.Name); name == flag["--node"] {
			interfaces := []map[string]any{{"name": "eth0", "state": "up"}, {"name": "lo", "state": "unknown"}}
			for _, d := range n.Devices {
				interfaces = append(interfaces, map[string]any{"name": d, "state": "up"})
			}
			list = append(list, map[string]any{"name": name, "interfaces": interfaces})
		}
	}
	return printJSON(list)
}

func (f *fake) destroy(flag map[string]string) int {
	l := f.load(flag["--name"])
	if l == nil {
		return notFound(flag["--name"])
	}
	if withNamespaces() {
		for _, n := range l.Nodes {
			kill(n.PID)
		}
	}
	if err := os.Remove(f.labFile(l.Name)); err != nil {
		panic(err)
	}
	return 0
}

func (f *fake) exec(flag map[string]string) int {
	if reply, err := os.ReadFile(filepath.Join(f.dir, "exec.json")); err == nil {
		os.Stdout.Write(reply)
		return 0
	}
	l := f.load(flag["--label containerlab"])
	if l == nil || l.node(flag["--label clab-node-name"]) == nil {
		return complain("Filter did not match any containers")
	}
	n := l.node(flag["--label clab-node-name"])
	result := map[string]any{"cmd": []string{flag["--cmd"]}, "return-code": 0, "stdout": "", "stderr": ""}
	if withNamespaces() {
		runInside(n.PID, flag["--cmd"], result)
	}
	return printJSON(map[string]any{containerName(l.Name, n.Name): []any{result}})
}

func (f *fake) stop(flag map[string]string) int {
	l := f.load(flag["--name"])
	n := l.node(flag["--node"])
	if withNamespaces() {
		kill(n.PID)
	}
	n.State, n.Status = "exited", "Exited (137) 1 second ago"
	f.save(l)
	return 0
}

func (f *fake) start(flag map[string]string) int {
	l := f.load(flag["--name"])
	n := l.node(flag["--node"])
	n.State, n.Status = "running", "Up Less than a second"
	f.save(l)
	if withNamespaces() {
		t, err := clabfile.Load(l.File)
		if err != nil {
			return complain("%v", err)
		}
		f.reboot(l, t, n)
	}
	return 0
}

// calls returns the commands that the stand-in was given, without inspections.
func (f *fake) calls(t *testing.T) []string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(f.dir, "calls"))
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	var words []string
	for line := range strings.Lines(string(text)) {
		if word, _, _ := strings.Cut(strings.TrimSpace(line), " "); word != "inspect" {
			words = append(words, word)
		}
	}
	return words
}

func (f *fake) checkCalls(t *testing.T, want ...string) {
	t.Helper()
	if got := f.calls(t); !slices.Equal(got, want) {
		t.Errorf("containerlab was called for %v, want %v", got, want)
	}
}

// fail lets a command fail with a message from testdata.
func (f *fake) fail(t *testing.T, command, sample string) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", sample))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(f.dir, "fail."+command), text, 0o644); err != nil {
		t.Fatal(err)
	}
}
